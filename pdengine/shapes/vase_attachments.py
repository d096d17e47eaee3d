"""Handles and spouts of vases."""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.assembly import mirrored
from pdengine.shapes.curves import (
    Array,
    circle,
    interpolate,
    rounded_rectangle,
    smooth,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, Y, Z, sweep

HANDLES = {"ear": 4.0, "high": 2.0, "angular": 2.0, "scroll": 1.5, "loop": 1.5, "lug": 1.0}


@dataclass(frozen=True)
class Joint:
    """Where things can be fixed to a vessel.

    Attributes:
        outer: [R, 2] (radius, height) of body and neck.
        body: height of the body.
        scale: the relief's factor of the radius at a height.
        top: height of the rim.
    """

    outer: Array
    body: float
    scale: Callable[[float], float]
    top: float

    def radius(self, y: float) -> float:
        return float(np.interp(y, self.outer[:, 1], self.outer[:, 0])) * self.scale(y)


def grips(dice: Dice, joint: Joint, count: int, lid: bool) -> list[Surface]:
    """One handle at +x, or two, or one arch over everything."""
    if count == 1 and dice.chance(0.3 if lid else 0.06):
        return [_arch(dice, joint, lid)]
    build = _level if joint.top < 0.75 and dice.chance(0.5) else _side
    handle = build(dice, joint)
    return mirrored(handle) if count == 2 else [handle]


def _cut(dice: Dice, bar: float) -> Array:
    if dice.chance(0.4):
        return rounded_rectangle(2.8 * bar, 1.2 * bar, 0.5 * bar, 16)
    return superellipse(2 * bar, 2 * bar * dice.between(0.7, 1.2), 2.0, 14)


def _side(dice: Dice, joint: Joint) -> Surface:
    """A handle in the plane z = 0, from a high joint to a low one."""
    kind = dice.weighted(HANDLES)
    neck = joint.top - joint.body
    if neck > 0.12 * joint.body and dice.chance(0.7):  # from the neck to the shoulder
        high = joint.body + neck * dice.between(0.35, 0.93)
        low = joint.body * dice.between(0.55, 0.92)
    else:
        high = joint.body * dice.between(0.7, 0.92)
        low = high - joint.body * dice.between(0.25, 0.6)
    if kind == "lug":
        low = high - min(0.18, 0.3 * joint.body)
    fat = dice.chance(0.2)  # kneaded or carved: it grows out of the wall
    bar = dice.log_between(0.06, 0.12) if fat else dice.log_between(0.02, 0.06)
    bar = min(bar, 0.2 * (high - low))
    long = high - low
    reach = max(dice.log_between(0.1, 0.45), 2.5 * bar)
    widest = max(joint.radius(y) for y in np.linspace(low, high, 5))
    out = widest + reach

    def wall(y: float) -> tuple[float, float, float]:
        """A point inside the wall."""
        return (joint.radius(y) - 0.6 * bar - 0.012, y, 0.0)

    knots = {
        "ear": [(out - 0.1 * reach, high - 0.05 * long), (out, high - 0.4 * long)],
        "high": [
            (widest + 0.45 * reach, high + dice.between(0.2, 0.7) * long),
            (out, high),
            (widest + 0.7 * reach, high - 0.5 * long),
        ],
        "angular": [(out - 0.02, high + 0.03), (out, high - 0.02), (out, high - 0.12 * long)],
        "scroll": [
            (out, high + 0.1 * long),
            (out + 0.1 * reach, high - 0.25 * long),
            (widest + 0.35 * reach, high - 0.65 * long),
            (widest + 0.6 * reach, low + 0.05 * long),
        ],
        "loop": [(out, high + 0.1 * long), (out + 0.1, high - 0.5 * long), (out, low - 0.1 * long)],
        "lug": [(out, high), (out, low)],
    }[kind]
    path = smooth([wall(high), *((x, y, 0.0) for x, y in knots), wall(low)], 30)
    t = np.linspace(0, 1, 30)
    slim = dice.between(0.6, 1.1)
    flare = dice.between(0.3, 0.9) if fat else dice.between(0.0, 0.7)
    scale = interpolate(t, [(0, 1), (1, slim)]) + flare * (
        np.exp(-t / 0.08) + np.exp(-(1 - t) / 0.08)
    )
    return sweep(path, _cut(dice, bar), scale, Z)


def _level(dice: Dice, joint: Joint) -> Surface:
    """A handle that lies flat at the side of a bowl."""
    y = joint.body * dice.between(0.6, 0.9)
    bar = min(dice.log_between(0.02, 0.05), 0.12 * joint.body)
    start = joint.radius(y)
    angle = dice.between(0.25, 0.6)
    inside = start - bar - 0.01
    reach = start + dice.log_between(0.1, 0.3)
    lift = dice.between(-0.1, 0.2)
    side, depth = inside * np.cos(angle), inside * np.sin(angle)
    path = smooth(
        [
            (side, y, depth),
            (0.85 * reach, y + 0.7 * lift, 0.8 * depth),
            (reach, y + lift, 0.0),
            (0.85 * reach, y + 0.7 * lift, -0.8 * depth),
            (side, y, -depth),
        ],
        28,
    )
    return sweep(path, circle(bar, 14), 1.0, Y)


def _arch(dice: Dice, joint: Joint, lid: bool) -> Surface:
    """A basket handle over the mouth."""
    y = joint.body * dice.between(0.75, 0.95) if lid else 0.96 * joint.top
    start = joint.radius(y) - 0.02
    rise = dice.log_between(0.4, 1.1) + (0.3 if lid else 0.0)
    bar = dice.log_between(0.02, 0.05)
    t = np.linspace(0, pi, 36)
    square = dice.between(0.5, 1.0)
    x = start * np.sign(np.cos(t)) * np.abs(np.cos(t)) ** square
    # The middle of a wide arch stands further out than its ends.
    x = x * (1 + dice.between(0.0, 0.3) * np.sin(t))
    path = np.stack([x, y + rise * np.sin(t) ** square, 0 * t], 1)
    return sweep(path, _cut(dice, bar), 1.0, Z)


def spout(dice: Dice, joint: Joint, long: bool) -> Surface:
    """A tube from the belly, or a beak at the rim; towards +x."""
    if long:
        low = joint.body * dice.between(0.25, 0.6)
        start = joint.radius(low)
        out = start + dice.between(0.25, 0.6)
        top = joint.body * dice.between(0.85, 1.15)
        if dice.chance(0.3):  # steep, from the shoulder
            low = joint.body * dice.between(0.55, 0.8)
            start = joint.radius(low)
            out, top = start + dice.between(0.02, 0.3), low + dice.between(0.25, 0.6)
        wide = min(dice.log_between(0.06, 0.14), 0.3 * joint.body)
        bow = dice.between(-0.1, 0.25)
        middle = (0.5 * (start + out) + 0.5 * bow, low + (0.5 - bow) * (top - low), 0.0)
        knots = [(start - 0.06, low - 0.02, 0.0), middle, (out, top, 0.0)]
        if dice.chance(0.4):
            knots.append((out + dice.between(0.05, 0.2), top + dice.between(-0.04, 0.15), 0.0))
        path = smooth(knots, 24)
        t = np.linspace(0, 1, 24)
        scale = interpolate(t, [(0, 1.2), (0.5, 0.75), (1, dice.between(0.3, 0.7))])
        return sweep(path, superellipse(2 * wide, 2 * wide, 2.0, 18), scale, Z)
    rim = joint.radius(joint.top)
    rim_wide = max(rim, 0.13)
    long_beak = rim_wide * dice.between(0.35, 0.8)
    deep = min(dice.between(0.1, 0.25), 0.5 * joint.top)
    path = smooth(
        [
            (rim - 0.03, joint.top - 0.55 * deep, 0.0),
            (rim + 0.4 * long_beak, joint.top - 0.3 * deep, 0.0),
            (rim + long_beak, joint.top + dice.between(-0.02, 0.08), 0.0),
        ],
        16,
    )
    half = np.stack([np.linspace(0.6, 0.12, 16) * rim_wide, np.linspace(0.5, 0.08, 16) * deep], 1)
    return sweep(path, superellipse(2.0, 2.0, 2.0, 18), half, Z)
