"""What doors and drawers look like: flat, framed, raised, with panes or slats, and their pulls."""

from dataclasses import dataclass

import numpy as np

from pdengine.shapes.assembly import mirrored, moved, turned
from pdengine.shapes.cabinet_grid import Cell
from pdengine.shapes.cabinet_plan import Plan
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import block
from pdengine.shapes.primitives import Surface
from pdengine.shapes.pulls import KINDS as PULLS
from pdengine.shapes.pulls import Pull

STYLES = {
    "flat": 5.0,
    "shaker": 3.0,
    "raised": 2.5,
    "bevelled": 1.2,
    "slatted": 1.0,
    "grooved": 0.8,
}
LONG = {kind: odds for kind, odds in PULLS.items() if kind in ("bar", "bow", "cup", "plate")}


@dataclass(frozen=True)
class Front:
    """One design shared by all fronts of a piece.

    Attributes:
        style: one of ``STYLES``.
        thick: thickness of a front.
        gap: between neighbours.
        sunk: how far the field of a shaker front lies behind its frame.
        margin: width of a frame, and how far a pull keeps from the edge.
        mullions: bars of a pane, across and up.
        points: around each board; pieces with few fronts can afford finer ones.
        pull: None where fronts are pushed.
    """

    style: str
    thick: float
    gap: float
    sunk: float
    margin: float
    mullions: tuple[int, int]
    points: int
    pull: Pull | None

    @staticmethod
    def draw(dice: Dice, plan: Plan) -> "Front":
        biggest = max(plan.wide, plan.high)
        thick = max(dice.between(0.012, 0.03), 0.012 * biggest)
        pull = None
        if dice.chance(0.9):
            # Where one or two fronts have pulls these are as large as a hand all the same.
            few = plan.fronts < 4
            odds = LONG if few and not plan.is_closed else PULLS
            pull = Pull.draw(dice, biggest * (1.55 if few else 1.0), odds)
        return Front(
            dice.weighted(STYLES),
            thick,
            dice.log_between(0.004, 0.025),
            # The face of a closed box is right behind; a deeper field would be hidden by it.
            min(0.5 * thick, 0.7 * plan.front) if plan.is_closed else 0.5 * thick,
            dice.between(0.03, 0.08),
            (dice.whole(0, 2), dice.whole(0, 4)),
            32 if plan.fronts < 8 else 16,
            pull,
        )

    def size(self, cell: Cell) -> tuple[float, float]:
        gap = min(self.gap, 0.06 * (cell.x1 - cell.x0), 0.06 * (cell.y1 - cell.y0))
        return cell.x1 - cell.x0 - gap, cell.y1 - cell.y0 - gap

    def level(self, plan: Plan) -> float:
        """Where the faces of the fronts are, z."""
        return plan.deep / 2 + plan.front

    @property
    def field(self) -> float:
        """How far the middle of a front stands out of its face."""
        return -self.sunk if self.style == "shaker" else 0.0

    def grip(self, room: float, upright: bool) -> list[Surface]:
        return self.pull.make(room, upright) if self.pull else []

    def leaf(self, wide: float, high: float, glass: bool) -> list[Surface]:
        """A front around the origin, its face at z = 0."""
        rim = min(self.margin, 0.22 * wide, 0.22 * high)
        t = self.thick
        if glass:
            return self._pane(wide, high, rim)
        edge = 0.4 * t if self.style == "bevelled" else 0.12 * t
        if self.style == "shaker":
            size = (wide - rim, high - rim, t - self.sunk)
            board = block(size, (0, 0, -0.5 * (t + self.sunk)), 0.003, self.points)
            return [board, *self._rim(wide, high, rim)]
        board = block((wide, high, t), (0, 0, -t / 2), edge, self.points)
        if self.style == "raised":
            size = (wide - 1.6 * rim, high - 1.6 * rim, 0.9 * t)
            return [board, block(size, (0, 0, -0.1 * t), 0.35 * t, self.points)]
        if self.style in ("slatted", "grooved"):
            return [board, *self._stripes(wide, high, rim)]
        return [board]

    def _rim(self, wide: float, high: float, rim: float) -> list[Surface]:
        t = self.thick
        stile = block((rim, high, t), ((wide - rim) / 2, 0, -t / 2), 0.12 * t)
        rail = block((wide - 2 * rim + 0.004, rim, t), (0, (high - rim) / 2, -0.51 * t), 0.12 * t)
        return [*mirrored(stile), rail, Surface(rail.vertices * [1.0, -1.0, 1.0], rail.faces)]

    def _pane(self, wide: float, high: float, rim: float) -> list[Surface]:
        """A frame around glass, perhaps with a lattice."""
        t = self.thick
        pieces = self._rim(wide, high, rim)
        pieces.append(block((wide - rim, high - rim, 0.3 * t), (0, 0, -0.6 * t), 0.002))
        across, up = self.mullions
        bar = 0.3 * rim
        for k in range(1, across + 1):
            x = (k / (across + 1) - 0.5) * (wide - 2 * rim)
            pieces.append(block((bar, high - rim, 0.7 * t), (x, 0, -0.5 * t), 0.003))
        for k in range(1, up + 1):
            y = (k / (up + 1) - 0.5) * (high - 2 * rim)
            pieces.append(block((wide - rim, bar, 0.66 * t), (0, y, -0.5 * t), 0.003))
        return pieces

    def _stripes(self, wide: float, high: float, rim: float) -> list[Surface]:
        """Slats in a field, lying or standing."""
        t = self.thick
        upright = self.style == "grooved"
        long, room = (high, wide) if upright else (wide, high)
        count = int(np.clip((room - 1.2 * rim) / 0.07, 2, 10 if self.points > 16 else 5))
        pitch = (room - 1.2 * rim) / count
        slat = block((long - 1.2 * rim, 0.65 * pitch, 0.8 * t), (0, 0, 0), 0.004)
        pieces = []
        for k in range(count):
            step = moved(slat, y=(k - (count - 1) / 2) * pitch)
            piece = turned(step, "z", np.pi / 2) if upright else step
            pieces.append(moved(piece, z=-0.1 * t))
        return pieces
