"""Faucets: mixers with one lever, taps in pairs, on the basin, on the wall and in the garden."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.curves import Array, circle, rounded_rectangle, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.faucet_fittings import SPOUTS, spout, switch
from pdengine.shapes.household import block, solid
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, limb, slab, superellipsoid
from pdengine.shapes.warp import warp

PARTS = ("base", "spout", "switch")

KINDS = {
    "mixer": 5.0,
    "kitchen": 4.0,
    "trio": 4.0,
    "bridge": 1.5,
    "bar": 2.0,
    "garden": 2.0,
    "pillar": 1.5,
    "wall": 1.8,
    "sensor": 0.5,
}
HANDLES = {"lever": 4.0, "cross": 3.0, "knob": 3.0, "blade": 3.0, "tee": 1.0, "wheel": 0.6}


def make_faucet(seed: int) -> LabelledMesh:
    """The water runs towards +z."""
    dice = Dice("faucet", seed)
    faucet = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    build = {
        "mixer": _mixer,
        "kitchen": _kitchen,
        "trio": _trio,
        "bridge": _bridge,
        "bar": _bar,
        "garden": _garden,
        "pillar": _pillar,
        "wall": _wall,
        "sensor": _sensor,
    }[kind]
    build(dice, faucet)
    return faucet.mesh(warp(dice, (0.15, 0.2, 0.15), 0.6))


def _section(dice: Dice) -> Array:
    """A column seen from above, for a radius of 1."""
    if dice.chance(0.25):
        return rounded_rectangle(1.8, 1.8, dice.between(0.05, 0.5), 32)
    if dice.chance(0.1):
        return superellipse(2.0, 2.0 * dice.between(0.7, 1.3), 2.5, 28)
    return circle(1.0, 28)


def _column(dice: Dice, radius: float, height: float, section: Array) -> list[Surface]:
    """What stands on the basin: a foot ring and a straight, waisted or swelling shaft."""
    form = dice.weighted({"straight": 4.0, "taper": 3.0, "vase": 1.5})
    knots = [(radius, 0.0), (radius, height)]
    if form == "taper":
        knots = [(radius * dice.between(1.05, 1.6), 0.0), (radius, height)]
    elif form == "vase":
        slim = radius * dice.between(0.6, 0.85)
        knots = [(1.3 * radius, 0.0), (slim, 0.3 * height), (radius, 0.75 * height)]
        knots.append((radius, height))
    pieces = [solid(knots, 0.15 * radius, section)]
    if dice.chance(0.6):
        wide, high = radius * dice.between(1.25, 1.9), radius * dice.log_between(0.12, 0.5)
        pieces.append(
            solid([(wide, 0.0), (wide * dice.between(0.7, 1.0), high)], 0.3 * high, section)
        )
    return pieces


def _plate(dice: Dice, width: float, depth: float) -> list[Surface]:
    """A deck plate under everything."""
    high = dice.between(0.02, 0.07)
    outline = superellipse(width, depth, dice.pick([2.5, 4.0, 10.0]), 40)
    return [moved(slab(outline, high, 0.4 * high), y=high / 2)]


def _mixer(dice: Dice, faucet: Assembly) -> None:
    """A stout body, the spout leaves its front, one lever on top."""
    radius, height = dice.log_between(0.08, 0.17), dice.log_between(0.25, 0.9)
    section = _section(dice)
    faucet.add("base", *_column(dice, radius, height, section))
    if dice.chance(0.2):
        faucet.add("base", *_plate(dice, dice.between(0.5, 0.9), 3.0 * radius))
    style = dice.weighted({"low": 4.0, "flat": 2.0, "trough": 2.0, "angled": 2.0})
    at = height * dice.between(0.55, 0.9)
    reach = dice.log_between(0.3, 0.7)
    bar = min(radius * dice.between(0.4, 0.8), 0.3 * height)
    faucet.add("spout", *spout(dice, style, bar, reach, at, start=0.5 * radius))
    cap = radius * dice.between(0.85, 1.08)
    tall = radius * dice.between(0.35, 1.2)
    handle = [solid([(cap, 0.0), (0.9 * cap, tall)], 0.3 * min(cap, tall), section)]
    form = dice.weighted({"lever": 4.0, "blade": 4.0, "loop": 1.0, "joystick": 1.0})
    handle += [moved(p, y=0.6 * tall) for p in switch(dice, form, 0.75 * cap, stem=False)]
    turn = dice.weighted({-pi / 2: 5.0, pi / 2: 1.0, 0.0: 0.7})  # to the front, back or side
    if dice.chance(0.3):
        turn += dice.between(-0.6, 0.6)
    tilt = dice.between(0.0, 0.25) if dice.chance(0.4) else 0.0
    pieces = [turned(turned(p, "z", tilt), "y", turn) for p in handle]
    faucet.add("switch", *(moved(p, y=height - 0.02) for p in pieces))


def _kitchen(dice: Dice, faucet: Assembly) -> None:
    """A slim column that goes over into a high spout; a lever at its side or none on top."""
    bar = dice.log_between(0.035, 0.065)
    radius, height = bar * dice.between(1.3, 2.4), dice.between(0.25, 0.55)
    faucet.add("base", *_column(dice, radius, height, _section(dice)))
    if dice.chance(0.25):
        faucet.add("base", *_plate(dice, dice.between(0.5, 1.0), 3.0 * radius))
    style = dice.weighted({"arch": 5.0, "square": 2.0, "spring": 1.0, "angled": 1.0})
    reach = dice.log_between(0.35, 0.75)
    faucet.add("spout", *spout(dice, style, bar, reach, height, start=0.0))
    size = radius * dice.between(0.55, 0.85)
    form = dice.weighted({"lever": 4.0, "blade": 2.0, "joystick": 2.0})
    handle = [turned(p, "y", pi * dice.pick([0.0, 1.0, 0.5])) for p in switch(dice, form, size)]
    at = height * dice.between(0.3, 0.75)
    side = dice.pick([-1.0, 1.0])
    placed = [turned(p, "z", -side * pi / 2) for p in handle]
    boss = solid([(1.3 * size, -0.4 * radius), (1.3 * size, 0.45 * radius)], 0.1 * size)
    faucet.add("base", moved(turned(boss, "z", -side * pi / 2), x=side * 0.8 * radius, y=at))
    faucet.add("switch", *(moved(p, x=side * (radius + 0.2 * size), y=at) for p in placed))


def _trio(dice: Dice, faucet: Assembly) -> None:
    """A spout between two handles, on one plate or on three feet."""
    gap = dice.between(0.25, 0.55)
    radius = dice.log_between(0.05, 0.11)
    section = _section(dice)
    height = dice.log_between(0.08, 0.4)
    if dice.chance(0.55):
        faucet.add("base", *_plate(dice, 2 * gap + 3.2 * radius, radius * dice.between(2.6, 3.6)))
    faucet.add("base", *_column(dice, radius, height, section))
    style = dice.weighted({"arch": 3.0, "low": 3.0, "flat": 1.0, "square": 1.0, "trough": 1.0})
    bar = radius * dice.between(0.45, 0.75)
    at = height * (dice.between(0.6, 0.9) if style in ("low", "flat", "trough") else 1.0)
    faucet.add("spout", *spout(dice, style, bar, dice.log_between(0.3, 0.7), at, start=0.0))
    foot = dice.log_between(0.07, 0.28)
    size = radius * dice.between(0.6, 0.95)
    pedestal = _column(dice, 0.9 * radius, foot, section)
    faucet.add("base", *mirrored(*(moved(p, x=gap) for p in pedestal)))
    turn = dice.pick([0.0, 0.0, 0.5, -0.5, pi / 4, -pi / 2])
    handle = [turned(p, "y", turn) for p in switch(dice, dice.weighted(HANDLES), size)]
    faucet.add("switch", *mirrored(*(moved(p, x=gap, y=foot - 0.1 * size) for p in handle)))


def _bridge(dice: Dice, faucet: Assembly) -> None:
    """Two columns joined by a pipe that carries the spout."""
    gap, radius = dice.between(0.2, 0.4), dice.log_between(0.045, 0.08)
    high = dice.between(0.2, 0.5)
    section = circle(1.0, 24)
    faucet.add("base", *mirrored(*(moved(p, x=gap) for p in _column(dice, radius, high, section))))
    level, bar = high * dice.between(0.5, 0.85), radius * dice.between(0.5, 0.8)
    faucet.add("base", limb((-gap, level, 0), (gap, level, 0), bar, bar, 18))
    hub = superellipsoid((3.2 * bar, 3.0 * bar, 3.2 * bar), 2.0, 3.0)
    faucet.add("base", moved(hub, y=level))
    style = dice.weighted({"arch": 4.0, "square": 1.0, "low": 2.0})
    faucet.add("spout", *spout(dice, style, bar, dice.between(0.35, 0.7), level, start=0.0))
    size = radius * dice.between(0.7, 1.0)
    handle = switch(dice, dice.weighted({"cross": 4.0, "lever": 3.0, "knob": 1.0}), size)
    faucet.add("switch", *mirrored(*(moved(p, x=gap, y=high - 0.1 * size) for p in handle)))


def _bar(dice: Dice, faucet: Assembly) -> None:
    """A horizontal valve at the wall, as over bath tubs; a handle at each end or one lever."""
    half, radius = dice.between(0.3, 0.55), dice.log_between(0.06, 0.12)
    section = _section(dice)
    valve = solid([(radius, -half), (radius, half)], 0.2 * radius, section)
    faucet.add("base", turned(valve, "z", pi / 2))
    wall, gap = -dice.between(0.15, 0.35), half * dice.between(0.55, 0.85)
    joint = limb((gap, 0, 0), (gap, 0, wall), 0.6 * radius, 0.6 * radius, 16)
    rose = solid([(1.4 * radius, 0.0), (1.1 * radius, 0.6 * radius)], 0.2 * radius)
    faucet.add("base", *mirrored(joint, moved(turned(rose, "x", pi / 2), x=gap, z=wall)))
    style = dice.weighted({"low": 3.0, "trough": 1.0, "angled": 1.0, "drop": 3.0})
    bar = radius * dice.between(0.4, 0.7)
    faucet.add("spout", *spout(dice, style, bar, dice.between(0.25, 0.8), 0.0, start=0.3 * radius))
    size = radius * dice.between(0.7, 0.95)
    if dice.chance(0.7):
        handle = switch(dice, dice.weighted({"knob": 4.0, "cross": 3.0, "lever": 2.0}), size)
        ends = [moved(turned(p, "z", -pi / 2), x=half - 0.1 * size) for p in handle]
        faucet.add("switch", *mirrored(*ends))
    else:
        handle = switch(dice, dice.weighted({"lever": 2.0, "blade": 3.0}), size)
        faucet.add("switch", *(moved(turned(p, "y", -pi / 2), y=0.9 * radius) for p in handle))


def _garden(dice: Dice, faucet: Assembly) -> None:
    """A cast tap on a pipe: body, beak downwards, a wheel, a tee or a lever on top."""
    radius = dice.log_between(0.08, 0.14)
    back = -dice.between(0.3, 0.6)
    faucet.add("base", limb((0, 0, back), (0, 0, 0), radius, radius, 20))
    if dice.chance(0.7):
        rose = solid([(2.2 * radius, 0.0), (1.7 * radius, 0.5 * radius)], 0.15 * radius)
        faucet.add("base", moved(turned(rose, "x", pi / 2), z=back))
    nut = solid([(1.3 * radius, -0.6 * radius), (1.3 * radius, 0.6 * radius)], 0.1, _hexagon())
    faucet.add("base", moved(turned(nut, "x", pi / 2), z=back * 0.5))
    faucet.add("base", superellipsoid((2.6 * radius, 2.8 * radius, 2.6 * radius), 2.0, 2.6))
    top = radius * dice.between(1.8, 3.5)
    faucet.add("base", limb((0, 0, 0), (0, top, 0), 0.95 * radius, 0.8 * radius, 18))
    reach = dice.between(0.3, 0.5)
    faucet.add("spout", *spout(dice, "drop", 0.85 * radius, reach, 0.0, start=0.5 * radius))
    form = dice.weighted({"wheel": 3.0, "tee": 3.0, "lever": 2.0, "cross": 1.5})
    handle = switch(dice, form, radius * dice.between(0.7, 1.0))
    turn = dice.between(0, 2 * pi)
    faucet.add("switch", *(moved(turned(p, "y", turn), y=top) for p in handle))


def _hexagon() -> Array:
    angle = np.arange(36) * (2 * pi / 36)
    reach = np.cos(pi / 6) / np.cos(angle % (pi / 3) - pi / 6)
    return np.stack([np.cos(angle) * reach, np.sin(angle) * reach], 1)


def _pillar(dice: Dice, faucet: Assembly) -> None:
    """An old single tap: a turned pillar with its handle on top and a stubby spout."""
    radius, height = dice.log_between(0.08, 0.14), dice.between(0.4, 0.8)
    faucet.add("base", *_column(dice, radius, height, circle(1.0, 28)))
    at = height * dice.between(0.4, 0.75)
    style = dice.weighted({"low": 3.0, "drop": 2.0, "trough": 1.0})
    reach = dice.between(0.3, 0.55)
    faucet.add("spout", *spout(dice, style, 0.6 * radius, reach, at, start=0.5 * radius))
    form = dice.weighted({"cross": 4.0, "knob": 2.0, "lever": 2.0, "wheel": 1.0})
    handle = switch(dice, form, radius * dice.between(0.7, 1.0))
    turn = dice.between(0, pi / 2)
    faucet.add("switch", *(moved(turned(p, "y", turn), y=height - 0.01) for p in handle))


def _wall(dice: Dice, faucet: Assembly) -> None:
    """A spout out of the wall with one or two handles beside it, on one plate or on roses."""
    count = dice.pick([1, 2, 2])
    gap, radius = dice.between(0.2, 0.4), dice.log_between(0.045, 0.08)
    thick = dice.between(0.03, 0.07)
    if dice.chance(0.5):
        width = (2 * gap if count == 2 else gap) + 4 * radius
        plate = block((width, 3.5 * radius, thick), (0.0 if count == 2 else gap / 2, 0, 0), 0.012)
        faucet.add("base", plate)
    places = [0.0, gap, -gap][: count + 1]
    for x in places:
        rose = turned(solid([(1.7 * radius, 0.0), (1.3 * radius, 1.3 * thick)], 0.02), "x", pi / 2)
        faucet.add("base", moved(rose, x=x, z=-thick / 2))
    style = dice.weighted({"flat": 2.0, "angled": 1.0, "drop": 3.0, "trough": 1.0})
    bar = radius * dice.between(0.6, 1.0)
    faucet.add("spout", *spout(dice, style, bar, dice.between(0.4, 0.8), 0.0, start=0.0))
    form = dice.weighted(HANDLES)
    handle = switch(dice, form, radius * dice.between(0.7, 1.1))
    turn = dice.pick([0.0, pi / 2, pi / 4, -pi / 2])
    front = [moved(turned(turned(p, "y", turn), "x", pi / 2), x=gap, z=0.3 * thick) for p in handle]
    faucet.add("switch", *(mirrored(*front) if count == 2 else front))


def _sensor(dice: Dice, faucet: Assembly) -> None:
    """A spout that needs no hand."""
    radius, height = dice.log_between(0.07, 0.12), dice.log_between(0.1, 0.5)
    faucet.add("base", *_column(dice, radius, height, _section(dice)))
    style = dice.weighted({k: 1.0 for k in SPOUTS if k not in ("drop", "spring")})
    bar = radius * dice.between(0.6, 0.9)
    faucet.add("spout", *spout(dice, style, bar, dice.between(0.35, 0.7), 0.9 * height, start=0.0))
