"""Lamps: floor, table, desk, hanging and wall lamps, with one shade or many."""

from itertools import pairwise
from math import cos, pi, sin

import numpy as np

from pdengine.shapes.assembly import Assembly, moved, turned
from pdengine.shapes.curves import Array, circle, filleted, interpolate, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.lamp_bases import body_base, clamp, flat_base, plate
from pdengine.shapes.lamp_light import AIMED, CROWNING, HANGING, OPEN_ABOVE, STANDING, Light
from pdengine.shapes.lamp_shades import Cover, shade
from pdengine.shapes.primitives import Surface, Z, lathe, limb, superellipsoid, sweep
from pdengine.shapes.warp import warp

PARTS = ("base", "pole", "shade", "bulb")

Point = tuple[float, float, float]

KINDS = {
    "floor": 4.0,
    "table": 5.0,
    "desk": 4.0,
    "gooseneck": 1.5,
    "arc": 1.5,
    "tree": 1.5,
    "pendant": 3.0,
    "chandelier": 1.5,
    "sconce": 1.5,
}


def make_lamp(seed: int) -> LabelledMesh:
    dice = Dice("lamp", seed)
    lamp = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    light = Light.draw(dice, kind)
    if kind in ("floor", "table"):
        _standing(dice, lamp, light, floor=kind == "floor")
    elif kind == "desk":
        _desk(dice, lamp, light)
    elif kind in ("gooseneck", "arc"):
        _curved(dice, lamp, light, arc=kind == "arc")
    elif kind == "tree":
        _tree(dice, lamp, light)
    elif kind == "pendant":
        _pendant(dice, lamp, light)
    elif kind == "chandelier":
        _chandelier(dice, lamp, light)
    else:
        _sconce(dice, lamp, light)
    return lamp.mesh(warp(dice, (0.15, 0.25, 0.15)))


def _rod(a: Point, b: Point, radius: float) -> Surface:
    return limb(a, b, radius, radius, 12)


def _bent(path: Array, radius: float) -> Surface:
    """A tube along a path in the plane z = 0."""
    return sweep(path, circle(radius, 10), 1.0, Z, ends=0.5 * radius)


def _ball(at: Point, radius: float) -> Surface:
    return moved(superellipsoid((2 * radius, 2 * radius, 2 * radius)), *at)


def _mount(
    lamp: Assembly, head: Cover, at: Point, tilt: float, azimuth: float = 0.0, swing: float = 0.0
) -> None:
    """Add a head.

    It looks down; turn it by tilt towards +x, then about the vertical; put it there, and turn
    that by swing around the lamp.
    """
    for part, pieces in zip(("shade", "bulb", "pole"), head, strict=True):
        aimed = (moved(turned(turned(p, "z", tilt), "y", azimuth), *at) for p in pieces)
        lamp.add(part, *(turned(piece, "y", swing) for piece in aimed))


def _post(dice: Dice, low: float, high: float, radius: float) -> list[Surface]:
    """A vertical pole, plain or turned."""
    if dice.chance(0.6):
        return [_rod((0, low, 0), (0, high, 0), radius)]
    t = np.linspace(0, 1, 40)
    swell = 1 + 0.15 * np.sin(t * 3)
    for _ in range(dice.whole(1, 4)):
        at, width = dice.between(0.05, 0.95), dice.between(0.015, 0.08)
        swell = swell + dice.between(0.3, 1.6) * np.exp(-(((t - at) / width) ** 2))
    profile = np.stack([radius * swell, low + t * (high - low)], 1)
    return [lathe(profile, circle(1.0, 20))]


def _standing(dice: Dice, lamp: Assembly, light: Light, floor: bool) -> None:
    """A vertical pole under a shade; a table lamp may have a big body."""
    radius = dice.log_between(0.009, 0.03)
    wide = dice.log_between(0.1, 0.32) if floor else dice.log_between(0.2, 0.5)
    top = 1.0 if floor else dice.log_between(0.55, 1.1)
    if not floor and dice.chance(0.6):
        size = dice.log_between(0.1, 0.3)
        base, start = body_base(dice, size, top * dice.between(0.25, 0.65))
    else:
        base, start = flat_base(dice, dice.log_between(0.12, 0.28))
    lamp.add("base", *base)
    lamp.add("pole", *_post(dice, 0.7 * start, top, radius))
    if dice.chance(0.75):
        tallest = dice.between(0.3, 0.65) * top  # what it stands on stays in sight
        kind = light.choose(dice, OPEN_ABOVE if light.bulb else STANDING)
        stands = kind in OPEN_ABOVE
        head = shade(dice, kind, wide, tallest=tallest, shines=light.bulb, stands=stands)
        _mount(lamp, head, (0, top, 0), 0.0 if stands or not light.head else pi)
        if not light.bulb and dice.chance(0.4):  # a finial
            lamp.add("pole", _ball((0, top + radius, 0), radius * dice.between(1.2, 2.0)))
        return
    crown = shade(dice, light.choose(dice, CROWNING), 0.7 * wide, shines=light.bulb)
    _mount(lamp, crown, (0, top, 0), pi)


def _desk(dice: Dice, lamp: Assembly, light: Light) -> None:
    """Two or three jointed arms with a shade that can be aimed."""
    size = dice.log_between(0.12, 0.25)
    base, start = clamp(dice, size) if dice.chance(0.15) else flat_base(dice, size)
    lamp.add("base", *base)
    radius = dice.log_between(0.01, 0.028)
    double = 2.2 * radius if dice.chance(0.35) else 0.0  # a pair of parallel rods
    at: Point = (0.0, 0.6 * start, 0.0)
    angle = pi / 2 + dice.between(-0.1, 0.7)
    ends = [at, (0.0, start + dice.between(0.02, 0.12), 0.0)]
    for _ in range(dice.pick([2, 2, 2, 3])):
        length = dice.log_between(0.25, 0.6)
        x, y, _z = ends[-1]
        ends.append((x + length * cos(angle), max(y + length * sin(angle), 0.1), 0.0))
        angle -= dice.between(0.4, 2.1)
    for k, (a, b) in enumerate(pairwise(ends)):
        pair = [-double, double] if double and k else [0.0]
        lamp.add("pole", *(moved(_rod(a, b, radius), z=z) for z in pair))
        lamp.add("pole", _joint(b, radius * dice.between(1.5, 2.2), double))
    wide = dice.log_between(0.09, 0.2)
    tilt = dice.between(-0.3, 1.0)
    head = shade(dice, light.choose(dice, AIMED), wide, shines=light.bulb)
    _mount(lamp, head, ends[-1], tilt, dice.between(-0.4, 0.4))


def _joint(at: Point, radius: float, double: float) -> Surface:
    """A ball, or an axle that reaches both of two parallel rods."""
    size = (2 * radius, 2 * radius, 2 * (radius + double))
    return moved(superellipsoid(size, 2.0, 2.5), *at)


def _curved(dice: Dice, lamp: Assembly, light: Light, arc: bool) -> None:
    """One bent tube: a gooseneck on a desk, or a great arc over a sofa."""
    base, start = flat_base(dice, dice.log_between(0.13, 0.28))
    lamp.add("base", *base)
    radius = dice.log_between(0.012, 0.03)
    reach = dice.between(0.35, 1.0) if arc else dice.between(0.1, 0.5)
    drop = dice.between(0.0, 0.45)
    low = 0.7 * start
    if dice.chance(0.25):
        knots = [(0, low, 0), (0, 1.0, 0), (reach, 1.0, 0), (reach, 1.0 - 0.3 * drop - 0.1, 0)]
        path = filleted(knots, dice.between(0.05, 0.3))
    else:
        back = -dice.between(0.0, 0.25) * reach
        knots = [(0, low, 0), (back, 0.5, 0), (0.35 * reach + back, 0.95, 0), (reach, 1 - drop, 0)]
        path = smooth(knots, 36)
    lamp.add("pole", _bent(path, radius))
    ahead = path[-1] - path[-3]
    tilt = float(np.arctan2(ahead[0], -ahead[1])) if dice.chance(0.7) else dice.between(-0.2, 0.5)
    wide = dice.log_between(0.1, 0.3) if arc else dice.log_between(0.09, 0.2)
    end: Point = (float(path[-1, 0]), float(path[-1, 1]), 0.0)
    _mount(lamp, shade(dice, light.choose(dice, AIMED), wide, shines=light.bulb), end, tilt)


def _tree(dice: Dice, lamp: Assembly, light: Light) -> None:
    """A floor lamp with several arms, each with a shade of the same kind."""
    base, start = flat_base(dice, dice.log_between(0.14, 0.28))
    lamp.add("base", *base)
    radius = dice.log_between(0.011, 0.025)
    lamp.add("pole", *_post(dice, 0.7 * start, 1.0, radius))
    count, wide = dice.whole(2, 5), dice.log_between(0.07, 0.15)
    kind = light.choose(dice, AIMED if dice.chance(0.7) else CROWNING)
    lowest = dice.between(0.45, 0.95)
    turn = dice.between(0, pi)
    for k in range(count):
        y = lowest + (0.98 - lowest) * k / (count - 1)
        azimuth = turn + k * 2 * pi / count + dice.between(-0.3, 0.3)
        reach, lift = dice.between(0.15, 0.4), dice.between(-0.1, 0.25)
        path = smooth([(0, y, 0), (0.6 * reach, y + 0.2 * lift, 0), (reach, y + lift, 0)], 14)
        lamp.add("pole", turned(_bent(path, 0.7 * radius), "y", azimuth))
        tilt = dice.between(-0.3, 1.2) if kind in AIMED else pi
        head = shade(dice, kind, wide, 28, shines=light.bulb)
        _mount(lamp, head, (reach, y + lift, 0), tilt, swing=azimuth)


def _pendant(dice: Dice, lamp: Assembly, light: Light) -> None:
    """One shade or a few, hanging from a plate under the ceiling."""
    count = dice.weighted({1: 7.0, 2: 1.0, 3: 1.5, 4: 0.6})
    wide = dice.log_between(0.12, 0.45) if count == 1 else dice.log_between(0.08, 0.16)
    radius = dice.log_between(0.008, 0.022)
    gap = 2 * wide + dice.between(0.05, 0.2)
    size = dice.log_between(0.07, 0.16)
    ceiling = plate(dice, size)
    stretch = 1 + (count - 1) * gap / (2 * size)  # one long plate carries all cords
    lamp.add("base", ceiling._replace(vertices=ceiling.vertices * [stretch, 1.0, 1.0]))
    kind, long = light.choose(dice, HANGING), dice.log_between(0.12, 0.8)
    for k in range(count):
        x = (k - (count - 1) / 2) * gap
        end = -long * (dice.between(0.6, 1.4) if count > 1 else 1.0)
        lamp.add("pole", _rod((x, -0.01, 0), (x, end - 0.02, 0), radius))
        _mount(lamp, shade(dice, kind, wide, 32, shines=light.bulb), (x, end, 0), 0.0)


def _chandelier(dice: Dice, lamp: Assembly, light: Light) -> None:
    """Arms around a hub that hangs from the ceiling."""
    lamp.add("base", plate(dice, dice.log_between(0.07, 0.15)))
    radius, long = dice.log_between(0.01, 0.022), dice.between(0.15, 0.7)
    lamp.add("pole", *_post(dice, -long, -0.01, radius))
    lamp.add("pole", _ball((0, -long, 0), dice.between(2.0, 5.0) * radius))
    count, reach = dice.whole(3, 6), dice.between(0.25, 0.55)
    wide = min(dice.log_between(0.05, 0.14), 0.8 * reach * sin(pi / count))
    up = dice.chance(0.6)
    kind = light.choose(dice, CROWNING if up else AIMED)
    sag, lift = dice.between(0.0, 0.2), dice.between(-0.05, 0.15)
    state = dice.whole(0, 10_000)
    for k in range(count):
        azimuth = 2 * pi * k / count
        path = smooth([(0, -long, 0), (0.5 * reach, -long - sag, 0), (reach, lift - long, 0)], 16)
        lamp.add("pole", turned(_bent(path, 0.8 * radius), "y", azimuth))
        alike = Dice("lamp shade", state)
        head = shade(alike, kind, wide, 24, shines=light.bulb)
        _mount(lamp, head, (reach, lift - long, 0), pi if up else 0.0, swing=azimuth)


def _sconce(dice: Dice, lamp: Assembly, light: Light) -> None:
    """A plate at the wall behind, an arm, and a shade that looks up or down."""
    back = turned(plate(dice, dice.log_between(0.1, 0.25)), "x", -pi / 2)
    lamp.add("base", back)
    radius, reach = dice.log_between(0.012, 0.035), dice.between(0.2, 0.6)
    rise, sag = dice.between(-0.2, 0.35), dice.between(-0.15, 0.15)
    count = dice.weighted({1: 7.0, 2: 3.0})
    wide = dice.log_between(0.1, 0.25) / count**0.5
    up = dice.chance(0.5)
    kind = light.choose(dice, CROWNING if up else STANDING)
    swing = dice.between(0.35, 0.8) if count == 2 else dice.between(-0.3, 0.3)
    middle = 0.5 * reach
    path = smooth([(0, 0, 0), (middle, sag + 0.3 * rise, 0), (reach, rise, 0)], 20)
    thin = interpolate(np.linspace(0, 1, 20), [(0, 1.3), (1, 0.8)])
    arm = sweep(path, circle(radius, 12), thin, Z, ends=0.5 * radius)
    for side in (1, -1)[:count]:
        azimuth = side * swing - pi / 2  # +x turns to the front
        lamp.add("pole", turned(arm, "y", azimuth))
        head = shade(dice, kind, wide, 32, shines=light.bulb)
        _mount(lamp, head, (reach, rise, 0), pi if up else 0.0, swing=azimuth)
