"""Handles and spouts of kettles, in the plane z = 0: spouts towards +x, ears at -x."""

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from pdengine.shapes.assembly import moved, turned
from pdengine.shapes.curves import Array, circle, filleted, interpolate, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import Point, bar_section
from pdengine.shapes.primitives import Surface, Z, limb, skin, superellipsoid, sweep


@dataclass(frozen=True)
class Pot:
    """Where things can be fixed.

    Attributes:
        wall: [R, 2] (radius, height) of the outside from the bottom to the rim.
        side: what the outline makes of the radius along x.
    """

    wall: Array
    side: float

    @property
    def top(self) -> float:
        return float(self.wall[-1, 1])

    def radius(self, y: float) -> float:
        return float(np.interp(y, self.wall[:, 1], self.wall[:, 0])) * self.side


def arch(dice: Dice, pot: Pot, lid_top: float) -> list[Surface]:
    """A bail over the lid, upright, leaning or folded down; perhaps with a grip on it."""
    low = pot.top * dice.between(0.75, 0.97)
    start = pot.radius(low)
    rise = max(lid_top - low, 0.1) + dice.between(0.08, 0.5)
    bar = dice.log_between(0.022, 0.05)
    t = np.linspace(0, pi, 40)
    square = dice.between(0.35, 1.0)
    half = max(start, 0.3) * dice.between(0.98, 1.15)
    x = half * np.sign(np.cos(t)) * np.abs(np.cos(t)) ** square
    up = np.sin(t) ** square
    x[0], x[-1] = start - 0.5 * bar, 0.5 * bar - start
    path = np.stack([x, rise * up, 0 * t], 1)
    lean = dice.between(-0.9, 0.9) if dice.chance(0.2) else 0.0
    if not lean and dice.chance(0.2):  # fixed at the back, open at the spout
        path = path[int(dice.between(4, 10)) :]
    section = bar_section(dice, bar)
    pieces = [sweep(path, section, 1.0, Z, ends=0.5 * bar)]
    if dice.chance(0.5):
        thick = bar * dice.between(1.3, 2.2)
        middle = path[(path[:, 1] > 0.85 * rise)]
        swell = 1 - 0.35 * np.abs(np.linspace(-1, 1, len(middle))) ** 3
        pieces.append(sweep(middle, superellipse(2 * thick, 2.2 * thick, 2.5, 16), swell, Z, thick))
    for sign in (-1, 1):
        ear_ = superellipsoid((3 * bar, 4 * bar, 3.2 * bar), 3.0, 3.0)
        pieces.append(moved(ear_, x=sign * (start - 0.2 * bar)))
    pieces = [turned(piece, "x", lean) for piece in pieces]
    return [moved(piece, y=low) for piece in pieces]


def ear(dice: Dice, pot: Pot, large: bool) -> list[Surface]:
    """A grip at the back: an ear, a D, a hook that is free below, a strap from the rim."""
    high = pot.top * (dice.between(0.85, 1.0) if large else dice.between(0.7, 0.95))
    low = pot.top * (dice.between(0.05, 0.45) if large else dice.between(0.15, 0.5))
    long = high - low
    bar = min(dice.log_between(0.03, 0.085), 0.16 * long)
    reach = max(dice.log_between(0.2, 0.5), 3.2 * bar)

    def at(t: float, out: float) -> Point:
        """t from low 0 to high 1; out from the wall, 1 is reach; below 0 is inside the wall."""
        y = low + t * long
        wall = pot.radius(min(max(y, 0.0), pot.top))
        return (-(wall - 0.5 * bar - 0.01 if out < 0 else wall + out * reach), y, 0.0)

    far = max(-at(t, 1.0)[0] for t in (0.0, 0.5, 1.0))

    def out(t: float, share: float = 1.0) -> Point:
        """A point that far from the widest place."""
        return (-(far - (1 - share) * reach), low + t * long, 0.0)

    kind = dice.weighted({"ear": 4.0, "D": 4.0, "hook": 2.0, "loop": 2.0, "angle": 1.5})
    if kind == "D":
        path = filleted(
            [at(1, -1), out(dice.between(0.95, 1.1)), out(dice.between(0.0, 0.2)), at(0, -1)],
            dice.between(0.08, 0.3),
        )
    elif kind == "hook":
        path = filleted(
            [at(1, -1), out(dice.between(1.0, 1.15)), out(dice.between(-0.1, 0.15), 0.9)],
            dice.between(0.1, 0.3),
        )
    elif kind == "ear":
        path = smooth(
            [at(0.97, -1), out(1.08, 0.6), out(0.8, 1.0), out(0.35, 0.75), at(0.08, 0.2), at(0, -1)]
        )
    elif kind == "angle":
        path = filleted([at(1, -1), out(1.0, 1.0), at(0, -1)], dice.between(0.05, 0.2))
    else:
        arc = [out(0.5 + 0.5 * sin(a), cos(a)) for a in np.linspace(0.4 * pi, -0.4 * pi, 6)]
        path = smooth([at(1, -1), *arc, at(0, -1)])
    t = np.linspace(0, 1, len(path))
    swell = dice.between(-0.3, 0.5)
    scale = 1 + swell * np.sin(pi * t) + dice.between(0.0, 0.4) * np.exp(-t / 0.1)
    return [sweep(path, bar_section(dice, bar), scale, Z, ends=0.5 * bar)]


def stick(dice: Dice, pot: Pot) -> list[Surface]:
    """A straight handle at the back."""
    y = pot.top * dice.between(0.5, 0.85)
    start, bar = pot.radius(y) - 0.05, dice.between(0.04, 0.07)
    long = dice.between(0.3, 0.7)
    end = (-(start + long), y + dice.between(0.0, 0.25), 0.0)
    return [limb((-start, y, 0), end, bar, bar * dice.between(0.9, 1.6), 16)]


def tube_spout(dice: Dice, pot: Pot, kind: str) -> list[Surface]:
    """A pipe that leaves the side: short, curved, or thin and long as a swan's neck."""
    top = pot.top
    if kind == "stub":
        low = top * dice.between(0.5, 0.85)
        start, wide = pot.radius(low), min(dice.log_between(0.06, 0.14), 0.25 * top)
        angle, long = dice.between(0.2, 1.0), dice.between(0.15, 0.4)
        end = (start + long * cos(angle), low + long * sin(angle))
        knots = [(start - 1.2 * wide, low - 0.5 * wide), (0.5 * (start + end[0]), low), end]
        slim = dice.between(0.5, 0.95)
        path = smooth([(x, y, 0.0) for x, y in knots], 16)
        pieces = [sweep(path, circle(wide, 20), np.linspace(1.25, slim, 16), Z)]
        if dice.chance(0.35):  # the whistle
            ball = superellipsoid((2.5 * wide * slim, 2.2 * wide * slim, 2.5 * wide * slim))
            pieces.append(moved(ball, *end))
        return pieces
    if kind == "curved":
        low = top * dice.between(0.2, 0.55)
        wide = min(dice.log_between(0.06, 0.13), 0.25 * top)
        reach = dice.between(0.25, 0.55)
        high = top * dice.between(0.85, 1.12)
        bow = dice.between(-0.15, 0.3)
        lip = dice.between(0.0, 0.12)
    else:
        low = top * dice.between(0.08, 0.3)
        wide = dice.log_between(0.03, 0.06)
        reach = dice.between(0.4, 0.8)
        high = top * dice.between(0.9, 1.3)
        bow, lip = dice.between(0.1, 0.4), dice.between(0.1, 0.25)
    start = pot.radius(low)
    away = max(pot.radius(y) for y in np.linspace(low, top, 6))
    end_x = max(start, away) + reach
    tall = high - low
    middle = (start + (0.35 + bow) * (end_x - start), low + (0.45 - 0.8 * bow) * tall)
    upper = (end_x - 0.45 * (end_x - start) * (0.5 - 0.3 * bow), low + 0.8 * tall)
    knots = [(start - 1.1 * wide, low - 0.2 * wide), middle, upper, (end_x - lip, high)]
    knots.append((end_x, high + dice.between(-0.08, 0.04)))
    path = smooth([(x, y, 0.0) for x, y in knots], 32)
    slim = dice.between(0.4, 0.8)
    t = np.linspace(0, 1, 32)
    scale = interpolate(t, [(0, dice.between(1.1, 1.7)), (0.3, 1.0), (1, slim)])
    return [sweep(path, circle(wide, 18), scale, Z)]


def beak(dice: Dice, pot: Pot) -> Surface:
    """A wedge at the rim: wide and deep at the wall, pointed in front."""
    rim = pot.radius(pot.top)
    deep = pot.top * dice.between(0.15, 0.55)
    reach = rim * dice.between(0.25, 0.7)
    half = dice.between(0.3, 0.85)  # angle around the axis that the beak takes from the rim
    rise = dice.between(-0.02, 0.08)
    hollow = 1.0 + 0.8 * (0.85 - half)  # narrow beaks curve, wide ones are straight
    t = np.linspace(0, 1, 14)
    angle = np.linspace(-1, 1, 17)
    rings = []
    for s in t:  # from the lowest point up to the lip
        y = pot.top - deep * (1 - s)
        wall = pot.radius(y)
        out = reach * s**hollow
        around = half * (0.25 + 0.75 * s) * angle
        bulge = np.cos(0.5 * pi * angle) ** 1.2
        far = wall + out * bulge
        front = np.stack([far * np.cos(around), y + rise * s * bulge, far * np.sin(around)], 1)
        near = 0.86 * wall
        rear = np.stack([near * np.cos(around), 0 * around + y, near * np.sin(around)], 1)
        rings.append(np.concatenate([front, rear[::-1]]))
    return skin(np.stack(rings))
