"""Glasses: spectacles, sunglasses, pince-nez, shields and swimming goggles, open or folded."""

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned, upright
from pdengine.shapes.curves import (
    Array,
    circle,
    interpolate,
    rounded_rectangle,
    smooth,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.glasses_front import Front
from pdengine.shapes.glasses_temples import strap, temples
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, Z, limb, slab, superellipsoid, sweep
from pdengine.shapes.warp import warp

PARTS = ("lens", "bridge", "frame")


def make_glasses(seed: int) -> LabelledMesh:
    dice = Dice("glasses", seed)
    glasses = Assembly(dice, PARTS)
    front = Front(dice)
    glasses.add("lens", *_lenses(dice, front))
    glasses.add("frame", *_rims(dice, front))
    glasses.add("bridge", *_bridge(dice, front))
    if front.kind in ("metal", "rimless", "half") and dice.chance(0.5):
        glasses.add("frame", *_nose_pads(dice, front))
    if front.kind == "goggles" and dice.chance(0.6):
        glasses.add("frame", *strap(dice, front))
    elif front.kind != "metal" or dice.chance(0.95):  # else a pince-nez
        glasses.add("frame", *temples(dice, front))
    return glasses.mesh(warp(dice, (0.15, 0.2, 0.2)))


def _lenses(dice: Dice, front: Front) -> list[Surface]:
    solid = front.kind == "solid"
    thickness = dice.log_between(0.06, 0.24) if solid else dice.log_between(0.012, 0.05)
    crown = dice.between(0.0, 0.06) if dice.chance(0.6) else 0.0
    # An upright slab shows its -z side upwards.
    bordered = solid and dice.chance(0.5)  # a rim in relief, of one piece with the lens
    sunken = -dice.between(0.0, 0.25) * thickness if bordered else crown
    lens = upright(slab(front.outline * [1, -1], thickness, thickness / 3, sunken))
    if not bordered:
        return mirrored(front.bent(lens))
    cut = superellipse(thickness * dice.between(1.0, 1.6), 2 * front.bar, 2.5, 12)
    border = sweep(_path(front.outline), cut, 1.0, Z, loop=True)
    return mirrored(front.bent(lens), front.bent(border))


def _path(flat: Array) -> Array:
    """An outline in the plane of the front as a path. [P, 3]."""
    return np.concatenate([flat, np.zeros((len(flat), 1))], 1)


def _rims(dice: Dice, front: Front) -> list[Surface]:
    if front.kind in ("rimless", "solid"):
        return []
    path = _path(front.outline)
    up = (front.outline[:, 1] - front.level(-0.5)) / (front.level(0.5) - front.level(-0.5)) - 0.5
    if front.kind == "goggles":
        cup = dice.log_between(0.08, 0.4)
        cut = rounded_rectangle(cup, 2 * front.bar, 0.03, 16)
        return mirrored(front.bent(moved(sweep(path, cut, 1.0, Z, loop=True), z=-cup / 3)))
    power = dice.pick([2.0, 3.0, 5.0])
    cut = superellipse(2 * front.depth, 2 * front.bar, power, 12)
    scale = np.ones((len(path), 2))
    if front.kind == "plastic" and dice.chance(0.6):  # heavy above
        scale[:, 1] += dice.between(0.2, 1.4) * np.maximum(up + 0.1, 0)
    if front.kind in ("half", "brow"):
        keep = up > dice.between(-0.12, 0.2)
        if front.kind == "half" and dice.chance(0.15):
            keep = ~keep
        start = int(np.argmax(keep & ~np.roll(keep, 1)))
        path = np.roll(path, -start, 0)[: int(keep.sum())]
        t = np.linspace(0, 1, len(path))
        if front.kind == "brow":
            swell = interpolate(t, [(0, 0.8), (0.35, dice.between(1.2, 2.2)), (1, 0.7)])
            arc = sweep(path, cut, np.stack([np.ones(len(path)), swell], 1), Z, ends=front.bar / 2)
            wire = sweep(_path(front.outline), circle(0.02, 10), 1.0, Z, loop=True)
            return mirrored(front.bent(arc), front.bent(wire))
        return mirrored(front.bent(sweep(path, cut, 1.0, Z, ends=front.bar / 2)))
    return mirrored(front.bent(sweep(path, cut, scale, Z, loop=True)))


def _bridge(dice: Dice, front: Front) -> list[Surface]:
    """One bar from lens to lens, or two, or a strap between goggles."""
    bar = front.bar * dice.log_between(0.8, 1.8)
    if front.kind == "rimless":
        bar = dice.log_between(0.018, 0.04)
    count = 2 if front.kind == "metal" and dice.chance(0.35) else 1
    heights = [dice.between(0.1, 0.42)] if count == 1 else [0.4, dice.between(0.02, 0.22)]
    low = front.kind == "half" and dice.chance(0.5)
    arch = dice.between(0.0, 0.3) * front.gap if dice.chance(0.75) else 0.0
    if front.gap < 0.2:
        bar *= 0.8
    forward = dice.between(-0.1, 0.2) * front.gap
    cut = superellipse(2 * bar * dice.log_between(0.5, 1.6), 2 * bar, dice.pick([2.0, 3.0]), 12)
    bars = []
    for k, share in enumerate(heights):
        y = front.level(share * 0.8 if low else share)
        # A rimless lens is thin: the bar must end on the glass, not beyond it.
        x = front.side(y, inner=True) + (0.08 if front.kind in ("rimless", "solid") else 0.02)
        rise = arch if k == 0 else 0.3 * arch
        half = [(x, y, 0.0), (0.62 * x, y + 0.6 * rise, 0.6 * forward)]
        top = (0.0, y + rise, forward)
        path = smooth([*half, top, *[(-a, b, c) for a, b, c in half[::-1]]], 20)
        waist = dice.between(0.6, 1.3)
        t = np.linspace(-1, 1, len(path)) ** 2
        bars.append(front.bent(sweep(path, cut, waist + (1 - waist) * t, Z, ends=0.3 * bar)))
    if front.kind in ("plastic", "solid") and dice.chance(0.4):  # a keyhole is filled above
        y = front.level(0.28)
        wide = front.side(y, inner=True) + 0.03
        plate = superellipsoid((2 * wide, 0.3 * front.height, 2 * front.depth), 4.0, 4.0)
        bars.append(front.bent(moved(plate, y=y)))
    return bars


def _nose_pads(dice: Dice, front: Front) -> list[Surface]:
    y = front.level(-dice.between(0.0, 0.2))
    x = front.side(y, inner=True)
    back = dice.between(0.08, 0.2)
    at = (x - min(0.12, 0.3 * x), y - 0.04, -back)
    wire = limb((x + 0.01, y + 0.05, 0.0), at, 0.012, 0.01, 8)
    pad = superellipsoid((0.03, dice.between(0.12, 0.2), 0.09))
    pad = moved(turned(turned(pad, "y", -0.5), "z", -0.2), *at)
    return mirrored(front.bent(wire), front.bent(pad))
