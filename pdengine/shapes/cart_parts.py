"""What carts are built from: tubs, wire baskets, casters, bent tubes, cart wheels."""

from collections.abc import Sequence
from math import pi

import numpy as np

from pdengine.shapes.assembly import moved, turned
from pdengine.shapes.bodies import tube
from pdengine.shapes.curves import Array, filleted, rounded_rectangle
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, skin, slab, superellipsoid
from pdengine.shapes.wheels import cylinder, disc, spokes, tyre

Point = tuple[float, float, float]


def pipe(points: Sequence[Point], radius: float, corner: float = 0.06, sides: int = 8) -> Surface:
    """A bent tube through the points."""
    path = filleted(points, corner)
    return tube(path, np.full(len(path), radius), sides, 0.4)


def plank(size: Point, at: Point, power: float = 8.0) -> Surface:
    """A board or a block."""
    return moved(superellipsoid(size, power, power, 16), *at)


def board(wide: float, long: float, thick: float, at: Point, corner: float = 0.03) -> Surface:
    """A flat plate seen from above as a rounded rectangle."""
    outline = rounded_rectangle(wide, long, corner, 24)
    return moved(slab(outline, thick, 0.4 * thick), *at)


class Tub:
    """An open box that may widen upwards; z of its bottom and top may differ.

    Attributes:
        low, high: (width, length, y, z of the middle) of the bottom and of the rim.
    """

    def __init__(
        self,
        low: tuple[float, float, float, float],
        high: tuple[float, float, float, float],
        corner: float,
    ) -> None:
        self.low, self.high, self.corner = low, high, corner

    def outline(self, t: float, inset: float = 0.0, count: int = 48) -> Array:
        """The wall t of the way up. [P, 3]."""
        wide, long, y, z = (a + (b - a) * t for a, b in zip(self.low, self.high, strict=True))
        ring = rounded_rectangle(wide - 2 * inset, long - 2 * inset, self.corner, count)
        return np.stack([ring[:, 0], 0 * ring[:, 0] + y, ring[:, 1] + z], 1)

    def walls(self, thick: float, dish: float = 1.0) -> Surface:
        """Sheet walls and a floor; dish below 1 rounds the way from the floor to the wall."""
        steps = np.linspace(0, 1, 6)
        grow = steps**dish
        outside = [self.outline(float(g)) for g in grow]
        inside = [self.outline(float(g), thick) for g in grow[::-1]]
        for ring, t in zip(outside, steps, strict=True):
            ring[:, 1] = self.low[2] + (self.high[2] - self.low[2]) * t
        for ring, t in zip(inside, steps[::-1], strict=True):
            ring[:, 1] = self.low[2] + (self.high[2] - self.low[2]) * t
        inside[-1][:, 1] += thick
        return skin(np.stack([*outside, *inside]))

    def wires(self, dice: Dice, thin: float) -> list[Surface]:
        """A basket of wire: hoops around, uprights, and a grid as its floor."""
        pieces = []
        hoops = dice.whole(3, 7)
        for k in range(hoops):
            ring = self.outline(k / (hoops - 1), count=40)
            radius = 1.8 * thin if k == hoops - 1 else thin
            pieces.append(_loop(ring, radius))
        low, high = self.outline(0.0), self.outline(1.0)
        step = 48 // dice.pick([12, 16, 24])
        for k in range(0, len(low), step):
            pieces.append(_wire(low[k], high[k], thin))
        wide, long, y, z = self.low
        count = dice.whole(4, 7)
        for k in range(1, count):
            x, ahead = wide * (k / count - 0.5), long * (k / count - 0.5)
            pieces.append(_wire([x, y, z - long / 2], [x, y, z + long / 2], thin))
            pieces.append(_wire([-wide / 2, y, z + ahead], [wide / 2, y, z + ahead], thin))
        return pieces


def _wire(a: Array | list[float], b: Array | list[float], radius: float) -> Surface:
    return tube(np.stack([np.asarray(a), np.asarray(b)]), np.full(2, radius), 6, 0.4)


def _loop(ring: Array, radius: float, sides: int = 6) -> Surface:
    """A tube along a closed curve that runs around the y axis."""
    along = np.roll(ring, -1, 0) - np.roll(ring, 1, 0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    out = np.cross(along, np.array([0.0, 1.0, 0.0]))
    angle = np.arange(sides) * (2 * pi / sides)
    cos, sin = np.cos(angle)[None, :, None], np.sin(angle)[None, :, None]
    rings = ring[:, None] + radius * (cos * out[:, None] + sin * np.array([0.0, 1.0, 0.0]))
    return skin(rings, loop=True)


def caster(
    dice: Dice, radius: float, top: float, turn: float
) -> tuple[list[Surface], list[Surface]]:
    """A small wheel at the origin's foot and its fork up to y = top, turned about the vertical."""
    width = radius * dice.between(0.4, 0.8)
    wheel = [
        cylinder(radius, width, 0.25 * width, 24),
        cylinder(0.4 * radius, 1.15 * width, 0.02 * radius, 14),
    ]
    trail = dice.between(0.0, 0.5) * radius
    cheek = superellipsoid((0.12 * radius + 0.008, 1.5 * radius, 0.8 * radius), 4.0, 4.0, 12)
    fork = [moved(cheek, side * (0.5 * width + 0.012), 1.5 * radius) for side in (1, -1)]
    plate = superellipsoid((width + 0.05, 0.3 * radius, radius), 4.0, 4.0, 12)
    fork.append(moved(plate, 0, 2.2 * radius))
    stem = tube(
        np.array([[0.0, 2.1 * radius, 0.0], [0.0, top, 0.0]]),
        np.full(2, 0.22 * radius + 0.006),
        8,
        0.3,
    )
    wheel = [moved(w, 0, radius, -trail) for w in wheel]
    fork = [moved(f, 0, 0, -0.6 * trail) for f in fork] + [stem]
    return [turned(w, "y", turn) for w in wheel], [turned(f, "y", turn) for f in fork]


def cart_wheel(dice: Dice, kind: str, radius: float) -> list[Surface]:
    """A wheel around the x axis.

    Args:
        kind: "wood" with staves and felloes, "wire", "rubber" on a pressed dish, "solid".
    """
    width = radius * (
        dice.between(0.1, 0.2) if kind in ("wood", "wire") else dice.between(0.25, 0.5)
    )
    if kind in ("wood", "wire"):
        thick = radius * (dice.between(0.1, 0.18) if kind == "wood" else 0.1)
        ring = tyre(radius, width, thick, 6.0 if kind == "wood" else 2.2, 36)
        hub = radius * dice.between(0.1, 0.2)
        count = dice.whole(6, 14) if kind == "wood" else dice.whole(12, 20)
        thin = radius * (dice.between(0.06, 0.1) if kind == "wood" else 0.025)
        thin = max(thin, 0.009)
        bars = spokes(
            count, 0.5 * hub, radius - 0.8 * thick, (1.1 * thin, 0.9 * thin), thin, points=6
        )
        nave = [(0.01, -width), (0.7 * hub, -width), (hub, 0.0), (0.7 * hub, width), (0.01, width)]
        return [ring, *bars, disc(nave, 16)]
    if kind == "rubber":
        deep = radius * dice.between(0.3, 0.45)
        rim, half = radius - 0.8 * deep, 0.4 * width
        floor = dice.between(-0.3, 0.7) * half
        knots = [(0.01, -half), (rim, -half), (rim, half), (0.85 * rim, floor)]
        knots += [(0.35 * rim, floor), (0.3 * rim, 1.2 * half), (0.01, 1.2 * half)]
        return [tyre(radius, width, deep, dice.between(2.0, 3.5), 30), disc(knots, 24)]
    cap = cylinder(0.35 * radius, 1.2 * width, 0.05 * width, 16)
    return [cylinder(radius, width, dice.between(0.1, 0.4) * width, 32), cap]
