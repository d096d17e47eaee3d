"""Buckets, duffels, backpacks and doctor's bags: bodies that are round or have a roof."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import around, mirrored, moved, reshaped, turned
from pdengine.shapes.bag_bodies import Body, front_of, on_front
from pdengine.shapes.curves import Array, circle, interpolate, profile, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.luggage import box, heights, rounding, stack, wheel
from pdengine.shapes.primitives import lathe, slab, superellipsoid, sweep


def bucket_body(dice: Dice) -> Body:
    """Round from above; open, or gathered by a string."""
    h, r = dice.log_between(0.9, 1.5), 0.5
    flare = dice.between(-0.2, 0.3)
    gathered = dice.chance(0.45)
    knots = [(0.9, 0.0), (1.0, 0.06), (1 + 0.4 * flare, 0.5), (1 + flare, 0.85), (1 + flare, 1.0)]
    if gathered:
        knots = [(0.85, 0.0), (1.0, 0.08), (1.05, 0.45), (0.75, 0.75), (0.4, 0.86), (0.6, 1.0)]
    wall = profile([(a * r, b * h) for a, b in knots], 36)
    low = np.array([(wall[0, 0] * s, 0.0) for s in (0.05, 0.5, 0.85)])
    inside = wall[::-1][:-2] - [0.03, 0.0]
    inside[:, 1] = np.maximum(inside[:, 1], 0.04)
    floor = np.array([(inside[-1, 0] * s, 0.04) for s in (0.7, 0.3, 0.05)])
    outline = superellipse(2.0, 2.0 * dice.between(0.6, 1.0), dice.between(2.0, 3.0), 56)
    if gathered:
        angle = np.arctan2(outline[:, 1], outline[:, 0])
        outline = outline * (1 + 0.03 * np.cos(14 * angle))[:, None]
    pieces = [lathe(np.concatenate([low, wall, inside, floor]), outline)]
    if gathered and dice.chance(0.7):
        ring = np.array(
            [(0.3 * r, 0.84), (0.48 * r, 0.84), (0.5 * r, 0.86), (0.48 * r, 0.88), (0.3 * r, 0.88)]
        )
        pieces.append(lathe(ring * [1, h], outline))
    squeeze = float(np.ptp(outline[:, 1])) / 2
    front = front_of(wall[:, 1], 2 * wall[:, 0] * squeeze)
    at = 0.93 if not gathered else 0.7
    x = float(np.interp(at * h, wall[:, 1], wall[:, 0])) - 0.015
    return Body(pieces, 2 * r, h, 2 * r * squeeze, (x, at * h), front)


def duffel_body(dice: Dice) -> Body:
    """A roll that lies along x, round or with a flat bottom."""
    w, size = 1.2, dice.log_between(0.4, 0.7)
    t = heights(36)
    round_ = rounding(t, dice.between(0.02, 0.2), 0.05)
    round_ = np.minimum(round_, round_[::-1])
    sizes = size * (0.6 + 0.4 * round_)
    roll = stack((t - 0.5) * w, sizes * dice.between(0.8, 1.1), sizes, dice.between(2.0, 4.0), 56)
    lying = moved(turned(roll, "z", pi / 2), y=0.0)
    low = float(lying.vertices[:, 1].min())
    cut = dice.between(0.0, 0.12) * size  # it is flat where it lies

    def flat(v: Array) -> Array:
        return np.stack([v[:, 0], np.maximum(v[:, 1] - low - cut, 0), v[:, 2]], 1)

    body = reshaped(lying, flat)
    h = float(body.vertices[:, 1].max())
    pieces = [body]
    if dice.chance(0.4):  # pockets at the ends
        end = superellipsoid((0.12, 0.6 * h, 0.6 * size), 5.0, 4.0)
        pieces += mirrored(moved(end, x=w / 2 - 0.01, y=0.45 * h))
    if dice.chance(0.4):
        front_pocket = box(0.5 * w, 0.4 * h, 0.12, 0.03, 6.0)
        pieces.append(moved(front_pocket, y=0.12 * h, z=size / 2 - 0.03))
    if dice.chance(0.6):
        zip_ = np.linspace((-0.42 * w, h, 0.0), (0.42 * w, h, 0.0), 16)
        pieces.append(sweep(zip_, superellipse(0.06, 0.03, 4.0, 16), 1.0, (0.0, 0.0, 1.0)))
    half = np.linspace(0, h, 20)
    bow = np.sqrt(np.clip(1 - (2 * half / h - 1) ** 2, 0, 1))
    front = front_of(half, size * np.where(half < h / 2, np.maximum(bow, 0.8), bow))
    return Body(pieces, w, h, size, (w / 2 - 0.02, 0.7 * h), front)


def pack_body(dice: Dice, wheels: bool = False) -> Body:
    """A backpack: round above, with pockets in front and at its sides, or on wheels."""
    w, h = dice.between(0.6, 0.9), dice.between(0.9, 1.4)
    d = dice.log_between(0.25, 0.5)
    t = heights(38)
    round_ = rounding(t, dice.between(0.03, 0.15), dice.between(0.1, 0.5))
    wide = w * (0.35 + 0.65 * round_) * (1 - dice.between(0.0, 0.2) * t)
    deep = d * (0.4 + 0.6 * round_) * (1 - dice.between(-0.1, 0.4) * t)
    body = stack(t * h, wide, deep, dice.between(2.6, 6.0), 54)
    # The back is flat: nothing reaches behind a plane.
    back = -0.36 * d
    flat_back = reshaped(
        body, lambda v: np.stack([v[:, 0], v[:, 1], np.maximum(v[:, 2], back + 0.03 * v[:, 2])], 1)
    )
    pieces = [flat_back]
    front = front_of(t * h, deep)
    for k in range(dice.pick([0, 1, 1, 2])):
        tall, deep_pocket = (0.42 - 0.1 * k) * h, dice.between(0.1, 0.25)
        one = box(w * (0.75 - 0.1 * k), tall, deep_pocket, 0.4 * deep_pocket, 4.0)
        pieces.append(on_front(moved(one, y=(0.05 + 0.46 * k) * h), front, 0.02))
    if dice.chance(0.35):  # side pockets
        side = superellipsoid((0.16, 0.35 * h, 0.5 * d), 4.0, 3.0)
        pieces += mirrored(moved(side, x=0.48 * float(np.max(wide)), y=0.25 * h))
    if dice.chance(0.25) and not wheels:  # a lid
        lid = superellipsoid((0.95 * w, 0.2 * h, 1.1 * d), 4.0, 3.0)
        pieces.append(moved(lid, y=0.95 * h))
    if dice.chance(0.15) and not wheels:  # a mat rolled up below or above
        roll = superellipsoid((1.1 * w, 0.2, 0.2), 2.0, 2.0)
        pieces.append(moved(roll, y=dice.pick([0.02, h]), z=0.1 * d))
    if wheels:
        for piece in mirrored(moved(wheel(0.07, 0.06), x=0.38 * w, y=0.0, z=back + 0.03)):
            pieces.append(piece)
    return Body(pieces, w, h, d, (0.4 * w, 0.9 * h), lambda y: np.asarray(0 * y - back))


def doctor_body(dice: Dice) -> Body:
    """A box below, a roof above, closed by a frame along x."""
    w, h, d = 1.0, dice.log_between(0.55, 0.85), dice.log_between(0.35, 0.6)
    knee = dice.between(0.4, 0.7)
    t = heights(40)
    edge = dice.between(0.03, 0.1)
    round_ = rounding(t, edge, 0.02)
    deep = d * interpolate(t, [(0, 1), (knee, 1.0), (1, 0.12)])
    deep = np.convolve(np.pad(deep, 3, mode="edge"), np.ones(7) / 7, "valid") * (0.8 + 0.2 * round_)
    wide = (
        w
        * interpolate(t, [(0, 1), (knee, 1.0), (1, dice.between(0.7, 0.95))])
        * (0.93 + 0.07 * round_)
    )
    body = stack(t * h, wide, deep, interpolate(t, [(0, 7), (1, 4)]), 54)
    half = 0.48 * float(wide[-1])
    bar = dice.between(0.02, 0.04)
    frame = np.linspace((-half, h, 0), (half, h, 0), 14)
    pieces = [body, sweep(frame, superellipse(4 * bar, 2 * bar, 4.0, 16), 1.0, (0, 0, 1), ends=bar)]
    clasp = box(0.1, 0.08, 5 * bar, 0.015, count=24)
    pieces.append(moved(clasp, y=h - 0.04))
    if dice.chance(0.4):
        foot = slab(circle(0.03, 14), 0.04, 0.01)
        pieces += [moved(f, y=-0.006) for f in around(moved(foot, x=0.4 * w, z=0.33 * d), 2)]
        pieces += [moved(f, y=-0.006) for f in around(moved(foot, x=-0.4 * w, z=0.33 * d), 2)]
    return Body(pieces, w, h, d, (half, h), front_of(t * h, deep))
