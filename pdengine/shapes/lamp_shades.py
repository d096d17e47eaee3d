"""Lamp shades: they hang from the origin and open downwards, along -y."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import moved
from pdengine.shapes.curves import Array, circle, polygon, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, lathe, limb, skin, superellipsoid

# Radius over height below the origin, both from 0 to 1; True where the top is closed.
PROFILES: dict[str, tuple[list[tuple[float, float]], bool]] = {
    "cone": ([(0.12, 0.0), (0.5, 0.45), (1.0, 1.0)], True),
    "dome": ([(0.15, 0.0), (0.68, 0.2), (0.93, 0.6), (1.0, 1.0)], True),
    "bell": ([(0.2, 0.0), (0.35, 0.3), (0.55, 0.65), (1.0, 1.0)], True),
    "spot": ([(0.7, 0.0), (0.98, 0.12), (1.0, 0.5), (1.0, 1.0)], True),
    "tulip": ([(0.25, 0.0), (0.75, 0.3), (0.7, 0.65), (1.0, 1.0)], True),
    "bottle": ([(0.25, 0.0), (0.28, 0.35), (0.85, 0.6), (1.0, 1.0)], True),
    "plate": ([(0.2, 0.0), (0.25, 0.5), (0.7, 0.75), (1.0, 1.0)], True),
    "empire": ([(0.5, 0.0), (0.75, 0.5), (1.0, 1.0)], False),
    "drum": ([(0.95, 0.0), (0.97, 0.5), (1.0, 1.0)], False),
    "flared": ([(0.45, 0.0), (0.58, 0.5), (1.0, 1.0)], False),
    "barrel": ([(0.7, 0.0), (1.0, 0.5), (0.75, 1.0)], False),
    "upturned": ([(1.0, 0.0), (0.85, 0.5), (0.65, 1.0)], False),
}
# Height over radius.
HEIGHTS = {
    "cone": (0.5, 1.8),
    "dome": (0.5, 1.2),
    "bell": (0.7, 1.6),
    "spot": (1.4, 3.0),
    "tulip": (1.0, 2.0),
    "bottle": (0.9, 1.8),
    "plate": (0.25, 0.6),
    "empire": (0.8, 2.0),
    "drum": (0.5, 2.4),
    "flared": (0.8, 1.8),
    "barrel": (1.0, 2.4),
    "upturned": (0.7, 1.6),
}
SOLIDS = ("globe", "pill", "saucer", "box")


def shade(
    dice: Dice, kind: str, radius: float, points: int = 40, tallest: float = 10.0
) -> list[Surface]:
    """The pieces of one shade.

    Args:
        kind: one of ``PROFILES`` or ``SOLIDS``.
        radius: at its widest.
        points: around the axis; below 30, as where many shades hang, nothing is added to the wall.
        tallest: greatest height.
    """
    if kind in SOLIDS:
        return _solid(dice, kind, radius)
    knots, closed = PROFILES[kind]
    height = min(radius * dice.log_between(*HEIGHTS[kind]), tallest)
    spread = dice.between(0.8, 1.2)
    curve = smooth([(radius * r**spread, -y * height) for r, y in knots], 12)
    outline = _outline(dice, points)
    thick = radius * dice.between(0.03, 0.07)
    pieces = [_shell(curve, thick, closed, outline)]
    if not closed:
        pieces += _spider(float(curve[1, 0]), float(curve[1, 1]), 0.03 * radius, outline)
    if points < 30:
        return pieces
    if closed and dice.chance(0.4):  # a socket above
        wide = float(curve[0, 0]) * dice.between(0.8, 1.3)
        pieces.append(moved(superellipsoid((2 * wide, 3 * wide, 2 * wide), 2.0, 5.0), y=-wide))
    if dice.chance(0.25):  # the bulb shows
        bulb = superellipsoid((0.5 * radius, 0.7 * radius, 0.5 * radius))
        pieces.append(moved(bulb, y=-0.6 * height))
        pieces.append(limb((0, -0.6 * height, 0), (0, 0, 0), 0.1 * radius, 0.06 * radius, 8))
    return pieces


def _spider(inside: float, y: float, bar: float, outline: Array) -> list[Surface]:
    """Three spokes from the wall at height y to the axis, and a stem up to the origin."""
    reach = np.hypot(*outline.T)
    spokes = []
    for k in range(3):
        angle = 2 * pi * k / 3
        ahead = np.cos(np.arctan2(outline[:, 1], outline[:, 0]) - angle)
        far = inside * float(reach[np.argmax(ahead)])
        spokes.append(limb((0, y, 0), (far * np.cos(angle), y, far * np.sin(angle)), bar, bar, 6))
    return [*spokes, limb((0, y, 0), (0, bar, 0), 1.5 * bar, 1.5 * bar, 8)]


def _outline(dice: Dice, points: int) -> Array:
    """The shade seen from above, for a radius of 1."""
    kind = dice.weighted({"round": 9.0, "square": 1.0, "faceted": 1.2, "pleated": 0.8, "oval": 0.5})
    if kind == "square":
        return superellipse(1.9, 1.9, dice.between(5, 12), points)
    if kind == "faceted":
        return polygon(2.0, 2.0, dice.pick([5, 6, 8]), points)
    if kind == "pleated":
        return np.asarray(circle(1.0, points) * (1 + 0.03 * (-1.0) ** np.arange(points))[:, None])
    if kind == "oval":
        return superellipse(2.0, dice.between(1.2, 1.7), 2.0, points)
    return circle(1.0, points)


def _shell(curve: Array, thick: float, closed: bool, outline: Array) -> Surface:
    """A thin wall along a profile (radius, height) that runs from the top to the rim."""
    inner = curve - np.array([thick, 0.0])
    inner[:, 0] = np.maximum(inner[:, 0], 0.002)
    if closed:
        inner[:, 1] = np.minimum(inner[:, 1], curve[0, 1] - 0.7 * thick)
        cap = np.array([(0.1 * curve[0, 0], curve[0, 1])])
        return lathe(np.concatenate([cap, curve, inner[::-1]]), outline)
    loop = np.concatenate([curve, inner[::-1]])
    rings = np.empty((len(loop), len(outline), 3))
    rings[..., 0], rings[..., 2] = loop[:, :1] * outline[:, 0], loop[:, :1] * outline[:, 1]
    rings[..., 1] = loop[:, 1:]
    return skin(rings, loop=True)


def _solid(dice: Dice, kind: str, radius: float) -> list[Surface]:
    """A closed body that shines all over."""
    wide = 2 * radius
    if kind == "globe":
        size = (wide, wide * dice.between(0.8, 1.3), wide)
        power, flatness = 2.0, dice.between(1.8, 2.8)
    elif kind == "pill":
        size = (wide, wide * dice.between(1.5, 3.5), wide)
        power, flatness = 2.0, dice.between(3.0, 6.0)
    elif kind == "saucer":
        size, power, flatness = (wide, wide * dice.between(0.25, 0.5), wide), 2.0, 1.6
    else:
        size = (wide, wide * dice.between(0.7, 2.2), wide * dice.between(0.6, 1.0))
        power, flatness = 8.0, 8.0
    body = moved(superellipsoid(size, power, flatness), y=-0.47 * size[1])
    return [body, *_bands(dice, size, power)]


def _bands(dice: Dice, size: tuple[float, float, float], power: float) -> list[Surface]:
    """A ring or two of the holder around a closed body."""
    if not dice.chance(0.3):
        return []
    angle = dice.between(0.3, 0.7)
    band = 0.04 * size[1]
    cut = np.array([(0.4, -band), (1.02, -band), (1.02, band), (0.4, band)])
    ring = lathe(cut, superellipse(size[0], size[2], power, 40))
    return [moved(ring, y=-size[1] * (0.47 + 0.03 * np.sin(angle * pi)))]
