"""Head, hands, feet and tail of an animal that stands upright."""

from math import cos, pi, sin

import numpy as np

from pdengine.shapes.assembly import Assembly
from pdengine.shapes.biped_plan import Build
from pdengine.shapes.bodies import across, ball, direction, jointed, posed, tube, unit, vector
from pdengine.shapes.curves import Array, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface
from pdengine.shapes.quadruped_head import lids, skull

SIDES = (-1.0, 1.0)


def add_head(dice: Dice, biped: Assembly, build: Build, root: Array, lean: float) -> None:
    """Neck, skull with its muzzle, ears; the neck counts as head."""
    size = build.head
    deep, wide = size * dice.between(0.55, 0.85), size * dice.between(0.5, 0.85)
    rise = pi / 2 - 0.6 * lean
    up = direction(rise)
    end = root + (build.neck + 0.3 * deep) * up
    thick = 0.5 * min(0.75 * wide, 0.7 * build.shoulder)
    foot = root - 0.12 * direction(pi / 2 - lean)
    biped.add("head", jointed([foot, root, end], [1.15 * thick, thick, 0.95 * thick], 12))
    nod = dice.between(-0.6, 0.2) if dice.chance(0.8) else dice.between(0.2, 0.8)
    lively = dice.chance(0.45)
    turn = dice.between(-1.0, 1.0) if lively else 0.0
    tilt = dice.between(-0.3, 0.3) if lively else 0.0
    at = end - 0.1 * size * direction(0.0, turn)
    pieces = [*skull(dice, size, wide, deep)]
    if dice.chance(0.4):
        eye = size * dice.between(0.08, 0.22)
        for side in SIDES:
            spot = (side * 0.33 * wide, 0.28 * deep, 0.32 * size)
            pieces.append(ball(spot, [eye] * 3, 12))
    if dice.chance(0.35):
        nose = size * dice.between(0.08, 0.16)
        tip = max(float(p.vertices[:, 2].max()) for p in pieces[:1])
        low = float(pieces[0].vertices[np.argmax(pieces[0].vertices[:, 2]), 1])
        pieces.append(ball((0, low + 0.05 * size, tip - 0.2 * nose), [nose] * 3, 12))
    biped.add("head", *posed(pieces, at, nod, turn, tilt))
    if build.ears != "none":
        ears = lids(dice, build.ears, size, wide, deep, build.ear_grow)
        biped.add("ear", *posed(ears, at, nod, turn, tilt))
    elif dice.chance(0.4):  # horns, which count as head
        long = size * dice.between(0.25, 0.7)
        for side in SIDES:
            start = vector(side * 0.25 * wide, 0.3 * deep, 0.1 * size)
            bend = start + 0.6 * long * vector(0.4 * side, 0.8, -0.3)
            tip_ = bend + 0.5 * long * vector(0.1 * side, 0.6, -0.7)
            horn = tube(
                smooth([start, bend, tip_], 12), np.linspace(0.08, 0.03, 12) * size * 1.3, 10
            )
            biped.add("head", *posed([horn], at, nod, turn, tilt))


def hand(
    dice: Dice, style: str, wrist: Array, along: Array, inwards: Array, radius: float, size: float
) -> list[Surface]:
    """A mitten, a paw with claws, or a palm with three or four fingers."""
    palm_side = across(along, inwards)
    thumb_side = np.cross(along, palm_side)
    long = size * radius
    end = wrist + 0.9 * long * along
    if style == "mitten":
        surfaces = [jointed([wrist, end], [0.95 * radius, 0.5 * long], 12)]
        if dice.chance(0.6):
            thumb = wrist + 0.5 * long * along + 0.7 * long * unit(thumb_side + 0.4 * along)
            start = wrist + 0.3 * long * along
            surfaces.append(jointed([start, thumb], [0.28 * long, 0.22 * long], 10))
        return surfaces
    surfaces = [jointed([wrist, end], [0.9 * radius, 0.42 * long], 12)]
    count = dice.whole(3, 4)
    spread, curve = dice.between(0.15, 0.6), dice.between(0.0, 0.9)
    reach = long * (dice.between(0.3, 0.6) if style == "claws" else dice.between(0.6, 1.1))
    for k in range(count):
        shift = 2 * k / (count - 1) - 1
        base = wrist + 0.75 * long * along + 0.32 * long * shift * thumb_side
        way = unit(along + spread * shift * thumb_side)
        middle = base + (0.3 * long + 0.5 * reach) * way
        tip = middle + 0.5 * reach * unit(way + curve * palm_side)
        thick = 0.17 * long
        radii = [thick, thick, (0.35 if style == "claws" else 0.85) * thick]
        surfaces.append(jointed([base, middle, tip], radii, 7))
    return surfaces


def foot(
    dice: Dice,
    style: str,
    ankle: Array,
    ball_of_foot: Array,
    toe: Array,
    radius: float,
    wide: float,
) -> list[Surface]:
    """From the ankle over the ball of the foot to the toes, smooth or with toes or claws."""
    forwards = unit(toe - ball_of_foot)
    high = 0.75 * radius
    root = [ankle, ball_of_foot, ball_of_foot + 0.55 * (toe - ball_of_foot)]
    flat = dice.between(1.1, 1.7)
    if style == "boot":
        radii = [0.95 * radius, 0.5 * (high + wide / flat), 0.6 * high]
        return [jointed([*root[:2], toe], radii, 12, flat)]
    surfaces = [jointed(root, [0.95 * radius, 0.48 * wide, 0.42 * wide], 12, flat)]
    aside = across(forwards, vector(1, 0, 0))
    count = dice.whole(2, 4)
    fan = dice.between(0.1, 0.35)
    for k in range(count):
        shift = 2 * k / (count - 1) - 1
        start = root[2] + 0.36 * wide * flat * shift * aside
        way = unit(forwards + fan * shift * aside)
        long = 0.5 * float(np.sqrt(((toe - ball_of_foot) ** 2).sum())) + 0.15 * wide
        thick = 0.62 * wide * flat / count
        radii = [thick, (0.35 if style == "claws" else 0.75) * thick]
        surfaces.append(jointed([start, start + long * way], radii, 8))
    return surfaces


def add_tail(dice: Dice, biped: Assembly, build: Build, root: Array, ground: float) -> None:
    """Thick and dragging, a whip, a brush or a ball; it leaves the hip behind."""
    kind = build.tail_kind
    if kind == "ball":
        size = dice.between(0.14, 0.42)
        at = root - vector(0, 0, 0.25 * size)
        biped.add("tail", ball(at, [size, size, size * dice.between(0.9, 1.4)], 18))
        return
    long = build.tail + 0.4 * build.depth
    thick = {"whip": 0.05, "bush": 0.11}.get(kind, dice.between(0.22, 0.42) * build.depth)
    t = np.linspace(0, 1, 24)
    start = dice.between(-1.2, -0.2)
    end = dice.between(-0.5, 0.5) if kind == "thick" else dice.between(-0.6, 1.6)
    if kind == "thick" and build.kind != "dinosaur" and dice.chance(0.5):
        start, end = dice.between(-1.5, -0.9), dice.between(-1.6, -0.6)  # down between the legs
    if build.kind == "dinosaur":
        start = dice.between(-0.5, 0.2)
    angle = start + (end - start) * np.clip(1.5 * t, 0, 1)
    if dice.chance(0.25):
        angle = angle + dice.between(0.5, 3.0) * np.clip(2 * t - 1, 0, 1)
    swing = (dice.between(-1.4, 1.4) if dice.chance(0.5) else dice.between(-0.2, 0.2)) * t
    steps = np.stack(
        [np.cos(angle) * np.sin(swing), np.sin(angle), -np.cos(angle) * np.cos(swing)], 1
    )
    path = root + np.cumsum(steps, 0) * (long / 23) + vector(0, 0, 0.25 * build.depth)
    path[:, 1] = np.maximum(path[:, 1], ground + 0.06)
    radius = thick * np.interp(t, [0, 1], [1.0, 0.55])
    if kind == "thick":
        slim = dice.between(0.06, 0.3)
        radius = thick * ((1 - slim) * (1 - t) ** dice.between(0.7, 1.3) + slim)
    elif kind == "bush":
        radius = thick * dice.between(1.0, 1.7) * (0.4 + np.sin(pi * np.clip(0.1 + 0.85 * t, 0, 1)))
    radius = np.maximum(radius, 0.022)
    if kind == "thick" and dice.chance(0.25):  # rings, as on an armadillo's tail
        radius = radius * (1 + 0.1 * np.sin(np.arange(24) * 2.1))
    biped.add(
        "tail", tube(smooth(list(path[::2]), 34), np.interp(np.linspace(0, 1, 34), t, radius), 14)
    )


def bent_down(angle_ahead: float, aside: float, side: float) -> Array:
    """A unit vector that hangs down, swung ahead and then away from the middle."""
    return vector(side * sin(aside), -cos(angle_ahead) * cos(aside), sin(angle_ahead) * cos(aside))
