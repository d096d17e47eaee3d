"""The wires of headphones: from one cup or from both, straight, wavy, coiled or in loops."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly
from pdengine.shapes.bodies import tube
from pdengine.shapes.curves import Array, smooth, straight
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface


def add_wires(dice: Dice, phones: Assembly, end: Array, buds: bool) -> None:
    """Wires that leave at ``end`` of the right cup, and at its image of the left one.

    Thin as they are, they are kept above 1.2 % of the longest side, so that pictures show them.
    """
    long = dice.log_between(0.5, 2.4) if buds else dice.log_between(0.25, 1.7)
    radius = dice.log_between(0.007, 0.014) * ((0.4 if buds else 1.2) + long)
    both = buds or dice.chance(0.4)
    left = end * np.array([-1.0, 1.0, 1.0])
    if not both:
        start = end if dice.chance(0.5) else left
        phones.add("wire", *_lead(dice, start, long, radius))
        return
    split = dice.between(0.25, 0.7) * long
    drift = dice.between(-0.15, 0.15)
    fork = np.array([dice.between(-0.2, 0.2), end[1] - split, drift])
    for start in (end, left):
        sway = dice.between(-0.12, 0.12)
        side = np.sign(start[0]) * dice.between(0.4, 1.0) * abs(start[0])
        knots = [
            start + np.array([0, 0.05, 0]),
            np.array([start[0], start[1] - 0.25 * split, sway]),
            np.array([0.6 * side + 0.4 * fork[0], start[1] - 0.7 * split, 0.5 * drift + sway]),
            fork - np.array([0, 0.03, 0]),
        ]
        phones.add("wire", tube(smooth(knots, 22), np.full(22, 0.85 * radius), 8))
    joint = straight(fork + np.array([0, 0.05, 0]), fork - np.array([0, 0.08, 0]), 5)
    phones.add("wire", tube(joint, np.full(5, 2.0 * radius), 12))
    phones.add("wire", *_lead(dice, fork, long - 0.5 * split, radius))


def _lead(dice: Dice, start: Array, long: float, radius: float) -> list[Surface]:
    """One wire down from a point, with a plug at its end and perhaps a knob half-way."""
    style = dice.weighted({"hanging": 4.0, "wavy": 2.5, "coiled": 1.2, "looped": 1.5})
    t = np.linspace(0, 1, 50)
    sway = np.array([dice.between(-0.3, 0.3), dice.between(-0.2, 0.5)]) * long
    path = np.stack([sway[0] * t**2, -long * t, sway[1] * t**2], 1)
    if style == "wavy":
        waves, size = dice.between(0.7, 2.5), dice.between(0.03, 0.12)
        path[:, 0] += size * np.sin(2 * pi * waves * t) * np.minimum(3 * t, 1)
        path[:, 2] += size * np.sin(2 * pi * waves * t * 0.7) * np.minimum(3 * t, 1)
    elif style == "coiled":
        turns = int(dice.between(5, 9) * max(long, 0.5))
        t = np.linspace(0, 1, 11 * turns + 30)
        path = np.stack([np.interp(t, np.linspace(0, 1, 50), path[:, k]) for k in range(3)], 1)
        swell = 3.2 * radius * np.clip(5 * t - 0.8, 0, 1) * np.clip(5 * (1 - t) - 0.5, 0, 1)
        spin = 2 * pi * turns * np.clip((t - 0.1) / 0.8, 0, 1)
        path[:, 0] += swell * np.cos(spin)
        path[:, 2] += swell * np.sin(spin)
    elif style == "looped":  # rings on the table, one wire upon the other
        turns, wide = dice.whole(1, 3), dice.between(0.15, 0.4)
        t = np.linspace(0, 1, 24 * turns + 30)
        down = np.minimum(t / 0.25, 1.0)
        drop = 0.35 * long
        spin = 2 * pi * turns * np.clip((t - 0.2) / 0.7, 0, 1)
        path = np.stack(
            [
                wide * np.sin(spin) * (1 + 0.15 * t) + sway[0] * t,
                -drop * down - 0.3 * radius * np.sin(3 * spin),
                0.3 * down + wide * (1 - np.cos(spin)) + sway[1] * t**2,
            ],
            1,
        )
    path = path + start + np.array([0, 0.04, 0])
    pieces = [tube(path, np.full(len(path), radius), 8)]
    ahead = path[-1] - path[-3]
    ahead = ahead / float(np.linalg.norm(ahead))
    plug = straight(path[-1] - 2 * radius * ahead, path[-1] + 7 * radius * ahead, 5)
    pin = straight(path[-1], path[-1] + 14 * radius * ahead, 5)
    pieces += [
        tube(plug, np.full(5, 2.2 * radius), 14, 0.4),
        tube(pin, np.full(5, 0.9 * radius), 10),
    ]
    if dice.chance(0.35):  # a remote, or a volume wheel
        at = len(path) // 3
        knob = straight(path[at], path[at + 4], 5)
        pieces.append(tube(knob, np.full((5, 2), [2.6 * radius, 1.9 * radius]), 14, 0.6))
    return pieces
