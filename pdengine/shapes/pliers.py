"""Pliers and their kin: long-nosed, slip-jointed, cutters, pincers, tongs and scissors."""

from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.curves import Array, circle, interpolate, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, Z, cut_skin, lathe, rings_of, skin, sweep
from pdengine.shapes.warp import warp

PARTS = ("jaw", "pivot", "handle")
POINTS = 16  # of the sections of jaws and handles

KINDS = {
    "combination": 4.0,
    "long": 3.5,
    "slip": 2.5,
    "cutter": 2.0,
    "pincers": 1.5,
    "bent": 1.5,
    "scissors": 2.0,
    "locking": 1.2,
    "tongs": 1.2,
}
# Length of the jaw over the length of the handle, and its width where it starts over that length.
JAWS: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "combination": ((0.3, 0.6), (0.22, 0.45)),
    "long": ((0.5, 1.1), (0.12, 0.28)),
    "slip": ((0.25, 0.5), (0.3, 0.5)),
    "cutter": ((0.15, 0.35), (0.4, 0.8)),
    "pincers": ((0.2, 0.5), (0.25, 0.45)),
    "bent": ((0.4, 0.8), (0.14, 0.3)),
    "scissors": ((0.5, 1.4), (0.1, 0.22)),
    "locking": ((0.2, 0.4), (0.3, 0.5)),
    "tongs": ((0.3, 0.7), (0.1, 0.2)),
}


@dataclass(frozen=True)
class Plan:
    """What both arms share. Lengths are in handle lengths; the pivot is the origin.

    Attributes:
        jaw: length of the jaw.
        wide: width of a jaw where it starts.
        thick: thickness of the tool along z at the pivot.
        joint: how far the body around the pivot reaches to either side.
        lap: how far the arms lie in front of and behind each other.
        fat: thick and smooth all over, as toys and clay models are.
        knot: all of an arm that is so near the joint is pivot; 0 where only the rivet is.
    """

    kind: str
    jaw: float
    wide: float
    thick: float
    joint: float
    lap: float
    fat: bool
    knot: float


def make_pliers(seed: int) -> LabelledMesh:
    dice = Dice("pliers", seed)
    pliers = Assembly(dice, PARTS)
    plan = _plan(dice)
    jaw, handle = _jaw(dice, plan), _handle(dice, plan)
    opening = dice.between(0.0, 0.35) if dice.chance(0.6) else dice.between(0.35, 1.6)
    if plan.kind == "tongs":
        opening = dice.between(0.08, 0.6)
    if plan.fat and dice.chance(0.35):
        opening = dice.between(1.2, 2.7)
    # One arm may stay where it is while the other one turns.
    tilt = opening * dice.between(-0.5, 0.5) if dice.chance(0.35) else 0.0
    for side in (0, 1):
        if side and plan.kind != "tongs" and dice.chance(0.15):
            handle = _handle(dice, plan)  # two grips that differ
        lap = (0.5 - side) * plan.lap
        for part, pieces in (("jaw", jaw), ("handle", handle)):
            for name, piece in _parted(part, pieces, plan.knot):
                arm = moved(turned(piece, "z", -opening / 2), z=lap)
                arm = mirrored(arm)[1] if side else arm
                pliers.add(name, turned(arm, "z", tilt))
    pliers.add("pivot", *(turned(piece, "z", tilt) for piece in _pivot(dice, plan)))
    return pliers.mesh(warp(dice, (0.2, 0.15, 0.25)))


def _plan(dice: Dice) -> Plan:
    kind = dice.weighted(KINDS)
    length, width = JAWS[kind]
    jaw = dice.log_between(*length)
    wide = jaw * dice.log_between(*width)
    thick = dice.log_between(0.03, 0.08) if kind == "scissors" else dice.log_between(0.05, 0.16)
    joint = wide * dice.log_between(0.7, 1.25)
    lap = thick * dice.between(0.3, 0.8) if kind == "scissors" or dice.chance(0.3) else 0.0
    fat = kind not in ("scissors", "tongs") and dice.chance(0.4)
    if fat:
        wide = max(wide, dice.log_between(0.14, 0.26))
        thick, joint, lap = dice.between(0.7, 1.4) * wide, dice.between(0.9, 1.4) * wide, 0.0
    knot = 0.0
    if kind != "tongs" and dice.chance(0.6 if fat else 0.15):
        knot = min(dice.between(0.8, 1.6) * max(joint, 0.6 * wide), 0.55 * jaw)
    return Plan(kind, jaw, wide, thick, joint, lap, fat, knot)


def _parted(part: str, pieces: list[Surface], knot: float) -> list[tuple[str, Surface]]:
    """The pieces and their parts: what is nearer than ``knot`` to the joint belongs to the pivot.

    The first piece starts at the joint; it is cut there, so nothing stands out to be seen.
    """
    first, *others = pieces
    named = [(part, first), *((part, piece) for piece in others)]
    if knot == 0 or (len(first.vertices) - 2) % POINTS:
        return named
    middle = rings_of(first, POINTS).mean(1)
    near = np.flatnonzero(np.hypot(middle[:, 0], middle[:, 1]) < knot)
    if len(near) == 0:
        return named
    at = int(np.clip(near[-1] + 1, 1, len(middle) - 3))
    return [*zip(("pivot", part), cut_skin(first, POINTS, at), strict=True), *named[1:]]


def _jaw(dice: Dice, plan: Plan) -> list[Surface]:
    """The jaw at x > 0 of a closed tool, its inner edge near x = 0, pointing to +y."""
    if plan.kind == "tongs":
        return _paddle(dice, plan)
    t = np.linspace(0, 1, 26)
    tip = dice.log_between(0.12, 0.75)
    if plan.kind in ("long", "bent", "scissors"):
        tip = dice.log_between(0.05, 0.4)
    belly = dice.between(0.75, 1.35)
    wide = plan.wide * np.interp(t, [0, 0.25, 0.6, 1], [1, belly, 0.5 * (belly + tip), tip])
    if dice.chance(0.5):  # a long even taper instead
        wide = plan.wide * (1 - (1 - tip) * t ** dice.log_between(0.5, 2.0))
    inner = np.zeros_like(t)
    if plan.kind == "pincers":
        gap = plan.jaw * dice.between(0.15, 0.5)
        inner = gap * np.sin(pi * t) ** dice.between(0.5, 1.0)
        wide = plan.wide * interpolate(t, [(0, 1), (0.5, 0.7), (1, dice.between(0.25, 0.6))])
    elif plan.kind in ("slip", "combination") and dice.chance(0.7):
        at, spread = dice.between(0.25, 0.5), dice.between(0.1, 0.2)
        inner = 0.45 * plan.wide * np.exp(-(((t - at) / spread) ** 2))
        wide = np.maximum(wide - inner, 0.3 * plan.wide)
    if not plan.fat and dice.chance(0.4):  # teeth
        inner = inner + 0.03 * plan.wide * np.sin(t * 26 * pi / 2 * dice.pick([1, 2]))
    slim = dice.between(0.25, 1.0)
    thick = plan.thick * (1 - (1 - slim) * t ** dice.log_between(0.6, 2.0))
    sideways, forward = np.zeros_like(t), np.zeros_like(t)
    if plan.kind == "bent":
        bend = dice.between(0.2, 0.7) * dice.pick([-1, 1]) * plan.jaw
        forward = bend * np.maximum(t - dice.between(0.2, 0.5), 0) ** 1.5
    elif dice.chance(0.2):
        sideways = dice.between(-0.15, 0.15) * plan.jaw * t**2
    middle = np.stack([inner + wide / 2 + sideways, (t - 0.06) * plan.jaw, forward], 1)
    tip_end = middle[-1:] + np.array([[0.0, 0.25 * wide[-1], 0.0]])
    section = np.stack([wide, thick], 1)
    if dice.chance(0.6):  # a round shoulder
        section[:3] *= np.array([[0.6], [0.83], [0.95]])
    cut = superellipse(1.0, 1.0, dice.pick([2.0, 2.5, 4.0, 8.0]), POINTS)
    return [
        _level(
            np.concatenate([middle, tip_end]), np.concatenate([section, 0.5 * section[-1:]]), cut
        )
    ]


def _level(middle: Array, size: Array, cut: Array) -> Surface:
    """A stack of sections that stay level, so that the inner edges of two jaws meet.

    Args:
        middle: [R, 3].
        size: [R, 2] of a section along x and z.
        cut: [P, 2] a section of size 1.
    """
    flat = cut[None] * size[:, None]
    offset = np.stack([flat[..., 0], np.zeros(flat.shape[:2]), flat[..., 1]], -1)
    return skin(middle[:, None] + offset)


def _paddle(dice: Dice, plan: Plan) -> list[Surface]:
    """The end of one arm of a pair of tongs, from where its handle ends."""
    t = np.linspace(0, 1, 26)
    start = _tong_bow(plan)[1]
    hollow = dice.between(0.0, 0.25) * plan.jaw
    x = start * (1 - t) + hollow * np.sin(pi * t) + 0.015
    broad = plan.thick * interpolate(
        t, [(0, 1), (0.5, dice.between(1, 3)), (1, dice.between(1, 4))]
    )
    if dice.chance(0.4):  # a scalloped edge
        broad = broad * (1 + 0.15 * np.sin(t * 30) * (t > 0.4))
    size = np.stack([np.full_like(t, 0.025), broad], 1)
    middle = np.stack([x, 0.95 + t * plan.jaw, 0 * t], 1)
    return [_level(middle, size, superellipse(1.0, 1.0, 5.0, 16))]


def _tong_bow(plan: Plan) -> tuple[float, float]:
    """How far the arm of closed tongs bulges out half-way, and at its end."""
    return 0.5 * plan.wide + 0.03, 0.35 * plan.wide + 0.02


def _handle(dice: Dice, plan: Plan) -> list[Surface]:
    """The handle that belongs to the jaw at x > 0: it crosses over and points to -y at x < 0."""
    if plan.kind == "tongs":
        middle, end = _tong_bow(plan)
        path = smooth([(0, 0, 0), (middle, 0.35, 0), (middle, 0.7, 0), (end, 1.0, 0)], 26)
        wide = interpolate(np.linspace(0, 1, 26), [(0, dice.between(0.6, 1.2)), (1, 1)])
        cut = superellipse(plan.thick, dice.between(0.02, 0.05), dice.pick([2.0, 6.0]), 16)
        return [sweep(path, cut, np.stack([wide, np.ones(26)], 1), Z)]
    if plan.kind == "scissors" or dice.chance(0.06):
        return _ring_handle(dice, plan)
    grip = dice.log_between(0.07, 0.13) if plan.fat else dice.log_between(0.03, 0.085)
    near, far = _splay(dice, grip)
    knots = [(0.0, 0.25 * plan.joint), (-0.3 * plan.joint - 0.3 * grip, -0.6 * plan.joint)]
    knots += [(-near, -0.35), (-0.5 * (near + far), -0.65), (-far, -1.0)]
    if dice.chance(0.25):  # the ends flare
        knots[-1] = (-far - dice.between(0.03, 0.12), -1.0)
    forward = dice.between(-0.15, 0.15) if dice.chance(0.15) else 0.0
    path = smooth([(x, y, forward * y * y) for x, y in knots], 34)
    t = np.linspace(0, 1, len(path))
    flat = dice.log_between(0.5, 1.6)  # thickness of the grip over its width
    swell = dice.between(0.8, 1.3)
    wide = (
        2
        * grip
        * interpolate(
            t,
            [(0, 0.75 * plan.joint / grip), (0.3, dice.between(0.6, 1.0)), (0.6, swell), (1, 0.8)],
        )
    )
    deep = 2 * grip * flat * interpolate(t, [(0.3, 0.8), (0.6, swell), (1, 0.8)])
    deep += (plan.thick - deep) * np.clip(1 - t / 0.3, 0, 1)
    power = dice.pick([2.0, 2.0, 3.0, 7.0])
    cut = superellipse(1.0, 1.0, power, POINTS)
    if plan.fat or not dice.chance(0.4):
        return [sweep(path, cut, np.stack([deep, wide], 1), Z, ends=0.5 * grip)]
    # A bare shank in a thicker sleeve.
    start = dice.whole(11, 18)
    bare = np.stack([0.75 * deep, wide * interpolate(t, [(0, 1), (0.25, 0.7), (1, 0.6)])], 1)
    shank = sweep(path[:-2], cut, bare[:-2], Z)
    sleeve_size = np.stack([deep, wide], 1)[start:]
    if dice.chance(0.4):  # a collar that keeps the hand from slipping
        share = np.linspace(0, 1, len(sleeve_size))
        sleeve_size = sleeve_size * interpolate(share, [(0, 1.5), (0.12, 1), (1, 1)])[:, None]
    sleeve = sweep(path[start:], superellipse(1.0, 1.0, 2.5, 16), sleeve_size, Z, ends=0.6 * grip)
    return [shank, sleeve]


def _splay(dice: Dice, grip: float) -> tuple[float, float]:
    """How far out a handle is at a third of its length, and at its end."""
    least = 1.1 * grip
    kind = dice.weighted({"bowed": 4.0, "straight": 2.0, "splayed": 2.0, "curled": 1.0})
    if kind == "bowed":
        return least + dice.between(0.06, 0.22), least + dice.between(0.0, 0.16)
    if kind == "straight":
        out = dice.between(0.02, 0.12)
        return least + out, least + out
    if kind == "splayed":
        return least + dice.between(0.0, 0.08), least + dice.between(0.15, 0.4)
    return least + dice.between(0.15, 0.3), least


def _ring_handle(dice: Dice, plan: Plan) -> list[Surface]:
    """A shank that ends in a ring for the fingers."""
    bar = dice.log_between(0.02, 0.05)
    long, wide = dice.log_between(0.15, 0.34), dice.log_between(0.1, 0.2)
    centre = np.array([-wide - bar - dice.between(0.0, 0.15), long - 1.0, 0.0])
    angle = np.arange(40) * (2 * pi / 40)
    lean = dice.between(-0.4, 0.4)
    egg = 1 + dice.between(-0.25, 0.25) * np.sin(angle)
    x, y = wide * np.cos(angle) * egg, long * np.sin(angle)
    ring = np.stack([x + lean * y, y, 0 * x], 1) + centre
    cut = superellipse(2 * bar * dice.log_between(0.6, 1.6), 2 * bar, dice.pick([2.0, 4.0]), 14)
    joint = ring[dice.whole(6, 12)]
    path = smooth(
        [(0.0, 0.25 * plan.joint, 0.0), (-0.25 * plan.joint, -0.5 * plan.joint, 0.0), joint], 22
    )
    t = np.linspace(0, 1, 22)
    broad = interpolate(t, [(0, 1.5 * plan.joint), (0.4, 2 * bar), (1, 2 * bar)])
    deep = interpolate(t, [(0, plan.thick), (0.5, 2 * bar), (1, 1.8 * bar)])
    shank = sweep(
        path, superellipse(1.0, 1.0, 3.0, POINTS), np.stack([deep, broad], 1), Z, ends=bar / 2
    )
    return [shank, sweep(ring, cut, 1.0, Z, loop=True)]


def _pivot(dice: Dice, plan: Plan) -> list[Surface]:
    """A rivet, a screw or a big disc through the joint, along z."""
    if plan.kind == "tongs":
        radius = dice.log_between(0.03, 0.09)
        long = plan.thick * dice.between(1.0, 1.6)
        return [turned(_disc(radius, long, dice.between(0.0, 0.5)), "x", pi / 2)]
    if plan.fat and plan.knot > 0 and dice.chance(0.8):
        return []  # kneaded in one piece: no rivet to see
    if plan.fat and dice.chance(0.4):  # a lump on the joint
        radius = min(plan.wide * dice.between(0.55, 0.85), 0.35 * plan.jaw)
        lump = _disc(radius, 1.1 * plan.thick, dice.between(0.3, 0.9))
        stretch = [dice.between(0.9, 1.3), 1.0, dice.between(0.9, 1.2)]
        return [turned(lump._replace(vertices=lump.vertices * stretch), "x", pi / 2)]
    size = plan.joint * (dice.between(0.3, 0.6) if dice.chance(0.6) else dice.between(0.6, 1.15))
    size = min(size, dice.between(0.09, 0.2))  # broad cutters have no broader rivets
    long = (plan.thick + plan.lap) * dice.between(1.1, 1.5)
    pieces = [_disc(size, long, dice.between(0.0, 0.6))]
    if plan.kind == "slip" and dice.chance(0.6):  # an oval washer along the slot
        plate = _disc(1.3 * size, 0.94 * long, 0.2)
        pieces.append(plate._replace(vertices=plate.vertices * [0.7, 1.0, 1.2]))
    elif dice.chance(0.3):
        pieces.append(_disc(size * dice.between(0.3, 0.6), long * 1.25, 0.5))
    if dice.chance(0.15):  # a nut on the back
        nut = _disc(0.7 * size, long * 0.5, 0.0, points=6)
        pieces.append(moved(nut, y=-0.4 * long))
    return [turned(piece, "x", pi / 2) for piece in pieces]


def _disc(radius: float, long: float, dome: float, points: int = 32) -> Surface:
    """A cylinder along y around the origin with domed ends."""
    share = np.array([0.05, 0.45, 0.75, 0.93, 1.0])
    high = long / 2 * (1 - dome * share**2 * 0.6)
    side = np.stack([share * radius, high], 1)
    below = side * [1, -1]
    return lathe(np.concatenate([below, side[::-1]]), circle(1.0, points))
