"""Bulbs: bare, in open shades, in cages, as candles, and as tubes; they hang from the origin."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import around, mirrored, moved
from pdengine.shapes.curves import Array, circle, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import block, hoop
from pdengine.shapes.primitives import Surface, Z, lathe, limb, skin, sweep

# Radius and depth below the socket, over the greatest radius.
PROFILES = {
    "pear": [
        (0.42, 0),
        (0.47, 0.35),
        (0.8, 0.95),
        (1, 1.6),
        (0.85, 2.2),
        (0.45, 2.55),
        (0.04, 2.7),
    ],
    "globe": [(0.4, 0), (0.45, 0.2), (0.85, 0.6), (1, 1.2), (0.85, 1.8), (0.45, 2.12), (0.04, 2.2)],
    "candle": [(0.55, 0), (0.8, 0.4), (1, 1.1), (0.85, 2.0), (0.45, 2.9), (0.04, 3.5)],
    "reflector": [(0.4, 0), (0.45, 0.4), (0.95, 1.5), (1, 1.8), (0.8, 2.0), (0.04, 2.1)],
    "tube": [(0.95, 0), (1, 0.2), (1, 2.0), (1, 3.8), (0.8, 4.1), (0.04, 4.2)],
}
KINDS = {"pear": 5.0, "globe": 2.5, "candle": 1.0, "reflector": 1.0, "tube": 0.7, "spiral": 0.6}


def depth(kind: str) -> float:
    """How far a bulb of radius 1 hangs down."""
    return 4.0 if kind == "spiral" else PROFILES[kind][-1][1]


def bulb(kind: str, radius: float, points: int = 20) -> Surface:
    """One bulb of this greatest radius, without its socket."""
    if kind == "spiral":
        return _spiral(radius)
    curve = smooth([(r, -y) for r, y in PROFILES[kind]], 15)
    curve[:, 0] = np.maximum(curve[:, 0], 0.03)
    return lathe(np.concatenate([[(0.05, curve[0, 1])], curve]) * radius, circle(1.0, points))


def _spiral(radius: float) -> Surface:
    """A thin tube wound up, as in the first lamps that saved energy."""
    t = np.linspace(0, 1, 60)
    angle, wide = 7 * pi * t, 0.72 * np.minimum(1, 5 * np.minimum(t, 1 - t) + 0.15)
    path = np.stack([wide * np.cos(angle), -0.1 - 3.7 * t, wide * np.sin(angle)], 1) * radius
    return sweep(path, circle(0.27 * radius, 7), 1.0, (0.0, 1.0, 0.0), 0.1 * radius)


def socket(dice: Dice, radius: float, long: float) -> Surface:
    """The holder of a bulb: from above the origin down to -long."""
    flare = dice.between(0.7, 1.4)
    knots = [(0.04, 0.2), (0.5 * flare, 0.2), (flare, -0.2), (1.0, -0.9), (1.0, -1.0), (0.04, -1)]
    shape = np.array(knots) * [radius, long]
    return lathe(np.repeat(shape, 2, 0)[1:-1] if dice.chance(0.5) else shape, circle(1.0, 18))


def bare(dice: Dice, kind: str, radius: float, points: int) -> tuple[list[Surface], list[Surface]]:
    """A bulb in its socket, nothing around it: the socket, the bulb."""
    long = radius * dice.log_between(0.5, 1.6)
    holder = socket(dice, radius * dice.between(0.5, 0.7), long)
    return [holder], [moved(bulb(kind, radius, points), y=-0.9 * long)]


def cage(dice: Dice, kind: str, radius: float, points: int) -> tuple[list[Surface], list[Surface]]:
    """Wires around a bulb, as on building sites and in bars: the wires, the bulb."""
    inner = radius * dice.between(0.4, 0.6)
    pieces, shining = bare(dice, kind, inner, 14 if points < 30 else 20)
    tall = inner * (depth(kind) + 1.2) * dice.between(0.9, 1.15)
    bar, neck = radius * dice.log_between(0.04, 0.09), 0.7 * inner
    wide = radius * dice.between(0.8, 1.0)
    knots = [(neck, 0.0), (wide, -0.35 * tall), (wide, -0.75 * tall), (0.35 * wide, -tall)]
    wire = np.insert(smooth(knots, 14), 2, 0.0, axis=1)
    pieces += around(sweep(wire, circle(bar, 6), 1.0, Z), dice.whole(4, 5 if points < 30 else 8))
    for at in (2, 8) if points < 30 else (2, 6, 9):
        ring = circle(1.0, 14 if points < 30 else 24)
        pieces.append(hoop(float(wire[at, 0]), float(wire[at, 1]), 1.1 * bar, ring))
    return pieces, shining


def trough(dice: Dice, radius: float) -> tuple[list[Surface], list[Surface]]:
    """A long reflector over one tube or two: the reflector, the tubes."""
    half, tall = radius * dice.log_between(1.5, 3.5), radius * dice.between(0.4, 0.8)
    arc = np.linspace(0, pi, 16)
    outer = np.stack([0.7 * radius * np.cos(arc), tall * np.sin(arc)], 1)
    section = np.concatenate([outer, 0.88 * outer[::-1]]) - np.array([0, tall])
    ends = np.array([-half, half])
    rings = np.empty((2, len(section), 3))
    rings[..., :2], rings[..., 2] = section, ends[:, None]
    plate = _disc_end(outer - np.array([0, tall]), 0.06 * radius)
    pieces = [skin(rings), *(moved(plate, z=z) for z in ends)]
    thick = radius * dice.between(0.12, 0.2)
    y = -tall - thick * dice.between(-0.6, 0.9)
    two = dice.chance(0.4)
    one = limb((0, y, -0.97 * half), (0, y, 0.97 * half), thick, thick, 14)
    tubes = mirrored(moved(one, x=0.3 * radius)) if two else [one]
    for z in (-0.93, 0.93):  # what holds the tubes
        holder = (0.8 * radius if two else 2.4 * thick, 1.2 * thick, 0.1 * half)
        pieces.append(block(holder, (0, y + 1.2 * thick, z * half)))
    return pieces, tubes


def _disc_end(outline: Array, thick: float) -> Surface:
    """A half disc at the end of a reflector."""
    rings = np.empty((2, len(outline), 3))
    rings[..., :2], rings[..., 2] = outline, np.array([-thick, thick])[:, None] / 2
    return skin(rings)
