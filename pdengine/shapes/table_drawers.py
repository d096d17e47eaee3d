"""Drawers of desks, side tables and workbenches: fronts, the boxes behind them, their pulls."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pdengine.shapes.assembly import mirrored, moved
from pdengine.shapes.dice import Dice
from pdengine.shapes.furniture import LegStyle, rod
from pdengine.shapes.household import block
from pdengine.shapes.primitives import Surface
from pdengine.shapes.pulls import Pull
from pdengine.shapes.table_plan import Plan

# How the drawers of a table are arranged, by its use.
STYLES = {
    "dining": {"apron": 4.0, "boxes": 2.0, "slung": 1.0},
    "coffee": {"apron": 3.0, "boxes": 2.0, "body": 2.0},
    "bar": {"apron": 2.0, "slung": 1.0, "boxes": 1.0},
    "side": {"apron": 3.0, "body": 4.0, "boxes": 2.0, "slung": 0.7},
    "desk": {"stacks": 6.0, "apron": 2.5, "boxes": 1.5, "slung": 2.0},
    "bench": {"apron": 2.0, "stacks": 1.5, "slung": 3.0, "boxes": 1.0},
}
PULLS = {"knob": 6.0, "bar": 3.0, "bow": 2.5, "cup": 1.5, "ring": 1.0, "edge": 1.5, "plate": 1.0}


@dataclass(frozen=True)
class Area:
    """The part of a front that drawers fill: it looks along +z from ``front``."""

    left: float
    right: float
    low: float
    high: float
    front: float
    deep: float  # how far the drawers reach back


@dataclass(frozen=True)
class Design:
    """One look shared by all drawers of a table.

    Attributes:
        pull: what they are opened by; None where one grips behind the front.
        thick: of a front, half of it and more stands out of the carcass.
        gap: width of the joints between fronts.
        sunk: how much of a front lies in the carcass.
        panel: a second, smaller board lies on the front.
        open: how far some stand open, a share of their depth; 0 when all are closed.
    """

    pull: Pull | None
    thick: float
    gap: float
    sunk: float
    panel: bool
    open: float

    @staticmethod
    def draw(dice: Dice, plan: Plan) -> "Design":
        size = max(plan.width, plan.height)
        thick = size * dice.log_between(0.016, 0.04)
        return Design(
            Pull.draw(dice, size * dice.between(0.9, 1.5), PULLS) if dice.chance(0.85) else None,
            thick,
            size * dice.log_between(0.008, 0.03),
            thick * dice.between(0.0, 0.5),
            dice.chance(0.2),
            dice.between(0.15, 0.7) if dice.chance(0.18) else 0.0,
        )

    def fill(self, dice: Dice, area: Area, columns: int, rows: int, covered: bool) -> list[Surface]:
        """Drawers side by side and above each other.

        Args:
            covered: a carcass hides the boxes of those that are closed.
        """
        grow = dice.between(1.0, 1.8) if dice.chance(0.35) else 1.0  # lower ones are taller
        share = np.cumsum([0.0, *(grow**k for k in range(rows))])
        edges = area.high - (area.high - area.low) * share / share[-1]
        wide = (area.right - area.left) / columns
        pieces = []
        for high, low in pairwise(edges):
            for column in range(columns):
                out = area.deep * self.open if self.open and dice.chance(0.5) else 0.0
                one = self._drawer(
                    wide - self.gap, float(high - low) - self.gap, area.deep, out, covered
                )
                x, y = area.left + (column + 0.5) * wide, float(high + low) / 2
                pieces += [moved(piece, x, y, area.front) for piece in one]
        return pieces

    def _drawer(
        self, wide: float, tall: float, deep: float, out: float, covered: bool
    ) -> list[Surface]:
        """One drawer whose closed front lies at z = 0, pulled out by ``out``."""
        middle, face = out + self.thick / 2 - self.sunk, out + self.thick - self.sunk
        pieces = [block((wide, tall, self.thick), (0, 0, middle), 0.3 * self.thick, 24)]
        if self.panel:
            raised = (0.75 * wide, tall - 0.25 * min(wide, tall), self.thick)
            pieces.append(block(raised, (0, 0, middle + 0.4 * self.thick), 0.3 * self.thick, 24))
            face += 0.4 * self.thick
        if self.pull is not None:
            two = wide > 2.8 * tall and wide > 12 * self.pull.reach
            for x in (-0.28 * wide, 0.28 * wide) if two else (0.0,):
                grip = self.pull.make(0.5 * wide if two else wide, upright=False)
                pieces += [moved(piece, x, 0.0, face) for piece in grip]
        if out:
            pieces += _tray(0.92 * wide, 0.8 * tall, out if covered else deep, out)
        elif not covered:
            pieces.append(block((0.94 * wide, 0.9 * tall, deep), (0, 0.02 * tall, -deep / 2)))
        return pieces


def _tray(wide: float, tall: float, long: float, front: float) -> list[Surface]:
    """An open box that ends at z = front and reaches ``long`` back."""
    wall = max(0.012, 0.04 * wide)
    z = front - long / 2
    floor = block((wide, wall, long), (0, (wall - tall) / 2, z))
    side = block((wall, tall, long), ((wide - wall) / 2, 0, z))
    back = block((wide, tall, wall), (0, 0, front - long + wall / 2))
    return [floor, *mirrored(side), back]


@dataclass(frozen=True)
class Chest:
    """What holds the drawers of a table, and the drawers.

    Attributes:
        top: the carcass where it hangs under the top.
        leg: the carcass where it stands on the ground, and what stands besides.
        drawer: the drawers.
        stands: nothing else is needed to carry the top.
    """

    top: list[Surface]
    leg: list[Surface]
    drawer: list[Surface]
    stands: bool = False


def chest(dice: Dice, plan: Plan, inset: float) -> Chest:
    """The drawers of one table and their carcass."""
    x, z = (side * inset for side in plan.reach())
    design = Design.draw(dice, plan)
    style = dice.weighted(STYLES[plan.use])
    if style == "stacks":
        return _stacks(dice, plan, design, x, z)
    leg = 2.2 * plan.stock.radius
    free = max(x - leg, 0.6 * x)  # half of what is between the legs
    if style == "slung":
        return _slung(dice, plan, design, free, z)
    if style == "body":
        tall, rows = plan.under * dice.between(0.3, 0.85), dice.whole(1, 3)
        columns = dice.weighted({1: 3.0, 2: 1.0}) if plan.width > plan.height else 1
    else:
        tall = min(plan.height * dice.log_between(0.1, 0.28), 0.35 * plan.under)
        rows = dice.weighted({1: 6.0, 2: 1.0})
        most = int(np.clip(2 * free / (1.3 * tall), 1, 4)) if rows == 1 else 3
        columns = dice.whole(1, most)
    low, high = plan.under - tall, plan.under
    if style == "boxes":
        area = Area(-free, free, low, high + design.gap / 2, z, 2 * z * dice.between(0.6, 0.95))
        return Chest([], [], design.fill(dice, area, columns, rows, covered=False))
    wide = 2 * x * (1 if style == "apron" else dice.between(0.93, 1.0))
    carcass = block((wide, tall + 0.01, 2 * z), (0, (low + high) / 2 + 0.005, 0), 0.006, 32)
    rim = design.gap * dice.between(0.3, 1.2)
    area = Area(-free + rim, free - rim, low + rim, high - 0.4 * rim, z, 1.6 * z)
    return Chest([carcass], [], design.fill(dice, area, columns, rows, covered=True))


def _slung(dice: Dice, plan: Plan, design: Design, free: float, z: float) -> Chest:
    """One to four drawers in a box under the middle or under one side of the top."""
    rows = dice.weighted({1: 2.0, 2: 1.0, 3: 1.0, 4: 0.6})
    tall = min(rows * plan.height * dice.log_between(0.12, 0.24), 0.85 * plan.under)
    wide = 2 * free * dice.between(0.25, 0.7)
    x = dice.pick([-1.0, 0.0, 1.0]) * (free - wide / 2)
    deep = 2 * z * dice.between(0.6, 0.98)
    low, front = plan.under - tall, z * dice.between(0.85, 1.0)
    if dice.chance(0.4):  # each drawer is a box of its own
        area = Area(x - wide / 2, x + wide / 2, low, plan.under + design.gap / 2, front, deep)
        return Chest([], [], design.fill(dice, area, 1, rows, covered=False))
    carcass = block((wide, tall + 0.01, deep), (x, low + tall / 2 + 0.005, front - deep / 2), 0.006)
    rim = design.gap * dice.between(0.2, 1.0)
    area = Area(x - wide / 2 + rim, x + wide / 2 - rim, low + rim, plan.under, front, deep * 0.8)
    return Chest([carcass], [], design.fill(dice, area, 1, rows, covered=True))


def _stacks(dice: Dice, plan: Plan, design: Design, x: float, z: float) -> Chest:
    """A desk: a stack of drawers at one or both sides, two legs or a panel at the other."""
    both = dice.chance(0.5)
    wide = 2 * x * dice.between(0.18, 0.36)
    lift = plan.height * dice.between(0.03, 0.2) if dice.chance(0.4) else 0.0
    tall, rows = plan.under - lift, dice.whole(2, 3 if both else 5)
    side = x - wide / 2
    carcass = block((wide, tall + 0.01, 2 * z), (side, lift + tall / 2 + 0.005, 0), 0.006, 32)
    rim = design.gap * dice.between(0.2, 0.8)
    area = Area(x - wide + rim, x - rim, lift + rim, plan.under - 0.3 * rim, z, 1.6 * z)
    stand = [carcass]
    if lift:
        stand += [
            rod(
                (side + s * wide * 0.4, 0, t * z * 0.85),
                (side + s * wide * 0.4, lift * 1.1, t * z * 0.85),
                plan.stock,
            )
            for s in (-1, 1)
            for t in (-1, 1)
        ]
    drawers = design.fill(dice, area, 1, rows, covered=True)
    if both:
        stand, drawers = (
            mirrored(*stand),
            drawers + [moved(piece, x=-2 * side) for piece in drawers],
        )
    elif dice.chance(0.5):
        style = LegStyle.draw(dice, plan.stock)
        inside = plan.stock.radius - x
        for end in (-1, 1):
            foot = end * (z - plan.stock.radius)
            stand.append(style.make((inside, plan.under + 0.01, foot), (inside, 0, foot)))
    else:
        thick = plan.width * dice.log_between(0.02, 0.06)
        at = (thick / 2 - x, plan.under / 2 + 0.005, 0)
        stand.append(block((thick, plan.under + 0.01, 2 * z), at, 0.006))
    if dice.chance(0.3):  # one more in the middle, above the knees
        right = x - wide
        left = -right if both else -x + 2 * plan.stock.radius
        low = plan.under - plan.height * dice.between(0.1, 0.18)
        middle = Area(left, right, low, plan.under + design.gap / 2, z, 1.2 * z)
        drawers += design.fill(dice, middle, 1, 1, covered=False)
    if dice.chance(0.3):  # a wall behind the knees
        low = plan.under * dice.between(0.05, 0.7)
        wall = (2 * x - wide, plan.under - low, max(0.015, 0.02 * plan.width))
        stand.append(block(wall, (-wide / 2, (plan.under + low) / 2, -0.8 * z)))
    return Chest([], stand, drawers, stands=True)
