"""What lamps stand on, hang from or are screwed to."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import around, moved
from pdengine.shapes.curves import Array, circle, polygon, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, lathe, limb, superellipsoid, sweep

FLAT = {"disc": 3.0, "dome": 2.0, "cone": 1.5, "square": 1.5, "feet": 1.5, "ring": 0.6, "ball": 0.8}
# Radius over height of a big body of a table lamp, both from 0 to 1.
BODIES: dict[str, list[tuple[float, float]]] = {
    "ginger": [(0.55, 0.0), (0.8, 0.3), (1.0, 0.65), (0.75, 0.9), (0.2, 1.0)],
    "pear": [(0.7, 0.0), (1.0, 0.25), (0.75, 0.6), (0.25, 1.0)],
    "ball": [(0.4, 0.0), (0.85, 0.2), (1.0, 0.5), (0.8, 0.82), (0.2, 1.0)],
    "baluster": [(1.0, 0.0), (0.9, 0.1), (0.3, 0.2), (0.7, 0.5), (0.25, 0.85), (0.3, 1.0)],
    "column": [(1.0, 0.0), (0.95, 0.08), (0.5, 0.15), (0.45, 0.85), (0.6, 0.95), (0.3, 1.0)],
    "block": [(0.95, 0.0), (1.0, 0.05), (1.0, 0.95), (0.9, 1.0)],
    "beads": [(0.8, 0), (1, 0.17), (0.4, 0.33), (0.9, 0.5), (0.35, 0.67), (0.7, 0.83), (0.2, 1.0)],
    "hourglass": [(1.0, 0.0), (0.6, 0.3), (0.35, 0.5), (0.6, 0.75), (0.8, 1.0)],
}


def flat_base(dice: Dice, radius: float) -> tuple[list[Surface], float]:
    """A foot that stands at y = 0, and the height at which a pole is inside of it."""
    kind = dice.weighted(FLAT)
    high = radius * dice.log_between(0.08, 0.4)
    if kind == "ball":
        size = (1.6 * radius, 1.2 * radius, 1.6 * radius)
        return [moved(superellipsoid(size, 2.0, 2.2), y=0.56 * radius)], 0.9 * radius
    if kind in ("feet", "ring"):
        return _spread(dice, kind, radius, high)
    square = kind == "square"
    outline = (
        superellipse(2.0, 2.0 * dice.between(0.6, 1.0), 8.0, 40) if square else circle(1.0, 40)
    )
    if not square and dice.chance(0.12):
        outline = polygon(2.0, 2.0, dice.pick([6, 8]), 48)
    edges = {
        "disc": [(0.97, 0.0), (1.0, 0.2), (1.0, 0.8), (0.95, 1.0)],
        "square": [(0.98, 0.0), (1.0, 0.2), (1.0, 0.8), (0.96, 1.0)],
        "dome": [(1.0, 0.0), (0.95, 0.5), (0.7, 1.1), (0.3, 1.45)],
        "cone": [(1.0, 0.0), (0.95, 0.2), (0.5, 0.8), (0.2, 2.2)],
    }[kind]
    return [_turned([(r * radius, y * high) for r, y in edges], outline)], high * 0.9


def _turned(knots: list[tuple[float, float]], outline: Array) -> Surface:
    """A solid of revolution with flat ends."""
    curve = smooth(knots, 18)
    curve[:, 0] = np.maximum(curve[:, 0], 0.003)
    ends = [np.array([(0.1 * curve[k, 0], curve[k, 1])]) for k in (0, -1)]
    return lathe(np.concatenate([ends[0], curve, ends[1]]), outline)


def _spread(dice: Dice, kind: str, radius: float, high: float) -> tuple[list[Surface], float]:
    """Legs around a hub, perhaps joined by a ring."""
    count, bar = dice.pick([3, 3, 4, 5]), radius * dice.log_between(0.05, 0.12)
    lift = radius * dice.between(0.3, 1.6) if kind == "feet" else high + bar
    bow = dice.between(-0.1, 0.3) * radius
    leg_path = smooth(
        [(0.0, lift, 0.0), (0.55 * radius, 0.5 * lift + bow, 0.0), (radius, bar, 0.0)], 14
    )
    legs = around(sweep(leg_path, circle(bar, 10), 1.0, (0.0, 0.0, 1.0), ends=bar), count)
    hub = moved(superellipsoid((4 * bar, 4 * bar, 4 * bar), 2.0, 3.0), y=lift)
    pieces = [*legs, hub]
    if kind == "ring":
        angle = np.arange(40) * (2 * pi / 40)
        path = np.stack([radius * np.cos(angle), 0 * angle + bar, radius * np.sin(angle)], 1)
        pieces.append(sweep(path, circle(1.3 * bar, 10), 1.0, (0.0, 1.0, 0.0), loop=True))
    return pieces, lift


def body_base(dice: Dice, radius: float, height: float) -> tuple[list[Surface], float]:
    """The big body of a table lamp on y = 0, and the height at which a pole is inside of it."""
    knots = BODIES[dice.pick(tuple(BODIES))]
    strength = dice.between(0.7, 1.15)
    wide = [(radius * max(1 + strength * (r - 1), 0.08), y * height) for r, y in knots]
    outline = circle(1.0, 40)
    if dice.chance(0.3):
        outline = superellipse(2.0, 2.0 * dice.between(0.5, 1.0), dice.pick([2.0, 6.0]), 40)
    pieces = [_turned(wide, outline)]
    if dice.chance(0.3):  # on a plinth
        edge = radius * dice.between(0.8, 1.2)
        pieces.append(_turned([(edge, -0.1 * radius), (edge, -0.05), (edge, 0.02)], outline))
    return pieces, 0.97 * height


def plate(dice: Dice, radius: float) -> Surface:
    """A flat dome under the ceiling or at the wall: its flat side at y = 0, above the rest."""
    high = radius * dice.log_between(0.15, 0.9)
    square = dice.chance(0.3)
    outline = superellipse(2.0, dice.between(1.0, 2.0), 6.0, 40) if square else circle(1.0, 40)
    low = dice.between(0.3, 0.95)
    knots = [(radius, 0.0), (0.97 * radius, -0.3 * high), (low * radius, -high)]
    return _turned(knots, outline)


def clamp(dice: Dice, size: float) -> tuple[list[Surface], float]:
    """A screw clamp that would hold the edge of a table; its top is near y = 0.4 size."""
    jaw = size * dice.between(0.6, 1.0)
    back = moved(superellipsoid((0.3 * size, size, 0.5 * size), 8.0, 8.0), y=0.0)
    arms = [
        moved(superellipsoid((jaw, 0.18 * size, 0.5 * size), 8.0, 8.0), x=0.4 * jaw, y=y * size)
        for y in (-0.42, 0.42)
    ]
    screw = limb((0.7 * jaw, -0.9 * size, 0), (0.7 * jaw, 0.0, 0), 0.07 * size, 0.07 * size)
    knob = superellipsoid((0.4 * size, 0.12 * size, 0.4 * size), 2.0, 4.0)
    return [back, *arms, screw, moved(knob, x=0.7 * jaw, y=-0.9 * size)], 0.4 * size
