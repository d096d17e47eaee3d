"""People: children to giants, thin to fat, standing, walking, sitting, kneeling, arms anywhere."""

from math import cos, sin

import numpy as np

from pdengine.shapes.assembly import Assembly
from pdengine.shapes.bodies import across, jointed, trunk, vector
from pdengine.shapes.curves import Array
from pdengine.shapes.dice import Dice
from pdengine.shapes.human_ends import add_foot, add_hand, add_head
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import cut_skin, rings_of
from pdengine.shapes.warp import warp

PARTS = (
    *("head", "torso", "upper arm", "lower arm", "hand"),
    *("upper leg", "lower leg", "foot"),
)
SIDES = (-1.0, 1.0)
POSES = {
    "standing": 4.0,
    "straddling": 2.0,
    "walking": 3.0,
    "running": 1.5,
    "sitting": 2.0,
    "on the floor": 1.2,
    "kneeling": 1.2,
    "squatting": 1.0,
    "kicking": 1.0,
    "lunging": 1.0,
    "cross-legged": 0.8,
}
ARMS = {
    "hanging": 3.0,
    "spread": 2.5,
    "slanted": 2.5,
    "raised": 1.5,
    "forward": 1.5,
    "on hips": 1.2,
    "bent": 2.0,
    "swinging": 1.5,
    "reaching": 1.0,
    "flexed": 0.8,
    "behind": 0.6,
}
# Upper arm: forwards of hanging and away from the body; elbow; radians, (low, high) each.
ARM_ANGLES = {
    "hanging": ((-0.15, 0.25), (0.05, 0.25), (0.0, 0.5)),
    "spread": ((-0.1, 0.1), (1.35, 1.65), (0.0, 0.3)),
    "slanted": ((-0.2, 0.4), (0.5, 1.0), (0.0, 0.6)),
    "raised": ((0.0, 0.5), (2.3, 3.0), (0.0, 0.9)),
    "forward": ((1.0, 1.9), (0.0, 0.4), (0.0, 0.9)),
    "on hips": ((-0.5, -0.1), (0.6, 0.9), (1.4, 1.9)),
    "bent": ((0.0, 0.9), (0.1, 0.8), (1.2, 2.2)),
    "swinging": ((-0.9, 0.9), (0.05, 0.3), (0.3, 1.4)),
    "reaching": ((1.6, 2.6), (0.1, 0.8), (0.0, 0.6)),
    "flexed": ((0.0, 0.5), (1.1, 1.6), (1.2, 2.0)),
    "behind": ((-0.9, -0.4), (0.15, 0.4), (0.2, 1.0)),
}


class _Build:
    """Lengths of one person; the trunk from crotch to neck is 1.

    Clothes change no lengths: ``sleeve`` and ``trouser`` are how much wider than the limb they
    are, ``cuff`` and ``hem`` the width that is left at wrist and ankle, in limb radii.
    """

    def __init__(self, dice: Dice) -> None:
        child = dice.between(0.5, 1.0) if dice.chance(0.25) else 0.0
        self.fat = dice.log_between(0.75, 1.15) if dice.chance(0.75) else dice.between(1.2, 1.75)
        muscle = dice.between(0.85, 1.25)
        self.shoulder = dice.between(0.62, 0.95) * (1 - 0.12 * child)
        self.waist = dice.between(0.4, 0.62) * self.fat
        self.hip = dice.between(0.5, 0.72) * self.fat**0.7
        self.depth = dice.between(0.26, 0.38) * self.fat**0.8
        self.leg = dice.log_between(1.15, 1.85) * (1 - 0.3 * child)
        self.arm = dice.between(1.0, 1.4) * (1 - 0.15 * child)
        self.elbow = dice.between(0.38, 0.53)  # share of the arm above it
        self.head = dice.log_between(0.34, 0.52) * (1 + 0.45 * child)
        self.neck = dice.between(0.04, 0.2) * (1 - 0.6 * child)
        thick = self.fat**0.7 * muscle
        self.arm_radius = dice.between(0.065, 0.095) * thick
        self.leg_radius = min(dice.between(0.11, 0.155) * thick, 0.27 * self.hip)
        if dice.chance(0.15):  # an athlete
            self.shoulder *= dice.between(1.1, 1.3)
            self.arm_radius *= dice.between(1.15, 1.5)
            self.depth *= dice.between(1.0, 1.2)
        self.sleeve = dice.between(1.15, 1.6) if dice.chance(0.3) else 1.0
        self.cuff = dice.between(0.7, 1.3) if self.sleeve > 1 else dice.between(0.5, 0.75)
        loose = dice.chance(0.35)
        self.trouser = dice.between(1.0, 1.15) if loose else 1.0
        self.hem = dice.between(0.55, 1.05) if loose else 0.42
        # Where parts end is a matter of taste. Torso: how far above the crotch, and how much of the
        # upper arm it keeps; hand and foot: how much of the limb before them.
        self.torso_end = dice.between(0.02, 0.17) if dice.chance(0.5) else 0.0
        self.shoulder_cap = dice.between(0.05, 0.3) if dice.chance(0.4) else 0.0
        self.glove = dice.between(0.03, 0.16) if dice.chance(0.6) else 0.0
        self.sock = dice.between(0.03, 0.16) if dice.chance(0.5) else 0.0


def make_human(seed: int) -> LabelledMesh:
    """The crotch is the origin at first, the spine goes up from there."""
    dice = Dice("human", seed)
    human = Assembly(dice, PARTS)
    build = _Build(dice)
    pose = dice.weighted(POSES)
    lean, aside = _lean(dice, pose)
    twist = dice.between(-0.6, 0.6) if dice.chance(0.35) else 0.0
    neck, shoulders = _add_torso(dice, human, build, lean, aside, twist)
    add_head(dice, human, neck, build.head, build.neck, lean)
    _add_arms(dice, human, build, shoulders, twist)
    _add_legs(dice, human, build, pose)
    if pose in ("standing", "straddling", "walking") and dice.chance(0.2):
        _add_skirt(dice, human, build)

    change = warp(dice, (0.1, 0.12, 0.1))
    if not dice.chance(0.05):
        return human.mesh(change)
    on_the_back = dice.chance(0.5)

    def laid_down(vertices: Array) -> Array:
        x, y, z = vertices.T
        return change(np.stack([x, z, -y] if on_the_back else [x, -z, y], 1))

    return human.mesh(laid_down)


def _lean(dice: Dice, pose: str) -> tuple[float, float]:
    """How far the upper body bends forwards and to the side, radians."""
    lean = dice.between(-0.1, 0.15)
    if pose in ("running", "squatting", "kicking") or dice.chance(0.12):
        lean = dice.between(-0.2, 0.7)
    if dice.chance(0.04):
        lean = dice.between(0.8, 1.4)
    return lean, dice.between(-0.35, 0.35) if dice.chance(0.3) else 0.0


def _add_torso(
    dice: Dice, human: Assembly, build: _Build, lean: float, aside: float, twist: float
) -> tuple[Array, list[Array]]:
    """Returns the root of the neck, and the two shoulder joints."""
    belly = dice.between(0.0, 0.12) if build.fat < 1.15 else dice.between(0.08, 0.25)
    chest = dice.between(-0.02, 0.08)

    def spine(t: float) -> Array:
        bent = t * t  # the pelvis stays, the shoulders go
        forwards = vector(0, t * cos(lean * bent), t * sin(lean * bent))
        return forwards + vector(sin(aside) * bent, 0, 0)

    sections = [
        (-0.04, 0.72 * build.hip, 0.75 * build.depth, 0.0),
        (0.08, build.hip, build.depth, -0.01),
        (0.2, 0.97 * build.hip, build.depth * (1 + 0.5 * belly), 0.3 * belly),
        (0.42, build.waist, build.depth * (0.85 + 1.2 * belly), 0.45 * belly),
        (0.62, 0.5 * (build.waist + 0.9 * build.shoulder), build.depth, chest),
        (0.8, 0.9 * build.shoulder, 0.95 * build.depth, 0.7 * chest),
        (0.92, 0.8 * build.shoulder, 0.65 * build.depth, 0.0),
        (1.0, 0.36 * build.shoulder, 0.45 * build.depth, 0.0),
    ]
    knots = []
    for t, width, depth, ahead in sections:
        x, y, z = spine(max(t, 0.0)) + vector(0, min(t, 0.0), ahead)
        knots.append((x, y, z, width, depth))
    body = trunk(knots, 28, 24)
    if build.torso_end:
        ends = np.flatnonzero(rings_of(body, 24).mean(1)[:, 1] > build.torso_end)[0]
        seat, body = cut_skin(body, 24, int(ends))
        human.add("upper leg", seat)
    human.add("torso", body)
    middle = spine(0.87)
    reach = 0.5 * build.shoulder - 0.4 * build.arm_radius
    line = _about_spine(_across_shoulders(aside), twist)
    return spine(0.97), [middle + s * reach * line for s in SIDES]


def _about_spine(v: Array, twist: float) -> Array:
    """Turned with the shoulders, positive to +x."""
    c, s = cos(twist), sin(twist)
    return vector(c * v[0] + s * v[2], v[1], c * v[2] - s * v[0])


def _across_shoulders(aside: float) -> Array:
    """Across the shoulders of someone who leans to the side."""
    return vector(cos(0.8 * aside), -sin(0.8 * aside), 0)


def _add_skirt(dice: Dice, human: Assembly, build: _Build) -> None:
    """A skirt or the tails of a coat; it counts as torso."""
    long = dice.between(0.1, 0.3) if dice.chance(0.7) else dice.between(0.3, 0.6) * build.leg
    flare = dice.between(1.0, 1.3)
    knots = [
        (0.0, 0.3, 0.0, build.waist, 1.02 * build.depth),
        (0.0, 0.05, 0.0, 1.06 * build.hip, 1.12 * build.depth),
        (0.0, -long, 0.0, flare * 1.08 * build.hip, flare * 1.2 * build.depth),
    ]
    human.add("torso", trunk(knots, 12, 24, 0.15))


def _add_arms(
    dice: Dice, human: Assembly, build: _Build, shoulders: list[Array], twist: float
) -> None:
    both = dice.weighted(ARMS)
    lopsided = dice.chance(0.45)
    shared = [dice.between(0, 1) for _ in range(3)]
    style = dice.weighted({"mitten": 3.0, "fingers": 3.0, "fist": 2.0})
    for side, shoulder in zip(SIDES, shoulders, strict=True):
        kind = dice.weighted(ARMS) if lopsided and side > 0 else both
        jitter = 0.25 if lopsided else 0.06
        ahead, out, elbow = (
            low + (high - low) * min(max(s + dice.between(-jitter, jitter), 0), 1)
            for (low, high), s in zip(ARM_ANGLES[kind], shared, strict=True)
        )
        if kind == "swinging":
            ahead *= side
        if out < 0.5:  # hips and bellies keep the arms off
            wide = 0.5 * max(build.waist, build.hip) + 1.3 * build.arm_radius
            out = max(out, float(np.arctan2(wide - abs(shoulder[0]), 0.5 * build.arm)))
        upper = vector(side * sin(out), -cos(out) * cos(ahead), cos(out) * sin(ahead))
        if ahead > 1:  # forwards and out, rather than up and out
            upper = vector(side * sin(out), -cos(ahead) * cos(out), sin(ahead) * cos(out))
        hint = vector(-side, -0.2, 0.4) if kind == "on hips" else vector(-0.2 * side, 0.5, 1.0)
        if kind == "raised":
            hint = vector(-side, 0.3, 0.3)
        if kind in ("spread", "slanted") and dice.chance(0.3):
            hint = vector(0, 1, 0)
        if kind == "flexed":
            hint = vector(0, 1, 0.2)
        elif kind == "behind":
            hint = vector(-side, 0, -0.4)
        upper, hint = _about_spine(upper, twist), _about_spine(hint, twist)
        fore = cos(elbow) * upper + sin(elbow) * across(upper, hint)
        bend = shoulder + 0.95 * build.elbow * build.arm * upper
        wrist = bend + 0.95 * (1 - build.elbow) * build.arm * fore
        radius = build.arm_radius
        joint = 0.8 * radius * build.sleeve
        top = max(1.15 * radius, joint)
        human.add("upper arm", jointed([shoulder, bend], [top, joint], 14))
        if build.shoulder_cap:
            end = shoulder + build.shoulder_cap * (bend - shoulder)
            human.add("torso", jointed([shoulder, end], [1.04 * top, 1.04 * top], 14))
        middle = bend + 0.3 * (wrist - bend)
        radii = [joint, 0.9 * radius * build.sleeve, build.cuff * radius]
        human.add("lower arm", jointed([bend, middle, wrist], radii, 14))
        if build.glove:
            _add_end(human, "hand", middle, wrist, radii[1:], build.glove)
        add_hand(dice, human, wrist, fore, side, radius, style)


def _add_end(
    human: Assembly, part: str, middle: Array, end: Array, radii: list[float], share: float
) -> None:
    """The last ``share`` of the bone between middle and end, as skin of the part that follows."""
    start = end + share * (middle - end)
    wide = radii[1] + share * (radii[0] - radii[1])
    human.add(part, jointed([start, end], [1.04 * wide, 1.04 * radii[1]], 14))


def _leg_angles(dice: Dice, pose: str, side: float) -> tuple[float, float, float]:
    """Thigh forwards of hanging, knee, and thigh away from the middle, radians."""
    lead = side > 0
    if pose == "walking":
        swing = dice.between(0.15, 0.55)
        return (swing, dice.between(0, 0.3), 0.02) if lead else (-swing, dice.between(0, 0.5), 0.02)
    if pose == "running":
        lifted = (dice.between(0.6, 1.4), dice.between(0.5, 1.6), 0.05)
        return lifted if lead else (dice.between(-0.7, -0.2), dice.between(0.2, 1.3), 0.05)
    if pose == "sitting":
        return dice.between(1.3, 1.65), dice.between(1.1, 1.7), dice.between(0.0, 0.35)
    if pose == "on the floor":
        return dice.between(1.4, 1.9), dice.between(0.0, 1.0), dice.between(0.05, 0.6)
    if pose == "kneeling" and lead:
        return dice.between(-0.1, 0.15), dice.between(1.4, 1.7), 0.05
    if pose == "kneeling":
        upright = dice.chance(0.5)
        return (1.5, 1.5, 0.05) if upright else (0.0, dice.between(1.4, 1.7), 0.08)
    if pose == "squatting":
        return dice.between(1.4, 2.2), dice.between(1.7, 2.3), dice.between(0.2, 0.5)
    if pose == "kicking" and lead:
        return dice.between(0.5, 1.6), dice.between(0.0, 0.4), dice.between(0.0, 0.5)
    if pose == "lunging":
        bent = (dice.between(0.7, 1.4), dice.between(0.7, 1.5), dice.between(0.0, 0.3))
        return bent if lead else (dice.between(-0.8, -0.3), dice.between(0.0, 0.4), 0.1)
    if pose == "cross-legged":
        return dice.between(1.2, 1.5), dice.between(2.1, 2.5), dice.between(0.8, 1.1)
    if pose == "straddling":
        return dice.between(-0.1, 0.1), dice.between(0, 0.15), dice.between(0.2, 0.6)
    return dice.between(-0.08, 0.08), dice.between(0, 0.12), dice.between(0.0, 0.08)


def _add_legs(dice: Dice, human: Assembly, build: _Build, pose: str) -> None:
    first = dice.pick(SIDES)
    thigh_share = dice.between(0.43, 0.54)
    calf, foot_long = dice.between(0.6, 0.85), dice.between(0.36, 0.55)
    for side in SIDES:
        ahead, knee, out = _leg_angles(dice, pose, side * first)
        hip = vector(side * max(0.5 * build.hip - 0.95 * build.leg_radius, 0.08), 0.06, 0.0)
        thigh = vector(side * sin(out), -cos(out) * cos(ahead), cos(out) * sin(ahead))
        back = across(thigh, vector(0, sin(ahead) * -1.0, -cos(ahead)))
        shin = cos(knee) * thigh + sin(knee) * back
        bend = hip + thigh_share * build.leg * thigh
        ankle = bend + (1 - thigh_share) * build.leg * shin
        radius = build.leg_radius
        joint = 0.68 * radius * build.trouser**2
        human.add("upper leg", jointed([hip, bend], [build.trouser * radius, joint], 15))
        middle = bend + 0.3 * (ankle - bend) + 0.1 * radius * across(shin, back)
        radii = [joint, max(calf, 0.5 * (build.hem + 0.7)) * radius, build.hem * radius]
        human.add("lower leg", jointed([bend, middle, ankle], radii, 15))
        if build.sock:
            _add_end(human, "foot", middle, ankle, radii[1:], build.sock)
        toes = -across(shin, back)  # at right angles to the shin
        if pose == "kneeling" and ahead < 0.5:  # the sole looks back, the toes down
            toes = cos(0.9) * toes + sin(0.9) * shin
        turned = toes + vector(side * dice.between(-0.1, 0.5), 0, 0)
        add_foot(dice, human, ankle, turned, shin, foot_long, radius)
