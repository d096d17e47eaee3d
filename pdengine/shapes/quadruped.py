"""Four-legged animals: from dachshund to giraffe, standing, walking, sitting, lying, rearing."""

from math import asin, pi
from typing import NamedTuple

import numpy as np

from pdengine.shapes.assembly import Assembly
from pdengine.shapes.bodies import jointed, knee, trunk, vector
from pdengine.shapes.curves import Array
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.quadruped_head import add_neck_and_head, add_tail
from pdengine.shapes.quadruped_plan import Build, build_of
from pdengine.shapes.warp import warp

PARTS = ("torso", "head", "neck", "leg", "tail", "ear")
SIDES = (-1.0, 1.0)
POSES = {
    "standing": 4.0,
    "walking": 4.0,
    "running": 2.0,
    "sitting": 2.0,
    "lying": 1.8,
    "rearing": 1.0,
    "bowing": 0.7,
    "on its side": 0.5,
}


class Stance(NamedTuple):
    """Where the torso is: the joints of the legs, y = 0 is the ground.

    Attributes:
        hip, shoulder: middle of the hind and of the front pair of leg joints.
        pitch: of the torso above the horizon, radians.
        aside: how far the spine bends to the side, radians.
    """

    hip: Array
    shoulder: Array
    pitch: float
    aside: float


def make_quadruped(seed: int) -> LabelledMesh:
    """The torso is 1 long from hip to shoulder and a little more beyond."""
    dice = Dice("quadruped", seed)
    animal = Assembly(dice, PARTS)
    build = build_of(dice)
    pose = dice.weighted(POSES)
    stance = _stance(dice, pose, build)
    rump, chest = _add_torso(dice, animal, build, stance)
    _add_legs(dice, animal, build, pose, stance)
    add_neck_and_head(dice, animal, build, chest, stance.pitch, stance.aside, pose)
    if dice.chance(0.93):
        add_tail(dice, animal, build, rump, stance.pitch, -stance.aside)

    change = warp(dice, (0.12, 0.15, 0.18))
    if pose != "on its side":
        return animal.mesh(change)

    def tipped_over(vertices: Array) -> Array:
        x, y, z = vertices.T
        return change(np.stack([y, -x, z], 1))

    return animal.mesh(tipped_over)


def _stance(dice: Dice, pose: str, build: Build) -> Stance:
    leg, slope = build.leg, build.slope
    half_height = 0.5 * build.height
    pitch, hip_height = slope, leg + 0.1 * half_height
    if pose == "sitting":
        hip_height = 0.75 * half_height + 0.05
        pitch = asin(float(np.clip((1.02 * leg + 0.1 - hip_height), 0.25, 0.93)))
    elif pose == "lying":
        hip_height = 0.85 * half_height + 0.1 * leg
        pitch = dice.between(0.0, 0.25)
    elif pose == "rearing":
        pitch = dice.between(0.5, 1.2)
    elif pose == "bowing":
        pitch = -asin(min(0.5 * leg, 0.6))
    aside = dice.between(-0.5, 0.5) if dice.chance(0.35) else 0.0
    forwards = vector(0, np.sin(pitch), np.cos(pitch))
    hip = vector(0, hip_height, 0)
    return Stance(hip, hip + forwards + vector(0.5 * aside, 0, 0), pitch, aside)


def _add_torso(
    dice: Dice, animal: Assembly, build: Build, stance: Stance
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Returns the places of the tail and of the neck, each with its direction."""
    along = stance.shoulder - stance.hip
    length = float(np.sqrt(along @ along))
    along = along / length
    up = vector(0, along[2], -along[1]) / np.hypot(along[1], along[2])
    width, height = build.width, build.height
    tuck, sag, hump = build.tuck, build.sag, build.hump
    rise = -0.12 * height  # the legs join below the middle
    sections = [
        (-0.16, 0.5, 0.5, 0.06),
        (-0.08, 0.82, 0.82, 0.03),
        (0.06, 0.96, 0.96, 0.0),
        (0.3, 1.0 - 0.6 * tuck, 1.0 - tuck + 0.5 * sag, 0.35 * tuck - 0.4 * sag),
        (0.55, 1.0 - 0.3 * tuck, 1.0 - 0.5 * tuck + sag + 0.4 * hump, 0.2 * hump - 0.5 * sag),
        (0.82, build.chest, build.chest + 0.35 * hump, 0.15 * hump),
        (1.02, 0.88 * build.chest, 0.92 * build.chest + 0.3 * hump, 0.02 + 0.1 * hump),
        (1.14, 0.62 * build.chest, 0.68 * build.chest + 0.2 * hump, 0.05 + 0.05 * hump),
    ]
    # A spine that bends aside bulges to one side between hip and shoulder.
    bow = -0.35 * stance.aside
    arch = dice.between(-0.08, 0.12)
    knots = []
    for t, wide, tall, lift in sections:
        swing = np.sin(pi * np.clip(t, 0, 1))
        middle = stance.hip + t * length * along + (lift * height - rise) * up
        middle = middle + vector(bow * swing, 0, 0) + arch * swing * up
        knots.append((*middle, width * wide, height * tall))
    animal.add("torso", trunk(knots, 28, 26, 0.6))
    if build.two_humps:
        for t in (0.35, 0.68):
            top = stance.hip + t * length * along + (0.5 * height - rise) * up
            top[0] += bow * np.sin(pi * t)
            low = top - 0.35 * height * up
            animal.add("torso", jointed([low, top], [0.28 * width, 0.16 * width], 16))
    neck = stance.shoulder + 0.02 * along + (0.12 * height - rise) * up
    tail = stance.hip - 0.14 * along + (0.16 * height - rise) * up
    return (tail, -along), (neck, along)


def _feet(dice: Dice, pose: str, build: Build, front: bool, first: bool) -> tuple[Array, float]:
    """Where a foot stands relative to below its joint, and the side to which its knee bends.

    Returns:
        (outwards, above the ground, forwards), and 1 for a knee that points forwards.
    """
    leg = build.leg
    lead = 1.0 if first else -1.0
    bends = -1.0 if front == build.hooves else 1.0
    at = vector(0, 0, dice.between(-0.05, 0.05))
    if pose == "walking":
        lift = dice.between(0, 0.25) * leg if lead > 0 and dice.chance(0.6) else 0.0
        at = vector(0, lift, lead * (1 if front else -1) * dice.between(0.15, 0.45) * leg)
    elif pose == "running":
        gathered = build.gathered
        reach = (-1.0 if front else 1.0) * gathered + 0.15 * lead
        at = vector(0, dice.between(0.1, 0.35) * leg, reach * leg * 0.75)
    elif pose == "sitting" and not front:
        at, bends = vector(0.12, 0, dice.between(0.2, 0.5) * leg + 0.1), 1.0
    elif pose == "lying":
        far = dice.between(0.35, 0.85) * leg
        at = vector(dice.between(0.02, 0.25), 0.0, far if front or dice.chance(0.7) else -far)
    elif pose == "rearing" and front:
        at = vector(0, leg * dice.between(0.6, 1.3), leg * dice.between(0.3, 0.8))
    elif pose == "bowing" and front:
        at = vector(0.02, 0, dice.between(0.3, 0.7) * leg)
    return at, bends


def _add_legs(dice: Dice, animal: Assembly, build: Build, pose: str, stance: Stance) -> None:
    first_side = dice.pick(SIDES)
    crouch = dice.between(1.01, 1.12) if dice.chance(0.7) else dice.between(1.1, 1.3)
    splay = dice.between(-0.1, 0.25) * build.width
    for front in (False, True):
        joint = stance.shoulder if front else stance.hip
        thick = build.leg_radius * (1.0 if front else dice.between(0.95, 1.15))
        inside = 0.5 * build.width * (build.chest if front else 0.96) - 0.75 * thick
        for side in SIDES:
            top = joint + vector(side * max(inside, 0.45 * thick), 0, 0)
            place, bends = _feet(dice, pose, build, front, side == first_side)
            foot = top + vector(side * (place[0] + splay), 0, place[2])
            foot[1] = place[1] + (joint[1] - build.leg if pose == "rearing" and front else 0.0)
            foot[1] = max(foot[1], 0.0) + 0.5 * build.foot
            haunch = build.haunch * build.height * (0.75 if front else 1.0)
            _add_leg(animal, build, top, foot, thick, crouch, bends, side, haunch)


def _add_leg(
    animal: Assembly,
    build: Build,
    top: Array,
    foot: Array,
    thick: float,
    crouch: float,
    bends: float,
    side: float,
    haunch: float,
) -> None:
    """Thigh, knee, ankle and a paw or a hoof; the foot is put where it shall be."""
    span = float(np.sqrt(((foot - top) ** 2).sum()))
    length = max(build.leg * crouch, span * 1.02)
    joint = knee(top, foot, length, vector(0.25 * side, 0.35, bends))
    joint[1] = max(joint[1], 0.6 * thick)
    slim = build.leg_taper * thick
    above = foot + 0.22 * (joint - foot)
    if haunch:  # the muscle that covers the flank around the hip
        way = (joint - top) / float(np.sqrt(((joint - top) ** 2).sum()))
        high, low = top - 0.4 * haunch * way, top + 0.5 * (joint - top)
        flat = float(np.clip(0.95 * thick / haunch, 0.3, 1.0))
        animal.add("leg", jointed([high, low], [haunch, 1.1 * thick], 16, flat))
    # The thigh is wide where it leaves the flank, so that the two blend.
    radii = [build.thigh * thick, 0.85 * thick + 0.15 * slim, 0.9 * slim, 0.95 * slim]
    animal.add("leg", jointed([top, joint, above, foot], radii, 15))
    size = build.foot
    if build.hooves:
        low = foot - vector(0, 0.5 * size, -0.15 * size)
        animal.add("leg", jointed([foot, low], [0.95 * slim, max(1.15 * slim, 0.4 * size)], 14))
        return
    toe = foot + vector(0, -0.2 * size, size * build.toes)
    animal.add("leg", jointed([foot, toe], [1.1 * slim, max(slim, 0.32 * size)], 14))
