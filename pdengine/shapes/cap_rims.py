"""What keeps the sun off: the peak of a cap in front, and the brim all around a hat."""

from math import pi

import numpy as np

from pdengine.shapes.curves import Array
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, skin

# Across a rim, from inside to outside: top there, bottom back, with a blunt outer edge.
_ACROSS = np.concatenate([np.linspace(0, 1, 9), np.linspace(1, 0, 9)])
_SIDE = np.concatenate([np.full(9, 0.5), np.full(9, -0.5)])
_SIDE[8], _SIDE[9] = 0.3, -0.3


def _rim(inner: Array, outer: Array, lift: Array, thick: float, loop: bool) -> Surface:
    """A thin sheet between two curves.

    Args:
        inner, outer: [R, 2] (x, z).
        lift: [R, 18] height at the stations across.
    """
    flat = inner[:, None] + (outer - inner)[:, None] * _ACROSS[:, None]
    rings = np.stack([flat[..., 0], lift + _SIDE * thick, flat[..., 1]], -1)
    return skin(rings, loop)


def visor(dice: Dice, kind: str, long: float) -> list[Surface]:
    """A peak in front, curved or flat; a deerstalker has a second one behind.

    Args:
        long: of the crown along z; it is 1 wide.
    """
    reach = dice.between(0.4, 0.85)
    half_angle = dice.between(0.9, 1.4)
    if kind in ("flat", "newsboy", "kepi", "military"):
        reach, half_angle = dice.between(0.2, 0.55), dice.between(0.8, 1.3)
    if kind == "visor" and dice.chance(0.4):
        half_angle = dice.between(1.3, 1.8)
    if kind == "helmet":
        reach = dice.between(0.15, 0.6)
    square = dice.between(0.25, 0.75)
    t = np.linspace(-1, 1, 44)
    # Denser at the corners, where the curve turns.
    t = np.sign(t) * (1 - (1 - np.abs(t)) ** 1.6)
    angle = half_angle * t
    inner = np.stack([0.49 * np.sin(angle), 0.49 * long * np.cos(angle)], 1)
    out = reach * np.maximum(1 - t**2, 0.0) ** square + 0.015
    spread = dice.between(0.0, 0.5)
    heading = spread * angle
    outer = inner + out[:, None] * np.stack([np.sin(heading), np.cos(heading)], 1)
    slope = dice.between(-0.15, 0.35)
    if kind in ("military", "kepi", "flat"):
        slope = dice.between(0.05, 0.6)
    arch = dice.between(0.0, 0.3) if dice.chance(0.25) else dice.between(0.3, 1.5)
    if kind in ("flat", "newsboy"):
        arch = 0.5 * arch
    away = (outer - inner)[:, 1:] * _ACROSS
    x = inner[:, :1] + (outer - inner)[:, :1] * _ACROSS
    drop = dice.between(0.3, 1.0)  # how soon the arch shows
    lift = -slope * away - arch * x**2 * _ACROSS**drop
    lift = lift + dice.between(0.0, 0.5) * away**2 * dice.pick([-1, 1])
    thick = dice.log_between(0.02, 0.055)
    level = dice.between(0.012, 0.04)
    rim = _rim(inner, outer, lift + level, thick, loop=False)
    if kind in ("helmet", "flat", "beanie") and dice.chance(0.06):
        behind = Surface(rim.vertices * (1.0, 1.0, -1.0), rim.faces)
        return [rim, behind]
    return [rim]


def brim(dice: Dice, kind: str, long: float) -> Surface:
    """A brim all around; angle 0 is the front."""
    angle = np.arange(96) * (2 * pi / 96)
    sin, cos = np.sin(angle), np.cos(angle)
    width = {
        "fedora": (0.25, 0.45),
        "cowboy": (0.4, 0.7),
        "bowler": (0.15, 0.3),
        "top hat": (0.2, 0.4),
        "boater": (0.25, 0.45),
        "bucket": (0.2, 0.5),
        "sun": (0.4, 1.1),
        "cone": (0.25, 0.8),
        "rim": (0.06, 0.15),
    }[kind]
    reach = dice.log_between(*width) * (1 + dice.between(-0.1, 0.25) * cos**2)
    inner = np.stack([0.485 * sin, 0.485 * long * cos], 1)
    outward = np.stack([sin, cos], 1)
    roll = np.zeros(96)  # how high the edge is at each angle
    if kind == "cowboy":
        roll = dice.between(0.15, 0.6) * sin**2 - dice.between(0.0, 0.3) * cos**2
        # A rolled side reaches less far.
        reach = reach * (1 - 0.35 * sin**4)
    elif kind == "fedora":
        roll = dice.between(-0.2, 0.1) * (cos > 0) * cos**2 + dice.between(0.0, 0.25) * (cos < 0)
        roll = np.convolve(np.concatenate([roll[-6:], roll, roll[:6]]), np.ones(13) / 13, "valid")
    elif kind in ("bowler", "top hat"):
        roll = dice.between(0.0, 0.25) * sin**2 + dice.between(-0.05, 0.08)
    elif kind == "bucket":
        roll = np.full(96, -dice.between(0.1, 0.45))
    elif kind == "sun":
        wave = dice.between(0.0, 0.12) * np.sin(angle * dice.whole(2, 5) + dice.between(0, 6))
        roll = wave - dice.between(0.0, 0.4)
    elif kind in ("cone", "boater"):
        roll = np.full(96, dice.between(-0.15, 0.2) if kind == "cone" else 0.0)
    power = 1.0 if kind == "bucket" else dice.between(1.3, 2.5)
    thick = dice.log_between(0.02, 0.05)
    lift = roll[:, None] * _ACROSS**power
    if kind == "rim":
        lift = lift - 0.03
    # The soft edge of a hat bends up, so it reaches less far the higher it is.
    out = np.sqrt(np.maximum(reach**2 - 0.5 * roll**2, (0.4 * reach) ** 2))
    outer = inner + out[:, None] * outward
    return _rim(inner, outer, lift + dice.between(0.005, 0.02), thick, loop=True)
