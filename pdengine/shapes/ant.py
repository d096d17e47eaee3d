"""Ants and other six-legged insects: soldiers, wasps, beetles, crickets, cartoons, toys."""

from math import cos, pi, sin

import numpy as np

from pdengine.shapes.ant_plan import Build, build_of
from pdengine.shapes.assembly import Assembly, reshaped
from pdengine.shapes.bodies import ball, direction, jointed, knee, posed, trunk, tube, vector
from pdengine.shapes.curves import Array, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface
from pdengine.shapes.warp import warp

PARTS = ("head", "torso", "back", "leg", "antenna")
SIDES = (-1.0, 1.0)
POSES = {
    "standing": 4.0,
    "walking": 4.0,
    "specimen": 1.5,
    "crouching": 1.2,
    "rearing": 1.0,
    "curled": 0.7,
    "scrambling": 1.5,
}
ANTENNAE = {"elbowed": 4.0, "arc": 2.5, "clubbed": 1.2, "beaded": 0.8, "swept": 1.0, "short": 0.8}


def make_ant(seed: int) -> LabelledMesh:
    """The torso is 1 long and lies along z around the origin; everything else hangs on it."""
    dice = Dice("ant", seed)
    ant = Assembly(dice, PARTS)
    build = build_of(dice)
    pose = dice.weighted(POSES)
    _add_torso(dice, ant, build)
    _add_head(dice, ant, build)
    _add_back(dice, ant, build)
    _add_legs(dice, ant, build, pose)

    change = warp(dice, (0.15, 0.15, 0.15))
    pitch = dice.between(0.15, 0.6) if pose == "rearing" else dice.between(-0.15, 0.15)
    if dice.chance(0.07):  # up a wall, or on its back
        pitch = dice.pick([0.5 * pi, -0.5 * pi, pi])

    def pitched(vertices: Array) -> Array:
        x, y, z = vertices.T
        c, s = cos(pitch), sin(pitch)
        return change(np.stack([x, c * y + s * z, c * z - s * y], 1))

    return ant.mesh(pitched)


def _add_torso(dice: Dice, ant: Assembly, build: Build) -> None:
    """The thorax: one piece, often with a hump in front and a lower one behind."""
    wide, high = build.torso_wide, build.torso_high
    hump, pinch = dice.between(-0.05, 0.25), dice.between(0.0, 0.35) * build.pinched
    rear = dice.between(0.6, 1.0)
    knots = [
        (0.0, -0.02 * high, -0.5, 0.55 * rear * wide, 0.55 * rear * high),
        (0.0, 0.0, -0.3, 0.9 * rear * wide, 0.9 * rear * high),
        (0.0, -0.05 * high * pinch, -0.02, (1 - pinch) * wide, (1 - pinch) * high),
        (0.0, hump * high, 0.25, wide, high),
        (0.0, 0.6 * hump * high, 0.42, 0.75 * wide, 0.75 * high),
        (0.0, 0.4 * hump * high, 0.52, 0.5 * wide, 0.5 * high),
    ]
    ant.add("torso", trunk(knots, 24, 22, 0.6))
    if dice.chance(0.12) and build.pinched:  # thorns on the shoulders
        for side in SIDES:
            root = vector(side * 0.25 * wide, 0.35 * high, -0.3)
            tip = root + dice.between(0.2, 0.4) * vector(0.5 * side, 0.6, -0.6)
            ant.add("torso", jointed([root, tip], [0.06, 0.03], 8))


def _add_head(dice: Dice, ant: Assembly, build: Build) -> None:
    """Skull, eyes and mandibles look ahead from the neck, then nod and turn as one."""
    long, wide, high = build.head_long, build.head_wide, build.head_high
    heart, jaw = dice.between(0.85, 1.1), dice.between(0.5, 0.9)
    skull = [
        (0.0, 0.0, -0.05 * long, 0.5 * wide * heart, 0.55 * high),
        (0.0, 0.0, 0.12 * long, 0.95 * wide * heart, 0.92 * high),
        (0.0, 0.0, 0.45 * long, wide, high),
        (0.0, -0.06 * high, 0.75 * long, (0.4 + 0.6 * jaw) * wide, 0.78 * high),
        (0.0, -0.12 * high, 0.98 * long, jaw * wide, 0.5 * high),
    ]
    pieces: list[Surface] = [trunk(skull, 20, 22, 0.6)]
    if dice.chance(0.7):
        eye = dice.between(0.14, 0.4) * min(wide, high)
        bulge = dice.between(0.36, 0.46)
        ahead = dice.between(0.3, 0.7) * long
        for side in SIDES:
            at = (side * bulge * wide, dice.between(0.14, 0.22) * high, ahead)
            pieces.append(ball(at, (0.8 * eye, eye, 1.25 * eye), 12))
    if dice.chance(build.biting):
        reach = long * dice.log_between(0.25, 0.75)
        thick = dice.between(0.05, 0.09) * wide + 0.015
        crossing = dice.between(-0.05, 0.25) * wide
        spread = dice.between(0.3, 0.7)
        for side in SIDES:
            root = vector(side * 0.28 * wide * jaw, -0.15 * high, 0.93 * long)
            middle = root + reach * vector(side * spread * 0.5, 0, 0.55)
            tip = vector(side * (crossing + 0.02), -0.15 * high, 0.95 * long + reach)
            path = smooth([root, middle, tip], 12)
            pieces.append(tube(path, np.linspace(1.6, 0.6, 12) * thick, 10))
    feelers = _antennae(dice, build) if dice.chance(0.96) else []
    nod = dice.between(-1.0, 0.3) if dice.chance(0.75) else dice.between(-1.4, 0.6)
    turn = dice.between(-0.5, 0.5) if dice.chance(0.4) else 0.0
    neck = vector(0.0, dice.between(-0.05, 0.15) * build.torso_high, 0.5 + dice.between(0.02, 0.14))
    ant.add("head", *posed(pieces, neck, nod, turn))
    ant.add("antenna", *posed(feelers, neck, 0.5 * nod, turn))
    middle = neck + vector(0, 0, 0.25 * long)
    thick = 0.28 * min(high, wide, build.torso_high)
    ant.add("head", jointed([vector(0, 0.3 * neck[1], 0.35), middle], [thick, thick], 14))


def _antennae(dice: Dice, build: Build) -> list[Surface]:
    kind = dice.weighted(ANTENNAE)
    long = build.antenna * (0.4 if kind == "short" else 1.0)
    radius = build.leg_radius * dice.between(0.55, 1.0)
    rise, out = dice.between(-0.1, 1.1), dice.between(0.2, 1.0)
    sway = dice.between(-0.4, 0.4)
    odd = dice.between(-0.5, 0.5) if dice.chance(0.35) else 0.0
    feelers = []
    for side in SIDES:
        mine = rise + odd * side
        root = vector(side * 0.22 * build.head_wide, 0.25 * build.head_high, 0.62 * build.head_long)
        start = root - 0.1 * build.head_long * direction(mine, side * out)
        if kind == "elbowed":
            bend = root + 0.42 * long * direction(mine, side * out)
            turned = direction(mine - dice.between(0.6, 1.3), side * (0.4 * out + sway))
            tip = bend + 0.58 * long * turned
            feelers.append(jointed([start, bend, tip], [0.9 * radius, radius, 1.1 * radius], 10))
            continue
        if kind == "swept":
            middle = root + 0.4 * long * direction(mine + 0.5, side * (out + 0.3))
            tip = middle + 0.8 * long * direction(0.3 * mine, side * (2.2 + sway))
        else:
            middle = root + 0.5 * long * direction(mine + 0.3, side * out)
            tip = middle + 0.5 * long * direction(mine - 0.6 + sway, side * (out + sway))
        path = smooth([start, root, middle, tip], 22)
        size = np.full(22, radius)
        if kind == "clubbed":
            size = radius * (0.85 + 1.6 * np.exp(-(((np.linspace(0, 1, 22) - 0.95) / 0.1) ** 2)))
        elif kind == "beaded":
            size = radius * (1 + 0.3 * np.sin(np.arange(22) * (pi / 1.5)))
        feelers.append(tube(path, size, 10))
    return feelers


def _add_back(dice: Dice, ant: Assembly, build: Build) -> None:
    """The waist, half of it torso, and the abdomen behind it."""
    pitch = build.back_pitch
    turn = dice.between(-0.3, 0.3) if dice.chance(0.25) else 0.0
    behind = -direction(-pitch, turn)
    end = vector(0, -0.03 * build.torso_high, -0.42)
    start = end + (build.waist + 0.1) * vector(0, 0.3 * behind[1], -1)
    thick = build.waist_thick
    if build.waist > 0.05:
        middle = (end + start) / 2
        inner = start + 0.15 * build.back_long * behind
        ant.add("torso", jointed([end + vector(0, 0, 0.1), middle], [thick * 1.2, thick], 14))
        ant.add("back", jointed([middle, start, inner], [thick, thick, 1.2 * thick], 14))
        if dice.chance(0.55):  # the scale or the knots of an ant's waist
            knot = thick * dice.between(2.2, 4.0)
            at = middle + vector(0, 0.25 * knot, 0.03)
            ant.add("back", ball(at, (knot, 1.3 * knot, 0.7 * knot), 14))
    long, wide, high = build.back_long, build.back_wide, build.back_high
    droop = dice.between(-0.35, 0.15)
    t = np.linspace(0, 1, 34)
    # Fullest in front for small powers; the end is round (0.5) or pointed (1).
    fullest, pointed = dice.between(0.7, 1.35), dice.between(0.5, 0.9)
    u = np.clip(t, 0.015, 0.985) ** fullest
    sizes = np.sqrt(u) * (1 - u) ** pointed
    sizes = sizes / sizes.max()
    if dice.chance(0.35):  # rings
        rings, deep = dice.whole(3, 7), dice.between(0.03, 0.1)
        sizes = sizes * (1 - deep * np.abs(np.sin(pi * rings * t)) ** 0.3 + deep)
    path = start + (t * long)[:, None] * behind + (droop * long * t**2)[:, None] * vector(0, 1, 0)
    body = tube(path, np.stack([wide * sizes, high * sizes], 1) / 2, 26, 0.6)
    if build.shell:  # wing cases: a dome above, flat below, at times with a seam
        floor, seam = dice.between(0.15, 0.5), dice.chance(0.6)

        def domed(vertices: Array) -> Array:
            x, y, z = vertices.T
            low = y < start[1]
            lid = np.where(low, start[1] + floor * (y - start[1]), y)
            groove = np.exp(-((x / (0.06 * wide)) ** 2)) * (0.05 * high) * ~low * seam
            return np.stack([x, lid - groove, z], 1)

        body = reshaped(body, domed)
    ant.add("back", body)
    if dice.chance(build.sting):
        root, away = path[-4], path[-1] - path[-4]
        away = away / float(np.sqrt(away @ away))
        size = 0.08 * max(wide, 0.4)
        needle = [root, path[-1], path[-1] + dice.between(0.1, 0.3) * long * away]
        ant.add("back", jointed(needle, [1.5 * size, size, 0.35 * size], 10))


def _add_legs(dice: Dice, ant: Assembly, build: Build, pose: str) -> None:
    """Six legs of hip, thigh, shin and foot; the knees stand above the body or beside it."""
    high = build.leg * dice.between(0.25, 0.55)
    reach = build.leg * dice.between(0.55, 0.8)
    fan = dice.between(0.5, 1.0)
    step = dice.between(0.15, 0.4) if pose in ("walking", "scrambling") else 0.0
    if pose == "crouching":
        high, reach = 0.5 * high + 0.3 * build.torso_high, 1.1 * reach
    elif pose == "specimen":
        high, reach = dice.between(-0.1, 0.15) * build.leg, 0.85 * build.leg
    elif pose == "curled":
        high, reach = dice.between(0.3, 0.5) * build.leg, dice.between(0.1, 0.3) * build.leg
    thigh_swell, foot_share = dice.between(1.0, 1.9), dice.between(0.1, 0.3)
    bow = dice.between(1.08, 1.35)
    slim = dice.between(0.55, 0.9)
    for pair, place in enumerate((0.34, 0.02, -0.3)):
        for side in SIDES:
            tripod = side if pair != 1 else -side
            root = vector(side * 0.3 * build.torso_wide, -0.25 * build.torso_high, place)
            sway = dice.between(-0.3, 0.3) if pose == "scrambling" else dice.between(-0.05, 0.05)
            turn = (1 - pair) * fan + (0.12 if pair == 1 else 0.0) + step * tripod + sway
            lift = (
                dice.between(0.1, 0.5) * high if step and tripod > 0 and dice.chance(0.6) else 0.0
            )
            if pose == "rearing" and pair == 0:
                lift = dice.between(0.8, 1.8) * high
            hind = build.hind if pair == 2 else 1.0
            grown = hind * (1.0 if pair != 1 else dice.between(0.9, 1.0))
            out = vector(side * cos(turn), 0, sin(turn))
            hip = root + (0.12 * build.leg + 0.2 * build.torso_wide) * out
            foot = root + grown * reach * out + vector(0, lift - high, 0)
            span = foot - hip
            long = max(bow * float(np.sqrt(span @ span)), 0.75 * grown * build.leg)
            above = knee(hip, foot, long, vector(0, 1, 0) + 0.5 * out)
            toe = foot + foot_share * build.leg * (out + vector(0, -0.1, 0))
            r = build.leg_radius
            thick = hind * thigh_swell * r
            middle = hip + 0.4 * (above - hip)
            radii = [1.5 * r, 1.1 * r, thick, r, slim * r, 0.8 * slim * r]
            joints = [root, hip, middle, above, foot, toe]
            ant.add("leg", jointed(joints, radii, 12))
