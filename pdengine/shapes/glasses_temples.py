"""What holds glasses on a head: temples with their hinges, or a strap."""

from __future__ import annotations

from math import pi

import numpy as np

from pdengine.shapes.assembly import mirrored, moved, turned
from pdengine.shapes.curves import (
    Array,
    filleted,
    interpolate,
    rounded_rectangle,
    smooth,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.glasses_front import Front
from pdengine.shapes.primitives import Surface, sweep


def _hinge(dice: Dice, front: Front) -> tuple[Surface, tuple[float, float, float]]:
    """The end piece at the side of the front, and where the temple turns."""
    y = front.level(dice.between(0.15, 0.42) if dice.chance(0.75) else dice.between(-0.1, 0.1))
    inside = 0.07 if front.kind in ("rimless", "solid") else 0.02
    x = front.side(y, inner=False)
    out = max(front.outer, x) + max(front.bar, 0.02) * dice.between(0.5, 2.0)
    z, back = front.behind(x), dice.between(0.06, 0.14)
    path = filleted(
        [(x - inside, y, z), (out, y, front.behind(out)), (out, y, front.behind(out) - back)], 0.04
    )
    size = max(front.bar, 0.02)
    piece = sweep(path, superellipse(2.2 * size, 1.8 * size, 4.0, 12), 1.0, (0.0, 1.0, 0.0))
    return piece, (out, y, front.behind(out) - 0.8 * back)


def temples(dice: Dice, front: Front) -> list[Surface]:
    """Both arms; each opens by its own angle, from straight back to folded behind the lenses."""
    piece, hinge = _hinge(dice, front)
    length = dice.log_between(1.6, 3.2)
    thin = max(front.bar, 0.02) * dice.log_between(0.5, 1.0)
    tallest = {"rimless": 1.0, "solid": 2.2}.get(front.kind, 4.5)
    tall = thin * dice.log_between(1.0, tallest)
    path = _temple_path(dice, length)
    t = np.linspace(0, 1, len(path))
    scale = np.stack(
        [
            interpolate(t, [(0, 1), (0.7, dice.between(0.6, 1.1)), (1, dice.between(0.7, 1.5))]),
            interpolate(t, [(0, 1), (0.65, dice.between(0.3, 1.0)), (1, dice.between(0.4, 1.4))]),
        ],
        1,
    )
    cut = superellipse(2 * thin, 2 * tall, dice.pick([2.0, 3.5]), 12)
    arm = sweep(path, cut, scale, (1.0, 0.0, 0.0), ends=thin)
    state = dice.weighted({"open": 6.0, "spread": 2.0, "folded": 2.0, "between": 2.0})
    base = {
        "open": 0.0,
        "spread": -dice.between(0.15, 0.5),
        "folded": 0.5 * pi,
        "between": dice.between(0.3, 1.3),
    }
    arms = []
    for k in range(2):
        angle = base[state] + dice.between(-0.1, 0.12)
        if state in ("folded", "between") and dice.chance(0.2):
            angle = dice.between(0.0, 0.4)
        if state == "folded":  # the second arm lies behind the first
            angle = min(angle, 1.5) - (0.0, 0.1)[k]
        placed = moved(turned(arm, "y", angle), *hinge)
        arms.append(placed if k == 0 else mirrored(placed)[1])
    return [*mirrored(piece), *arms]


def _temple_path(dice: Dice, length: float) -> Array:
    """From the hinge at the origin backwards, down behind the ear. [R, 3]."""
    bow = dice.between(-0.02, 0.1) * length
    kind = dice.weighted({"hockey": 6.0, "straight": 2.0, "cable": 1.0, "wave": 1.0})
    end = {"hockey": 0.25, "straight": 0.02, "cable": 0.45, "wave": 0.1}[kind]
    drop = end * dice.between(0.6, 1.2) * min(length, 2.2) / 2
    ear = dice.between(0.65, 0.8) * length
    knots = [(0.0, 0.0, 0.0), (bow, 0.0, -0.35 * length), (bow, 0.0, -ear)]
    if kind == "cable":
        knots += [(0.5 * bow, -0.4 * drop, -length), (0.3 * bow, -drop, -0.95 * length)]
        knots += [(0.2 * bow, -1.25 * drop, -0.84 * length)]
    elif kind == "wave":
        knots[1] = (bow, drop, -0.35 * length)
        knots.append((0.4 * bow, -drop, -length))
    else:
        knots += [(0.6 * bow, -0.4 * drop, -0.5 * (ear + length)), (0.2 * bow, -drop, -length)]
    return smooth(knots, 26)


def strap(dice: Dice, front: Front) -> list[Surface]:
    """A band around the head, from one lens's outer edge to the other's."""
    reach = dice.log_between(1.2, 2.6)
    x = front.outer - 0.03
    z = front.behind(x) - 0.05
    angle = np.linspace(0, pi, 30)
    wide = x * (1 + dice.between(0.0, 0.2) * np.sin(angle))
    path = np.stack([wide * np.cos(angle), 0 * angle, z - reach * np.sin(angle)], 1)
    path[:, 1] += dice.between(-0.2, 0.3) * np.sin(angle) ** 2
    cut = rounded_rectangle(dice.log_between(0.08, 0.35), dice.between(0.025, 0.06), 0.02, 16)
    return [sweep(path, cut, 1.0, (0.0, 1.0, 0.0))]
