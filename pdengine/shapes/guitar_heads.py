"""Heads of guitars: plates with tuning pegs, scrolls, or hardly anything."""

from math import pi

import numpy as np

from pdengine.shapes.curves import Array, interpolate, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, X, limb, skin, superellipsoid, sweep

# Half width over that of the nut, from the nut (0) to the end (1).
PLATES: dict[str, list[tuple[float, float]]] = {
    "paddle": [(0, 0.9), (0.15, 1.5), (0.9, 1.8), (1, 1.7)],
    "straight": [(0, 1.0), (0.2, 1.35), (1, 1.35)],
    "waisted": [(0, 1.0), (0.15, 1.7), (0.5, 1.35), (0.9, 1.7), (1, 1.3)],
    "tapering": [(0, 1.0), (0.15, 1.8), (1, 1.0)],
    "spear": [(0, 1.0), (0.3, 1.9), (0.6, 1.6), (1, 0.15)],
    "fan": [(0, 0.9), (0.5, 1.2), (1, 2.4)],
    "crown": [(0, 1.0), (0.12, 1.8), (0.8, 1.5), (0.88, 2.0), (1, 0.6)],
}


def head(dice: Dice, kind: str, half: float, thick: float) -> list[Surface]:
    """A head that starts at the origin and points to +y, its front towards +z.

    Args:
        kind: a key of ``PLATES``, "inline", "scroll" or "none".
        half: half the width of the nut.
        thick: thickness of the neck at the nut.
    """
    if kind == "none":
        size = (2.6 * half, dice.between(0.05, 0.1), 1.3 * thick)
        return [superellipsoid(size, 5.0, 5.0)]
    if kind == "scroll":
        return _scroll(dice, half, thick)
    long = half * dice.between(4.5, 9.5)
    flat = thick * dice.between(0.4, 0.75)
    t = np.linspace(0, 1, 22)
    if kind == "inline":
        left = half * interpolate(t, [(0, 1), (0.15, 1.3), (0.8, 1.5), (1, dice.between(0.6, 1.4))])
        belly = dice.between(1.2, 2.2)
        right = half * interpolate(
            t, [(0, 1), (0.2, 0.8), (0.7, 0.7), (0.85, belly), (1, dice.between(0.3, 1.2))]
        )
        sides = [(left, -1)]
        count = dice.pick([4, 6, 6])
    else:
        broad = dice.between(0.85, 1.25)
        left = half * interpolate(t, PLATES[kind]) * interpolate(t, [(0, 1), (0.2, broad)])
        right = left * (dice.between(0.7, 1.0) if dice.chance(0.2) else 1.0)
        sides = [(left, -1), (right, 1)]
        count = dice.pick([2, 2, 3, 3, 3, 4, 6])
    if dice.chance(0.3):  # rounded at its end
        cap = np.sqrt(1 - np.clip((t - 0.8) / 0.205, 0, 1) ** 2)
        left, right = left * cap, right * cap
    plate = _plate(t * long, left, right, flat)
    pieces = [plate]
    if dice.chance(0.94):
        behind = dice.chance(0.2)
        for sizes, side in sides:
            pieces += _pegs(dice, t * long, sizes * side, count, flat, behind)
    return pieces


def _plate(y: Array, left: Array, right: Array, thick: float) -> Surface:
    section = superellipse(2.0, 1.0, 8.0, 24)
    start = np.concatenate([[y[0] - 0.03], y])  # reaches into the neck
    left, right = np.concatenate([left[:1], left]), np.concatenate([right[:1], right])
    rings = np.empty((len(start), 24, 3))
    rings[..., 0] = (right - left)[:, None] / 2 + (right + left)[:, None] / 2 * section[:, 0]
    rings[..., 1] = start[:, None]
    rings[..., 2] = thick * section[:, 1]
    return skin(rings)


def _pegs(
    dice: Dice, y: Array, edge: Array, count: int, thick: float, behind: bool
) -> list[Surface]:
    """A row of tuning pegs along one edge, sideways or to the back."""
    long = dice.between(0.04, 0.08)
    thin, button = dice.between(0.007, 0.012), dice.between(0.013, 0.026)
    pegs = []
    for share in np.linspace(0.22, 0.82, count):
        at = float(share * y[-1])
        x = float(np.interp(at, y, edge))
        outward = 1.0 if x > 0 else -1.0
        if behind:
            inside = 0.6 * x
            pegs.append(limb((inside, at, thick), (inside, at, -thick - long), thin, button, 7))
        else:
            start, end = x - 0.02 * outward, x + outward * long
            pegs.append(limb((start, at, 0), (end, at, 0), thin, button, 7))
    return pegs


def _scroll(dice: Dice, half: float, thick: float) -> list[Surface]:
    """A peg box that curls up at its end, as of a violin."""
    box = dice.between(0.12, 0.28)
    curl = dice.between(0.03, 0.06)
    turns = dice.between(0.8, 1.6)
    angle = np.linspace(0, 2 * pi * turns, 36)
    radius = curl * (1 - 0.75 * angle / angle[-1])
    spiral = np.stack(
        [0 * angle, box + radius * np.sin(angle), curl - thick * 0.5 - radius * np.cos(angle)], 1
    )
    stem = np.stack([np.zeros(8), np.linspace(-0.03, 0.93 * box, 8), np.full(8, -0.5 * thick)], 1)
    path = np.concatenate([stem, spiral])
    t = np.linspace(0, 1, len(path))
    slim = interpolate(t, [(0, 1), (0.25, 0.75), (1, 0.35)])
    size = np.stack([2 * half * interpolate(t, [(0, 1), (0.2, 0.8), (1, 0.9)]), thick * slim], 1)
    body = sweep(path, superellipse(1.0, 1.0, 3.0, 16), size, X, ends=0.005)
    long = half + dice.between(0.05, 0.1)
    pegs = []
    for k, y in enumerate(np.linspace(0.25, 0.85, 4) * box):
        side = 1 if k % 2 else -1
        pegs.append(
            limb((-side * half, y, -0.3 * thick), (side * long, y, -0.3 * thick), 0.008, 0.02, 8)
        )
    middle = curl - 0.5 * thick
    knob = limb((-0.9 * half, box, middle), (0.9 * half, box, middle), 0.3 * curl, 0.3 * curl)
    return [body, *pegs, knob]
