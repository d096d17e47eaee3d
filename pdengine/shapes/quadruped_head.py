"""Neck, head, ears, horns and tail of a four-legged animal."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly
from pdengine.shapes.bodies import ball, direction, fin, jointed, posed, trunk, tube, vector
from pdengine.shapes.curves import Array, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface
from pdengine.shapes.quadruped_plan import Build

SIDES = (-1.0, 1.0)
EARS = {
    "pricked": 4.0,
    "flopped": 2.5,
    "round": 2.0,
    "leaf": 2.5,
    "blade": 1.0,
    "sails": 0.4,
    "rabbit": 0.5,
}
HORNS = {"short": 2.0, "curved": 2.0, "coiled": 1.0, "antlers": 1.5, "straight": 1.0}
TAILS = {
    "whip": 3.0,
    "bush": 2.5,
    "stub": 2.0,
    "curl": 1.2,
    "horse": 2.0,
    "lizard": 0.6,
    "tuft": 1.5,
}


def add_neck_and_head(
    dice: Dice,
    animal: Assembly,
    build: Build,
    chest: tuple[Array, Array],
    pitch: float,
    aside: float,
    pose: str,
) -> None:
    root, along = chest
    rise = build.neck_rise + 0.4 * max(pitch, 0.0)
    if pose != "rearing" and dice.chance(0.18):  # grazing or sniffing
        rise = dice.between(-0.8, 0.0)
    rise = min(rise, 1.5)
    turn = 1.2 * aside + (dice.between(-0.5, 0.5) if dice.chance(0.3) else 0.0)
    size = build.head
    deep, wide = size * dice.between(0.42, 0.66), size * dice.between(0.36, 0.6)
    if build.neckless:  # nothing narrows between the shoulder and the ears
        deep, wide = 1.3 * deep, 1.25 * wide
    reach = build.neck + 0.25 * deep
    end = root + reach * direction(rise, turn)
    end[1] = max(end[1], 0.35 * deep)
    middle = (root + end) / 2 + dice.between(-0.05, 0.18) * reach * direction(rise + pi / 2, turn)
    base = dice.between(0.55, 0.72 if build.neckless else 0.9) * build.height
    top = dice.between(0.6, 0.95) * min(deep, 1.2 * wide)
    slim = dice.between(0.6, 0.9)
    start = root - (0.0 if build.neckless else 0.1) * along
    knots = [
        (*start, base * min(slim, 0.9 * build.width / build.height + 0.2), base),
        (*(0.55 * root + 0.45 * middle), 0.75 * base * slim, 0.8 * base),
        (*(0.4 * middle + 0.6 * end), 0.9 * top * slim + 0.1 * base, 0.9 * top + 0.1 * base),
        (*end, top * slim, top),
    ]
    animal.add("head" if build.neckless else "neck", trunk(knots, 22, 20, 0.5))

    nod = dice.between(-0.9, 0.1) if dice.chance(0.75) else dice.between(0.0, 0.5)
    if rise < 0:
        nod = min(nod, 0.6 * rise)
    turn += dice.between(-0.9, 0.9) if dice.chance(0.3) else 0.0
    tilt = dice.between(-0.3, 0.3) if dice.chance(0.2) else 0.0
    head = [*skull(dice, size, wide, deep)]
    if build.kind == "elephant" or (build.kind == "fable" and dice.chance(0.08)):
        head += _proboscis(dice, size, wide, deep)
    animal.add("head", *posed(head, end, nod, turn, tilt))
    ears: list[Surface] = []
    if dice.chance(0.94):
        kind = dice.weighted(EARS)
        if build.kind == "elephant" and dice.chance(0.85):
            kind = "sails"
        ears += lids(dice, kind, size, wide, deep)
    horned = {"cow": 0.75, "bull": 0.9, "deer": 0.7, "giraffe": 0.9, "fable": 0.3}
    if dice.chance(horned.get(build.kind, 0.04)):
        ears += _horns(dice, build, size, wide, deep)
    animal.add("ear", *posed(ears, end, nod, turn, tilt))


def skull(dice: Dice, size: float, wide: float, deep: float) -> list[Surface]:
    """From the nape (z = 0) to the nose along +z."""
    long = dice.between(0.55, 1.0) * size
    muzzle = dice.between(0.4, 0.9)
    stop = dice.between(0.0, 0.25)  # how sharply the forehead drops
    low = -dice.between(0.05, 0.2) * deep
    knots = [
        (0.0, 0.0, -0.12 * size, 0.6 * wide, 0.6 * deep),
        (0.0, 0.02 * deep, 0.02 * size, 0.95 * wide, 0.95 * deep),
        (0.0, 0.0, 0.2 * size, wide, deep),
        (0.0, low * (0.4 + stop), 0.2 * size + 0.35 * long, *(_mixed(muzzle, 0.5) * [wide, deep])),
        (0.0, low, 0.2 * size + 0.75 * long, muzzle * wide, 0.9 * muzzle * deep),
        (0.0, 1.1 * low, 0.2 * size + 0.9 * long, 0.75 * muzzle * wide, 0.65 * muzzle * deep),
    ]
    surfaces = [trunk(knots, 26, 22, 0.6)]
    if dice.chance(0.3):  # a jaw, the mouth open
        gape = dice.between(0.15, 0.5)
        chin = vector(0, 1.2 * low - 0.25 * deep - gape * 0.4 * long, 0.2 * size + 0.6 * long)
        hinge = vector(0, low - 0.1 * deep, 0.15 * size)
        radii = [0.32 * deep, 0.17 * deep * (1 + muzzle)]
        surfaces.append(jointed([hinge, chin], radii, 14, wide / deep))
    return surfaces


def _mixed(muzzle: float, share: float) -> Array:
    return np.full(2, share + (1 - share) * muzzle)


def _proboscis(dice: Dice, size: float, wide: float, deep: float) -> list[Surface]:
    """The trunk of an elephant, and often tusks; both count as head."""
    long = dice.between(0.9, 1.7) * size
    curve = dice.between(-0.6, 1.6)
    aside = dice.between(-0.4, 0.4)
    t = np.linspace(0, 1, 6)
    angle = -0.9 - 0.5 * t + curve * t**2
    steps = np.stack([np.sin(aside * t), np.sin(angle), np.cos(angle)], 1) * (long / 5)
    path = vector(0, -0.1 * deep, 0.55 * size) + np.cumsum(steps, 0) - steps[0]
    radius = np.interp(np.linspace(0, 1, 26), [0, 1], [0.32 * wide, 0.13 * wide])
    surfaces = [tube(smooth(list(path), 26), radius, 16)]
    if dice.chance(0.7):
        reach = dice.between(0.25, 0.8) * size
        for side in SIDES:
            start = vector(side * 0.28 * wide, -0.25 * deep, 0.45 * size)
            bend = start + reach * vector(0.15 * side, -0.45, 0.5)
            tip = bend + reach * vector(0.05 * side, 0.05, 0.5)
            surfaces.append(
                jointed([start, bend, tip], [0.07 * wide, 0.06 * wide, 0.03 * wide], 10)
            )
    return surfaces


def lids(
    dice: Dice, kind: str, size: float, wide: float, deep: float, grow: float = 1.0
) -> list[Surface]:
    """Ears, blades on both sides of the crown; now and then one flops.

    Args:
        kind: one of ``EARS``.
        grow: how much larger than usual.
    """
    long = {
        "pricked": 0.42,
        "flopped": 0.55,
        "round": 0.3,
        "leaf": 0.42,
        "blade": 0.75,
        "sails": 1.1,
        "rabbit": 1.1,
    }
    reach = grow * size * long[kind] * dice.between(0.75, 1.3)
    broad = {
        "pricked": 0.55,
        "flopped": 0.5,
        "round": 1.0,
        "leaf": 0.45,
        "blade": 0.48,
        "sails": 0.9,
        "rabbit": 0.25,
    }
    chord = reach * broad[kind] * dice.between(0.85, 1.15)
    rise = {
        "pricked": 1.2,
        "flopped": -1.0,
        "round": 0.9,
        "leaf": 0.2,
        "blade": 0.85,
        "sails": -0.1,
        "rabbit": 1.3,
    }
    lift = rise[kind] + dice.between(-0.3, 0.25)
    back = dice.between(-0.5, 0.25)
    odd = dice.chance(0.15)
    ears = []
    for side in SIDES:
        mine = lift - 1.2 if odd and side > 0 else lift
        root = vector(side * 0.3 * wide, 0.3 * deep, dice.between(0.0, 0.04) * size)
        if kind in ("flopped", "sails", "leaf"):
            root = vector(side * 0.4 * wide, 0.2 * deep, 0.02 * size)
        out = vector(side * np.cos(mine), np.sin(mine), back)
        t = np.linspace(0, 1, 16)
        path = root + out * (t * reach)[:, None]
        if kind == "flopped":  # up and over, then down
            path[:, 0] += side * 0.12 * reach * np.sin(pi * t)
        shape = (1 - t**2) ** 0.7 if kind == "pricked" else np.sin(pi * (0.15 + 0.85 * t)) ** 0.6
        shape = np.maximum(np.nan_to_num(shape), 0.08)
        edge = 0.5 * chord * shape[:, None] * (
            vector(0, 0, 1) if kind in ("flopped", "leaf") else vector(side * 0.75, 0, 0.65)
        )  # fmt: skip
        if kind == "sails":
            edge = 0.5 * chord * shape[:, None] * vector(0.3 * side, -0.9, 0.3)
        ears.append(fin(path + edge, path - edge, 0.09 * size * (1 - 0.5 * t), 0.1 * chord, 14))
    return ears


def _horns(dice: Dice, build: Build, size: float, wide: float, deep: float) -> list[Surface]:
    """Horns count as ears: both stick out of the crown."""
    kind = dice.weighted(HORNS)
    if build.kind == "deer":
        kind = "antlers"
    if build.kind == "giraffe":
        kind = "straight"
    long = size * dice.between(0.35, 1.1) * (0.4 if kind in ("short", "straight") else 1.0)
    thick = size * dice.between(0.035, 0.08)
    flare = dice.between(0.2, 1.0)
    horns = []
    for side in SIDES:
        root = vector(side * 0.2 * wide, 0.3 * deep, 0.1 * size)
        t = np.linspace(0, 1, 5)
        turn = {"coiled": 3.6, "curved": 1.5, "antlers": 0.7}.get(kind, 0.1) * t
        heading = np.stack(
            [side * flare * np.cos(turn), 0.9 * np.cos(0.6 * turn) + 0 * t, -np.sin(turn)], 1
        )
        if kind == "coiled":
            heading = np.stack([0.4 * side + 0 * t, np.cos(turn + 0.5), -np.sin(turn + 0.5)], 1)
        path = root + np.cumsum(heading, 0) * (long / 5) - heading[0] * (long / 8)
        curve = smooth(list(path), 18)
        horns.append(tube(curve, np.linspace(thick, 0.35 * thick, 18), 10))
        if kind == "straight":
            horns.append(ball(curve[-1], [2.6 * thick] * 3, 10))
        for k in range(dice.whole(2, 3) if kind == "antlers" else 0):
            base = curve[5 + 4 * k]
            tip = base + 0.4 * long * vector(0.2 * side, 0.7, 0.6 - 0.3 * k)
            horns.append(jointed([base, tip], [0.6 * thick, 0.3 * thick], 8))
    return horns


def add_tail(
    dice: Dice,
    animal: Assembly,
    build: Build,
    rump: tuple[Array, Array],
    pitch: float,
    aside: float,
) -> None:
    """Hanging, raised, curled, bushy or a thick one that drags behind."""
    kind = dice.weighted(TAILS)
    if build.kind in ("lizard", "elephant", "pig", "horse") and dice.chance(0.7):
        kind = {"lizard": "lizard", "elephant": "tuft", "pig": "curl", "horse": "horse"}[build.kind]
    if build.kind == "fox" and dice.chance(0.8):
        kind = "bush"
    root, back = rump
    long = {"stub": 0.16, "curl": 0.55, "lizard": 1.1, "bush": 0.6}.get(kind, 0.65)
    # The first tenth is buried in the rump.
    long = 0.1 + long * dice.log_between(0.7, 1.5)
    thick = {"bush": 0.09, "lizard": 0.12, "horse": 0.07, "stub": 0.06}.get(kind, 0.035)
    thick *= dice.log_between(0.75, 1.7)
    start = float(np.arcsin(np.clip(back[1], -1, 1)))
    up = dice.between(-1.2, 1.2)
    lower = min(root[1] / long, 0.6)  # do not reach into the ground
    swing = aside + (dice.between(-1.0, 1.0) if dice.chance(0.4) else 0.0)
    t = np.linspace(0, 1, 9)
    angle = start + (up - start) * np.clip(2 * t, 0, 1) + dice.between(-0.9, 0.9) * t
    if kind == "curl":
        angle = 0.4 + dice.between(4.0, 8.0) * t
    if kind == "lizard":
        angle = np.maximum(start, -lower) * (1 - t) - 0.15 * lower * t
    hangs = kind not in ("curl", "lizard", "stub") and dice.chance(0.6)
    if hangs:  # down behind the rump, between or beside the hind legs
        fall = -dice.between(1.2, 1.9)  # some lie against the legs
        angle = start + (fall - start) * np.clip(dice.log_between(2.5, 12) * t, 0, 1)
        angle = angle + dice.between(-0.3, 0.5) * np.clip(2 * t - 1, 0, 1)
    heading = pi + swing * t * (1 if kind != "curl" else 0.3)
    steps = np.stack(
        [np.cos(angle) * np.sin(heading), np.sin(angle), np.cos(angle) * np.cos(heading)], 1
    )
    if kind == "curl":
        steps[:, 0] += 0.3
    path = root - 0.12 * back + np.cumsum(steps, 0) * (long / 8) - steps[0] * (long / 8)
    path[:, 1] = np.maximum(path[:, 1], thick)
    curve = smooth(list(path), 30)
    s = np.linspace(0, 1, 30)
    radius = thick * np.interp(s, [0, 1], [1.0, 0.55])
    if kind == "bush":
        radius = thick * (0.45 + 0.9 * np.sin(pi * np.clip(0.1 + 0.85 * s, 0, 1)))
    if kind == "lizard":
        radius = thick * (1.08 - s) + 0.01
    if kind == "horse":
        radius = thick * np.interp(s, [0, 0.3, 0.8, 1], [0.7, 1.0, 1.1, 0.5])
    animal.add("tail", tube(curve, radius, 14))
    if kind == "tuft":
        animal.add("tail", ball(curve[-1], [3.4 * thick, 3.4 * thick, 3.4 * thick], 12))
