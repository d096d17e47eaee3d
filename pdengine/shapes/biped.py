"""Animals that stand upright: armadillos with a carapace, kangaroos, dinosaurs, bears, mice."""

from math import cos, sin

import numpy as np

from pdengine.shapes.assembly import Assembly
from pdengine.shapes.biped_back import Spine, back_surfaces
from pdengine.shapes.biped_ends import add_head, add_tail, bent_down, foot, hand
from pdengine.shapes.biped_plan import Build, build_of
from pdengine.shapes.bodies import across, jointed, tube, unit, vector
from pdengine.shapes.curves import smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.warp import warp

PARTS = (
    *("head", "ear", "torso", "back", "upper arm", "lower arm", "hand"),
    *("upper leg", "lower leg", "foot", "tail"),
)
SIDES = (-1.0, 1.0)
POSES = {
    "standing": 4.0,
    "straddling": 2.5,
    "lunging": 2.0,
    "walking": 2.5,
    "dancing": 1.5,
    "crouching": 1.5,
    "sitting": 1.0,
    "leaping": 0.8,
}
# Upper arm: ahead of hanging and away from the body; elbow; radians, (low, high) each.
ARMS = {
    "hanging": ((-0.1, 0.4), (0.15, 0.5), (0.2, 0.9)),
    "begging": ((0.2, 0.9), (0.1, 0.5), (1.2, 2.1)),
    "spread": ((0.0, 0.4), (1.1, 1.6), (0.0, 0.8)),
    "raised": ((0.0, 0.5), (1.8, 2.7), (0.2, 1.3)),
    "ahead": ((1.0, 1.7), (0.1, 0.6), (0.0, 0.8)),
    "flexed": ((0.0, 0.4), (0.9, 1.4), (1.1, 1.8)),
    "folded": ((0.3, 0.9), (0.2, 0.6), (1.2, 2.0)),
    "swung back": ((-1.0, -0.3), (0.3, 0.8), (0.4, 1.5)),
    "boxing": ((0.6, 1.2), (0.3, 0.8), (1.2, 2.0)),
}
ARM_WEIGHTS = dict(zip(ARMS, (3.0, 2.5, 2.0, 2.0, 1.5, 2.0, 1.5, 1.0, 1.0), strict=True))


def make_biped(seed: int) -> LabelledMesh:
    """The hip is the origin, the spine goes up from there and is 1 long."""
    dice = Dice("biped", seed)
    biped = Assembly(dice, PARTS)
    build = build_of(dice)
    pose = dice.weighted(POSES)
    spine = _add_torso(dice, biped, build)
    top = build.lean + build.stoop
    if build.back != "none":
        biped.add("back", *back_surfaces(dice, build.back, spine))
    add_head(dice, biped, build, spine.middle[-2], top)
    _add_arms(dice, biped, build, spine)
    ground = _add_legs(dice, biped, build, pose)
    if build.tail_kind != "none":
        root = spine.middle[3] + 0.75 * spine.half[3, 1] * spine.behind[3]
        add_tail(dice, biped, build, root, min(ground, root[1] - 0.3))
    return biped.mesh(warp(dice, (0.12, 0.14, 0.12)))


def _add_torso(dice: Dice, biped: Assembly, build: Build) -> Spine:
    pear = dice.between(0.0, 0.3)
    sections = np.array(
        [  # along the spine, width, depth, towards the belly
            (-0.06, 0.7 * build.hip, 0.72 * build.depth, 0.0),
            (0.06, 0.95 * build.hip, 0.95 * build.depth, 0.2 * build.belly),
            (0.28, build.hip * (1 + 0.3 * pear), build.depth * (1 + build.belly), build.belly),
            (0.55, 0.5 * (build.hip + build.shoulder), 1.02 * build.depth, 0.6 * build.belly),
            (0.8, build.shoulder, 0.85 * build.depth, 0.1 * build.belly),
            (0.94, 0.78 * build.shoulder, 0.65 * build.depth, 0.0),
            (1.0, 0.5 * build.shoulder, 0.45 * build.depth, 0.0),
        ]
    )
    t = sections[:, 0]
    fine = np.linspace(-0.1, 1.0, 60)
    lean = build.lean + build.stoop * np.clip(fine, 0, 1) ** 1.5
    step = fine[1] - fine[0]
    up, ahead = np.cumsum(np.cos(lean)) * step - 0.1, np.cumsum(np.sin(lean)) * step
    aside = dice.between(-0.25, 0.25) if dice.chance(0.25) else 0.0
    angle = np.interp(t, fine, lean)
    push = 0.35 * build.depth * sections[:, 3]
    middle = np.stack(
        [
            aside * np.clip(t, 0, 1) ** 2,
            np.interp(t, fine, up) - push * np.sin(angle),
            np.interp(t, fine, ahead) + push * np.cos(angle),
        ],
        1,
    )
    curve = smooth(list(np.concatenate([middle, sections[:, 1:3], angle[:, None]], 1)), 32)
    half = np.maximum(curve[:, 3:5], 0.1) / 2
    biped.add("torso", tube(curve[:, :3], half, 22, 0.6))
    bend = curve[:, 5]
    behind = np.stack([0 * bend, np.sin(bend), -np.cos(bend)], 1)
    return Spine(curve[:, :3], half, behind)


def _add_arms(dice: Dice, biped: Assembly, build: Build, spine: Spine) -> None:
    kinds = dict(ARM_WEIGHTS)
    if build.kind in ("dinosaur", "kangaroo", "rabbit"):
        kinds["begging"] = 12.0
    both = dice.weighted(kinds)
    lopsided = dice.chance(0.75 if build.kind == "statue" else 0.45)
    shared = [dice.between(0, 1) for _ in range(3)]
    style = dice.weighted({"mitten": 2.0, "claws": 2.5, "fingers": 2.0})
    size, wrist_share = dice.between(1.7, 2.8), dice.between(0.65, 0.95)
    flip = dice.between(0.0, 0.6)
    radius = min(build.arm_radius, 0.22 * build.arm)
    at = round(0.8 * (len(spine.middle) - 1))
    for side in SIDES:
        kind = dice.weighted(kinds) if lopsided and side > 0 else both
        jitter = 0.25 if lopsided else 0.06
        ahead, out, elbow = (
            low + (high - low) * min(max(s + dice.between(-jitter, jitter), 0), 1)
            for (low, high), s in zip(ARMS[kind], shared, strict=True)
        )
        wide = spine.half[at, 0]
        shoulder = spine.middle[at] + vector(side * (wide - 0.55 * radius), 0, 0)
        if out < 0.6:  # a belly keeps the arms off
            girth = 0.5 * max(build.hip, build.shoulder) + 1.2 * radius
            out = max(out, min(float(np.arctan2(girth - wide, 0.5 * build.arm)), 0.8))
        upper = bent_down(ahead, out, side)
        hint = vector(-0.2 * side, 0.4, 1.0)
        if kind in ("raised", "flexed"):
            hint = vector(-0.3 * side, 0.9, 0.3)
        elif kind == "folded":  # before the belly
            hint = vector(-1.0 * side, 0.2, 0.6)
        fore = cos(elbow) * upper + sin(elbow) * across(upper, hint)
        bend = shoulder + 0.5 * build.arm * upper
        wrist = bend + 0.5 * build.arm * fore
        joint, slim = 0.88 * radius, wrist_share * radius
        biceps, muscle = (shoulder + bend) / 2, 1.04 + 0.25 * build.brawn
        radii = [1.2 * radius, muscle * radius, joint]
        biped.add("upper arm", jointed([shoulder, biceps, bend], radii, 10))
        middle = bend + 0.35 * (wrist - bend)
        swell = (0.95 + 0.55 * build.brawn) * radius
        biped.add("lower arm", jointed([bend, middle, wrist], [joint, swell, slim], 10))
        inwards = vector(-side, -flip, 0.3)
        along = unit(fore + dice.between(-0.3, 0.5) * across(fore, inwards))
        biped.add("hand", *hand(dice, style, wrist, along, inwards, slim, size))


def _leg_angles(dice: Dice, build: Build, pose: str, lead: bool) -> tuple[float, float, float]:
    """Thigh ahead of hanging, knee, and thigh away from the middle, radians."""
    if build.on_toes:
        ahead, knee, out = dice.between(0.5, 1.0), dice.between(1.0, 1.6), dice.between(0.0, 0.15)
    else:
        ahead, knee, out = dice.between(0.0, 0.3), dice.between(0.1, 0.5), dice.between(0.02, 0.15)
    if pose == "straddling":
        out += dice.between(0.2, 0.5)
    elif pose == "walking":
        swing = dice.between(0.2, 0.5)
        ahead, knee = (ahead + swing, knee) if lead else (ahead - swing, knee + 0.2)
    elif pose == "lunging":
        if lead:
            ahead, knee = dice.between(1.0, 1.7), dice.between(1.1, 2.0)
        else:
            ahead, knee = dice.between(-0.7, 0.3), dice.between(0.2, 1.4)
        out += dice.between(0.1, 0.6)
    elif pose == "dancing" and lead:
        ahead, knee, out = dice.between(0.5, 1.4), dice.between(0.4, 1.6), dice.between(0.1, 0.7)
    elif pose == "crouching":
        ahead, knee = dice.between(1.0, 1.7), dice.between(1.6, 2.2)
        out += dice.between(0.1, 0.5)
    elif pose == "sitting":
        ahead, knee, out = dice.between(1.3, 1.6), dice.between(0.1, 1.2), dice.between(0.1, 0.5)
    elif pose == "leaping":
        ahead, knee = ahead + dice.between(-0.7, 0.8), knee + dice.between(0.0, 0.8)
    return ahead, knee, out


def _add_legs(dice: Dice, biped: Assembly, build: Build, pose: str) -> float:
    """Returns the height of the lowest toe."""
    first = dice.pick(SIDES)
    style = dice.weighted({"boot": 2.0, "toes": 2.0, "claws": 2.0})
    thigh, calf = dice.between(1.0, 1.3), dice.between(0.5, 0.8)
    wide = build.leg_radius * dice.between(0.75, 1.2)
    share = dice.between(0.44, 0.54)
    pair = _leg_angles(dice, build, pose, True)
    lowest = 0.0
    for side in SIDES:
        lead = side == first
        odd = pose in ("walking", "lunging", "dancing", "leaping") and not lead
        ahead, knee, out = _leg_angles(dice, build, pose, lead) if odd else pair
        radius = build.leg_radius
        hip = vector(side * max(0.5 * build.hip - 0.85 * radius, 0.06), 0.05, 0.0)
        upper = bent_down(ahead, out, side)
        back = across(upper, vector(0, -sin(ahead), -cos(ahead)))
        lower = cos(knee) * upper + sin(knee) * back
        bend = hip + share * build.leg * upper
        ankle = bend + (1 - share) * build.leg * (0.8 if build.on_toes else 1.0) * lower
        joint, slim = 0.7 * radius, max((0.42 + 0.15 * build.brawn) * radius, 0.045)
        quad = (hip + bend) / 2
        radii = [thigh * radius, (0.5 * thigh + 0.35 + 0.25 * build.brawn) * radius, joint]
        biped.add("upper leg", jointed([hip, quad, bend], radii, 10))
        middle = bend + 0.35 * (ankle - bend)
        radii = [joint, max((calf + 0.3 * build.brawn) * radius, 1.1 * slim), slim]
        biped.add("lower leg", jointed([bend, middle, ankle], radii, 10))
        turned = vector(side * dice.between(0.0, 0.45), 0, 0)
        if build.on_toes:  # the heel is high above the ground
            down = unit(vector(0, -1.0, dice.between(-0.1, 0.5)) + 0.3 * (lower - upper))
            ball_of_foot = ankle + 0.3 * build.leg * down
            toe = ball_of_foot + 0.75 * build.foot * unit(vector(0, -0.05, 1) + turned)
        else:
            toes = -across(lower, back)
            ball_of_foot = ankle + 0.3 * build.foot * toes + 0.5 * radius * lower
            toe = ankle + build.foot * unit(toes + turned) + 0.6 * radius * lower
            heel = ankle - 0.16 * build.foot * toes + 0.35 * radius * lower
            biped.add("foot", jointed([ankle, heel], [slim, 0.42 * wide], 12))
        biped.add("foot", *foot(dice, style, ankle, ball_of_foot, toe, slim, wide))
        lowest = min(lowest, float(toe[1]))
    return lowest - 0.3 * wide
