"""Hands: open, pointing, grasping, fists; of people, children, cartoons, robots, mannequins."""

from collections.abc import Callable
from math import cos, sin

import numpy as np

from pdengine.shapes.assembly import Assembly, reshaped
from pdengine.shapes.bodies import ball, jointed, trunk, unit, vector
from pdengine.shapes.curves import Array, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.hand_fingers import Digit, digit_surfaces
from pdengine.shapes.hand_pose import FIST, POSES, curls_of, turn_of
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, skin
from pdengine.shapes.warp import warp

PARTS = ("palm", "thumb", "index finger", "middle finger", "ring finger", "little finger")
_FINGERS = {2: PARTS[2:4], 3: (*PARTS[2:4], PARTS[5]), 4: PARTS[2:]}  # by how many there are
STYLES = {
    "human": 7.0,
    "child": 1.5,
    "slim": 1.5,
    "cartoon": 2.0,
    "claw": 1.0,
    "robot": 1.8,
    "mannequin": 1.3,
    "plain": 2.5,
}
THUMBS = {"out": 3.0, "along": 2.5, "opposed": 2.0, "ahead": 1.2, "across": 0.5}


class _Build:
    """Lengths of one hand; the palm from wrist to knuckles is 1, the thumb is at ``side``."""

    def __init__(self, dice: Dice, style: str) -> None:
        plump = {"child": 1.25, "cartoon": 1.5, "slim": 0.75}.get(style, 1.0)
        self.side = dice.pick([-1.0, 1.0])
        self.count = 4
        if style == "cartoon":
            self.count = dice.weighted({3: 3.0, 4: 2.0})
        elif style == "robot":
            self.count = dice.weighted({2: 1.0, 3: 2.0, 4: 4.0})
        elif style == "claw":
            self.count = dice.weighted({3: 1.5, 4: 2.0})
        self.width = dice.between(0.72, 1.0) * plump**0.3
        self.depth = dice.between(0.2, 0.34) * plump
        self.finger = dice.between(0.78, 1.2) * plump**-0.5
        self.radius = min(dice.between(0.085, 0.125) * plump, 0.52 * self.width / self.count)
        self.thumb = dice.between(0.85, 1.15) * plump**-0.2
        square = {"robot": (3.0, 8.0), "plain": (2.5, 5.0)}.get(style, (2.2, 3.2))
        self.squareness = dice.between(*square)
        reach = {(0.0, 0.06): 2.5, (0.06, 0.4): 4.5, (0.4, 1.6): 3.0}
        self.arm = dice.between(*dice.weighted(reach))
        self.heel = self.arm < 0.06  # no arm at all: the hand ends broad and round
        self.wrist = dice.between(0.5, 0.72) * self.width * (1.25 if self.heel else 1.0)


def make_hand(seed: int) -> LabelledMesh:
    """Fingers point along +y at first and curl towards +z; the wrist is the origin."""
    dice = Dice("hand", seed)
    hand = Assembly(dice, PARTS)
    style = dice.weighted(STYLES)
    pose = dice.weighted(POSES)
    build = _Build(dice, style)
    curls, spread = curls_of(dice, pose, build.count)
    closed = float(np.clip(curls[:, 1].mean() / FIST[1], 0, 1))
    hollow = build.width * (dice.between(0.0, 0.08) + dice.between(0.03, 0.14) * closed)
    fall = dice.between(0.1, 0.5)

    def arched(vertices: Array) -> Array:
        """Knuckles stand on an arc, and the palm is hollow."""
        x, y, z = vertices.T
        across = 2 * build.side * x / build.width  # 1 at the index finger, -1 at the little one
        along = np.clip(y, 0, 1.2)
        low = fall * 0.22 * np.maximum(0.25 - across, 0) ** 1.5 + 0.06 * np.maximum(across, 0) ** 2
        return np.stack([x, y - along * low, z + hollow * across**2 * along], 1)

    for surface in _palm(dice, build, style):
        hand.add("palm", reshaped(surface, arched))
    hand.add("palm", *_arm(dice, build, style))
    digit_style = dice.pick(["boxes", "rods"]) if style == "robot" else style
    fingers = _fingers(dice, build, curls, spread, arched, style)
    for name, digit in zip(_FINGERS[build.count], fingers, strict=True):
        hand.add(name, *digit_surfaces(digit, digit_style))
    thumb = _thumb(dice, build, pose)
    thumb = thumb._replace(joints=np.concatenate([arched(thumb.joints[:1]), thumb.joints[1:]]))
    if style != "robot" and (style != "plain" or dice.chance(0.4)):
        thumb = _add_ball_of_the_thumb(dice, hand, build, thumb)
    hand.add("thumb", *digit_surfaces(thumb, digit_style))

    change, turn = warp(dice, (0.1, 0.1, 0.1)), turn_of(dice)
    return hand.mesh(lambda vertices: change(vertices @ turn.T))


def _add_ball_of_the_thumb(dice: Dice, hand: Assembly, build: _Build, thumb: Digit) -> Digit:
    """Flesh between the wrist, the thumb and the index finger; the thumb starts where it ends."""
    root, knuckle = thumb.joints[0], thumb.joints[1]
    radius = float(thumb.radii[1])
    # A thumb may be a finger of two bones, or all that moves from the heel of the hand on.
    end = root + dice.between(0.1, 0.9) * (knuckle - root)
    heel = root + vector(-0.15 * build.side * build.width, 0.02, 0.1 * build.depth)
    radii = [0.5 * build.depth, 0.5 * (0.5 * build.depth + 1.15 * radius), 1.12 * radius]
    hand.add("palm", jointed([heel, (heel + end) / 2, end], radii, 16))
    middle = vector(0.22 * build.side * build.width, dice.between(0.45, 0.6), 0.0)
    hand.add("palm", jointed([middle, 0.9 * end + 0.1 * middle], [0.5 * build.depth, 0.9 * radius]))
    return thumb._replace(joints=np.concatenate([[end - 0.1 * (end - root)], thumb.joints[1:]]))


def _palm(dice: Dice, build: _Build, style: str) -> list[Surface]:
    """A rounded slab from the wrist up to the knuckles, and the heel at the little finger."""
    heel = dice.between(0.85, 1.15)
    stations = np.array(
        [-0.12, -0.05, 0.05, 0.18, 0.32, 0.46, 0.6, 0.74, 0.86, 0.96, 1.02, 1.06, 1.08]
    )
    middle = dice.between(0.85, 1.02)
    knots_wide = [build.wrist, 0.6 * build.wrist + 0.4 * build.width, middle * build.width]
    wide = np.interp(
        stations, [-0.05, 0.15, 0.4, 0.8, 1.08], [*knots_wide, build.width, build.width]
    )
    tip = dice.between(0.6, 0.9)
    deep = build.depth * np.interp(stations, [-0.1, 0.2, 0.5, 1.0], [0.95, 1.1 * heel, 1.0, tip])
    if style == "robot" and dice.chance(0.6):
        wide = np.full_like(wide, build.width) * np.interp(stations, [-0.1, 0.3], [middle, 1.0])
        deep = np.full_like(deep, build.depth)
    rounding = np.interp(stations, [0.96, 1.02, 1.06, 1.08], [1.0, 0.86, 0.55, 0.2])
    deep = deep * rounding
    wide = wide - build.depth * tip * (1 - rounding) * 0.5
    outline = superellipse(1.0, 1.0, build.squareness, 36)
    rings = np.empty((len(stations), 36, 3))
    rings[..., 0] = wide[:, None] * outline[:, 0]
    rings[..., 1] = stations[:, None]
    rings[..., 2] = deep[:, None] * outline[:, 1]
    surfaces = [skin(rings)]
    if style not in ("robot", "mannequin", "plain"):
        at = (-0.27 * build.side * build.width, 0.36, 0.2 * build.depth)
        size = (0.42 * build.width, 0.8, build.depth * dice.between(0.6, 0.95))
        surfaces.append(ball(at, size, 18))
    return surfaces


def _arm(dice: Dice, build: _Build, style: str) -> list[Surface]:
    """A rounded heel, the stump of the wrist, or a piece of the forearm; at times a cuff."""
    flex = dice.between(-0.7, 0.7) if dice.chance(0.5) else dice.between(-0.15, 0.15)
    aside = dice.between(-0.35, 0.35)
    down = unit(vector(sin(aside), -cos(flex), sin(flex)))
    round_ = dice.between(0.6, 0.85) if style != "robot" else dice.between(0.5, 1.0)
    thick = max(round_ * build.wrist, 0.9 * build.depth)
    swell = 1 + dice.between(0.1, 0.5) * min(build.arm, 1.0)
    reach = build.arm + 0.1
    at = [vector(0, 0.12, 0), vector(0, -0.02, 0) + 0 * down, 0.5 * reach * down, reach * down]
    sizes = [0.9, 1.0, 0.5 + 0.5 * swell, swell]
    if style == "cartoon" and dice.chance(0.5):
        sizes = [0.7, 0.6, 0.6, 0.6]
    knots = [
        (*p, s * build.wrist, s * thick * (0.9 if k == 0 else 1.0))
        for k, (p, s) in enumerate(zip(at, sizes, strict=True))
    ]
    cap = dice.between(0.2, 1.0) if build.heel or dice.chance(0.15) else 0.12  # cut flat
    surfaces = [trunk(knots, 16, 24, cap)]
    if style in ("cartoon", "robot") and dice.chance(0.6):
        wide = dice.between(1.05, 1.35) * build.wrist
        long = dice.between(0.1, 0.3)
        start = down * dice.between(0.02, 0.1)
        cuff = [(*(start + t * long * down), wide, wide * thick / build.wrist) for t in (0, 0.5, 1)]
        surfaces.append(trunk(cuff, 8, 24, dice.between(0.15, 0.8)))
    return surfaces


def _fingers(
    dice: Dice,
    build: _Build,
    curls: Array,
    spread: float,
    arched: Callable[[Array], Array],
    style: str,
) -> list[Digit]:
    """The fingers from the index finger to the little one."""
    count = build.count
    lengths = np.array([0.9, 1.0, 0.93, 0.74]) + [dice.between(-0.05, 0.05) for _ in range(4)]
    if count < 4:
        lengths = np.array([0.95, 1.0, 0.9, 0.8])
    gap = (build.width - 2 * build.radius) / max(count - 1, 1)
    shares = np.array([0.47, 0.29, 0.24]) + dice.between(-0.03, 0.03) * np.array([1, -0.5, -0.5])
    deep = build.depth * dice.between(0.0, 0.12)
    slim = dice.between(0.65, 0.9) if style != "claw" else dice.between(0.3, 0.5)
    knuckle = dice.between(0.95, 1.12)
    if style == "plain":
        slim, knuckle = dice.between(0.85, 1.0), 1.0
    elif style in ("human", "slim") and dice.chance(0.25):  # bony
        knuckle = dice.between(1.12, 1.3)
    fingers = []
    for k in range(count):
        shift = (0.5 * (count - 1) - k) / max(0.5 * (count - 1), 1)  # 1 index, -1 little
        x = build.side * (0.5 * (count - 1) - k) * gap
        base = arched(np.array([[x, 0.95, -deep]]))[0]
        bent = curls[k]
        fan = build.side * shift * (0.5 * spread * cos(min(bent[0], 1.5)) - 0.06 * sin(bent[0]))
        fan += dice.between(-0.04, 0.04)
        ahead = vector(sin(fan), cos(fan), 0)
        small = 1.0 if k < count - 1 or count < 3 else dice.between(0.8, 0.95)
        long = build.finger * lengths[k]
        radius = build.radius * small * dice.between(0.88, 1.06)
        joints, angle = [base - 0.12 * ahead, base], 0.0
        for share, bend in zip(shares, bent, strict=True):
            angle += float(bend)
            joints.append(
                joints[-1] + share * long * (cos(angle) * ahead + sin(angle) * vector(0, 0, 1))
            )
        taper = np.array([0.95, 1.0, knuckle * (0.5 + 0.5 * slim), 0.3 + 0.7 * slim, slim])
        fingers.append(Digit(np.stack(joints), radius * taper, vector(0, 0, 1)))
    return fingers


def _thumb(dice: Dice, build: _Build, pose: str) -> Digit:
    """From the wrist to the tip; the pose decides or leaves a choice."""
    side = build.side
    kind = dice.weighted(THUMBS)
    if pose in ("grasping", "pinching", "claw"):
        kind = "opposed"
    elif pose in ("fist", "pointing", "counting"):
        kind = dice.weighted({"across": 3.0, "along": 1.0, "opposed": 1.0, "out": 0.6})
    elif pose == "thumb up":
        kind = "up"
    elif pose == "stiff":
        kind = dice.weighted({"out": 2.0, "ahead": 3.0, "along": 1.5, "opposed": 1.5})
    elif pose == "blade":
        kind = "along"
    ways = {
        "out": [(0.85, 0.6, 0.2), (0.75, 0.75, 0.1), (0.6, 0.85, 0.1)],
        "along": [(0.6, 0.8, 0.25), (0.25, 1.0, 0.15), (0.0, 1.0, 0.1)],
        "opposed": [(0.55, 0.6, 0.65), (0.1, 0.8, 0.65), (-0.25, 0.85, 0.4)],
        "ahead": [(0.6, 0.45, 0.8), (0.3, 0.45, 1.0), (0.15, 0.4, 1.0)],
        "across": [(0.5, 0.6, 0.8), (-0.35, 0.55, 0.75), (-1.0, 0.35, 0.15)],
        "up": [(0.8, 0.5, 0.3), (1.0, 0.25, 0.0), (1.0, 0.1, -0.15)],
    }[kind]
    joints = [vector(side * 0.3 * build.width, 0.16, 0.15 * build.depth)]
    sway = vector(*(dice.between(-0.15, 0.15) for _ in range(3)))
    for way, long in zip(ways, (0.46, 0.36, 0.32), strict=True):
        step = unit(vector(side * way[0], way[1], way[2]) + sway)
        joints.append(joints[-1] + long * build.thumb * step)
    thick = build.radius * dice.between(1.1, 1.3)
    radii = thick * np.array([1.1, 1.15, 1.0, dice.between(0.7, 0.95)])
    return Digit(np.stack(joints), radii, vector(0, 0, 1))
