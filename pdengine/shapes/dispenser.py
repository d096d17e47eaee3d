"""Dispensers: bottles with a pump, trigger sprayers, boxes on the wall, jars with a tap."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, around, moved, turned
from pdengine.shapes.bottle import Style, bottle_body, bottle_wall
from pdengine.shapes.curves import Array, circle, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.dispenser_heads import mist, pump, trigger
from pdengine.shapes.household import hoop, knurled, seen_from_above, solid
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, limb, superellipsoid
from pdengine.shapes.warp import warp

PARTS = ("body", "head", "lid")

KINDS = {"pump": 6.0, "spray": 3.5, "mist": 1.8, "wall": 1.3, "drinks": 1.4}
PLANS = {"round": 6.0, "square": 1.5, "oblong": 2.0, "oval": 2.0, "faceted": 0.8, "fluted": 0.5}
# fmt: off
STYLES = {
    "pump": Style((0.8, 2.4), (0.28, 0.6), (0.03, 0.12), (0.05, 0.4), PLANS, {"none": 1},
                  0.15, 0.05, 0.05),
    "spray": Style((1.3, 2.4), (0.25, 0.45), (0.04, 0.15), (0.25, 0.6), PLANS, {"none": 1},
                   0.45, 0.1),
    "mist": Style((1.0, 3.2), (0.3, 0.7), (0.02, 0.08), (0.03, 0.25),
                  {"round": 6, "oval": 1, "square": 1, "oblong": 1}, {"none": 1}, 0.1),
}
# fmt: on


def make_dispenser(seed: int) -> LabelledMesh:
    """The soap comes out towards +z."""
    dice = Dice("dispenser", seed)
    dispenser = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    if kind == "wall":
        _on_the_wall(dice, dispenser)
    elif kind == "drinks":
        _drinks(dice, dispenser)
    else:
        _bottle(dice, dispenser, kind)
    return dispenser.mesh(warp(dice, (0.13, 0.2, 0.13), 0.7))


def _bottle(dice: Dice, dispenser: Assembly, kind: str) -> None:
    style = STYLES[kind]
    height = dice.log_between(*style.high)
    outline = seen_from_above(dice, style.plans)
    neck = 0.5 * dice.between(*style.neck)
    neck = min(neck, 0.45 * float(np.hypot(*outline.T).min()))
    if dice.chance(0.5):  # flat bottles stand across the stream as often as along it
        outline = outline[:, ::-1][::-1]
    wall = bottle_wall(dice, style, height, neck)
    shoulder = float(wall[wall[:, 0] > 0.8 * wall[:, 0].max(), 1].max())
    share = np.clip((height - wall[:, 1]) / (height - shoulder + 0.03), 0, 1) ** 0.5
    dispenser.add("body", bottle_body(wall, outline, share, 0.03, False))
    long = dice.log_between(*style.long)
    dispenser.add("body", solid([(neck, height - 0.03), (neck, height + long)], 0.0))
    top = height + long
    ridges = knurled(dice.pick([20, 26])) if dice.chance(0.5) else circle(1.0, 30)
    wide = neck * dice.between(1.1, 1.35)
    tall = neck * dice.log_between(0.4, 1.3)
    if kind == "mist":
        _mist(dice, dispenser, neck, top)
        return
    slope = dice.between(0.6, 1.0)
    knots = [(wide, top - 0.8 * long), (wide, top + 0.6 * tall), (slope * wide, top + tall)]
    collar = solid(knots, 0.1 * tall, ridges)
    # A few are of one piece with what is pushed: then nothing of them is a lid.
    dispenser.add("lid" if dice.chance(0.9) else "head", collar)
    build = pump if kind == "pump" else trigger
    turn = dice.between(-pi, pi) if kind == "pump" and dice.chance(0.25) else 0.0
    pieces = build(dice, slope * wide)
    dispenser.add("head", *(moved(turned(p, "y", turn), y=top + tall - 0.01) for p in pieces))


def _mist(dice: Dice, dispenser: Assembly, neck: float, top: float) -> None:
    """A button with a hole in its side; a cap stands over it, or lies off and is not here."""
    ring = neck * dice.between(1.0, 1.15)
    tall = neck * dice.between(0.2, 0.6)
    collar = solid([(ring, top - 0.05), (0.95 * ring, top + tall)], 0.1 * tall)
    dispenser.add("lid", collar)
    pieces = mist(dice, ring)
    dispenser.add("head", *(moved(piece, y=top + tall - 0.01) for piece in pieces))


def _on_the_wall(dice: Dice, dispenser: Assembly) -> None:
    """A box with a curved front; a bar, a button or an elbow lever below, a hood above."""
    wide, deep = dice.between(0.35, 0.7), dice.between(0.25, 0.5)
    high = dice.between(0.7, 1.2)
    front = dice.between(2.5, 8.0)
    half = superellipse(wide, 2 * deep, front, 64)
    half = np.stack([half[:, 0], np.maximum(half[:, 1], 0.0)], 1)  # flat at the wall
    lean = dice.between(0.7, 1.05)
    low = 0.0
    seam = high * dice.between(0.62, 0.85)
    has_hood = dice.chance(0.75)
    body_top = seam if has_hood else high
    sizes = [(lean, low), (1.0, 0.55 * high), (1.0, body_top)]
    dispenser.add("body", solid(sizes, 0.03, half))
    if has_hood:
        over = dice.between(1.0, 1.06)
        crown = dice.between(0.7, 1.0)
        hood = solid([(over, seam - 0.01), (over, 0.9 * high), (crown, high)], 0.04, half)
        dispenser.add("lid", hood)
    form = dice.weighted({"bar": 3.0, "button": 2.0, "elbow": 2.0})
    at = low + high * dice.between(0.12, 0.3)
    if form == "bar":
        size = (wide * dice.between(0.4, 0.8), high * dice.between(0.1, 0.22), 0.16)
        dispenser.add("head", moved(superellipsoid(size, 5.0, 4.0), y=at, z=deep))
    elif form == "button":
        radius = wide * dice.between(0.15, 0.3)
        push = turned(solid([(radius, 0.0), (0.9 * radius, 0.1)], 0.02), "x", pi / 2)
        dispenser.add("head", moved(push, y=at + radius, z=deep - 0.03))
    else:
        reach = dice.between(0.3, 0.7)
        for x in (-0.35 * wide, 0.35 * wide):
            arm = limb((x, 0.05, 0.5 * deep), (x, -0.05, deep + reach), 0.03, 0.03, 10)
            dispenser.add("head", arm)
        rod = limb(
            (-0.35 * wide, -0.05, deep + reach), (0.35 * wide, -0.05, deep + reach), 0.03, 0.03
        )
        dispenser.add("head", rod)
    if dice.chance(0.6):
        mouth = solid([(0.05, -0.1), (0.07, 0.02)], 0.01)
        dispenser.add("head", moved(mouth, z=0.7 * deep))


def _drinks(dice: Dice, dispenser: Assembly) -> None:
    """A jar with a tap near its foot, a lid, perhaps on a stand."""
    high = dice.log_between(0.9, 1.9)
    style = Style((1.0, 1.0), (0.6, 0.95), (0.1, 0.1), (0.04, 0.25), PLANS, {}, 0.1, 0.2)
    outline = seen_from_above(dice, {"round": 5, "square": 1, "faceted": 1, "fluted": 0.5})
    neck = 0.5 * dice.between(*style.neck)
    wall = bottle_wall(dice, style, high, neck)
    share = np.clip((high - wall[:, 1]) / (0.3 * high), 0, 1)
    dispenser.add("body", bottle_body(wall, outline, share, 0.03, False))
    dispenser.add("lid", *_jar_lid(dice, neck, high))
    y = high * dice.between(0.08, 0.2)
    front = float(np.interp(y, wall[:, 1], wall[:, 0])) * float(outline[:, 1].max())
    bar, reach = dice.between(0.04, 0.07), dice.between(0.12, 0.25)
    end = front + reach
    tap = [limb((0, y, front - 0.08), (0, y, end), bar, bar, 16)]
    tap.append(
        limb((0, y + 0.05, end), (0, y - dice.between(0.08, 0.2), end), 1.1 * bar, 0.8 * bar)
    )
    lever = limb((0, y, end), (0, y + dice.between(0.15, 0.3), end), 0.5 * bar, 0.8 * bar)
    tap += [lever, superellipsoid((3.0 * bar, 3.0 * bar, 3.0 * bar))]
    tap[-1] = moved(tap[-1], y=y, z=end)
    dispenser.add("head", *tap)
    if dice.chance(0.45):
        _stand(dice, dispenser, wall)


def _jar_lid(dice: Dice, neck: float, high: float) -> list[Surface]:
    over = neck * dice.between(1.02, 1.2)
    rise = neck * dice.between(0.15, 0.5)
    knob = neck * dice.between(0.12, 0.25)
    shell = solid([(over, high - 0.03), (over, high + 0.3 * rise), (0.6 * over, high + rise)], 0.04)
    ball = superellipsoid((2 * knob, 2 * knob, 2 * knob))
    return [shell, moved(ball, y=high + rise + 0.7 * knob)]


def _stand(dice: Dice, dispenser: Assembly, wall: Array) -> None:
    """A wire stand or a block; it belongs to the body."""
    low, foot = dice.between(0.2, 0.5), float(wall[0, 0]) * 1.05
    if dice.chance(0.4):
        dispenser.add("body", solid([(foot, -low), (0.8 * foot, -0.5 * low), (foot, 0.0)], 0.05))
        return
    bar = dice.between(0.02, 0.035)
    leg = limb((foot, 0.05, 0), (foot * dice.between(0.9, 1.2), -low, 0), bar, bar, 10)
    dispenser.add("body", *around(leg, dice.pick([3, 4]), 0.4))
    dispenser.add("body", hoop(foot, 0.02, bar), hoop(0.97 * foot, -0.5 * low, bar))
