"""Headphones and earphones: over and on the ear, behind the neck, clipped on, or mere buds."""

from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.bodies import tube
from pdengine.shapes.curves import (
    Array,
    circle,
    interpolate,
    rounded_rectangle,
    smooth,
    straight,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.earphone_cups import bud, cup
from pdengine.shapes.earphone_wires import add_wires
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, Z, limb, sweep
from pdengine.shapes.warp import warp

PARTS = ("earcup", "headband", "wire")

KINDS = {
    "over": 6.0,
    "on": 3.0,
    "retro": 1.5,
    "gaming": 2.0,
    "neckband": 1.2,
    "buds": 2.0,
    "hooks": 0.8,
}
WIRED = {
    "over": 0.6,
    "on": 0.65,
    "retro": 0.75,
    "gaming": 0.6,
    "neckband": 0.4,
    "buds": 0.92,
    "hooks": 0.85,
}


@dataclass(frozen=True)
class Plan:
    """The ears are 1 apart, at y = z = 0; the top of the head is at y = rise.

    Attributes:
        size: radius of the cups, up and down.
        narrow: their extent along z over that along y.
        deep: thickness of a cup along x.
        rise: of the band above the middle of the cups.
        square: power of the arch, 2 is round.
    """

    kind: str
    size: float
    narrow: float
    deep: float
    rise: float
    square: float


def make_earphone(seed: int) -> LabelledMesh:
    dice = Dice("earphone", seed)
    phones = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    if kind in ("buds", "hooks"):
        ends = _add_buds(dice, phones, hooks=kind == "hooks")
    elif kind == "neckband":
        ends = _add_neckband(dice, phones)
    else:
        ends = _add_headphones(dice, phones, kind)
    if dice.chance(WIRED[kind]):
        add_wires(dice, phones, ends, buds=kind in ("buds", "hooks"))
    lying = 0.0
    if dice.chance(0.15):
        lying = dice.pick([-0.5, 0.5]) * pi
    change = warp(dice, (0.15, 0.15, 0.15))

    def finish(vertices: Array) -> Array:
        flat = Surface(vertices, np.empty((0, 3), np.int64))
        return change(turned(flat, "x", lying).vertices)

    return phones.mesh(finish)


def _add_headphones(dice: Dice, phones: Assembly, kind: str) -> Array:
    """Returns where wires may leave the right cup. [3]."""
    big = kind in ("over", "gaming")
    plan = Plan(
        kind=kind,
        size=dice.log_between(0.28, 0.48) if big else dice.log_between(0.17, 0.3),
        narrow=dice.between(0.7, 1.0) if dice.chance(0.6) else 1.0,
        deep=dice.log_between(0.16, 0.42) if big else dice.log_between(0.08, 0.22),
        rise=dice.between(0.65, 1.15),
        square=dice.between(1.9, 3.2),
    )
    swivel = dice.between(-0.3, 0.3)
    if dice.chance(0.08):  # the cups are turned flat
        swivel = pi / 2 * dice.pick([-1.0, 1.0])
    lean = dice.between(-0.15, 0.12)
    pieces = cup(dice, plan.size, plan.narrow, plan.deep, ring=dice.chance(0.75))
    boom = _boom(dice, plan) if kind == "gaming" and dice.chance(0.35) else []
    placed, microphone = (
        [moved(turned(turned(p, "z", lean), "y", swivel), x=0.5) for p in group]
        for group in (pieces, boom)
    )
    phones.add("earcup", *mirrored(*placed), *microphone)
    phones.add("headband", *_band(dice, plan), *_yokes(dice, plan, abs(swivel) > 1))
    out = 0.3 * plan.deep
    return np.array([0.5 + out, -0.92 * plan.size, 0.0])


def _arch(plan: Plan, wide: float, rise: float, low: float) -> Array:
    """From ear to ear over the head, down to y = low. [R, 3]."""
    angle = np.linspace(-pi / 2, pi / 2, 41)
    power = 2 / plan.square
    x = wide * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power
    y = low + (rise - low) * np.abs(np.cos(angle)) ** power
    path = np.stack([x, y, 0 * x], 1)
    steps = np.sqrt((np.diff(path, axis=0) ** 2).sum(1))
    far = np.concatenate([[0], np.cumsum(steps)])
    even = np.linspace(0, far[-1], 37)
    return np.stack([np.interp(even, far, path[:, k]) for k in range(3)], 1)


def _band(dice: Dice, plan: Plan) -> list[Surface]:
    """The arch over the head with its cushion; its ends are where the yokes begin."""
    style = dice.weighted({"strap": 4.0, "padded": 4.0, "rods": 1.5, "hung": 1.5, "block": 1.5})
    low = 0.35 * plan.size
    out = 0.5 + 0.3 * plan.deep
    path = _arch(plan, out, plan.rise, low)
    t = np.linspace(-1, 1, len(path))
    wide = dice.log_between(0.07, 0.3)
    thick = dice.log_between(0.025, 0.06)
    if plan.kind == "retro":
        wide, thick = dice.log_between(0.04, 0.1), dice.log_between(0.024, 0.04)
    ends = dice.between(0.4, 1.0)
    broad = interpolate(np.abs(t), [(0, 1), (0.5, 0.5 * (1 + ends) + 0.05), (1, ends)])
    scale = np.stack([broad, np.ones_like(broad)], 1)
    cut = rounded_rectangle(wide, thick, 0.45 * thick, 20)
    if style in ("rods", "hung"):
        bar = dice.log_between(0.014, 0.028)
        apart = 0.35 * wide + 0.02
        rod = sweep(path, circle(bar, 12), 1.0, Z, ends=bar)
        pieces = [moved(rod, z=s * apart) for s in ((-1, 1) if dice.chance(0.8) else (0,))]
        for side in (0, -1):  # what holds them together above the cups
            x, y, _ = path[side]
            pieces.append(limb((x, y, -apart), (x, y, apart), 1.6 * bar, 1.6 * bar, 8))
        if style == "hung":  # a soft strap below
            soft = _arch(plan, 0.94 * out, plan.rise - dice.between(0.08, 0.2), low + 0.06)
            belt = rounded_rectangle(max(wide, 2.4 * apart), 0.03, 0.012, 20)
            pieces.append(sweep(soft, belt, 1.0, Z))
        return pieces
    if style == "block":  # one thick band, square in section
        cut = superellipse(wide, thick * dice.between(1.5, 3.0), dice.between(2.5, 6.0), 20)
    pieces = [sweep(path, cut, scale, Z, ends=0.4 * thick)]
    if style == "padded" or dice.chance(0.2):
        reach = dice.between(0.35, 0.85)
        rows = np.abs(t) <= reach
        plump = thick * dice.between(1.2, 3.0)
        pad = path[rows] * np.array([1 - 0.5 * plump, 1.0, 1.0]) - np.array([0, 0.5 * plump, 0])
        cushion = superellipse(wide * dice.between(0.85, 1.15), plump, 3.0, 20)
        fade = np.sqrt(np.maximum(1 - (t[rows] / (reach * 1.05)) ** 6, 0.1))
        pieces.append(sweep(pad, cushion, np.stack([broad[rows], fade], 1), Z, ends=0.4 * plump))
    return pieces


def _yokes(dice: Dice, plan: Plan, flat: bool) -> list[Surface]:
    """What carries a cup: a slider and a fork around it, an arm to its outside, or a stub."""
    style = dice.weighted({"fork": 3.0, "arm": 3.0, "stub": 3.0})
    if flat:
        style = "stub"
    out = 0.5 + 0.3 * plan.deep
    low, size = 0.35 * plan.size, plan.size
    bar = dice.log_between(0.018, 0.045)
    wide = bar * dice.between(1.0, 3.0)
    cut = superellipse(2 * wide, 2 * bar, dice.pick([2.0, 5.0]), 16)
    if style == "stub":  # straight into the top of the cup
        path = straight((out, low + 0.25 * size + 0.1, 0), (0.52, 0.45 * size, 0), 8)
        if flat:
            path = straight((out, low + 0.3, 0), (0.5, 0.4 * size, 0), 8)
        return mirrored(sweep(path, cut, interpolate(np.linspace(0, 1, 8), [(0, 1), (1, 1.3)]), Z))
    if style == "arm":
        far = 0.5 + dice.between(0.5, 0.62) * plan.deep + bar
        points = [(out, low + 0.2, 0), (far, 0.75 * size, 0), (far + 0.3 * bar, 0.4 * size, 0)]
        points.append((far, dice.between(-0.2, 0.15) * size, 0))
        arm = sweep(smooth(points, 20), cut, 1.0, Z, ends=0.5 * bar)
        button = limb((far - 2 * bar, points[3][1], 0), (far + bar, points[3][1], 0), wide, wide)
        return mirrored(arm, button)
    reach = 1.04 * size + bar
    half_turn = dice.between(1.3, 1.8)
    angle = np.linspace(-half_turn, half_turn, 28)
    side = plan.narrow * 1.04 * size + bar
    ring = np.stack(
        [np.full(28, 0.5 + 0.2 * plan.deep), reach * np.cos(angle), side * np.sin(angle)], 1
    )
    fork = sweep(ring, superellipse(1.4 * wide, 1.6 * bar, 4.0, 14), 1.0, (1.0, 0.0, 0.0), ends=bar)
    pins = [
        limb(
            tuple(ring[k]), (0.5 + 0.2 * plan.deep, ring[k, 1] * 0.8, ring[k, 2] * 0.8), bar, bar, 8
        )
        for k in (0, -1)
    ]
    neck = limb(
        (out, low + 0.3, 0), (0.5 + 0.2 * plan.deep, reach - bar, 0), 1.2 * bar, 1.2 * bar, 8
    )
    stem = straight((out, low - 0.01, 0), (out, reach + 0.05, 0), 6)
    slider = sweep(stem, superellipse(2 * wide, 2 * bar, 4.0, 14), 1.0, Z)
    return mirrored(fork, neck, slider, *pins)


def _boom(dice: Dice, plan: Plan) -> list[Surface]:
    """A microphone in front of the mouth, in the frame of a cup; it belongs to the cup."""
    reach = dice.between(0.4, 0.9)
    path = smooth(
        [(0, 0, 0), (0.02, -0.6 * plan.size, 0.4 * reach), (-0.15, -plan.size, reach)], 22
    )
    path = path + np.array([0.25 * plan.deep, 0, 0])
    arm = tube(path, np.full(22, 0.02), 12)
    tip = tube(path[-4:], np.full(4, dice.between(0.035, 0.06)), 16)
    return [arm, tip]


def _add_buds(dice: Dice, phones: Assembly, hooks: bool) -> Array:
    """Two buds without a band; ear hooks count as part of the bud."""
    apart = dice.between(0.12, 0.5)
    scale = dice.between(0.75, 1.3)
    pieces = bud(dice, scale, hooks)
    turn, tilt = dice.between(-0.6, 0.6), dice.between(-0.3, 0.3)
    placed = [moved(turned(turned(p, "y", turn), "z", tilt), x=apart) for p in pieces]
    phones.add("earcup", *mirrored(*placed))
    return np.array([apart, -0.05, 0.0])


def _add_neckband(dice: Dice, phones: Assembly) -> Array:
    """A band behind the neck, hooked over the ears."""
    pieces = bud(dice, dice.between(0.8, 1.3), hooks=False)
    if dice.chance(0.5):
        pieces = cup(dice, dice.between(0.16, 0.26), 1.0, dice.between(0.08, 0.16), ring=True)
    phones.add("earcup", *mirrored(*(moved(p, x=0.5) for p in pieces)))
    back, drop = dice.between(0.5, 1.1), dice.between(-0.6, 0.2)
    bar = dice.log_between(0.02, 0.05)
    over = dice.between(0.15, 0.35)  # the loop over the ear
    side = [(0.52, -0.02, 0.02), (0.55, over, 0.12), (0.55, over, -0.12), (0.54, 0.0, -0.28)]
    if dice.chance(0.4):
        side = [(0.52, 0.0, 0.0), (0.56, 0.02, -0.15)]
    behind = [(0.5, 0.4 * drop, -0.5 * back), (0.25, drop, -0.95 * back)]
    half = [*side, *behind]
    knots = [*half, (0.0, drop, -back), *[(-x, y, z) for x, y, z in half[::-1]]]
    path = smooth(knots, 90)
    flat = dice.between(1.0, 2.5)
    phones.add("headband", tube(path, np.full((90, 2), bar) * [1.0, flat**0.5], 14))
    return np.array([0.5, -0.08, 0.0])
