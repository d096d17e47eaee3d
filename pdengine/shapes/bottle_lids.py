"""What closes a bottle: the rim of the neck is at ``top``, the lid reaches ``cover`` below it."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import moved
from pdengine.shapes.curves import Array, circle, rounded_rectangle, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import Knots, block, hoop, knurled, solid
from pdengine.shapes.primitives import Surface, Z, lathe, limb, superellipsoid, sweep

# How far a lid may reach down the neck, in radii of the neck.
LIDS = {
    "none": 0.0,
    "capsule": 4.5,
    "cork": 0.0,
    "screw": 1.6,
    "stopper": 0.0,
    "crown": 0.45,
    "swing": 0.8,
    "sport": 1.2,
    "wide": 0.7,
    "dome": 0.3,
    "clip": 0.3,
    "nozzle": 0.9,
    "flip": 1.5,
    "cube": 0.6,
    "ball": 0.0,
    "tall": 1.5,
    "beaker": 0.6,
    "loop": 0.6,
    "teat": 0.6,
    "dropper": 1.0,
}


def lid(dice: Dice, kind: str, neck: float, top: float, cover: float) -> list[Surface]:
    """The pieces of one lid over or in a neck of this radius."""
    pieces = _PIECES[kind](dice, neck, cover)
    return [moved(piece, y=top) for piece in pieces]


def _ridges(dice: Dice) -> Array:
    return knurled(dice.pick([20, 24, 30])) if dice.chance(0.5) else circle(1.0, 32)


def _cap(wide: float, low: float, high: float, outline: Array, slope: float = 1.0) -> Surface:
    corner = 0.12 * min(wide, high - low)
    return solid([(wide, low), (wide * slope, high)], corner, outline)


def _capsule(dice: Dice, neck: float, cover: float) -> list[Surface]:
    """Foil over the upper neck and the cork."""
    skin = 1.07 * neck
    lip = neck * dice.between(1.08, 1.3)
    high = 0.1 * neck
    ring = neck * dice.between(0.4, 0.8)
    knots = [(skin, -cover), (skin, -ring), (lip, -0.9 * ring), (lip, high)]
    return [solid(knots, 0.1 * neck)]


def _cork(dice: Dice, neck: float, cover: float) -> list[Surface]:
    high = neck * dice.between(0.4, 1.8)
    wide = neck * dice.between(0.75, 1.0)
    mushroom = dice.chance(0.3)  # champagne
    knots: Knots = [(wide, -0.3 * neck), (wide * dice.between(1.0, 1.12), high)]
    if mushroom:
        knots = [(wide, -0.2 * neck), (wide, 0.4 * high), (1.35 * neck, 0.6 * high)]
        knots = [*knots, (1.2 * neck, high)]
    return [solid(knots, 0.1 * neck)]


def _screw(dice: Dice, neck: float, cover: float) -> list[Surface]:
    wide = neck * dice.between(1.1, 1.4)
    high = neck * dice.log_between(0.1, 0.7)
    cap = _cap(wide, -cover, high, _ridges(dice), dice.between(0.93, 1.0))
    if dice.chance(0.35):  # the ring that tears off
        return [cap, hoop(1.05 * neck, -cover - 0.05 * neck, 0.12 * neck)]
    return [cap]


def _stopper(dice: Dice, neck: float, cover: float) -> list[Surface]:
    """A plug with a turned, round or faceted head."""
    plug = solid([(0.8 * neck, -0.4 * neck), (neck * 0.95, 0.15 * neck)], 0.05 * neck)
    head = neck * dice.between(1.1, 2.0)
    high = head * dice.between(0.5, 2.2)
    form = dice.weighted({"ball": 2.0, "flat": 2.0, "drop": 1.5, "gem": 1.5, "turned": 1.0})
    if form == "flat":
        return [plug, solid([(head, 0.1 * neck), (head, 0.6 * high)], 0.15 * head, _ridges(dice))]
    if form == "ball":
        return [plug, moved(superellipsoid((2 * head, 2 * head, 2 * head)), y=0.85 * head)]
    if form == "gem":
        gem = superellipse(2.0, 2.0, 2.0, dice.pick([6, 8]))
        outline = np.repeat(gem, 4, 0)
        outline = (outline + np.roll(outline, -2, 0)) / 2
        knots = [(0.5 * head, 0.1 * neck), (head, 0.6 * high), (0.6 * head, high)]
        return [plug, solid(knots, 0.0, outline)]
    knots = [(0.6, 0.0), (0.9, 0.35), (0.75, 0.65), (0.15, 1.0)]
    if form == "turned":
        knots = [(0.9, 0.0), (1.0, 0.15), (0.35, 0.35), (0.6, 0.65), (0.45, 0.9), (0.1, 1.0)]
    curve = smooth([(r * head, 0.1 * neck + y * high) for r, y in knots], 20)
    return [plug, lathe(np.concatenate([[(0.02, 0.1 * neck)], curve]))]


def _crown(dice: Dice, neck: float, cover: float) -> list[Surface]:
    flare = neck * dice.between(1.2, 1.4)
    high = 0.25 * neck
    knots = [(flare, -max(cover, 0.25 * neck)), (1.08 * neck, 0.5 * high), (0.95 * neck, high)]
    return [solid(knots, 0.08 * neck, knurled(21, 0.07))]


def _swing(dice: Dice, neck: float, cover: float) -> list[Surface]:
    """A china plug held down by a wire."""
    head = neck * dice.between(0.95, 1.2)
    knots = [(1.0 * neck, -0.05), (1.08 * head, 0.2 * neck), (0.6 * head, 1.1 * neck)]
    wire, out = 0.12 * neck, 1.35 * neck
    low = -max(cover, 0.7 * neck)
    path = smooth(
        [(-out, low, 0), (-out, 0, 0), (0, 0.8 * neck, 0), (out, 0, 0), (out, low, 0)], 24
    )
    return [
        solid(knots, 0.15 * neck),
        sweep(path, circle(wire, 10), 1.0, Z),
        hoop(out, low, wire),
    ]


def _sport(dice: Dice, neck: float, cover: float) -> list[Surface]:
    """A cap with a nipple to drink from, perhaps under a loop."""
    wide = neck * dice.between(1.1, 1.35)
    shoulder = wide * dice.between(0.3, 0.9)
    spike = min(wide, 0.3) * dice.between(0.3, 0.6)
    high = shoulder + spike * dice.between(0.8, 2.5)
    knots = [(wide, -cover), (wide, 0.3 * shoulder), (spike, shoulder), (spike, 0.75 * high)]
    knots += [(1.35 * spike, 0.8 * high), (1.3 * spike, high)]
    pieces = [solid(knots, 0.15 * spike)]
    if dice.chance(0.3):
        pieces.append(_bail(wide, 0.0, high * 1.4, 0.12 * wide))
    return pieces


def _bail(wide: float, low: float, high: float, bar: float) -> Surface:
    t = np.linspace(0, pi, 24)
    path = np.stack([0.9 * wide * np.cos(t), low + (high - low) * np.sin(t) ** 0.7, 0 * t], 1)
    return sweep(path, rounded_rectangle(2.4 * bar, 1.2 * bar, 0.4 * bar, 16), 1.0, Z)


def _wide(dice: Dice, neck: float, cover: float) -> list[Surface]:
    """The flat lid of a jar."""
    wide = neck * dice.between(1.04, 1.2)
    low = -max(cover, 0.1 * neck)
    high = neck * dice.log_between(0.04, 0.3)
    pieces = [_cap(wide, low, high, _ridges(dice), dice.between(0.95, 1.0))]
    if dice.chance(0.3):  # a lid in a ring, as on preserves
        disc = solid([(0.85 * wide, 0.0), (0.82 * wide, high + 0.04 * neck)], 0.02 * neck)
        pieces.append(disc)
    return pieces


def _dome(dice: Dice, neck: float, cover: float) -> list[Surface]:
    """A lid with a knob, as on storage jars."""
    wide, high = neck * dice.between(1.0, 1.2), neck * dice.between(0.15, 0.6)
    knob = neck * dice.between(0.15, 0.3)
    knots = [(wide, -cover - 0.02), (wide, 0.1 * high), (0.7 * wide, 0.75 * high)]
    knots += [(0.6 * knob, high), (knob, high + knob), (0.7 * knob, high + 1.7 * knob)]
    curve = smooth(knots, 28)
    ends = [np.array([(0.05 * r, y)]) for r, y in (curve[0], curve[-1])]
    return [lathe(np.concatenate([ends[0], curve, ends[1]]))]


def _clip(dice: Dice, neck: float, cover: float) -> list[Surface]:
    """A glass lid on a rubber ring, held by a wire clip at the front."""
    wide, high = neck * dice.between(1.02, 1.12), neck * dice.between(0.2, 0.4)
    bar = max(0.05 * neck, 0.015)
    path = [(x, y, wide + bar) for x, y in ((-0.35, 0.15), (-0.3, -0.4), (0.3, -0.4), (0.35, 0.15))]
    scaled = [(x * neck, y * neck, z) for x, y, z in path]
    return [
        solid([(wide, -0.03), (wide, 0.4 * high), (0.8 * wide, high)], 0.1 * high),
        hoop(wide, 0.0, bar),
        sweep(smooth(scaled, 20), circle(bar, 8), 1.0, (0.0, 0.0, 1.0)),
        block((0.7 * neck, 2 * bar, 3 * bar), (0, 0.15 * neck, wide)),
        block((0.5 * neck, 3 * bar, 3 * bar), (0, 0.0, -wide)),
    ]


def _nozzle(dice: Dice, neck: float, cover: float) -> list[Surface]:
    """The cone of a squeeze bottle, perhaps with a tip."""
    wide = neck * dice.between(1.1, 1.5)
    rim = 0.35 * neck
    tip, high = neck * dice.between(0.15, 0.3), neck * dice.between(1.5, 4.0)
    foot = neck * dice.between(0.5, 1.0)
    knots = [(wide, -cover), (wide, rim), (foot, rim + 0.1 * neck), (tip, high)]
    if dice.chance(0.4):
        knots += [(1.5 * tip, high), (1.3 * tip, high + 0.4 * neck)]
    return [solid(knots, 0.08 * neck)]


def _flip(dice: Dice, neck: float, cover: float) -> list[Surface]:
    """A wide cap with a hinged top: two storeys and a thumb rest."""
    wide = min(neck * dice.between(1.15, 1.8), 0.5)
    high = neck * dice.between(0.3, 1.2)
    seam = 0.45 * high
    outline = superellipse(2.0, 2.0 * dice.between(0.7, 1.0), dice.pick([2.0, 2.0, 4.0]), 36)
    lower = solid([(wide, -cover), (wide, seam)], 0.06 * wide, outline)
    upper = solid([(0.97 * wide, seam), (0.92 * wide, high)], 0.15 * high, outline)
    deep = wide * float(outline[:, 1].max())
    rest = block((0.5 * wide, 0.15 * high, 0.2 * wide), (0, 0.75 * high, deep))
    return [lower, upper, rest]


def _cube(dice: Dice, neck: float, cover: float) -> list[Surface]:
    wide = min(neck * dice.between(1.3, 2.4), 0.6)
    high = wide * dice.between(0.8, 2.5)
    deep = min(wide, 1.8 * neck)
    size = (1.4 * wide, high + cover, 1.4 * deep)
    return [moved(superellipsoid(size, 12.0, 12.0), y=(high - cover) / 2)]


def _ball(dice: Dice, neck: float, cover: float) -> list[Surface]:
    wide = neck * dice.between(1.3, 2.2)
    size = (2 * wide, 2 * wide * dice.between(0.7, 1.2), 2 * wide)
    collar = solid([(0.95 * neck, -0.3 * neck), (0.95 * neck, 0.4 * neck)])
    return [collar, moved(superellipsoid(size, 2.0, dice.between(1.8, 3.0)), y=0.4 * size[1])]


def _tall(dice: Dice, neck: float, cover: float) -> list[Surface]:
    wide = neck * dice.between(1.05, 1.5)
    high = wide * dice.between(1.0, 4.0)
    return [_cap(wide, -cover, high, _ridges(dice), dice.between(0.85, 1.05))]


def _beaker(dice: Dice, neck: float, cover: float) -> list[Surface]:
    """A cap that is a cup to drink from; as wide as the flask."""
    wide = max(neck * 1.05, 0.5 * dice.between(0.85, 1.0))
    high = wide * dice.between(0.6, 1.8)
    pieces = [_cap(wide, -cover, high, circle(1.0, 36), dice.between(0.85, 1.0))]
    if dice.chance(0.3):
        bar = 0.07 * wide
        t = np.linspace(-0.5 * pi, 0.5 * pi, 20)
        reach = [wide * 0.9 + 0.5 * high * np.cos(t), 0.5 * high + 0.32 * high * np.sin(t), 0 * t]
        pieces.append(sweep(np.stack(reach, 1), circle(bar, 12), 1.0, Z))
    return pieces


def _loop(dice: Dice, neck: float, cover: float) -> list[Surface]:
    """A screw lid with a carrying loop."""
    wide, high = neck * dice.between(1.05, 1.25), neck * dice.between(0.15, 0.6)
    bail = _bail(0.85 * wide, 0.6 * high, high + wide * dice.between(0.4, 1.0), 0.13 * wide)
    return [_cap(wide, -cover, high, _ridges(dice)), bail]


def _teat(dice: Dice, neck: float, cover: float) -> list[Surface]:
    """A collar with a rubber teat, perhaps under a clear dome."""
    wide = neck * dice.between(1.05, 1.2)
    collar = _cap(wide, -cover, 0.25 * neck, knurled(24))
    high = neck * dice.between(0.9, 1.8)
    if dice.chance(0.4):
        return [collar, solid([(0.9 * wide, 0.2 * neck), (0.7 * wide, high)], 0.3 * wide)]
    knots = [(0.8, 0.1), (0.65, 0.4), (0.28, 0.65), (0.27, 0.85), (0.08, 1.0)]
    teat = smooth([(r * neck, y * high) for r, y in knots], 20)
    return [collar, lathe(np.concatenate([[(0.02, 0.1 * high)], teat]))]


def _dropper(dice: Dice, neck: float, cover: float) -> list[Surface]:
    """A collar with a rubber bulb."""
    wide = neck * dice.between(1.1, 1.3)
    bulb = neck * dice.between(0.45, 0.75)
    high = neck * dice.between(1.5, 3.0)
    cap = _cap(wide, -cover, 0.35 * neck, _ridges(dice))
    return [cap, limb((0, 0.2 * neck, 0), (0, high, 0), bulb, 0.7 * bulb, 20)]


_PIECES = {
    "capsule": _capsule,
    "cork": _cork,
    "screw": _screw,
    "stopper": _stopper,
    "crown": _crown,
    "swing": _swing,
    "sport": _sport,
    "wide": _wide,
    "dome": _dome,
    "clip": _clip,
    "nozzle": _nozzle,
    "flip": _flip,
    "cube": _cube,
    "ball": _ball,
    "tall": _tall,
    "beaker": _beaker,
    "loop": _loop,
    "teat": _teat,
    "dropper": _dropper,
}
