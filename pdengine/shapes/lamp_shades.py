"""Lamp shades: they hang from the origin and open downwards, along -y."""

from math import pi
from typing import NamedTuple

import numpy as np

from pdengine.shapes.assembly import moved, turned
from pdengine.shapes.curves import Array, circle, polygon, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.lamp_bulbs import bare, bulb, cage, depth, trough
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


class Cover(NamedTuple):
    """The head of a lamp, by part."""

    shade: list[Surface]
    bulb: list[Surface]
    pole: list[Surface]  # the socket where there is no shade


def shade(
    dice: Dice,
    kind: str,
    radius: float,
    points: int = 40,
    tallest: float = 10.0,
    shines: str | None = None,
    stands: bool = False,
) -> Cover:
    """One shade, with the bulb that is seen in it.

    Args:
        kind: one of ``PROFILES`` or ``SOLIDS``, or "bare", "cage" and "trough", which show a bulb.
        radius: at its widest.
        points: around the axis; below 30, as where many shades hang, nothing is added to the wall.
        tallest: greatest height.
        shines: the kind of the bulb; None where none is seen.
        stands: the bulb stands on a pole through the shade, near its open top.
    """
    if kind == "bare":
        held, lit = bare(dice, shines or "pear", 0.45 * radius, 14 if points < 30 else 24)
        return Cover([], lit, held)
    if kind in ("cage", "trough"):
        wall, lit = (
            trough(dice, radius)
            if kind == "trough"
            else cage(dice, shines or "pear", radius, points)
        )
        return Cover(wall, lit, [])
    if kind in SOLIDS:
        return Cover(_solid(dice, kind, radius), [], [])
    knots, closed = PROFILES[kind]
    height = min(radius * dice.log_between(*HEIGHTS[kind]), tallest)
    spread = dice.between(0.8, 1.2)
    curve = smooth([(radius * r**spread, -y * height) for r, y in knots], 12)
    outline = _outline(dice, points)
    thick = radius * dice.between(0.03, 0.07)
    pieces = [_shell(curve, thick, closed, outline)]
    if not closed:
        pieces += _spider(float(curve[1, 0]), float(curve[1, 1]), 0.03 * radius, outline)
    lit = []
    if shines:
        stem, lit = _bulb_inside(dice, shines, curve, stands, points)
        pieces += stem
    elif points >= 30 and closed and dice.chance(0.4):  # a socket above, and inside
        wide = float(curve[0, 0]) * dice.between(0.8, 1.3)
        pieces.append(moved(superellipsoid((2 * wide, 3 * wide, 2 * wide), 2.0, 5.0), y=-wide))
    return Cover(pieces, lit, [])


def _bulb_inside(
    dice: Dice, kind: str, curve: Array, stands: bool, points: int
) -> tuple[list[Surface], list[Surface]]:
    """The stem and the bulb that looks out of a shade, at its rim or at its open top.

    Args:
        curve: the wall from the top to the rim, (radius, height).
    """
    rim, height = float(curve[-1, 0]), -float(curve[-1, 1])
    if stands:
        size = float(curve[0, 0]) * dice.between(0.4, 0.65)
        tip = dice.between(0.0, 0.4) * size
        return [], [moved(turned(bulb(kind, size), "z", pi), y=tip - depth(kind) * size)]
    size = rim * dice.between(0.38, 0.62)
    share = dice.between(0.8, 1.2)
    for _ in range(8):  # until it fits into the shade
        low = max(height * share, 0.75 * height + 0.4 * size)
        top = low - depth(kind) * size
        at = top + np.linspace(0.15, 0.85, 6) * (low - top)
        wall = np.interp(at, -curve[:, 1], curve[:, 0], right=np.inf)
        if top > -0.1 * size and wall.min() > 1.15 * size:
            break
        size *= 0.85
    stem = [limb((0, -max(top, 0.0) - 0.2 * size, 0), (0, 0, 0), 0.5 * size, 0.3 * size, 6)]
    return stem, [moved(bulb(kind, size, 12 if points < 30 else 20), y=-top)]


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
