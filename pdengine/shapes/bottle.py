"""Bottles and jars: wine to perfume, closed by corks, crowns, screw caps, stoppers or nothing."""

from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly
from pdengine.shapes.bottle_lids import LIDS, lid
from pdengine.shapes.curves import Array, circle, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import blended, cup, hoop, pipe, seen_from_above
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, Z, sweep
from pdengine.shapes.warp import warp

PARTS = ("body", "lid", "neck")

Range = tuple[float, float]


@dataclass(frozen=True)
class Style:
    """Ranges from which one kind of bottle is drawn; the body is 1 wide.

    Attributes:
        high: height of the body with its shoulder.
        neck: radius of the neck over that of the body.
        long: length of the neck.
        shoulder: its share of the height.
        plans: odds of what it looks like from above.
        lids: odds of what closes it.
        waist, ribs, handle: how many have one.
    """

    high: Range
    neck: Range
    long: Range
    shoulder: Range
    plans: dict[str, float]
    lids: dict[str, float]
    waist: float = 0.0
    ribs: float = 0.0
    handle: float = 0.0


ROUND = {"round": 1.0}
BLOCKS = {"round": 2.0, "square": 2.0, "oblong": 4.0, "oval": 2.0, "faceted": 1.0, "fluted": 0.7}
# fmt: off
STYLES = {
    "wine": Style((2.0, 3.1), (0.3, 0.4), (0.7, 1.5), (0.15, 0.5), ROUND,
                  {"capsule": 3, "cork": 2, "screw": 1, "stopper": 0.5, "none": 2}),
    "beer": Style((1.5, 2.5), (0.32, 0.46), (0.4, 1.1), (0.25, 0.5), ROUND,
                  {"crown": 4, "swing": 1.5, "none": 2}, 0.1),
    "water": Style((1.8, 3.3), (0.26, 0.5), (0.14, 0.35), (0.12, 0.4),
                   {"round": 8, "square": 1.5, "fluted": 0.7}, {"screw": 7, "sport": 2, "none": 1},
                   0.4, 0.6),
    "jar": Style((0.6, 1.6), (0.72, 0.98), (0.04, 0.16), (0.04, 0.16),
                 {"round": 6, "square": 1.5, "faceted": 2, "oval": 0.7, "fluted": 0.5},
                 {"wide": 7, "dome": 2, "clip": 1, "stopper": 0.5, "none": 1.5}, 0.1, 0.15),
    "sauce": Style((1.4, 2.7), (0.28, 0.6), (0.08, 0.5), (0.1, 0.45),
                   {"round": 4, "oval": 4, "oblong": 2, "faceted": 0.8},
                   {"nozzle": 3, "flip": 4, "screw": 2, "none": 0.4}, 0.3, 0.1),
    "milk": Style((1.0, 1.9), (0.3, 0.5), (0.1, 0.3), (0.25, 0.5), {"square": 4, "round": 1,
                  "oblong": 2}, {"screw": 8, "none": 1}, 0.0, 0.2, 0.65),
    "perfume": Style((0.5, 1.6), (0.2, 0.5), (0.06, 0.2), (0.02, 0.2), BLOCKS,
                     {"cube": 3, "ball": 2, "tall": 3, "stopper": 1.5, "none": 0.4}),
    "pills": Style((0.9, 1.9), (0.7, 0.95), (0.06, 0.16), (0.04, 0.15),
                   {"round": 6, "oblong": 1, "square": 1}, {"wide": 6, "tall": 2, "flip": 2}),
    "spirit": Style((0.9, 2.2), (0.24, 0.42), (0.3, 0.9), (0.1, 0.4), BLOCKS,
                    {"screw": 3, "stopper": 4, "cork": 1.5, "capsule": 1, "none": 1}, 0.15),
    "thermos": Style((2.0, 3.8), (0.6, 0.92), (0.06, 0.25), (0.04, 0.2), ROUND,
                     {"beaker": 3, "loop": 2.5, "sport": 1.5, "dome": 1, "wide": 2}, 0.15, 0.1),
    "decanter": Style((0.7, 1.6), (0.2, 0.4), (0.4, 1.2), (0.5, 0.9),
                      {"round": 5, "square": 1, "faceted": 1, "fluted": 1},
                      {"stopper": 4, "ball": 1.5, "cork": 1.5, "none": 2}, 0.0, 0.0, 0.15),
    "baby": Style((1.2, 2.4), (0.6, 0.9), (0.06, 0.2), (0.08, 0.3), {"round": 5, "oval": 1},
                  {"teat": 1}, 0.4, 0.1),
    "tonic": Style((1.1, 2.2), (0.35, 0.6), (0.12, 0.4), (0.1, 0.3), {"round": 5, "oblong": 2,
                   "square": 1}, {"dropper": 2, "screw": 3, "tall": 1, "stopper": 1}, 0.0, 0.05),
}
# fmt: on
KINDS = {
    "wine": 3.0,
    "beer": 2.0,
    "water": 3.5,
    "jar": 3.0,
    "sauce": 2.0,
    "milk": 1.2,
    "perfume": 2.0,
    "pills": 1.0,
    "spirit": 2.0,
    "thermos": 1.5,
    "decanter": 1.0,
    "baby": 0.5,
    "tonic": 1.0,
}


def make_bottle(seed: int) -> LabelledMesh:
    dice = Dice("bottle", seed)
    bottle = Assembly(dice, PARTS)
    name = dice.weighted(KINDS)
    style = STYLES[name]
    height = dice.log_between(*style.high)
    radius = 0.5 * dice.between(*style.neck)
    kind = dice.weighted(style.lids)
    outline = seen_from_above(dice, style.plans)
    # A body that is flat from above gives its neck no more room than that.
    radius = min(radius, 0.46 * float(np.hypot(*outline.T).min()))
    wall = bottle_wall(dice, style, height, radius)
    shoulder = float(wall[wall[:, 0] > 0.8 * wall[:, 0].max(), 1].max())
    share = np.clip((height - wall[:, 1]) / (height - shoulder + 0.03), 0, 1) ** 0.5
    thick = max(0.1 * radius, 0.02)
    is_open = kind == "none" and radius > 0.3
    bottle.add("body", bottle_body(wall, outline, share, thick, is_open))
    if dice.chance(style.handle):
        bottle.add("body", _ear(dice, wall, outline))

    long = dice.log_between(*style.long)
    if name == "wine" and dice.chance(0.3):
        long *= 0.7
    cover = min(long * (1.0 if dice.chance(0.35) else dice.between(0.4, 0.9)), LIDS[kind] * radius)
    if kind in ("cork", "stopper", "ball", "none"):
        cover = 0.0
    if long - cover > 0.03:
        tube = _neck(dice, radius, long, cover, kind)
        tube[:, 1] += height - 0.015
        bottle.add("neck", pipe(tube, min(thick, 0.4 * radius)))
        if dice.chance(0.35) and cover < 0.6 * long:
            lip = height + long - cover - 0.03
            bottle.add("neck", hoop(radius * 1.05, lip, radius * dice.between(0.08, 0.2)))
    else:
        long = cover
    if kind != "none":
        closure = lid(dice, kind, radius, height + long, cover)
        bottle.add("lid", *closure)

    change = warp(dice, (0.12, 0.2, 0.12))
    lies = dice.chance(0.03)
    on_its_head = name == "sauce" and kind == "flip" and dice.chance(0.5)

    def placed(vertices: Array) -> Array:
        vertices = change(vertices)
        if on_its_head:
            return vertices * [1.0, -1.0, -1.0]
        return vertices[:, [1, 0, 2]] * [1.0, -1.0, 1.0] if lies else vertices

    return bottle.mesh(placed)


def bottle_wall(dice: Dice, style: Style, height: float, neck: float) -> Array:
    """The outside of the body from its bottom to where the neck starts. [R, 2]."""
    share = dice.between(*style.shoulder)
    side = np.linspace(0, 1, 26)
    shape = dice.weighted({"straight": 6.0, "taper": 1.5, "spread": 1.0, "belly": 1.0})
    radius = np.full(26, 0.5)
    if shape == "taper":
        radius = radius * (1 - dice.between(0.05, 0.3) * (1 - side))
    elif shape == "spread":
        radius = radius * (1 - dice.between(0.03, 0.25) * side)
    elif shape == "belly":
        radius = radius * (1 - dice.between(0.03, 0.2) * (2 * side - 1) ** 2)
    if dice.chance(style.waist):
        at, width = dice.between(0.35, 0.75), dice.between(0.06, 0.2)
        radius = radius * (1 - dice.between(0.08, 0.25) * np.exp(-(((side - at) / width) ** 2)))
    straight = height * (1 - share)
    if dice.chance(style.ribs):
        side = np.linspace(0, 1, 48)
        radius = np.interp(side, np.linspace(0, 1, 26), radius)
        low, high = dice.between(0.05, 0.4), dice.between(0.6, 0.95)
        waves = np.sin(side * pi * dice.whole(5, 11)) ** 2 * ((side > low) & (side < high))
        radius = radius * (1 - dice.between(0.03, 0.08) * waves)
    wall = np.stack([radius, side * straight], 1)
    rounding = dice.log_between(0.01, 0.14)
    wall[:, 0] -= 0.8 * rounding * np.exp(-3 * wall[:, 1] / rounding)

    t = np.linspace(0, 1, 14)[1:]
    start = float(radius[-1])
    form = dice.weighted({"round": 4.0, "cone": 1.5, "swan": 2.5, "flat": 1.5})
    if form == "round":
        fall = np.cos(pi / 2 * t) ** dice.between(0.6, 1.1)
    elif form == "cone":
        fall = 1 - t
    elif form == "swan":
        fall = 1 - t * t * (3 - 2 * t)
    else:
        fall = 1 - t ** dice.between(2.0, 4.0)
    top = np.stack([neck + (start - neck) * fall, straight + t * (height - straight)], 1)
    return np.concatenate([wall, top])


def bottle_body(wall: Array, outline: Array, share: Array, thick: float, is_open: bool) -> Surface:
    if is_open:
        curve = cup(wall, thick, 2 * thick)
        weight = np.interp(curve[:, 1], wall[:, 1], share)
        return blended(curve, outline, weight)
    low = np.array([(wall[0, 0] * s, 0.0) for s in (0.05, 0.5)])
    top = np.array([(wall[-1, 0] * 0.05, wall[-1, 1])])
    weight = np.concatenate([[1.0, 1.0], share, [0.0]])
    return blended(np.concatenate([low, wall, top]), outline, weight)


def _neck(dice: Dice, radius: float, long: float, cover: float, kind: str) -> Array:
    """The outside of the neck from 0 upwards, (radius, height). [R, 2]."""
    top = long - 0.5 * cover
    lip = dice.between(0.9, 1.2) if kind in ("none", "cork", "stopper") else 1.0
    waist = dice.between(0.85, 1.0)
    knots = [(1.0, 0.0), (waist, 0.35), (waist, 0.85), (lip, 0.93), (lip, 1.0)]
    curve = smooth([(r * radius, y * top) for r, y in knots], 16)
    if dice.chance(0.12) and cover < 0.3 * long:  # an onion
        at = dice.between(0.2, 0.6) * top
        curve[:, 0] += (
            dice.between(0.2, 0.5) * radius * np.exp(-(((curve[:, 1] - at) / (0.2 * top)) ** 2))
        )
    return curve


def _ear(dice: Dice, wall: Array, outline: Array) -> Surface:
    """The grip of a milk jug or of a carafe: at +x, from the shoulder down the side."""
    height = float(wall[-1, 1])
    side = float(outline[:, 0].max())
    high, low = height * dice.between(0.8, 0.95), height * dice.between(0.25, 0.5)
    bar = dice.between(0.04, 0.08)

    def at(y: float, out: float) -> tuple[float, float, float]:
        return (float(np.interp(y, wall[:, 1], wall[:, 0])) * side + out, y, 0.0)

    reach = dice.between(0.15, 0.3)
    path = smooth(
        [
            at(high, -0.04),
            (0.5 * side + 0.6 * reach, high, 0.0),
            (0.5 * side + reach, 0.5 * (high + low), 0.0),
            at(low, 0.6 * reach),
            at(low - 0.08, -0.04),
        ],
        24,
    )
    return sweep(path, circle(bar, 14), 1.0, Z)
