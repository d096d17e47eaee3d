"""What covers an ear or sits in it: padded cups and buds."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import moved, turned
from pdengine.shapes.bodies import tube
from pdengine.shapes.curves import circle, rounded_rectangle, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, lathe, limb, slab, superellipsoid, sweep


def cup(dice: Dice, size: float, narrow: float, deep: float, ring: bool) -> list[Surface]:
    """A cup at the origin; its pad looks to -x, its shell to +x.

    Args:
        size: radius along y.
        narrow: extent along z over that along y.
        deep: thickness along x.
        ring: the pad is a ring with a hollow for the ear; else it is a flat cushion.
    """
    outline = circle(1.0, 28)
    if dice.chance(0.3):
        outline = superellipse(2.0, 2.0, dice.between(2.4, 4.0), 30)
    elif dice.chance(0.12):
        outline = rounded_rectangle(2.0, 2.0, 0.6, 30)
    outline = outline * (1.0, narrow)
    pad = deep * dice.between(0.3, 0.55)
    shell = deep - pad
    fat = dice.between(0.3, 0.5)  # width of the ring over the radius
    sunk = 0.3 * pad if ring else -0.75 * pad
    inner = 1 - fat if ring else 0.6
    soft = dice.between(0.9, 1.06)
    cushion = [
        (0.03, -sunk if ring else -pad),
        (0.5 * inner, -sunk if ring else -pad),
        (inner, -sunk if ring else -0.98 * pad),
        (inner + 0.06 * fat, -0.75 * pad if ring else -0.95 * pad),
        (inner + 0.35 * fat, -pad),
        (1 - 0.35 * fat, -0.98 * pad),
        (0.96, -0.7 * pad),
        (soft, -0.35 * pad),
        (0.96, -0.04 * pad),
        (0.88, 0.0),
    ]
    style = dice.weighted({"dish": 3.0, "drum": 3.0, "cone": 1.5, "stepped": 2.0, "ball": 1.0})
    wide = dice.between(0.85, 1.04)
    back = {
        "dish": [(wide, 0.08), (wide, 0.35), (0.88 * wide, 0.7), (0.6 * wide, 0.93), (0.03, 1.0)],
        "drum": [(wide, 0.05), (wide, 0.85), (0.94 * wide, 1.0), (0.5 * wide, 1.0), (0.03, 1.0)],
        "cone": [(wide, 0.06), (wide, 0.2), (0.55 * wide, 0.9), (0.45 * wide, 1.0), (0.03, 1.0)],
        "stepped": [
            *[(wide, 0.05), (wide, 0.45), (0.92 * wide, 0.52), (0.66 * wide, 0.55)],
            *[(0.64 * wide, 0.95), (0.58 * wide, 1.0), (0.03, 1.0)],
        ],
        "ball": [
            *[(wide, 0.05), (0.97 * wide, 0.4), (0.8 * wide, 0.75)],
            *[(0.45 * wide, 0.97), (0.03, 1.02)],
        ],
    }[style]  # fmt: skip
    curve = [*cushion, *[(r, y * shell) for r, y in back]]
    turned_curve = _denser([(r * size, y) for r, y in curve])
    pieces = [lathe(turned_curve, outline)]
    if dice.chance(0.35):  # a ring or a badge on the shell
        radius = size * dice.between(0.3, 0.7)
        badge = slab(outline * radius, 0.3 * shell, 0.05 * shell)
        pieces.append(moved(badge, y=0.92 * shell))
    return [turned(piece, "z", -pi / 2) for piece in pieces]


def _denser(knots: list[tuple[float, float]]) -> np.ndarray:
    """One more ring between neighbours, on straight lines: pads keep their creases."""
    points = np.array(knots)
    t = np.arange(len(points))
    where = np.linspace(0, len(points) - 1, 2 * len(points) - 1)
    return np.stack([np.interp(where, t, points[:, k]) for k in (0, 1)], 1)


def bud(dice: Dice, scale: float, hooks: bool) -> list[Surface]:
    """An ear bud; its tip looks to -x and its stem down. About 0.2 large."""
    pieces: list[Surface] = []
    style = dice.weighted({"classic": 2.0, "tip": 3.0, "stem": 2.0})
    r = 0.1 * scale
    if style == "classic" or hooks:  # a flat driver with a rim
        knots = [(0.03, -0.8), (0.6, -0.75), (0.92, -0.45), (1.0, -0.1), (0.95, 0.1)]
        knots += [(0.7, 0.5), (0.45, 1.0), (0.3, 1.1), (0.03, 1.15)]
        body = lathe(
            np.array([(a * r, b * r) for a, b in smooth(knots, 26)]).clip(-9, 9), circle(1.0, 28)
        )
        pieces.append(turned(body, "z", -pi / 2))
    else:  # a silicone tip on a small case
        knots = [(0.3, -2.2), (0.55, -2.0), (0.75, -1.3), (0.8, -1.05), (0.35, -1.0), (0.35, -0.7)]
        knots += [(0.8, -0.5), (1.0, -0.2), (1.0, 0.6), (0.8, 0.85), (0.05, 0.9)]
        points = [(0.04, -2.2), *knots]
        tip = lathe(_denser([(a * r, b * r) for a, b in points]), circle(1.0, 28))
        slanted = turned(turned(tip, "z", -pi / 2), "y", dice.between(-0.6, 0.6))
        pieces.append(slanted)
    if style == "stem":
        long = dice.between(0.15, 0.45) * scale
        path = smooth([(0.3 * r, 0, 0), (0.4 * r, -0.4 * long, 0), (0.4 * r, -long, 0)], 14)
        flat = superellipse(0.9 * r, 0.9 * r, 2.5, 16)
        pieces.append(sweep(path, flat, np.linspace(1.2, 0.8, 14), (0.0, 0.0, 1.0), ends=0.2 * r))
    else:
        pieces.append(limb((0.4 * r, 0, 0), (0.4 * r, -1.6 * r, 0), 0.4 * r, 0.25 * r))
    if hooks or dice.chance(0.15):  # over the ear
        hook = [
            (0.4 * r, 0.2 * r, 0.4 * r),
            (0.5 * r, 2.4 * r, 0.3 * r),
            (0.4 * r, 2.6 * r, -2.0 * r),
        ]
        hook += [(0.2 * r, 0.4 * r, -3.0 * r), (0.1 * r, -1.4 * r, -2.6 * r)]
        pieces.append(tube(smooth(hook, 28), np.full(28, 0.28 * r), 12))
    if dice.chance(0.3):
        pieces.append(moved(superellipsoid((r, 1.4 * r, 1.4 * r), 3.0, 3.0), x=0.6 * r))
    return pieces
