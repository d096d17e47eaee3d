"""Trash cans: pedal bins, swing tops, bins on wheels, baskets, cans of zinc, bins in the street."""

from math import cos, pi, sin

import numpy as np

from pdengine.shapes.assembly import Assembly, around, mirrored, moved, reshaped, turned
from pdengine.shapes.curves import (
    Array,
    circle,
    polygon,
    rounded_rectangle,
    smooth,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import bar_section, block, cup, edged, hoop, pipe, solid
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Z, lathe, limb, superellipsoid, sweep
from pdengine.shapes.trashcan_parts import bin_outline, bin_wall, cover_of, hinged, pedal, vessel
from pdengine.shapes.warp import warp

PARTS = ("body", "lid", "pedal")

KINDS = {
    "pedal": 5.0,
    "swing": 3.0,
    "wheels": 3.0,
    "zinc": 1.5,
    "basket": 2.5,
    "wire": 1.0,
    "street": 2.0,
    "sorting": 1.2,
    "skip": 0.8,
}


def make_trashcan(seed: int) -> LabelledMesh:
    dice = Dice("trashcan", seed)
    can = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    {
        "pedal": _pedal_bin,
        "swing": _swing_top,
        "wheels": _on_wheels,
        "zinc": _zinc,
        "basket": _basket,
        "wire": _wire,
        "street": _street,
        "sorting": _sorting,
        "skip": _skip,
    }[kind](dice, can)
    return can.mesh(warp(dice, (0.13, 0.18, 0.13), 0.6))


def _pedal_bin(dice: Dice, can: Assembly) -> None:
    height, outline = dice.log_between(0.8, 2.2), bin_outline(dice)
    wall = bin_wall(dice, height, (0.85, 1.06))
    angle = dice.between(0.2, 1.5) if dice.chance(0.3) else 0.0
    can.add("body", vessel(wall, outline, is_open=angle > 0))
    rim = float(wall[-1, 0])
    lid = cover_of(dice, rim * dice.between(0.98, 1.05), outline, 0.8)
    rear, front = float(outline[:, 1].min()), float(outline[:, 1].max())
    can.add("lid", *hinged(lid, angle, height, rear * rim))
    if dice.chance(0.5):
        foot = float(wall[0, 0]) * dice.between(1.0, 1.08)
        ring = [(foot, -0.02), (foot, dice.between(0.04, 0.12))]
        can.add("body", solid(ring, 0.015, outline))
    if dice.chance(0.5):
        can.add("body", hoop(rim, height - 0.01, dice.between(0.012, 0.025), outline))
    if dice.chance(0.4):
        box = (0.25, 0.15, 0.1)
        can.add("body", block(box, (0, height - 0.05, rear * rim - 0.02), 0.02))
    if dice.chance(0.9):
        can.add("pedal", *pedal(dice, front * float(wall[0, 0])))


def _swing_top(dice: Dice, can: Assembly) -> None:
    """A tapered can under a hood with a flap that swings."""
    height, outline = dice.log_between(0.9, 2.0), bin_outline(dice)
    wall = bin_wall(dice, height, (0.65, 1.0))
    can.add("body", vessel(wall, outline, is_open=False))
    rim = float(wall[-1, 0])
    over = rim * dice.between(1.0, 1.06)
    rise = dice.between(0.2, 0.7) * over * 1.6
    low = dice.between(0.03, 0.2)
    collar = [(over, height - low), (over, height + 0.03)]
    form = dice.weighted({"dome": 3.0, "roof": 2.5, "cone": 2.0})
    if form == "dome":
        t = np.linspace(0, 0.97 * pi / 2, 10)
        top = [(over * cos(a), height + 0.03 + rise * sin(a)) for a in t[1:]]
        can.add("lid", solid([*collar, *top], 0.0, outline))
    elif form == "cone":
        slim = dice.between(0.3, 0.75)
        can.add("lid", solid([*collar, (slim * over, height + rise)], 0.02, outline))
    else:  # a ridge along x
        deep = float(outline[:, 1].max()) * over
        block_ = solid(
            [*collar, (0.98 * over, height + 0.5 * rise), (over, height + rise)], 0.0, outline
        )
        slope = dice.between(0.75, 0.95)

        def roof(vertices: Array) -> Array:
            x, y, z = vertices.T
            t = np.clip((y - height) / rise, 0, 1)
            return np.stack([x, y, z * (1 - slope * t)], 1)

        can.add("lid", reshaped(block_, roof))
        if dice.chance(0.7):  # the flap, a little ajar
            half = 0.7 * over
            lean = float(np.arctan2(slope * deep, rise)) + dice.between(-0.1, 0.35)
            flap = block((2 * half, 0.9 * rise, 0.03), (0, 0, 0), 0.01)
            at = 1 - 0.5 * slope
            can.add(
                "lid", moved(turned(flap, "x", -lean), y=height + 0.5 * rise, z=at * deep + 0.01)
            )
        return
    if dice.chance(0.6):
        wide, tall = dice.between(0.5, 0.9) * over, dice.between(0.4, 0.7) * rise
        flap = superellipsoid((2 * wide, tall, 0.08), 5.0, 4.0)
        can.add(
            "lid",
            moved(
                turned(flap, "x", -0.5),
                y=height + 0.4 * rise,
                z=0.72 * over * float(outline[:, 1].max()),
            ),
        )


def _on_wheels(dice: Dice, can: Assembly) -> None:
    """A tall tapered box with two wheels and a grip behind, under a hinged lid."""
    height = dice.log_between(1.2, 2.2)
    outline = rounded_rectangle(2.0, dice.between(1.8, 2.8), dice.between(0.08, 0.3), 44)
    wall = bin_wall(dice, height, (0.68, 0.92))
    angle = dice.between(0.3, 2.2) if dice.chance(0.25) else 0.0
    can.add("body", vessel(wall, outline, is_open=angle > 0))
    rim, deep = float(wall[-1, 0]), float(outline[:, 1].max())
    can.add("body", hoop(rim, height - 0.03, dice.between(0.02, 0.04), outline))
    over = rim * dice.between(1.02, 1.1)
    can.add("lid", *hinged(cover_of(dice, over, outline, 0.35), angle, height, -deep * rim))
    rear = -deep * rim
    y = height * dice.between(0.9, 0.98)
    grip = limb((-0.35, y, rear - 0.09), (0.35, y, rear - 0.09), 0.03, 0.03)
    arms = [block((0.06, 0.08, 0.14), (x, y, rear - 0.05), 0.01) for x in (-0.3, 0.3)]
    can.add("body", grip, *arms)
    wheel = dice.between(0.12, 0.2)
    disc = turned(solid([(wheel, -0.04), (wheel, 0.04)], 0.02), "z", pi / 2)
    foot = float(wall[0, 0])
    low = -deep * foot * 1.02
    can.add("body", *mirrored(moved(disc, x=foot * 0.98, y=0.6 * wheel, z=low)))
    if dice.chance(0.12):
        can.add("pedal", *pedal(dice, deep * foot))


def _zinc(dice: Dice, can: Assembly) -> None:
    """A ribbed can with side grips; its lid has a handle."""
    height = dice.log_between(0.9, 1.7)
    ribs = dice.pick([0, 16, 22])
    plain = circle(1.0, 66)
    around_it = np.arctan2(plain[:, 1], plain[:, 0])
    outline = np.asarray(plain * (1 + 0.02 * np.cos(ribs * around_it))[:, None])
    wall = bin_wall(dice, height, (0.78, 1.0))
    is_open = dice.chance(0.15)
    can.add("body", vessel(wall, outline, is_open))
    for level in (0.06, dice.between(0.3, 0.8), 0.97):
        radius = float(np.interp(level * height, wall[:, 1], wall[:, 0]))
        can.add("body", hoop(radius, level * height, dice.between(0.014, 0.03), plain))
    y, bar = dice.between(0.65, 0.85) * height, dice.between(0.02, 0.035)
    side = float(np.interp(y, wall[:, 1], wall[:, 0]))
    knots = [
        (side - 0.03, y, -0.14),
        (side + 0.1, y, -0.1),
        (side + 0.1, y, 0.1),
        (side - 0.03, y, 0.14),
    ]
    grip = sweep(smooth(knots, 20), circle(bar, 10), 1.0, (0.0, 1.0, 0.0))
    can.add("body", *mirrored(grip))
    if is_open:
        return
    over, rise = 0.5 * dice.between(1.02, 1.1), dice.between(0.05, 0.25)
    dome = [(over, -0.05), (over, 0.02), (0.75 * over, 0.75 * rise), (0.25 * over, rise)]
    can.add("lid", moved(solid(dome, 0.02, circle(1.0, 44)), y=height))
    t = np.linspace(0, pi, 20)
    arch = np.stack([0.15 * np.cos(t), rise - 0.03 + 0.12 * np.sin(t), 0 * t], 1)
    can.add("lid", moved(sweep(arch, bar_section(dice, bar), 1.0, Z), y=height))


def _basket(dice: Dice, can: Assembly) -> None:
    """An open waste-paper basket, perhaps with a loose rim."""
    height, outline = dice.log_between(0.7, 1.5), bin_outline(dice)
    if dice.chance(0.15):
        outline = polygon(2.0, 2.0, dice.pick([6, 8]), 48)
    wall = bin_wall(dice, height, (0.6, 1.02))
    can.add("body", vessel(wall, outline, is_open=True, thick=dice.between(0.02, 0.05)))
    if dice.chance(0.5):
        can.add("body", hoop(0.5, height, dice.between(0.015, 0.035), outline))
    if dice.chance(0.25):  # a ring that holds the bag
        over, low = 0.5 * dice.between(1.01, 1.05), dice.between(0.05, 0.2)
        ring = pipe(np.array([(over, 0.0), (over, low)]), 0.06, outline)
        can.add("lid", moved(ring, y=height - low + 0.02))


def _wire(dice: Dice, can: Assembly) -> None:
    """A basket of wires or slats around a floor."""
    height, bottom = dice.log_between(0.8, 1.6), dice.between(0.65, 1.0)
    foot = 0.5 * bottom
    can.add("body", solid([(foot, 0.0), (foot, 0.05)], 0.01, circle(1.0, 40)))
    bar = dice.between(0.013, 0.02)
    for t in (0.02, *np.linspace(0.2, 1.0, dice.whole(2, 4))):
        can.add("body", hoop(foot + (0.5 - foot) * float(t), float(t) * height, 1.3 * bar))
    if dice.chance(0.5):
        count = dice.whole(18, 28)
        stave = limb((foot, 0, 0), (0.5, height, 0), bar, bar, 6)
    else:
        count = dice.whole(12, 18)
        path = np.linspace([foot, 0.0, 0.0], [0.5, height, 0.0], 6)
        stave = sweep(path, rounded_rectangle(0.11, 0.03, 0.01, 16), 1.0, Z)
    can.add("body", *around(stave, count))
    if dice.chance(0.3):
        can.add("lid", *(moved(p, y=height) for p in cover_of(dice, 0.53, circle(1.0, 44), 0.6)))


def _street(dice: Dice, can: Assembly) -> None:
    """A bin in the open: on a post or on the ground, under a canopy or a dome with a mouth."""
    height, outline = dice.log_between(0.9, 1.6), bin_outline(dice)
    wall = bin_wall(dice, height, (0.85, 1.05))
    can.add("body", vessel(wall, outline, is_open=True, thick=0.05))
    rim, front = 0.5, float(outline[:, 1].max())
    gap = dice.between(0.15, 0.4)
    if dice.chance(0.55):  # a canopy on struts
        cover = cover_of(dice, rim * dice.between(0.95, 1.15), outline, 0.7)
        can.add("lid", *(moved(p, y=height + gap) for p in cover))
        bar = dice.between(0.02, 0.04)
        side = 0.9 * rim * float(outline[:, 0].max())
        post = limb((side, height - 0.1, 0), (side, height + gap + 0.03, 0), bar, bar, 10)
        can.add("lid" if dice.chance(0.5) else "body", *mirrored(post))
    else:  # a closed dome with a flap in front
        t = np.linspace(0, 0.98 * pi / 2, 12)
        rise = dice.between(0.35, 0.6)
        top = [(1.03 * rim * cos(a), rise * sin(a)) for a in t]
        hood = solid([(1.03 * rim, -0.05), *top], 0.0, outline)
        can.add("lid", moved(hood, y=height))
        flap = superellipsoid((0.5, 0.55 * rise, 0.08), 5.0, 4.0)
        lean = dice.between(0.2, 0.6)
        can.add(
            "lid", moved(turned(flap, "x", -lean), y=height + 0.35 * rise, z=0.93 * rim * front)
        )
    if dice.chance(0.35):  # on a post
        long = dice.between(0.3, 0.8)
        can.add("body", limb((0, 0.1, 0), (0, -long, 0), 0.06, 0.06, 14))
        can.add("body", solid([(0.25, -long - 0.03), (0.22, -long + 0.02)], 0.01))


def _sorting(dice: Dice, can: Assembly) -> None:
    """Two or three bins in one row, each with its own lid and perhaps a pedal."""
    count, height = dice.whole(2, 3), dice.between(0.8, 1.5)
    wide, deep = dice.between(0.5, 0.8), dice.between(0.5, 0.9)
    total = count * wide
    can.add("body", block((total, height, deep), (0, height / 2, 0), 0.03))
    form = dice.weighted({"slope": 2.0, "flat": 3.0, "flap": 1.5})
    rise = dice.between(0.05, 0.3)
    for k in range(count):
        x = (k - (count - 1) / 2) * wide
        outline = rounded_rectangle(0.94 * wide, 0.98 * deep, 0.05, 32)
        lid = lathe(edged([(1.0, -0.01), (1.0, rise), (0.96, rise + 0.02)], 0.01), outline)
        if form == "slope":
            lid = reshaped(
                lid,
                lambda v: v * [1, 1, 1] - np.outer(v[:, 1] * (v[:, 2] / deep + 0.5), [0, 0.9, 0]),
            )
        elif form == "flap":
            lid = superellipsoid((0.85 * wide, 0.12, 0.8 * deep), 6.0, 3.0)
        angle = dice.between(0.2, 1.2) if dice.chance(0.15) else 0.0
        can.add("lid", *(moved(p, x=x) for p in hinged([lid], angle, height, -0.48 * deep)))
        if form != "flap" and dice.chance(0.7):
            can.add("pedal", *(moved(p, x=x) for p in pedal(dice, 0.5 * deep)))


def _skip(dice: Dice, can: Assembly) -> None:
    """A container with sloping front, ribs, and flat lids."""
    wide, deep, height = dice.between(1.2, 2.0), dice.between(0.8, 1.2), dice.between(0.7, 1.1)
    slope = dice.between(0.05, 0.3)
    is_open = dice.chance(0.4)
    wall = np.stack([np.ones(10), np.linspace(0, height, 10)], 1)
    outline = rounded_rectangle(wide, deep, 0.04, 44)
    hull = lathe(
        cup(wall, 0.05, 0.08) if is_open else edged([(1.0, 0.0), (1.0, height)], 0.02), outline
    )

    def lean(vertices: Array) -> Array:
        x, y, z = vertices.T
        t = 1 - y / height
        return np.stack([x * (1 - 0.3 * slope * t), y, z - slope * t * np.maximum(z, 0) * 2], 1)

    can.add("body", reshaped(hull, lean))
    rib = 0.05
    for y in (dice.between(0.3, 0.6) * height, height - rib / 2):
        band = pipe(np.array([(1.03, y - rib), (1.03, y + rib / 2)]), 0.05, outline)
        can.add("body", reshaped(band, lean))
    for x in (-0.35 * wide, 0.35 * wide):
        for z in (-0.3 * deep, 0.15 * deep):
            wheel = turned(solid([(0.08, -0.03), (0.08, 0.03)], 0.01), "z", pi / 2)
            can.add("body", moved(wheel, x=x, y=-0.05, z=z))
    count = dice.whole(1, 2)
    for k in range(count):
        half = wide / count
        x = (k - (count - 1) / 2) * half
        plate = block((0.98 * half, 0.05, 1.04 * deep), (0, 0.03, 0), 0.01)
        bars = [block((0.06, 0.04, 0.9 * deep), (s * half, 0.06, 0), 0.01) for s in (-0.25, 0.25)]
        angle = dice.between(0.3, 1.8) if is_open else 0.0
        pieces = hinged([plate, *bars], angle, height, -0.5 * deep)
        can.add("lid", *(moved(p, x=x) for p in pieces))
