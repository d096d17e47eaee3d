"""Mugs: cylinders, tea cups, steins and goblets, open inside, with the handles they have."""

from collections.abc import Callable
from math import cos, pi, sin

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, turned
from pdengine.shapes.curves import (
    Array,
    circle,
    filleted,
    interpolate,
    polygon,
    rounded_rectangle,
    smooth,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, Z, lathe, sweep
from pdengine.shapes.warp import warp

PARTS = ("body", "handle")
Joint = Callable[[float, float], tuple[float, float, float]]

# Outer radius over height, both from 0 to 1, from the foot to the rim.
WALLS: dict[str, list[tuple[float, float]]] = {
    "cylinder": [(1.0, 0.0), (1.0, 0.5), (1.0, 1.0)],
    "tapered": [(0.75, 0.0), (0.88, 0.5), (1.0, 1.0)],
    "conical": [(1.0, 0.0), (0.86, 0.5), (0.72, 1.0)],
    "bellied": [(0.72, 0.0), (1.0, 0.4), (0.95, 0.7), (0.8, 1.0)],
    "tulip": [(0.6, 0.0), (0.9, 0.3), (0.82, 0.7), (1.0, 1.0)],
    "bowl": [(0.4, 0.0), (0.75, 0.3), (0.93, 0.65), (1.0, 1.0)],
    "waisted": [(1.0, 0.0), (0.85, 0.5), (1.0, 1.0)],
    "goblet": [(0.75, 0.0), (0.3, 0.1), (0.25, 0.28), (0.85, 0.5), (1.0, 0.75), (0.95, 1.0)],
    "footed": [(0.62, 0.0), (0.5, 0.08), (0.9, 0.35), (1.0, 0.7), (0.97, 1.0)],
    "barrel": [(0.86, 0.0), (1.0, 0.35), (1.0, 0.65), (0.86, 1.0)],
}
KINDS = {
    "cylinder": 6.0,
    "tapered": 3.0,
    "conical": 1.5,
    "bellied": 2.0,
    "tulip": 1.5,
    "bowl": 2.5,
    "waisted": 1.0,
    "goblet": 0.7,
    "footed": 1.0,
    "barrel": 1.5,
}
HANDLES = {
    "D": 4.0,
    "C": 5.0,
    "ear": 3.0,
    "square": 2.0,
    "loop": 2.0,
    "question": 1.0,
    "triangle": 0.8,
    "hook": 0.4,
}


def make_mug(seed: int) -> LabelledMesh:
    dice = Dice("mug", seed)
    mug = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    height = dice.log_between(0.45, 0.9) if kind == "bowl" else dice.log_between(0.75, 1.7)
    wall = _wall(dice, kind, height)
    thick = dice.log_between(0.025, 0.16)
    filled = dice.chance(0.1)
    outline = _outline(dice)
    mug.add("body", lathe(_cup(dice, wall, thick, filled), outline))
    if dice.chance(0.15):
        mug.add("body", *_hoops(dice, wall, outline))

    handles = dice.weighted({1: 88.0, 2: 8.0, 0: 4.0})
    handle = _handle(dice, wall, thick, outline) if handles else None
    if handle is not None:
        mug.add("handle", *(mirrored(handle) if handles == 2 else [handle]))
    return mug.mesh(warp(dice, (0.15, 0.2, 0.15)))


def _wall(dice: Dice, kind: str, height: float) -> Array:
    """The outer wall from foot to rim, (radius, height). [R, 2], greatest radius about 0.5."""
    strength = dice.between(0.4, 1.15)
    knots = [(0.5 + 0.5 * strength * (r - 1), y * height) for r, y in WALLS[kind]]
    curve = smooth(knots, 28)
    if dice.chance(0.3):
        lip = np.exp(-(((height - curve[:, 1]) / (0.1 * height)) ** 2))
        curve[:, 0] += dice.between(-0.02, 0.05) * lip
    if dice.chance(0.25):
        foot = np.exp(-((curve[:, 1] / (0.06 * height)) ** 2))
        curve[:, 0] += dice.between(-0.06, 0.05) * foot
    return curve


def _outline(dice: Dice) -> Array:
    """The mug seen from above, for a radius of 1."""
    kind = dice.weighted({"round": 14.0, "square": 1.0, "faceted": 1.0, "oval": 1.0, "fluted": 0.5})
    if kind == "square":
        return superellipse(1.85, 1.85, dice.between(3, 6), 48)
    if kind == "faceted":
        return polygon(2.0, 2.0, dice.pick([6, 8, 10, 12]), 48)
    if kind == "oval":
        return superellipse(2.0, dice.between(1.5, 1.9), 2.0, 40)
    if kind == "fluted":
        angle = np.arange(72) * (2 * pi / 72)
        wave = 1 + 0.025 * np.cos(angle * dice.pick([9, 12, 18]))
        return np.asarray(circle(1.0, 72) * wave[:, None])
    return circle(1.0, 40)


def _cup(dice: Dice, wall: Array, thick: float, filled: bool) -> Array:
    """Outside up, over the rim, inside down: one closed profile."""
    height = wall[-1, 1]
    bottom = wall[0, 0]
    rounding = dice.between(0.01, 0.12) * height
    low = np.array([(bottom * s, 0.0) for s in (0.05, 0.4, 0.7, 0.88)])
    ring = bottom * dice.between(0.6, 0.85)
    if dice.chance(0.4):
        low = np.array([(bottom * 0.05, 0.03), (ring * 0.92, 0.03), (ring, 0.0)])
    wall = wall.copy()
    wall[:, 0] -= 0.5 * rounding * np.exp(-3 * wall[:, 1] / rounding)
    if filled:
        rim = wall[-1, 0]
        dome = dice.between(-0.06, 0.02)
        lid = np.array([(rim * s, height + dome * (1 - s)) for s in (0.97, 0.8, 0.5, 0.2, 0.04)])
        return np.concatenate([low, wall, lid])
    floor = max(thick * dice.between(0.8, 1.6), 0.04)
    if wall[:, 0].min() < 0.6 * wall[:, 0].max():  # a stem is not hollow
        floor = max(floor, float(wall[np.argmin(wall[:, 0]), 1]) + 0.06)
    turn = np.linspace(0, pi, 7)[1:-1]
    centre = wall[-1] - [thick / 2, 0]
    rim_ring = centre + thick / 2 * np.stack([np.cos(turn), np.sin(turn)], 1)
    down = np.linspace(height, floor, 20)
    inside = np.stack([np.interp(down, wall[:, 1], wall[:, 0]) - thick, down], 1)
    inside[:, 0] -= 0.6 * rounding * np.exp(-4 * (down - floor) / max(rounding, 0.02))
    inside[:, 0] = np.maximum(inside[:, 0], 0.08)
    last = inside[-1]
    basin = np.array([(last[0] * s, floor) for s in (0.8, 0.5, 0.2, 0.04)])
    return np.concatenate([low, wall, rim_ring, inside, basin])


def _hoops(dice: Dice, wall: Array, outline: Array) -> list[Surface]:
    """Bands around a tankard."""
    height = wall[-1, 1]
    band = dice.between(0.03, 0.07) * height
    hoops = []
    for _ in range(dice.whole(1, 3)):
        y = dice.between(0.1, 0.85) * height
        radius = float(np.interp(y + band / 2, wall[:, 1], wall[:, 0]))
        out = radius + dice.between(0.01, 0.025)
        turned_band = np.array(
            [
                (radius - 0.02, y),
                (out, y + 0.004),
                (out, y + band),
                (radius - 0.02, y + band + 0.004),
            ]
        )
        hoops.append(lathe(turned_band, outline, loop=True))  # discs would fill the mug
    return hoops


def _handle(dice: Dice, wall: Array, thick: float, outline: Array) -> Surface:
    """A handle towards +x, its ends buried in the wall but not in the drink."""
    height = float(wall[-1, 1])
    size = dice.log_between(0.45, 0.85) * height
    if dice.chance(0.12):
        size = 0.95 * height
    middle = dice.between(0.42, 0.58) * height
    high = min(middle + size / 2, height * 0.96)
    low = max(middle - size / 2, height * 0.06)
    waist = float(wall[:, 0].min())
    if waist < 0.5 * float(wall[:, 0].max()):  # hold a goblet by its bowl
        low = max(low, float(wall[np.argmin(wall[:, 0]), 1]) + 0.1 * height)
        high = max(high, low + 0.3 * height)
    fat = waist > 0.3 and dice.chance(0.25)  # kneaded or carved: it grows out of the wall
    bar = dice.log_between(0.09, 0.15) if fat else dice.log_between(0.035, 0.11)
    bar = min(bar, 0.22 * (high - low))
    reach = max(dice.log_between(0.2, 0.55), 2.6 * bar)
    side = float(np.abs(outline[:, 0]).max())

    def at(t: float, out: float) -> tuple[float, float, float]:
        """t from the low (0) to the high (1) joint; out is how far from the wall, 1 = reach."""
        y = low + t * (high - low)
        on_wall = float(np.interp(y, wall[:, 1], wall[:, 0])) * side
        if out < 0:
            return (on_wall - min(thick * 0.6, 0.04), y, 0.0)
        return (on_wall + out * reach, y, 0.0)

    path = _grip(dice, at)
    t = np.linspace(0, 1, len(path))
    flat = dice.log_between(0.5, 2.2)
    section = dice.weighted({"round": 4.0, "strap": 3.0, "soft": 2.0})
    if section == "round":
        cut = superellipse(
            2 * bar * max(flat, 0.8) ** 0.5, 2 * bar / max(flat, 0.8) ** 0.5, 2.0, 16
        )
    elif section == "strap":
        cut = rounded_rectangle(2.6 * bar, 1.1 * bar, 0.4 * bar, 24)
    else:
        cut = superellipse(2 * bar, 1.8 * bar, 4.0, 20)
    joint = dice.between(0.0, 0.3 if fat else 0.6) if fat or dice.chance(0.5) else 0.0
    slim = dice.between(0.5, 1.0) if dice.chance(0.4) else 1.0
    scale = interpolate(t, [(0, slim), (1, 1)]) + joint * (
        np.exp(-t / 0.07) + np.exp(-(1 - t) / 0.07)
    )
    handle = sweep(path, cut, scale, Z)
    return turned(handle, "x", dice.between(-0.12, 0.12)) if dice.chance(0.1) else handle


def _grip(dice: Dice, at: Joint) -> Array:
    """The centre line of the handle from the upper joint to the lower one. [R, 3]."""
    kind = dice.weighted(HANDLES)
    if kind == "D":
        top, low = dice.between(0.85, 1.0), dice.between(0.0, 0.15)
        return filleted(
            [at(1, -1), at(1, top), at(0, top - low), at(0, -1)], dice.between(0.1, 0.3)
        )
    if kind == "square":
        return filleted([at(1, -1), at(1, 1), at(0, 1), at(0, -1)], dice.between(0.03, 0.08))
    if kind == "triangle":
        return filleted([at(1, -1), at(dice.between(0.8, 1.0), 1), at(0, -1)], 0.08)
    if kind == "ear":
        sag = dice.between(0.6, 0.75)
        return smooth(
            [
                at(0.93, -1),
                at(1.0, 0.45),
                at(sag + 0.15, 0.95),
                at(sag - 0.15, 0.9),
                at(0.2, 0.4),
                at(0.0, -1),
            ],
            26,
        )
    if kind == "loop":
        return smooth(
            [
                at(0.8, -1),
                at(0.98, 0.35),
                at(0.85, 0.85),
                at(0.5, 1.0),
                at(0.15, 0.85),
                at(0.02, 0.35),
                at(0.2, -1),
            ],
            30,
        )
    if kind == "question":
        return smooth(
            [at(0.95, -1), at(1.05, 0.5), at(0.75, 1.0), at(0.35, 0.65), at(0.1, 0.3), at(0.0, -1)],
            26,
        )
    if kind == "hook":
        return smooth(
            [at(0.9, -1), at(1.0, 0.6), at(0.7, 1.0), at(0.3, 0.9), at(0.1, 0.55), at(0.12, 0.3)],
            26,
        )
    angles = np.linspace(0.5 * pi, -0.5 * pi, 9)
    arc = [at(0.5 + 0.5 * sin(a), cos(a)) for a in angles[1:-1]]
    return smooth([at(1, -1), *arc, at(0, -1)], 28)
