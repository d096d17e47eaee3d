"""Octopuses, cuttlefish and squids: sitting, crawling, swimming, spread out, in a cartoon."""

from math import cos, pi, sin
from typing import NamedTuple

import numpy as np

from pdengine.shapes.assembly import Assembly
from pdengine.shapes.bodies import ball, fin, trunk, tube, vector
from pdengine.shapes.curves import Array, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, skin
from pdengine.shapes.warp import warp

PARTS = ("body", "leg")
SIDES = (-1.0, 1.0)
KNOTS = 11  # sections of head and mantle
KINDS = {
    "octopus": 5.0,
    "cartoon": 4.0,
    "squid": 2.5,
    "cuttlefish": 1.0,
    "dumbo": 1.0,
    "fable": 2.0,
}
# What the arms do; the shares of how they leave the body and where they go are in _Gait.
POSES = {
    "crawling": 3.0,
    "star": 2.5,
    "standing": 3.0,
    "hanging": 2.5,
    "bundle": 1.5,
    "reaching": 2.0,
    "curled": 2.0,
    "wild": 2.0,
}


class _Gait(NamedTuple):
    """How arms leave the body and go on. Angles in radians.

    Attributes:
        start: elevation where the arm leaves the body, 0 is flat, -pi/2 straight down.
        end: elevation that it turns to after the first third.
        curl: how far the outer half rolls up (positive upwards).
        coil: how far the outer half rolls up sideways.
        meander: swing to the sides.
        unlike: how much each arm differs from the others.
    """

    start: float
    end: float
    curl: float
    coil: float
    meander: float
    unlike: float


def make_octopus(seed: int) -> LabelledMesh:
    """The arms leave a ring around the origin; the head is above it and 1 wide."""
    dice = Dice("octopus", seed)
    octopus = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    pose = dice.weighted(POSES)
    if kind == "squid":
        pose = dice.weighted({"bundle": 4.0, "hanging": 3.0, "star": 0.7, "wild": 1.0})
    count = dice.weighted({6: 1.5, 7: 0.7, 8: 9.0, 9: 0.8})
    ring = dice.between(0.26, 0.4)  # radius on which the arms start
    radius = min(dice.between(0.09, 0.2), 0.85 * ring * pi / count)
    if kind == "squid":
        ring, radius = 0.6 * ring, 0.7 * radius
    radius = max(radius, 0.05)
    _add_head(dice, octopus, kind, ring, radius)
    long = dice.log_between(1.0, 3.2) if kind != "cartoon" else dice.log_between(0.6, 2.0)
    gait = _gait(dice, pose)
    floor = dice.chance(0.7) and pose in ("crawling", "star", "standing", "curled")
    _add_arms(dice, octopus, gait, count, ring, radius, long, floor, kind)
    if dice.chance(0.35) and pose not in ("bundle", "wild"):
        _add_web(dice, octopus, ring, radius, long, gait)

    change = warp(dice, (0.12, 0.15, 0.12))
    lie = {"squid": 0.6, "cuttlefish": 0.7}.get(kind, 0.08)
    if not dice.chance(lie):
        return octopus.mesh(change)
    ahead = dice.chance(0.6)
    pitch = dice.between(0.25, 0.5) * pi

    def laid(vertices: Array) -> Array:
        """Arms ahead, as squids are drawn, or trailing behind."""
        x, y, z = vertices.T
        c, s = cos(pitch), sin(pitch) * (1 if ahead else -1)
        return change(np.stack([x, c * y + s * z, c * z - s * y], 1))

    return octopus.mesh(laid)


def _add_head(dice: Dice, octopus: Assembly, kind: str, ring: float, radius: float) -> None:
    """Head and mantle in one bag; the mantle leans back where the animal is alive."""
    low = 0.8 * ring + radius
    tall = dice.log_between(0.8, 1.7)
    lean = dice.between(0.0, 1.4) if kind in ("octopus", "fable") and dice.chance(0.7) else 0.0
    neck = dice.between(0.55, 1.0) * 2.2 * ring
    fullest = dice.between(0.75, 1.15)
    point = dice.between(0.0, 0.6)
    if kind == "cartoon":
        tall, lean = dice.between(0.75, 1.3), dice.between(-0.1, 0.25)
        fullest, point = dice.between(0.95, 1.3), 0.0
        neck = dice.between(0.8, 1.2) * 2.2 * ring
    elif kind in ("squid", "cuttlefish"):
        tall = dice.between(1.1, 2.4)
        fullest = dice.between(0.45, 0.75) if kind == "squid" else dice.between(0.7, 0.9)
        point = 1.0 if kind == "squid" else 0.3
        neck = min(neck, 0.9 * fullest)
    elif kind == "dumbo":
        tall, point = dice.between(0.8, 1.1), 0.0
    flat = dice.between(0.8, 1.05) if kind != "cuttlefish" else dice.between(0.5, 0.7)
    up = np.linspace(0.0, 1.0, KNOTS)
    tilt = lean * np.clip(1.6 * up - 0.3, 0, 1)
    step = tall / (KNOTS - 1)
    rise = np.concatenate([[0], np.cumsum(np.cos(tilt[1:]))]) * step
    back = np.concatenate([[0], np.cumsum(np.sin(tilt[1:]))]) * step
    place = dice.between(0.5, 0.75)  # of the fullest section
    pinch = dice.between(0.75, 1.0) if kind != "cartoon" else 1.0
    grow = np.clip((up - 0.15) / (place - 0.15), 0, 1)
    grow = grow * grow * (3 - 2 * grow)
    end = np.clip((up - place) / (1 - place), 0, 0.98)
    # Round (2, 0.5) to pointed (1.2, 1) behind the fullest section.
    full = fullest / 2 * (1 - end ** dice.between(2.0 - 0.8 * point, 2.4)) ** (0.5 + 0.5 * point)
    wide = np.where(up < place, neck / 2 * pinch * (1 - grow) + fullest / 2 * grow, full)
    wide[0] = low
    thin = np.interp(up, [0, 0.3, 0.5], [1.0, 1.0, flat])
    knots = [
        (0.0, y - 0.05, -z, 2 * w, 2 * w * f)
        for y, z, w, f in zip(rise, back, wide, thin, strict=True)
    ]
    octopus.add("body", trunk(knots, 28, 26, 0.2 + 0.5 * point))
    octopus.add("body", ball((0, -0.02, 0), (2.05 * low, 1.5 * radius + 0.12, 2.05 * low), 24))
    if dice.chance(0.85):
        _add_eyes(dice, octopus, kind, knots)
    if kind in ("squid", "cuttlefish", "dumbo") or (kind == "fable" and dice.chance(0.3)):
        _add_fins(dice, octopus, kind, knots, tall)
    if dice.chance(0.2):  # the funnel it blows water through
        x, y, z, _, deep = knots[2]
        start = vector(x, y, z + 0.3 * deep)
        end = start + vector(dice.between(-0.2, 0.2), -0.05, 0.35 * deep + 0.15)
        octopus.add("body", tube(smooth([start, end], 8), np.full(8, 0.09), 14, 0.3))


def _add_eyes(
    dice: Dice, octopus: Assembly, kind: str, knots: list[tuple[float, float, float, float, float]]
) -> None:
    staring = kind == "cartoon" or dice.chance(0.25)  # in front, rather than at the sides
    size = dice.between(0.14, 0.3) if kind == "cartoon" else dice.between(0.1, 0.22)
    at = dice.between(0.18, 0.42) * (KNOTS - 1)
    x, y, z, wide, deep = (float(np.interp(at, range(KNOTS), c)) for c in zip(*knots, strict=True))
    azimuth = dice.between(0.3, 0.6) if staring else dice.between(0.9, 1.5)
    sunk = dice.between(0.85, 1.05)
    for side in SIDES:
        spot = vector(x, y, z) + sunk * vector(
            side * sin(azimuth) * wide / 2, 0.1 * size, cos(azimuth) * deep / 2
        )
        octopus.add("body", ball(spot, [size] * 3, 16))
        if dice.chance(0.4):  # a lid, or a pupil
            out = vector(side * sin(azimuth), 0.25, cos(azimuth)) * (0.35 * size)
            octopus.add("body", ball(spot + out, [0.55 * size] * 3, 12))


def _add_fins(
    dice: Dice,
    octopus: Assembly,
    kind: str,
    knots: list[tuple[float, float, float, float, float]],
    tall: float,
) -> None:
    """Two fins: an arrow head at the tip, a skirt all along, or ears."""
    low, high = {"cuttlefish": (3.0, 10.0), "dumbo": (5.5, 8.5)}.get(kind, (5.0, 10.0))
    low += dice.between(-0.6, 1.0)
    where = np.linspace(low, high, 16)
    middle = np.stack([np.interp(where, range(KNOTS), [k[a] for k in knots]) for a in range(3)], 1)
    half = np.interp(where, range(KNOTS), [0.5 * k[3] for k in knots])
    t = np.linspace(0, 1, 16)
    out = dice.between(0.2, 0.55) * (0.5 if kind == "cuttlefish" else 1.0)
    profile = np.sin(pi * np.clip(t, 0.02, 0.98)) ** dice.between(0.5, 1.2)
    sweep = 0.25 * tall * dice.between(-0.5, 1.0)
    for side in SIDES:
        # A fin runs from the side of the mantle outwards; its chord lies across.
        inner = middle + np.stack([side * 0.7 * half, 0 * t, 0 * t], 1)
        reach = 0.3 * half + out * profile
        outer = inner + np.stack([side * reach, sweep * profile * out, 0 * t], 1)
        octopus.add("body", fin(outer, inner, 0.06 + 0.02 * profile, 0.0, 12))


def _gait(dice: Dice, pose: str) -> _Gait:
    roll = dice.between(0.0, 3.0)
    table = {
        "crawling": (dice.between(-0.9, -0.2), 0.0, 0.4 * roll, dice.between(0.4, 1.2), 0.25),
        "star": (dice.between(-0.3, 0.2), 0.0, 0.2 * roll, dice.between(0.0, 0.4), 0.08),
        "standing": (dice.between(-1.5, -0.7), dice.between(-1.0, 0.0), roll, 0.3, 0.15),
        "hanging": (dice.between(-1.4, -0.4), -1.5, 0.4 * roll, dice.between(0.1, 0.7), 0.12),
        "bundle": (-1.5, -1.57, 0.1, dice.between(0.0, 0.25), 0.04),
        "reaching": (dice.between(-0.4, 0.5), dice.between(0.3, 1.4), 0.6 * roll, 0.5, 0.35),
        "curled": (dice.between(-1.2, 0.2), dice.between(-0.6, 0.1), 2.5 + 1.8 * roll, 0.2, 0.2),
        "wild": (dice.between(-1.0, 0.3), dice.between(-0.8, 0.8), roll, 1.0, 0.7),
    }
    start, end, curl, meander, unlike = table[pose]
    coil = dice.between(-4.0, 4.0) if pose != "bundle" and dice.chance(0.35) else 0.0
    if not dice.chance(0.75):
        curl = -curl
    return _Gait(start, end, curl, coil, meander, unlike)


def _add_arms(
    dice: Dice,
    octopus: Assembly,
    gait: _Gait,
    count: int,
    ring: float,
    radius: float,
    long: float,
    floor: bool,
    kind: str,
) -> None:
    tip = dice.between(0.22, 0.45) if kind != "cartoon" else dice.between(0.4, 0.95)
    swell = dice.between(0.9, 1.15)
    uneven = dice.between(0.0, 0.25)
    start_turn = dice.pick([0.0, pi / count])
    both = dice.chance(0.3)  # mirror images left and right
    rolls = [dice.between(-1, 1) for _ in range(4 * count)]
    for k in range(count):
        partner = min(k, count - 1 - k) if both else k
        bend, twist, stretch, phase = rolls[4 * partner : 4 * partner + 4]
        mirrored = -1.0 if both and k != partner else 1.0
        azimuth = start_turn + 2 * pi * (k + 0.5) / count
        azimuth += 0.25 * gait.unlike * twist * mirrored
        reach = long * (1 + uneven * stretch)
        t = np.linspace(0, 1, 30)
        bent = gait.unlike * bend
        rise = gait.start + (gait.end + bent - gait.start) * np.clip(2.5 * t, 0, 1)
        rise = rise + (gait.curl * (1 + bent)) * np.clip((t - 0.35) / 0.65, 0, 1) ** 2
        side = gait.meander * twist * mirrored * np.sin(pi * (1.0 + abs(phase)) * t + 0.5 * phase)
        heading = azimuth + side * np.clip(3 * t, 0, 1)
        heading = (
            heading + gait.coil * mirrored * (1 + bent) * np.clip((t - 0.4) / 0.6, 0, 1) ** 1.5
        )
        steps = np.stack(
            [np.cos(rise) * np.sin(heading), np.sin(rise), np.cos(rise) * np.cos(heading)], 1
        )
        begin = ring * vector(sin(azimuth), 0, cos(azimuth)) * 0.85
        path = begin + np.cumsum(steps, 0) * (reach / 29) - steps[0] * (reach / 29)
        if floor:  # arms lie down where they come to the ground
            ground = -0.35 * long
            deep = np.minimum(path[:, 1] - ground, 0)
            path[:, 1] = np.maximum(path[:, 1], ground) + 0.03 * deep
        size = radius * np.interp(t, [0, 0.15, 1], [1.0, swell, tip])
        octopus.add("leg", tube(path, size, 13))
    if kind in ("squid", "cuttlefish") and dice.chance(0.7):
        for s in SIDES:
            octopus.add("leg", *_tentacle(dice, s, ring, radius, long))


def _tentacle(dice: Dice, side: float, ring: float, radius: float, long: float) -> list[Surface]:
    """A long thin arm with a club at its end."""
    reach = long * dice.between(1.15, 1.9)
    out = dice.between(0.05, 0.35) * side
    start = vector(0.4 * ring * side, 0, 0.3 * ring)
    path = smooth(
        [
            start,
            start + reach * vector(0.4 * out, -0.4, dice.between(-0.1, 0.2)),
            start + reach * vector(out, -1.0, dice.between(-0.2, 0.2)),
        ],
        28,
    )
    t = np.linspace(0, 1, 28)
    size = 0.55 * radius * (1 + 1.3 * np.exp(-(((t - 0.92) / 0.08) ** 2)))
    return [tube(path, np.maximum(size, 0.03), 12)]


def _add_web(
    dice: Dice, octopus: Assembly, ring: float, radius: float, long: float, gait: _Gait
) -> None:
    """A skirt of skin between the roots of the arms; part of the body."""
    slope = 0.5 * (gait.start + max(gait.end, -1.2))
    reach = dice.between(0.12, 0.3) * long
    angle = np.arange(32) * (2 * pi / 32)
    t = np.linspace(0, 1, 8)[:, None]
    outer = 0.7 * ring + t * reach * cos(slope)
    lower = t * reach * sin(slope)
    thick = 0.05 * (1 - 0.5 * t)
    flat = np.stack([np.sin(angle), 0 * angle, np.cos(angle)], 1)
    above = outer[..., None] * flat + (lower + thick)[..., None] * vector(0, 1, 0)
    below = outer[..., None] * flat + (lower - thick)[..., None] * vector(0, 1, 0)
    octopus.add("body", skin(np.concatenate([above, below[::-1]])))
