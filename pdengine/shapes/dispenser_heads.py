"""What is pushed or pulled on a dispenser; stands on y = 0 and aims at +z.

``wide`` is the radius of the collar below.
"""

import numpy as np

from pdengine.shapes.assembly import moved, turned
from pdengine.shapes.curves import (
    circle,
    interpolate,
    rounded_rectangle,
    smooth,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import solid
from pdengine.shapes.primitives import Surface, X, limb, sweep


def pump(dice: Dice, wide: float) -> list[Surface]:
    """A stem under an actuator with a nozzle."""
    stem = max(wide * dice.between(0.2, 0.45), 0.025)
    long = wide * dice.log_between(0.25, 2.2)
    reach = wide * dice.between(1.2, 3.2)
    pieces = [solid([(stem, 0.0), (stem, long + 0.02)], 0.0, circle(1.0, 20))]
    form = dice.weighted({"swan": 3.0, "paddle": 3.0, "button": 2.0, "saddle": 2.0, "foam": 1.5})
    bar = max(stem * dice.between(0.8, 1.3), 0.03)
    if form == "swan":
        rise, drop = dice.between(0.3, 1.2) * wide, dice.between(0.1, 0.8) * wide
        knots = [(long, 0.0), (long + rise, 0.15 * reach), (long + rise, 0.6 * reach)]
        knots += [(long + rise - 0.4 * drop, 0.92 * reach), (long + rise - drop, reach)]
        path = smooth([(0.0, a, b) for a, b in knots], 26)
        slim = np.linspace(1.1, dice.between(0.6, 0.9), 26)
        pieces.append(sweep(path, circle(bar, 16), slim, X, ends=0.3 * bar))
        return pieces
    if form == "paddle":
        tilt = dice.between(-0.15, 0.3)
        path = smooth([(0, long, -0.9 * wide), (0, long + tilt * wide, 0), (0, long, reach)], 20)
        t = np.linspace(0, 1, 20)
        flat = interpolate(t, [(0, 0.8), (0.35, 1.0), (1, dice.between(0.25, 0.6))])
        half = dice.between(0.6, 1.0) * wide
        outline = superellipse(2 * half, max(0.7 * wide, 0.05), 3.5, 24)
        scale = np.stack([flat, interpolate(t, [(0, 0.8), (0.4, 1.0), (1, 0.6)])], 1)
        pieces.append(sweep(path, outline, scale, X, ends=0.1 * wide))
        return pieces
    cap = wide * dice.between(0.6, 1.0)
    high = wide * dice.between(0.4, 1.2)
    if form == "foam":
        cap, high = wide * dice.between(0.9, 1.1), wide * dice.between(0.8, 1.6)
    pieces.append(solid([(cap, long), (cap * dice.between(0.85, 1.0), long + high)], 0.15 * cap))
    y = long + high * dice.between(0.5, 0.85)
    droop = dice.between(-0.1, 0.35) * wide
    if form == "saddle":
        dip = dice.between(0.0, 0.2) * wide
        path = smooth(
            [(0, y + dip, -cap), (0, y, 0), (0, y, 0.6 * reach), (0, y - droop, reach)], 20
        )
        outline = rounded_rectangle(2 * bar * 1.3, 2 * bar, 0.5 * bar, 20)
        pieces.append(sweep(path, outline, np.linspace(1.2, 0.7, 20), X, ends=0.3 * bar))
    else:
        path = smooth([(0, y, 0), (0, y, 0.7 * reach), (0, y - droop, reach)], 16)
        pieces.append(sweep(path, circle(bar, 14), np.linspace(1.1, 0.75, 16), X, ends=0.2 * bar))
    return pieces


def mist(dice: Dice, wide: float) -> list[Surface]:
    """A button to press from above, with a small nozzle in its side."""
    cap = wide * dice.between(0.5, 0.95)
    high = cap * dice.between(0.8, 2.2)
    dip = high - 0.15 * cap
    knots = [(cap, 0.0), (0.95 * cap, high), (0.5 * cap, high), (0.3 * cap, dip)]
    nozzle = turned(solid([(0.25 * cap, 0.0), (0.2 * cap, 0.25 * cap)], 0.0), "x", np.pi / 2)
    return [solid(knots, 0.1 * cap), moved(nozzle, y=0.6 * high, z=0.85 * cap)]


def trigger(dice: Dice, wide: float) -> list[Surface]:
    """The housing of a sprayer with its nozzle and the lever under it."""
    rise = wide * dice.between(0.5, 1.6)
    back, front = wide * dice.between(0.9, 2.2), wide * dice.between(1.6, 3.4)
    thick = wide * dice.between(0.5, 0.8)
    tall = wide * dice.between(0.6, 1.1)
    slope = dice.between(-0.1, 0.3) * wide
    neck = solid([(0.85 * wide, 0.0), (0.7 * thick, rise + 0.2 * tall)], 0.0, circle(1.0, 24))
    y = rise + 0.4 * tall
    droop = dice.between(0.0, 0.7) * wide
    path = smooth([(0, y - droop, -back), (0, y, -0.2 * back), (0, y + slope, front)], 24)
    t = np.linspace(0, 1, 24)
    shape = np.stack(
        [
            interpolate(t, [(0, dice.between(0.6, 1.0)), (0.4, 1.0), (1, dice.between(0.5, 0.9))]),
            interpolate(t, [(0, dice.between(0.3, 0.9)), (0.4, 1.0), (1, dice.between(0.45, 0.9))]),
        ],
        1,
    )
    outline = superellipse(2 * thick, 1.1 * tall, dice.between(2.2, 5.0), 24)
    shell = sweep(path, outline, shape, X, ends=0.25 * thick)
    tip = thick * dice.between(0.6, 0.9)
    square = rounded_rectangle(2.0, 2.0, 0.3, 24) if dice.chance(0.4) else circle(1.0, 24)
    nozzle = solid([(tip, 0.0), (0.85 * tip, wide * dice.between(0.3, 0.8))], 0.1 * tip, square)
    nozzle = moved(turned(nozzle, "x", np.pi / 2), y=y + slope, z=front - 0.05 * wide)
    # The lever: a curved strip that hangs down in front of the neck.
    hang, lean = wide * dice.between(1.6, 3.4), wide * dice.between(0.2, 1.2)
    at = front * dice.between(0.4, 0.75)
    curve = dice.between(-0.3, 0.6) * wide
    knots = [(y, at), (y - 0.5 * hang, at + 0.5 * lean - curve), (y - hang, at + lean)]
    strip = smooth([(0.0, a, b) for a, b in knots], 18)
    flat = rounded_rectangle(1.3 * thick, max(0.35 * wide, 0.05), 0.1 * wide, 16)
    lever = sweep(strip, flat, np.linspace(1.1, 0.8, 18), X, ends=0.05 * wide)
    pieces = [neck, shell, nozzle, lever]
    if dice.chance(0.3):
        pieces.append(limb((0, y, 0), (0, rise * 0.2, 0.1), 0.9 * thick, 0.9 * wide, 18))
    return pieces
