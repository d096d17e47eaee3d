"""What doors and drawers are opened by: knobs, bars, bows, cups, rings, edges and levers."""

from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.assembly import moved, turned
from pdengine.shapes.curves import circle, filleted, rounded_rectangle, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import block, solid
from pdengine.shapes.primitives import Surface, Z, sweep

KINDS = {"knob": 4.0, "bar": 4.0, "bow": 2.5, "cup": 1.2, "ring": 1.0, "edge": 1.5, "plate": 1.0}


@dataclass(frozen=True)
class Pull:
    """One design shared by all fronts of a piece.

    Attributes:
        kind: one of ``KINDS``.
        long: length of what is long, radius of what is round.
        thick: radius of its bar.
        reach: how far it stands out.
        square: the bar is square.
        form: outline of knobs, (radius, height) over their size.
    """

    kind: str
    long: float
    thick: float
    reach: float
    square: bool
    form: tuple[tuple[float, float], ...]

    @staticmethod
    def draw(dice: Dice, size: float, odds: dict[str, float] = KINDS) -> "Pull":
        """A design for a piece whose longest side is ``size``."""
        kind = dice.weighted(odds)
        thick = size * dice.log_between(0.007, 0.013)
        long = size * dice.log_between(0.06, 0.25)
        if kind in ("knob", "ring"):
            long = size * dice.log_between(0.013, 0.03)
        form = dice.pick(
            [
                ((0.5, 0.0), (0.4, 0.5), (1.0, 0.9), (0.9, 1.4), (0.4, 1.6)),
                ((0.6, 0.0), (0.6, 0.5), (1.0, 0.6), (1.0, 1.2)),
                ((0.5, 0.0), (0.5, 0.7), (0.9, 1.1), (1.0, 1.5), (0.5, 2.1)),
                ((1.0, 0.0), (0.8, 1.2)),
            ]
        )
        reach = max(size * dice.between(0.015, 0.035), 2.2 * thick)
        return Pull(kind, long, thick, reach, dice.chance(0.4), form)

    def make(self, room: float, upright: bool) -> list[Surface]:
        """The pieces around the origin of a front at z = 0 that looks along +z.

        Args:
            room: a long one is cut to fit into this.
            upright: along y, as on doors, instead of along x.
        """
        if self.kind == "knob":
            return [_turned_forward([(r * self.long, y * self.long) for r, y in self.form])]
        if self.kind == "ring":
            return self._ring()
        long = min(self.long, 0.9 * room)
        pieces = self._long(long)
        return [turned(piece, "z", pi / 2) for piece in pieces] if upright else pieces

    def _long(self, long: float) -> list[Surface]:
        half, bar, out = long / 2, self.thick, self.reach
        cut = rounded_rectangle(1.8 * bar, 1.8 * bar, 0.3 * bar, 16) if self.square else None
        section = circle(bar, 10) if cut is None else cut
        y_axis = (0.0, 1.0, 0.0)
        if self.kind == "bar":
            rod = sweep(np.linspace([-half, 0, out], [half, 0, out], 5), section, 1.0, y_axis)
            posts = []
            for x in (-0.75 * half, 0.75 * half):
                path = np.linspace([x, 0, -0.3 * bar], [x, 0, out], 4)
                posts.append(sweep(path, section * 0.8, 1.0, y_axis))
            return [rod, *posts]
        if self.kind == "bow":
            knots = [(-half, 0, -bar), (-half, 0, out), (half, 0, out), (half, 0, -bar)]
            if not self.square:
                knots = [(-half, 0, -bar), (-0.6 * half, 0, out), (0.6 * half, 0, out)]
                knots.append((half, 0, -bar))
                return [sweep(smooth(knots, 18), section, 1.0, y_axis)]
            return [sweep(filleted(knots, 0.6 * out), section, 1.0, y_axis)]
        if self.kind == "cup":  # a shell that is open below
            turn = np.linspace(0, pi / 2, 7)
            tall = min(0.6 * half, 2.2 * out) + bar
            rings = []
            for a in turn:
                y, z = tall * np.sin(a), 1.3 * out * np.cos(a)
                rings.append((0.0, y - 0.4 * tall, z + 0.2 * bar))
            shell = rounded_rectangle(2 * half, 1.2 * bar, 0.5 * bar, 24)
            narrow = 0.65 + 0.35 * np.cos(turn)
            return [sweep(np.array(rings), shell, np.stack([narrow, 0 * turn + 1], 1))]
        if self.kind == "edge":
            return [block((2 * half, 1.6 * bar, out + bar), (0, 0, out / 2), 0.3 * bar)]
        plate = block((2 * half, 0.5 * half + 2 * bar, 0.6 * bar), (0, 0, 0.2 * bar), 0.2 * bar)
        rod = sweep(
            np.linspace([-0.6 * half, 0, out], [0.6 * half, 0, out], 4), section, 1.0, y_axis
        )
        ends = [block((1.6 * bar, 1.6 * bar, out), (s * 0.6 * half, 0, out / 2)) for s in (-1, 1)]
        return [plate, rod, *ends]

    def _ring(self) -> list[Surface]:
        radius = 1.3 * self.long
        t = np.arange(20) * (2 * pi / 20)
        bar = max(0.25 * radius, 0.7 * self.thick)
        path = np.stack([radius * np.cos(t), radius * np.sin(t) - radius, 0 * t + 1.4 * bar], 1)
        ring = sweep(path, circle(bar, 8), 1.0, Z, loop=True)
        stud = _turned_forward([(0.5 * radius, 0.0), (0.35 * radius, 2.5 * bar)])
        return [ring, stud]


def _turned_forward(knots: list[tuple[float, float]]) -> Surface:
    """A turned thing whose foot is at z = 0."""
    low, *rest = knots
    body = solid([(low[0], -0.2 * low[0]), low, *rest], 0.0, circle(1.0, 16))
    return turned(body, "x", pi / 2)


def lever(dice: Dice, size: float) -> list[Surface]:
    """A door handle on a rose or a long plate; the lever points to +x, its front is +z."""
    plate_high = size * dice.log_between(0.5, 2.4)
    wide = size * dice.between(0.35, 0.5)
    if dice.chance(0.5):
        rose = turned(solid([(0.55 * wide, -0.01), (0.5 * wide, 0.12 * size)], 0.0), "x", pi / 2)
        pieces = [rose]
    else:
        pieces = [block((wide, plate_high, 0.12 * size), (0, -0.2 * plate_high, 0), 0.03 * size)]
    bar, out = size * dice.between(0.1, 0.17), size * dice.between(0.4, 0.7)
    drop = size * dice.between(-0.15, 0.2)
    knots = [(0, 0, -0.02 * size), (0, 0, out), (0.5 * size, -0.2 * drop, out), (size, -drop, out)]
    curved = dice.chance(0.5)
    path = smooth(knots, 20) if curved else filleted(knots, 0.3 * out)
    section = (
        circle(bar, 12) if dice.chance(0.6) else rounded_rectangle(2 * bar, 1.5 * bar, 0.02, 16)
    )
    pieces.append(sweep(path, section, 1.0, (0.0, 1.0, 0.0), 0.3 * bar))
    return pieces


def door_knob(dice: Dice, size: float) -> list[Surface]:
    """A ball or a drum on a rose."""
    radius, out = size * dice.between(0.3, 0.42), size * dice.between(0.3, 0.6)
    flat = dice.between(0.6, 1.4)
    knots = [(0.9 * radius, 0.0), (0.85 * radius, 0.12 * size), (0.4 * radius, 0.15 * size)]
    knots += [(0.4 * radius, out), (radius, out + 0.4 * flat * radius)]
    knots += [(0.95 * radius, out + 1.1 * flat * radius), (0.5 * radius, out + 1.4 * flat * radius)]
    body = turned(solid(knots, 0.12 * radius, circle(1.0, 18)), "x", pi / 2)
    return [body]


def beyond(pieces: list[Surface], z: float) -> list[Surface]:
    """The same behind a leaf whose two faces are at -z and z, and in front of it."""
    front = [moved(piece, z=z) for piece in pieces]
    mirror = np.array([1.0, 1.0, -1.0])
    return front + [Surface(piece.vertices * mirror, piece.faces) for piece in front]
