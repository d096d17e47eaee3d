"""What vases stand on."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import around
from pdengine.shapes.curves import circle, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, lathe, limb

KINDS = {"disc": 2.0, "flare": 3.0, "stem": 2.0, "plinth": 1.0, "steps": 1.0, "feet": 1.0}


def foot(dice: Dice, radius: float, height: float) -> list[Surface]:
    """A base below y = 0 whose top is inside the body.

    Args:
        radius: of the body's bottom.
        height: of the body.
    """
    kind = dice.weighted(KINDS)
    if kind == "feet" and radius < 0.2:  # legs need room to stand apart
        kind = "flare"
    wide = max(radius * dice.log_between(0.85, 1.7), dice.between(0.12, 0.25))
    high = height * dice.log_between(0.04, 0.14)
    inside = 0.04
    if kind == "feet":
        leg = dice.log_between(0.03, 0.07)
        start, end = 0.7 * radius, radius * dice.between(0.7, 1.3)
        piece = limb((start, 0.05, 0), (end, -2.0 * high, 0), leg, leg * dice.between(0.5, 1.4))
        plate = lathe(
            np.array(
                [
                    (0.05 * radius, -0.02),
                    (0.9 * radius, -0.02),
                    (0.9 * radius, 0.03),
                    (0.05 * radius, 0.03),
                ]
            )
        )
        return [plate, *around(piece, dice.pick([3, 3, 4]), dice.between(0, pi))]
    if kind == "plinth":
        outline = superellipse(2.0, 2.0, 8.0, 44)
        steps = [(0.1, -high), (0.95, -high), (1.0, -0.95 * high), (1.0, 0.0), (0.1, inside)]
        return [lathe(np.array([(s * wide, y) for s, y in steps]), outline)]
    if kind == "disc":
        knots = [(1.0, -high), (dice.between(0.9, 1.1), -0.5 * high), (1.0, -0.05 * high)]
        curve = smooth([(s * wide, y) for s, y in knots], 10)
    elif kind == "steps":
        count = dice.whole(2, 4)
        edges = np.linspace(wide * 1.2, max(0.7 * radius, 0.06), count).repeat(2)
        levels = np.linspace(-high * 1.3, 0.0, count + 1).repeat(2)[1:-1]
        curve = np.stack([edges, levels], 1)
    else:
        thin = min(radius * dice.between(0.5, 0.95), 0.8 * wide)
        long = high if kind == "flare" else height * dice.log_between(0.15, 0.6)
        if kind == "stem":
            thin, wide = min(thin, dice.between(0.05, 0.15)), max(wide, 0.2)
        at = dice.between(0.35, 0.75)
        knots = [(wide, -long), (0.95 * wide, -0.93 * long), (thin, -at * long)]
        if kind == "stem" and dice.chance(0.5):  # a knot in the stem
            knots += [(thin * dice.between(1.4, 2.2), -0.6 * at * long), (thin, -0.3 * at * long)]
        knots.append((max(0.9 * radius, thin), 0.0))
        curve = smooth(knots, 24)
        curve[:, 0] = np.maximum(curve[:, 0], 0.03)
        high = long
    low = np.array([(0.1 * curve[0, 0], curve[0, 1]), (0.6 * curve[0, 0], curve[0, 1])])
    top = np.array([(0.85 * radius, inside), (0.05 * radius, inside)])
    return [lathe(np.concatenate([low, curve, top]), circle(1.0, 44))]
