"""Teddy bears: plump or lanky, sitting, standing or flopped down, with and without a snout."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly
from pdengine.shapes.bodies import across, ball, direction, jointed, posed, trunk, vector
from pdengine.shapes.curves import Array
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface
from pdengine.shapes.warp import warp

PARTS = ("head", "torso", "hand", "leg", "ear")
POSES = {"sitting": 5.0, "standing": 4.0, "walking": 1.5, "lying": 0.8}
ARMS = {"hanging": 3.0, "forward": 3.0, "spread": 2.5, "raised": 1.5, "on the belly": 1.5}
SIDES = (-1.0, 1.0)


def make_teddy(seed: int) -> LabelledMesh:
    """The torso is 1 high and stands on y = 0 at first; everything else hangs on it."""
    dice = Dice("teddy", seed)
    teddy = Assembly(dice, PARTS)
    pose = dice.weighted(POSES)
    width = dice.log_between(0.6, 1.15)
    depth = width * dice.between(0.7, 1.05)
    torso, shoulder = _torso(dice, width, depth)
    teddy.add("torso", torso)
    _add_head(dice, teddy, shoulder)
    _add_arms(dice, teddy, shoulder, width, depth)
    _add_legs(dice, teddy, pose, width, depth)

    change = warp(dice, (0.12, 0.18, 0.12))
    if pose != "lying":
        return teddy.mesh(change)
    on_its_back = dice.chance(0.6)

    def laid_down(vertices: Array) -> Array:
        x, y, z = vertices.T
        laid = [x, z, -y] if on_its_back else [x, -z, y]
        return change(np.stack(laid, 1))

    return teddy.mesh(laid_down)


def _torso(dice: Dice, width: float, depth: float) -> tuple[Surface, float]:
    """A pear, an egg or a bean, and how wide it is where the arms start."""
    pear = dice.between(-0.15, 0.45)
    top = width * (0.72 - 0.5 * pear)
    lean = dice.between(-0.06, 0.1)
    knots = [
        (0.0, 0.04, 0.0, width * 0.6, depth * 0.6),
        (0.0, 0.22, 0.0, width * (0.95 + 0.1 * pear), depth),
        (0.0, 0.5, lean, width * (0.98 - 0.1 * pear), depth * dice.between(0.95, 1.15)),
        (0.0, 0.8, 0.4 * lean, top, depth * (0.75 - 0.35 * pear)),
        (0.0, 0.98, 0.0, top * 0.6, depth * 0.45),
    ]
    return trunk(knots, 26, 28), top


def _add_head(dice: Dice, teddy: Assembly, shoulder: float) -> None:
    """The head looks ahead from its middle; it is nodded and turned as one."""
    size = dice.log_between(0.55, 1.35)
    wide, high, deep = (size * dice.between(0.88, 1.12) for _ in range(3))
    parts: list[tuple[str, Surface]] = [("head", ball((0, 0, 0), (wide, high, deep), 28))]
    if dice.chance(0.2):  # cheeks
        parts += [
            ("head", ball((s * 0.24 * wide, -0.16 * high, 0.2 * deep), [0.5 * size] * 3))
            for s in SIDES
        ]
    if dice.chance(0.78):
        parts += [("head", s) for s in _snout(dice, size, high, deep)]
    if dice.chance(0.95):
        parts += [("ear", s) for s in _ears(dice, size, wide, high)]
    lively = 1.0 if dice.chance(0.5) else 0.0
    sunk = dice.between(0.36, 0.47)
    at = vector(0.0, 0.95 + sunk * high, dice.between(-0.02, 0.1))
    nod, turn, tilt = (lively * dice.between(-a, a) for a in (0.35, 0.9, 0.35))
    for part, surface in parts:
        teddy.add(part, *posed([surface], at, nod, turn, tilt))
    if sunk > 0.42 or shoulder < 0.35:  # a neck, else the head would hardly touch
        neck = 0.55 * min(shoulder, wide)
        teddy.add("head", jointed([(0, 0.85, 0), at], [neck / 2, neck / 2]))


def _snout(dice: Dice, size: float, high: float, deep: float) -> list[Surface]:
    length = size * dice.log_between(0.12, 0.4)
    thick = size * dice.between(0.26, 0.48)
    low = -high * dice.between(0.05, 0.17)
    knots = [
        (0.0, low, 0.25 * deep, thick * 1.15, thick),
        (0.0, low, 0.42 * deep, thick, thick * 0.9),
        (0.0, low - 0.02, 0.42 * deep + length, thick * 0.8, thick * 0.7),
    ]
    snout = [trunk(knots, 12, 20, 0.8)]
    if dice.chance(0.5):
        tip = (0.0, low + 0.2 * thick, 0.42 * deep + length + 0.3 * thick)
        snout.append(ball(tip, (0.35 * thick, 0.25 * thick, 0.22 * thick), 12))
    return snout


def _ears(dice: Dice, size: float, wide: float, high: float) -> list[Surface]:
    """Round lids, balls or long rabbit-like flaps, left and right."""
    apart = dice.between(0.45, 1.1)  # angle from the crown
    ear = size * dice.log_between(0.22, 0.6)
    tall = ear * (dice.between(1.2, 2.4) if dice.chance(0.12) else dice.between(0.85, 1.15))
    thick = ear * (dice.between(0.6, 0.9) if dice.chance(0.25) else dice.between(0.2, 0.45))
    back = -0.05 * size * dice.between(0, 2)
    ears = []
    for side in SIDES:
        reach = 0.92 if tall < 1.2 * ear else 1.02
        at = (side * reach * wide / 2 * np.sin(apart), reach * high / 2 * np.cos(apart), back)
        lid = ball((0, 0.2 * tall, 0), (ear, tall, thick), 18)
        ears += posed([lid], at, 0.0, 0.0, -side * apart * dice.between(0.8, 1.0))
    return ears


def _add_arms(dice: Dice, teddy: Assembly, shoulder: float, width: float, depth: float) -> None:
    length = dice.log_between(0.5, 1.05)
    thick = dice.log_between(0.1, 0.21)
    paw = thick * dice.between(0.75, 1.35)
    bent, elbow_width = dice.between(-0.2, 1.0), dice.between(0.75, 1.15)
    both = dice.weighted(ARMS)
    lopsided = dice.chance(0.35)
    for side in SIDES:
        kind = dice.weighted(ARMS) if lopsided and side > 0 else both
        reach = dice.between(-0.12, 0.12) if lopsided else 0.0
        start = vector(side * max(shoulder / 2 - 0.5 * thick, 0.12), 0.8, 0.0)
        along = _arm_direction(kind, side, reach)
        ahead = vector(0, 0.2, 1) if kind != "on the belly" else vector(-side, 0, 0.6)
        turn = 1.3 if kind == "on the belly" else bent
        fore = np.cos(turn) * along + np.sin(turn) * across(along, ahead)
        elbow = start + 0.5 * length * along
        wrist = elbow + 0.5 * length * fore
        # Thick bellies push the arm out, or it would vanish inside.
        out = 0.5 * width + 0.2 * thick
        if abs(elbow[0]) < out and kind in ("hanging", "on the belly"):
            elbow[0] = side * out
        if kind == "on the belly":
            wrist[2] = max(wrist[2], 0.5 * depth)
        radii = [thick, elbow_width * thick, paw]
        teddy.add("hand", jointed([start, elbow, wrist], radii, 18))


def _arm_direction(kind: str, side: float, reach: float) -> Array:
    slope, turn = {
        "hanging": (-1.0, 1.3),
        "forward": (-0.3, 0.45),
        "spread": (-0.2, 1.45),
        "raised": (0.9, 1.35),
        "on the belly": (-0.9, 1.2),
    }[kind]
    return direction(slope + reach, side * (turn + reach))


def _add_legs(dice: Dice, teddy: Assembly, pose: str, width: float, depth: float) -> None:
    length = dice.log_between(0.28, 0.85)
    thick = min(dice.log_between(0.13, 0.28), 0.3 * width)
    thigh, calf = dice.between(0.9, 1.3), dice.between(0.75, 1.1)
    spread = dice.between(0.1, 0.75)
    foot = dice.log_between(1.0, 1.5)
    long_foot = thick * dice.between(0.6, 1.8)
    step = dice.between(0.3, 0.7)
    lopsided = dice.chance(0.3)
    for side in SIDES:
        start = vector(side * (0.48 * width - 0.85 * thick), 0.2, 0.0)
        sway = dice.between(-0.3, 0.3) if lopsided else 0.0
        if pose == "sitting":
            start[1] = 0.8 * thick
            along = direction(dice.between(-0.05, 0.1), side * (spread + sway))
            reach = length + 0.3 * depth
            up = vector(0, 1, 0)
        else:
            swing = side * step if pose == "walking" else 0.6 * sway
            along = direction(-pi / 2 + swing, 0.0) + vector(side * 0.25 * spread, 0, 0)
            reach, up = length + 0.2, vector(0, 0, 1)
        end = start + reach * along
        knee = (start + end) / 2 + 0.08 * sway * up
        teddy.add("leg", jointed([start, knee, end], [thick * thigh, thick, thick * calf], 18))
        toe = end + long_foot * across(along, up)
        teddy.add("leg", jointed([end, toe], [0.95 * thick * foot**0.5, 0.85 * thick * foot], 18))
