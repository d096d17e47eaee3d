"""Birds: sparrows, eagles, gliders, swans, ducks, penguins, ostriches, sitting or flying."""

from math import cos, pi, sin

import numpy as np

from pdengine.shapes.assembly import Assembly
from pdengine.shapes.bird_sculpted import add_paddle_tail, add_stub_head, add_stub_legs
from pdengine.shapes.bird_wings import BodyPlan, add_tail, add_wings
from pdengine.shapes.bodies import ball, direction, jointed, posed, trunk, vector
from pdengine.shapes.curves import Array, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface
from pdengine.shapes.warp import warp

PARTS = ("body", "head", "leg", "tail", "wing")
SIDES = (-1.0, 1.0)
KINDS = {
    "songbird": 5.0,
    "eagle": 4.0,
    "wader": 3.0,
    "swan": 2.0,
    "duck": 2.5,
    "penguin": 1.2,
    "owl": 1.2,
    "ostrich": 1.2,
    "gull": 3.0,
    "rooster": 1.5,
    "glider": 8.0,
}
# For a body of length 1: height, pitch above the horizon, neck, legs, head: (low, high) each.
PLANS = {
    "songbird": ((0.4, 0.7), (0.0, 0.9), (0.02, 0.12), (0.15, 0.5), (0.26, 0.48)),
    "eagle": ((0.32, 0.5), (0.0, 1.1), (0.08, 0.25), (0.2, 0.5), (0.18, 0.3)),
    "wader": ((0.35, 0.55), (-0.1, 0.6), (0.4, 1.3), (0.8, 1.9), (0.14, 0.24)),
    "swan": ((0.35, 0.55), (-0.1, 0.25), (0.6, 1.2), (0.1, 0.35), (0.15, 0.24)),
    "duck": ((0.35, 0.58), (-0.1, 0.5), (0.12, 0.4), (0.12, 0.35), (0.24, 0.36)),
    "penguin": ((0.4, 0.6), (1.1, 1.5), (0.02, 0.15), (0.05, 0.15), (0.26, 0.38)),
    "owl": ((0.5, 0.75), (0.8, 1.4), (0.0, 0.05), (0.1, 0.25), (0.4, 0.6)),
    "ostrich": ((0.5, 0.75), (-0.1, 0.3), (0.6, 1.2), (0.8, 1.5), (0.14, 0.22)),
    "gull": ((0.28, 0.42), (-0.1, 0.4), (0.05, 0.2), (0.15, 0.4), (0.2, 0.3)),
    "rooster": ((0.5, 0.8), (0.1, 0.7), (0.15, 0.5), (0.3, 0.6), (0.2, 0.32)),
    "glider": ((0.26, 0.5), (-0.1, 0.3), (0.0, 0.12), (0.12, 0.35), (0.14, 0.32)),
}
FLIES = {
    "glider": 1.0,
    "gull": 0.7,
    "eagle": 0.65,
    "songbird": 0.35,
    "duck": 0.3,
    "swan": 0.25,
    "wader": 0.25,
}
# Kinds whose sculptor may have left neck and beak away.
STUMPY = ("songbird", "eagle", "duck", "gull", "glider")
BEAKS = {"cone": 4.0, "hook": 2.0, "bill": 2.0, "dagger": 2.0, "curve": 1.2}


def make_bird(seed: int) -> LabelledMesh:
    """The body is 1 long, its middle the origin; legs reach for the ground below."""
    dice = Dice("bird", seed)
    bird = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    # Sculpted ones have thick wings and tails, heads that flow into the breast, few legs.
    fat = dice.log_between(2.0, 4.5) if dice.chance(0.85 if kind == "glider" else 0.3) else 1.0
    flying = dice.chance(max(0.65 if fat > 1 else 0.05, FLIES.get(kind, 0.0)))
    heights, pitches, necks, legs, heads = PLANS[kind]
    pitch = dice.between(-0.15, 0.35) if flying else dice.between(*pitches)
    plan, body = _body(dice, dice.log_between(*heights))
    bird.add("body", *posed([body], (0, 0, 0), nod=pitch))

    stumpy = fat > 1 and flying and kind in STUMPY
    neck, head = dice.between(*necks), dice.between(*heads)
    if stumpy and dice.chance(0.65):
        add_stub_head(dice, bird, plan, pitch)
    else:
        _add_neck_and_head(dice, bird, kind, plan, pitch, neck, head, fat > 1)
    if not flying:
        _add_legs(dice, bird, kind, plan, pitch, dice.log_between(*legs))
    elif stumpy and dice.chance(0.3):
        add_stub_legs(dice, bird, plan, pitch)
    elif dice.chance(0.45 if fat == 1 else 0.1):
        _add_trailing_legs(dice, bird, plan, pitch, dice.log_between(*legs))
    if stumpy and dice.chance(0.7):
        add_paddle_tail(dice, bird, plan, pitch)
    elif kind != "ostrich" or dice.chance(0.6):
        add_tail(dice, bird, kind, plan, pitch, flying, fat)
    add_wings(dice, bird, kind, plan, pitch, flying, fat)

    change = warp(dice, (0.12, 0.15, 0.15))
    return bird.mesh(change)


def lifted(point: Array, pitch: float) -> Array:
    """From the frame of the body, which lies along z, to the frame of the bird."""
    x, y, z = point
    return vector(x, y * cos(pitch) + z * sin(pitch), z * cos(pitch) - y * sin(pitch))


def _body(dice: Dice, height: float) -> tuple[BodyPlan, Surface]:
    """An egg along z, breast in front."""
    width = height * dice.between(0.75, 1.05)
    fullest = dice.between(0.0, 0.25)
    rump = dice.between(0.2, 0.45)
    belly = dice.between(-0.12, 0.03)
    stations = np.array([0.48, 0.44, 0.36, 0.26, 0.14, 0.0, -0.12, -0.24, -0.36, -0.48])
    front = np.sqrt(1 - np.clip((stations - fullest) / (0.52 - fullest), 0, 1) ** 2)
    back = 0.5 + 0.5 * np.cos(pi * np.clip((fullest - stations) / (0.52 + fullest), 0, 1))
    profile = front * (rump + (1 - rump) * back)
    shares = list(zip(stations.tolist(), profile.tolist(), strict=True))
    knots = [(0.0, belly * cos(pi * z), z, width * s, height * s) for z, s in shares]
    z, share = (np.array(column) for column in zip(*reversed(shares), strict=True))
    fine = smooth([np.array([a, b]) for a, b in zip(z, share, strict=True)], 40)
    plan = BodyPlan(fine[:, 0], fine[:, 1] * width / 2, fine[:, 1] * height / 2, belly)
    return plan, trunk(knots, 28, 26)


def _add_neck_and_head(
    dice: Dice,
    bird: Assembly,
    kind: str,
    plan: BodyPlan,
    pitch: float,
    neck: float,
    size: float,
    sculpted: bool,
) -> None:
    """The neck counts as head: it swings with it."""
    height = 2 * float(plan.half_height.max())
    # Where the breast points up, the neck grows out of its middle.
    above = 0.22 * height * max(0.0, 1 - pitch / 0.9)
    start = lifted(vector(0, above, 0.33), pitch)
    rise = dice.between(max(0.3, min(pitch, 0.9)), 1.5)
    if pitch < 0.6 and dice.chance(0.18):  # an upright bird would bury its head in its breast
        rise = dice.between(-0.9, 0.2)
    aside = dice.between(-0.6, 0.6) if dice.chance(0.35) else 0.0
    reach = max(neck, 0.1) + 0.3 * size
    end = start + reach * direction(rise, aside)
    thick = dice.between(0.3, 0.6) * size if neck > 0.3 else dice.between(0.55, 0.85) * size
    curve = dice.between(-0.35, 0.45) * neck
    along = direction(pitch)
    middle = (start + end) / 2 + curve * np.array([0, -sin(rise), cos(rise)])
    first = start + 0.25 * (middle - start) + 0.1 * reach * along
    base = max(thick, dice.between(0.3, 0.55) * height) if neck > 0.1 else thick
    if sculpted:
        base, thick = max(base, 0.75 * height), max(thick, dice.between(0.6, 0.9) * size)
    root = start - 0.08 * along
    ends = [(root, base), (first, 0.6 * base + 0.4 * thick), (middle, thick), (end, 0.9 * thick)]
    bird.add("head", trunk([(*p, w, w) for p, w in ends], 24, 18))

    skull = (size * dice.between(0.8, 1.05), size * dice.between(0.8, 1.05), size)
    surfaces = [ball((0, 0, 0), skull, 20), *_beak(dice, kind, size)]
    if kind == "rooster" or dice.chance(0.12):  # a comb or a crest
        tall, tip = size * dice.between(0.4, 0.9), dice.between(-0.9, 0.1) * size
        crest = jointed(
            [(0, 0.3 * size, 0.1 * size), (0, 0.5 * size, -0.1 * size), (0, tall, tip)],
            [0.14 * size, 0.14 * size, 0.05 * size],
            12,
            0.5,
        )
        surfaces.append(crest)
    nod = dice.between(-0.5, 0.3) + (0.5 * rise if rise < 0 else 0.0)
    turn = aside + (dice.between(-1.2, 1.2) if dice.chance(0.35) else 0.0)
    bird.add("head", *posed(surfaces, end, nod, turn))


def _beak(dice: Dice, kind: str, size: float) -> list[Surface]:
    likely = {"eagle": "hook", "owl": "hook", "duck": "bill", "swan": "bill", "wader": "dagger"}
    shape = likely.get(kind, "cone") if dice.chance(0.7) else dice.weighted(BEAKS)
    if kind == "wader" and dice.chance(0.4):
        shape = "curve"
    long = size * dice.log_between(0.35, 0.8) * {"dagger": 2.2, "curve": 2.2}.get(shape, 1.0)
    base = size * dice.between(0.2, 0.4)
    wide = base * (1.3 if shape == "bill" else 0.8)
    drop = long * {"hook": 0.45, "curve": 0.5}.get(shape, dice.between(-0.05, 0.2))
    tip = base * {"bill": 0.55, "cone": 0.15, "hook": 0.2}.get(shape, 0.2)
    tip_wide = wide * 1.1 if shape == "bill" else tip
    root = 0.3 * size
    knots = [
        (0.0, -0.05 * size, root, wide, base),
        (0.0, -0.05 * size - 0.25 * drop, root + 0.6 * (0.2 * size + long), wide * 0.8, base * 0.7),
        (0.0, -0.05 * size - drop, root + 0.2 * size + long, tip_wide, tip),
    ]
    return [trunk(knots, 14, 14)]


def _add_legs(
    dice: Dice, bird: Assembly, kind: str, plan: BodyPlan, pitch: float, length: float
) -> None:
    """Two legs, knees hidden in the feathers, ankles bent back; waders may lift one."""
    thin = dice.log_between(0.02, 0.05) * (1.5 if kind in ("ostrich", "penguin", "eagle") else 1)
    at = dice.between(-0.25, 0.05) if pitch < 0.9 else -0.33
    low = float(np.interp(at, plan.z, plan.half_height))
    wide = float(np.interp(at, plan.z, plan.half_width))
    ground = lifted(vector(0, -low, at), pitch)[1] - length
    stride = dice.between(0.05, 0.35) * length if dice.chance(0.45) else 0.0
    lifts = dice.pick(SIDES) if length > 0.7 and dice.chance(0.3) else 0.0
    bend = dice.between(0.0, 0.35) * length
    webbed = kind in ("duck", "swan", "gull", "penguin") or dice.chance(0.1)
    toe = dice.between(0.12, 0.26) + 0.08 * length
    for side in SIDES:
        hip = lifted(vector(side * 0.5 * wide, -0.55 * low, at), pitch)
        foot = vector(hip[0] * dice.between(0.8, 1.2), ground, hip[2] + side * stride)
        foot[2] += 0.05
        if side == lifts:
            foot[1] += dice.between(0.35, 0.7) * length
            foot[2] += dice.between(-0.2, 0.2) * length
        ankle = (hip + foot) / 2 + vector(0, 0, -bend)
        drum = max(thin, dice.between(0.25, 0.5) * wide)
        bird.add("leg", jointed([hip, ankle, foot], [drum, thin * 1.3, thin], 12))
        _add_foot(dice, bird, foot, thin, toe, webbed)


def _add_foot(
    dice: Dice, bird: Assembly, foot: Array, thin: float, toe: float, webbed: bool
) -> None:
    outwards = dice.between(-0.2, 0.3) * np.sign(foot[0])
    if webbed:
        sole = [
            (*foot, 2.2 * thin, 1.6 * thin),
            (*(foot + 0.6 * toe * direction(0, outwards)), 0.7 * toe, 1.4 * thin),
            (*(foot + toe * direction(-0.05, outwards)), 0.8 * toe, 1.2 * thin),
        ]
        bird.add("leg", trunk(sole, 10, 14))
        return
    for turn in (-0.6, 0.0, 0.6, pi):
        end = foot + (0.6 if turn == pi else 1.0) * toe * direction(-0.08, outwards + turn)
        bird.add("leg", jointed([foot, end], [0.9 * thin, 0.6 * thin], 8))


def _add_trailing_legs(
    dice: Dice, bird: Assembly, plan: BodyPlan, pitch: float, length: float
) -> None:
    """In flight: stretched out behind, or dangling to catch something."""
    down = dice.between(-0.2, 0.25) if length > 0.7 else dice.between(0.3, 1.3)
    low, wide = float(plan.half_height.max()), float(plan.half_width.max())
    thin = dice.between(0.02, 0.045)
    for side in SIDES:
        hip = lifted(vector(side * 0.35 * wide, -0.6 * low, -0.15), pitch)
        along = direction(-down, pi)
        foot = hip + (length + 0.2) * along
        bird.add("leg", jointed([hip, (hip + foot) / 2, foot], [2.5 * thin, 1.3 * thin, thin], 12))
        for turn in (-0.5, 0.0, 0.5):
            end = foot + 0.12 * direction(-down - 0.3, pi + turn)
            bird.add("leg", jointed([foot, end], [0.9 * thin, 0.5 * thin], 8))
