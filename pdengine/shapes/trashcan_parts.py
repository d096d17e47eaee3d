"""What bins of all kinds share: a vessel, a cover on a hinge, a pedal."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import moved, turned
from pdengine.shapes.curves import Array, circle, rounded_rectangle, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import block, cup, edged, solid
from pdengine.shapes.primitives import Surface, lathe, limb, superellipsoid, sweep


def bin_outline(dice: Dice) -> Array:
    """Seen from above, half-width 1."""
    kind = dice.weighted({"round": 5.0, "square": 2.0, "oblong": 3.0, "half": 1.2, "oval": 1.0})
    if kind == "square":
        return superellipse(2.0, 2.0, dice.between(4, 14), 44)
    if kind == "oblong":
        return rounded_rectangle(2.0, dice.between(1.0, 2.6), dice.between(0.08, 0.35), 44)
    if kind == "half":
        plain = circle(1.0, 56)
        return np.stack([plain[:, 0], np.maximum(plain[:, 1], -dice.between(0.05, 0.4))], 1)
    if kind == "oval":
        return superellipse(2.0, dice.between(1.2, 1.7), 2.4, 44)
    return circle(1.0, 44)


def bin_wall(dice: Dice, height: float, slope: tuple[float, float]) -> Array:
    """From the bottom to the rim, which has radius 0.5. [R, 2] (radius, height)."""
    bottom = dice.between(*slope)
    t = np.linspace(0, 1, 20)
    radius = 0.5 * (bottom + (1 - bottom) * t)
    rounding = dice.log_between(0.01, 0.06)
    radius = radius - 0.6 * rounding * np.exp(-3 * t * height / rounding)
    return np.stack([radius, height * t], 1)


def vessel(wall: Array, outline: Array, is_open: bool, thick: float = 0.03) -> Surface:
    if is_open:
        return lathe(cup(wall, thick, 2 * thick), outline)
    low = [(wall[0, 0] * s, wall[0, 1]) for s in (0.04, 0.6)]
    top = [(wall[-1, 0] * s, wall[-1, 1]) for s in (0.9, 0.04)]
    return lathe(np.concatenate([low, wall, top]), outline)


def cover_of(dice: Dice, over: float, outline: Array, steep: float) -> list[Surface]:
    """A lid above y = 0: flat, a dome, a cushion or a roof; ``steep`` is its greatest height."""
    rim = dice.between(0.03, 0.1)
    rise = over * dice.between(0.1, 1.0) * steep
    form = dice.weighted({"flat": 3.0, "dome": 4.0, "cone": 1.0, "step": 1.0})
    if form == "flat":
        return [solid([(over, -0.015), (over, rim), (0.96 * over, rim + 0.02)], 0.015, outline)]
    t = np.linspace(0, 1, 10)
    if form == "dome":
        top = np.stack([over * np.cos(t * pi / 2 * 0.97), rim + rise * np.sin(t * pi / 2)], 1)
    elif form == "cone":
        top = np.stack([over * (1 - 0.8 * t), rim + rise * t], 1)
    else:
        top = edged([(over, rim), (0.8 * over, rim), (0.75 * over, rim + 0.5 * rise)], 0.02)[1:]
    curve = np.concatenate([[(0.04 * over, -0.015), (over, -0.015)], top])
    curve = np.concatenate([curve, [(0.03 * over, curve[-1, 1])]])
    return [lathe(curve, outline)]


def hinged(pieces: list[Surface], angle: float, y: float, z: float) -> list[Surface]:
    """Open a lid that was made above y = 0 about its rear edge, and put it on the rim."""
    opened = [turned(moved(piece, z=-z), "x", -angle) for piece in pieces]
    return [moved(piece, y=y, z=z) for piece in opened]


def pedal(dice: Dice, front: float) -> list[Surface]:
    """A tongue, a bar or a bow in front of the foot."""
    reach = dice.between(0.1, 0.25)
    wide, thick = dice.between(0.12, 0.5), dice.between(0.025, 0.06)
    y, tilt = dice.between(0.02, 0.1), dice.between(-0.1, 0.35)
    form = dice.weighted({"tongue": 4.0, "bar": 2.0, "bow": 2.0})
    if form == "tongue":
        plate = block((wide, thick, reach + 0.12), (0, 0, 0.5 * reach), 0.3 * thick)
        tip = superellipsoid((wide, 1.6 * thick, 0.5 * reach), 3.0, 3.0)
        pieces = [plate, moved(tip, z=0.85 * reach)]
    elif form == "bar":
        half = max(wide, 0.25) / 2
        arm = block((0.06, thick, reach + 0.1), (0, 0, 0.5 * reach - 0.05), 0.01)
        pieces = [arm, limb((-half, 0, reach), (half, 0, reach), thick, thick, 14)]
    else:
        half = max(wide, 0.2) / 2
        knots = [
            (-half, 0, -0.05),
            (-half, 0, 0.8 * reach),
            (half, 0, 0.8 * reach),
            (half, 0, -0.05),
        ]
        pieces = [sweep(smooth(knots, 24), circle(0.8 * thick, 12), 1.0, (0.0, 1.0, 0.0))]
    return [moved(turned(piece, "x", tilt), y=y, z=front) for piece in pieces]
