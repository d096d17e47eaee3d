"""Buckets: pails, tubs, wooden and toy buckets, paint cans and wine coolers."""

from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.curves import Array, circle, rounded_rectangle, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import bar_section, block, cup, hoop, pipe, solid
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, Z, lathe, superellipsoid, sweep
from pdengine.shapes.warp import warp

PARTS = ("body", "handle")

Range = tuple[float, float]


@dataclass(frozen=True)
class Style:
    """Ranges from which one kind is drawn; the rim is 1 wide.

    Attributes:
        high: height.
        bottom: radius of the bottom over that of the rim.
        belly: how far the middle stands out or in, share of the radius.
        hoops: greatest number of bands around it.
        handles: odds of a bail, of a stiff arch, and of a grip on either side.
        closed: how many have a lid on, which is of the body.
    """

    high: Range
    bottom: Range
    belly: Range
    hoops: int
    handles: dict[str, float]
    closed: float = 0.04


STYLES = {
    "pail": Style((0.7, 1.25), (0.62, 0.9), (0.0, 0.0), 2, {"bail": 1.0}),
    "tub": Style((0.45, 0.85), (0.6, 0.92), (0.0, 0.08), 2, {"bail": 2.0, "sides": 3.0}),
    "wooden": Style(
        (0.6, 1.2), (0.7, 1.15), (0.0, 0.1), 3, {"bail": 3.0, "arch": 2.0, "sides": 1.0}
    ),
    "paint": Style((0.9, 1.3), (0.95, 1.0), (0.0, 0.0), 2, {"bail": 1.0}, 0.6),
    "cooler": Style((0.8, 1.3), (0.5, 0.85), (-0.08, 0.12), 1, {"sides": 3.0, "arch": 1.0}),
    "toy": Style((0.6, 1.0), (0.55, 0.8), (0.0, 0.12), 1, {"bail": 2.0, "arch": 1.5}),
    "fire": Style((0.9, 1.4), (0.12, 0.4), (0.0, 0.15), 1, {"bail": 1.0}),
    "basket": Style((0.5, 1.0), (0.65, 0.95), (0.0, 0.06), 2, {"arch": 3.0, "bail": 1.0}),
}
KINDS = {
    "pail": 6.0,
    "tub": 2.0,
    "wooden": 1.5,
    "paint": 1.5,
    "cooler": 1.2,
    "toy": 1.5,
    "fire": 0.6,
    "basket": 1.2,
}


def make_bucket(seed: int) -> LabelledMesh:
    """A bail is hung up at -x and +x."""
    dice = Dice("bucket", seed)
    bucket = Assembly(dice, PARTS)
    name = dice.weighted(KINDS)
    style = STYLES[name]
    height = dice.log_between(*style.high)
    wall = _wall(dice, style, height)
    outline = _outline(dice, name)
    thick = dice.log_between(0.02, 0.06)
    if dice.chance(style.closed):
        rim = float(wall[-1, 0])
        low = [(wall[0, 0] * s, 0.0) for s in (0.04, 0.6)]
        dent = dice.between(0.0, 0.05)
        top = [(rim * s, height - dent * (s < 0.9)) for s in (0.95, 0.85, 0.04)]
        bucket.add("body", lathe(np.concatenate([low, wall, top]), outline))
    else:
        floor = thick + (0.1 * height if dice.chance(0.3) else 0.0)
        bucket.add("body", lathe(cup(wall, thick, floor), outline))
    bucket.add("body", *_bands(dice, style, wall, outline))
    side = float(outline[:, 0].max())
    handle = dice.weighted(style.handles)
    if handle == "sides":
        bucket.add("handle", *_sides(dice, wall, outline))
    else:
        _bail(dice, bucket, wall, side, stiff=handle == "arch")
    if dice.chance(0.07):  # the loop under the edge that helps to tip it out
        grip = hoop(0.12, 0.0, 0.025, circle(1.0, 20))
        reach = float(np.interp(0.5 * height, wall[:, 1], wall[:, 0])) * float(outline[:, 1].max())
        bucket.add("handle", moved(turned(grip, "z", pi / 2), y=0.5 * height, z=-reach))
    return bucket.mesh(warp(dice, (0.14, 0.18, 0.14), 0.7))


def _wall(dice: Dice, style: Style, height: float) -> Array:
    """The outside from the bottom to the rim, (radius, height), the rim is 0.5. [R, 2]."""
    bottom, belly = dice.between(*style.bottom), dice.between(*style.belly)
    t = np.linspace(0, 1, 32)
    radius = bottom + (1 - bottom) * t + belly * np.sin(pi * t)
    if style.bottom[1] < 0.5:  # rounded below
        radius = bottom + (1 - bottom) * t ** dice.between(0.4, 0.8)
    if dice.chance(0.3):  # a step under the rim
        radius = radius + dice.between(0.02, 0.06) * (t > dice.between(0.75, 0.9))
    if dice.chance(0.2):
        radius = radius - dice.between(0.02, 0.05) * np.exp(-(((t - 0.6) / 0.05) ** 2))
    rounding = dice.log_between(0.01, 0.1)
    radius = radius - 0.8 * rounding * np.exp(-3 * height * t / rounding)
    return np.stack([0.5 * radius, height * t], 1)


def _outline(dice: Dice, name: str) -> Array:
    if name == "wooden":
        staves = dice.pick([14, 18])
        angle = np.arange(72) * (2 * pi / 72)
        groove = np.abs(np.cos(0.5 * staves * angle)) ** 12
        return np.asarray(circle(1.0, 72) * (1 - 0.025 * groove)[:, None])
    kind = dice.weighted({"round": 7.0, "oval": 1.3, "square": 1.0, "oblong": 1.2, "lip": 1.0})
    if kind == "oval":
        return superellipse(2.0, dice.between(1.3, 1.8), dice.between(2.0, 2.8), 44)
    if kind == "square":
        return superellipse(2.0, 2.0, dice.between(3.5, 9.0), 44)
    if kind == "oblong":
        return rounded_rectangle(2.0, dice.between(1.1, 1.7), dice.between(0.15, 0.5), 44)
    if kind == "lip":  # a beak to pour from, towards +z
        plain = circle(1.0, 48)
        ahead = np.arctan2(plain[:, 0], plain[:, 1])
        beak = dice.between(0.1, 0.25) * np.exp(-((ahead / 0.25) ** 2))
        return np.asarray(plain * (1 + beak)[:, None])
    return circle(1.0, 44)


def _bands(dice: Dice, style: Style, wall: Array, outline: Array) -> list[Surface]:
    """The rolled rim, and hoops."""
    height = float(wall[-1, 1])
    pieces = []
    if dice.chance(0.6):
        pieces.append(hoop(float(wall[-1, 0]), height, dice.log_between(0.014, 0.035), outline))
    for _ in range(dice.whole(0, style.hoops)):
        y, band = dice.between(0.08, 0.85) * height, dice.between(0.02, 0.08)
        ends = [float(np.interp(level, wall[:, 1], wall[:, 0])) for level in (y, y + band)]
        around = np.array([(ends[0] + 0.016, y), (ends[1] + 0.016, y + band)])
        pieces.append(pipe(around, 0.03, outline))
    return pieces


def _bail(dice: Dice, bucket: Assembly, wall: Array, side: float, stiff: bool) -> None:
    """An arch from side to side: a wire that swings or a stiff one, perhaps with a grip."""
    height = float(wall[-1, 1])
    low = height * (dice.between(0.85, 1.0) if stiff else dice.between(0.85, 0.96))
    start = float(np.interp(low, wall[:, 1], wall[:, 0])) * side
    bar = dice.log_between(0.014, 0.05) if not stiff else dice.log_between(0.025, 0.06)
    rise = start * dice.between(0.8, 1.5)
    t = np.linspace(0, pi, 44)
    square = dice.between(0.45, 1.0)
    x = (start + bar) * np.sign(np.cos(t)) * np.abs(np.cos(t)) ** square
    path = np.stack([x, rise * np.sin(t) ** square, 0 * t], 1)
    lean = 0.0
    if not stiff and dice.chance(0.55):
        lean = dice.pick([-1, 1]) * dice.between(0.1, 1.45)
    # Fallen over the edge it must pass the rim.
    if abs(lean) > 0.9:
        path[:, 1] *= max(1.0, 1.12 * 0.5 / rise)
    section = bar_section(dice, bar) if dice.chance(0.5) else circle(bar, 12)
    pieces = [sweep(path, section, 1.0, Z, ends=0.4 * bar)]
    if dice.chance(0.45) and not stiff:
        middle = path[path[:, 1] > 0.93 * float(path[:, 1].max())]
        thick = max(bar * dice.between(1.7, 2.6), 0.035)
        swell = 1 - 0.3 * np.abs(np.linspace(-1, 1, len(middle))) ** 2
        pieces.append(sweep(middle, circle(thick, 16), swell, Z, ends=0.3 * thick))
    pieces = [moved(turned(piece, "x", lean), y=low) for piece in pieces]
    bucket.add("handle", *pieces)
    if dice.chance(0.75):  # the ears it hangs in
        size = max(2.2 * bar, 0.05)
        form = dice.pick(["plate", "boss"])
        if form == "plate":
            ear = block((0.6 * size + 2 * bar, 3 * size, 2.2 * size), (start, low, 0), 0.01)
        else:
            disc = solid([(1.3 * size, -1.2 * bar), (1.1 * size, 1.6 * bar)], 0.3 * bar)
            ear = moved(turned(disc, "z", -pi / 2), x=start, y=low)
        bucket.add("body", *mirrored(ear))


def _sides(dice: Dice, wall: Array, outline: Array) -> list[Surface]:
    """A handle on either side: a loop, a ring that hangs, a knob or a shelf under the rim."""
    height = float(wall[-1, 1])
    form = dice.weighted({"loop": 4.0, "ring": 2.0, "knob": 1.5, "ear": 2.0})
    y = height * dice.between(0.65, 0.93)
    radius, side = float(np.interp(y, wall[:, 1], wall[:, 0])), float(outline[:, 0].max())
    start = radius * side
    bar = dice.log_between(0.02, 0.045)
    if form == "ring":
        wide = dice.between(0.09, 0.18)
        ring = turned(hoop(wide, 0.0, bar, circle(1.0, 28)), "z", pi / 2 - 0.15)
        stud = superellipsoid((4 * bar, 3 * bar, 3 * bar))
        return mirrored(moved(ring, x=start + bar, y=y - wide), moved(stud, x=start, y=y))
    if form == "knob":
        size = dice.between(0.1, 0.18)
        return mirrored(moved(superellipsoid((1.3 * size, size, size)), x=start + 0.3 * size, y=y))
    reach, half = dice.between(0.08, 0.22), dice.between(0.12, 0.26)
    if form == "loop":  # lies level
        lift = dice.between(-0.05, 0.12)
        right = outline[outline[:, 0] > 0]
        right = right[np.argsort(right[:, 1])]
        inside = radius * float(np.interp(half / radius, right[:, 1], right[:, 0])) - 0.02
        knots = [(inside, y, -half), (start + reach, y + lift, -0.6 * half)]
        knots += [(start + reach, y + lift, 0.6 * half), (inside, y, half)]
        return mirrored(sweep(smooth(knots, 24), bar_section(dice, bar), 1.0, (0.0, 1.0, 0.0)))
    low = y - dice.between(0.2, 0.4) * height
    under = float(np.interp(low, wall[:, 1], wall[:, 0])) * side
    knots = [(start - 0.03, y, 0.0), (start + reach, y, 0.0)]
    knots += [(under + reach, low + 0.05, 0.0), (under - 0.03, low, 0.0)]
    return mirrored(sweep(smooth(knots, 24), bar_section(dice, bar), 1.0, Z))
