"""What rockets are turned from: straight tubes, noses and nozzles."""

from collections.abc import Callable
from itertools import pairwise
from math import pi, sin

import numpy as np

from pdengine.shapes.assembly import around, moved
from pdengine.shapes.curves import Array, circle
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, lathe

NOSES = {"cone": 3.0, "ogive": 3.0, "parabola": 2.0, "ball": 1.2, "power": 2.0, "blunt": 0.4}


def solid(knots: list[tuple[float, float]], points: int = 32) -> Surface:
    """A lathe through straight knots (radius, height) with flat ends."""
    curve = np.array([(0.02 * knots[0][0], knots[0][1]), *knots, (0.02, knots[-1][1])])
    curve[-1, 0] = 0.02 * knots[-1][0]
    return lathe(np.maximum(curve, [1e-4, -np.inf]), circle(1.0, points))


def fine(knots: list[tuple[float, float]], count: int = 5) -> list[tuple[float, float]]:
    """The same straight lines with points in between, so that the whole may bend."""
    rows = np.array(knots)
    steps = [
        a + (b - a) * np.linspace(0, 1, count, endpoint=False)[:, None] for a, b in pairwise(rows)
    ]
    return [(float(r), float(y)) for r, y in np.concatenate([*steps, rows[-1:]])]


def nose_cone(dice: Dice, kind: str, radius: float, height: float, points: int = 32) -> Surface:
    """A nose on the disc y = 0; its shoulder reaches a little below."""
    t = np.linspace(0, 1, 16)
    shapes: dict[str, Callable[[], Array]] = {
        "cone": lambda: 1 - t,
        "ogive": lambda: np.sqrt(1 - t**1.8) * (1 - 0.15 * t),
        "parabola": lambda: 1 - t**2,
        "ball": lambda: np.sqrt(1 - t**2),
        "power": lambda: (1 - t) ** dice.between(0.55, 0.8),
        "blunt": lambda: 1 - 0.55 * t**1.3,
    }
    wide = shapes[kind]() * radius
    wide = np.maximum(wide, 0.01 * radius)
    flat = [(0.02 * radius, -0.02 * height), (radius * 0.995, -0.02 * height)]
    knots = [*flat, *zip(wide.tolist(), (t * height).tolist(), strict=True)]
    return solid(knots, points)


def nozzle(radius: float, height: float) -> Surface:
    """A bell that opens downwards from y = 0."""
    out = [(0.45, 0.1), (0.5, 0.0), (0.45, -0.25), (0.75, -0.6), (1.0, -1.0)]
    inside = [(0.9, -1.0), (0.6, -0.6), (0.05, -0.5)]
    curve = [(r * radius, y * height) for r, y in [*out, *inside]]
    return solid(curve, 16)


def tail(dice: Dice, radius: float) -> list[Surface]:
    """One nozzle or a cluster under y = 0."""
    count = dice.weighted({1: 6.0, 3: 1.0, 4: 1.5, 5: 1.0, 7: 0.7})
    if count == 1:
        wide = radius * dice.between(0.45, 0.95)
        return [nozzle(wide, wide * dice.between(0.6, 1.6))]
    wide = radius * min(0.42, 0.85 * sin(pi / count))
    bell = nozzle(wide, wide * dice.between(1.0, 2.2))
    ring = count - 1 if count in (5, 7) else count
    far = max(radius - wide, wide * 1.05 / sin(pi / ring)) * dice.between(0.9, 1.05)
    bells = around(moved(bell, x=far), ring, pi / ring)
    return bells if ring == count else [*bells, bell]
