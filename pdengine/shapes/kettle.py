"""Kettles and pots to pour from: on the stove, on a power base, for tea, for coffee, for mocha."""

from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, moved, turned
from pdengine.shapes.curves import Array, circle
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import cup, hoop, seen_from_above, solid
from pdengine.shapes.kettle_fittings import Pot, arch, beak, ear, stick, tube_spout
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, Z, lathe, superellipsoid, sweep
from pdengine.shapes.warp import warp

PARTS = ("body", "lid", "handle", "spout")

Range = tuple[float, float]


@dataclass(frozen=True)
class Style:
    """Ranges from which one kind is drawn; the body is 1 wide.

    Attributes:
        high: height of the body.
        bottom, top: radius at the two ends over the greatest one.
        belly: height of the greatest radius, a share of the body's.
        handles: odds of arch over the lid, ear at the back, stick.
        spouts: odds of a stub, a curved tube, a gooseneck and a beak at the rim.
        lidless: how many stand open.
    """

    high: Range
    bottom: Range
    top: Range
    belly: Range
    handles: dict[str, float]
    spouts: dict[str, float]
    lidless: float = 0.03


# fmt: off
STYLES = {
    "stove": Style((0.45, 0.9), (0.75, 1.0), (0.35, 0.7), (0.05, 0.4),
                   {"arch": 8, "ear": 1.5}, {"stub": 6, "curved": 3, "gooseneck": 0.5}),
    "electric": Style((0.9, 1.6), (0.85, 1.0), (0.6, 0.95), (0.0, 0.35),
                      {"ear": 1}, {"beak": 7, "stub": 2}),
    "gooseneck": Style((0.65, 1.2), (0.9, 1.0), (0.45, 0.8), (0.0, 0.15),
                       {"ear": 8, "arch": 0.8}, {"gooseneck": 1}),
    "teapot": Style((0.55, 1.0), (0.4, 0.8), (0.35, 0.65), (0.35, 0.65),
                    {"ear": 8, "arch": 2, "stick": 0.5}, {"curved": 6, "stub": 2}, 0.06),
    "iron": Style((0.4, 0.75), (0.5, 0.8), (0.4, 0.65), (0.4, 0.6),
                  {"arch": 1}, {"stub": 5, "curved": 2}),
    "coffee": Style((1.0, 1.9), (0.8, 1.0), (0.5, 0.8), (0.0, 0.3),
                    {"ear": 8, "stick": 1}, {"beak": 3, "curved": 3, "stub": 1, "gooseneck": 1}),
    "mocha": Style((1.2, 1.9), (0.9, 1.0), (0.8, 1.0), (0.0, 0.1), {"ear": 1}, {"beak": 1}),
    "pitcher": Style((0.9, 1.6), (0.6, 0.9), (0.6, 0.9), (0.25, 0.6),
                     {"ear": 1}, {"beak": 1}, 0.3),
}
# fmt: on
KINDS = {
    "stove": 4.0,
    "electric": 4.0,
    "gooseneck": 2.0,
    "teapot": 4.0,
    "iron": 1.5,
    "coffee": 1.8,
    "mocha": 1.0,
    "pitcher": 0.8,
}


def make_kettle(seed: int) -> LabelledMesh:
    """The spout points towards +x, an ear stands at -x."""
    dice = Dice("kettle", seed)
    kettle = Assembly(dice, PARTS)
    name = dice.weighted(KINDS)
    style = STYLES[name]
    height = dice.log_between(*style.high)
    wall = _waisted(dice, height) if name == "mocha" else _wall(dice, style, height)
    odds = {"round": 8.0, "faceted": 1.0, "square": 0.7, "oval": 0.5, "fluted": 0.3}
    outline = seen_from_above(dice, {"faceted": 1.0} if name == "mocha" else odds)
    pot = Pot(wall, float(np.abs(outline[:, 0]).max()))
    is_open = dice.chance(style.lidless)
    kettle.add("body", _body(wall, outline, is_open), *_foot(dice, name, wall, outline))

    handle = dice.weighted(style.handles)
    lid_top = pot.top
    if not is_open:
        pieces, lid_top = _lid(dice, pot, outline, low=handle == "arch" and dice.chance(0.5))
        kettle.add("lid", *pieces)
    if handle == "arch":
        kettle.add("handle", *arch(dice, pot, lid_top))
    elif handle == "stick":
        kettle.add("handle", *stick(dice, pot))
    else:
        kettle.add("handle", *ear(dice, pot, large=name in ("electric", "mocha", "gooseneck")))
    spout = dice.weighted(style.spouts)
    if spout == "beak":
        kettle.add("spout", beak(dice, pot))
    else:
        kettle.add("spout", *tube_spout(dice, pot, spout))
    return kettle.mesh(warp(dice, (0.13, 0.18, 0.13)))


def _wall(dice: Dice, style: Style, height: float) -> Array:
    """The outside of the body, (radius, height), the greatest radius is 0.5. [R, 2]."""
    belly = dice.between(*style.belly)
    bottom, top = dice.between(*style.bottom), dice.between(*style.top)
    t = np.linspace(0, 1, 30)
    up = np.minimum(t / max(belly, 0.02), 1)
    rise = np.sin(pi / 2 * up) ** dice.log_between(0.5, 1.5)
    down = np.clip((t - belly) / (1 - belly), 0, 1)
    is_straight = dice.chance(0.35)
    fall = 1 - down if is_straight else np.cos(pi / 2 * down) ** dice.log_between(0.4, 1.6)
    radius = np.where(t < belly, bottom + (1 - bottom) * rise, top + (1 - top) * fall)
    wall = np.stack([0.5 * radius, height * t], 1)
    rounding = dice.log_between(0.01, 0.08)
    wall[:, 0] -= 0.7 * rounding * np.exp(-3 * wall[:, 1] / rounding)
    return wall


def _waisted(dice: Dice, height: float) -> Array:
    """A mocha pot: a boiler, a ring, and a jug that grows wider."""
    cut = dice.between(0.35, 0.5)
    waist = dice.between(0.66, 0.85)
    knots = [(1.0, 0.0), (0.92, cut - 0.08), (waist, cut - 0.02), (waist, cut + 0.02)]
    knots += [(waist + 0.08, cut + 0.08), (dice.between(0.85, 1.0), 1.0)]
    t = np.linspace(0, 1, 34)
    ys, rs = [y for _, y in knots], [r for r, _ in knots]
    return np.stack([0.5 * np.interp(t, ys, rs), height * t], 1)


def _body(wall: Array, outline: Array, is_open: bool) -> Surface:
    if is_open:
        return lathe(cup(wall, 0.03, 0.06), outline)
    low = [(wall[0, 0] * s, 0.0) for s in (0.04, 0.6)]
    top = [(wall[-1, 0] * s, wall[-1, 1]) for s in (0.9, 0.04)]
    return lathe(np.concatenate([low, wall, top]), outline)


def _foot(dice: Dice, name: str, wall: Array, outline: Array) -> list[Surface]:
    """A power base, a ring to stand on, a band around the belly; they belong to the body."""
    foot = float(wall[0, 0])
    pieces = []
    if name == "electric" or dice.chance(0.08):
        high, wide = dice.between(0.04, 0.12), max(foot, 0.42) * dice.between(1.0, 1.15)
        pieces.append(solid([(wide, -high), (0.95 * wide, 0.01)], 0.3 * high, outline))
    elif dice.chance(0.35):
        high, wide = dice.between(0.02, 0.08), foot * dice.between(0.8, 1.05)
        pieces.append(solid([(wide, -high), (0.9 * wide, 0.02)], 0.2 * high, outline))
    elif dice.chance(0.12):  # three feet
        ball = superellipsoid((0.12, 0.16, 0.12))
        around = [turned(moved(ball, x=0.75 * foot), "y", k * 2 * pi / 3) for k in range(3)]
        pieces += around
    if dice.chance(0.25):
        at = dice.between(0.1, 0.9) * float(wall[-1, 1])
        radius = float(np.interp(at, wall[:, 1], wall[:, 0]))
        pieces.append(hoop(radius, at, dice.between(0.012, 0.03), outline))
    return pieces


def _lid(dice: Dice, pot: Pot, outline: Array, low: bool) -> tuple[list[Surface], float]:
    """A flat or domed lid with a knob, and the height of its top."""
    rim = pot.radius(pot.top)
    over = rim * (dice.between(0.75, 1.0) if dice.chance(0.6) else dice.between(1.0, 1.06))
    rise = over * dice.log_between(0.06, 0.3 if low else 0.7)
    base = pot.top - 0.01
    full = dice.between(0.5, 2.0)
    t = np.linspace(0, 1, 12)
    dome = np.stack([over * np.maximum(1 - t, 0.02), 0.02 + rise * (1 - (1 - t) ** (1 + full))], 1)
    curve = np.concatenate([[(0.04 * over, 0.0), (over, 0.0)], dome])
    curve[:, 1] += base
    pieces = [lathe(curve, outline if dice.chance(0.7) else circle(1.0, 36))]
    top = base + 0.02 + rise
    knob = rim * dice.log_between(0.15, 0.4)
    form = dice.weighted(
        {"ball": 3.0, "mushroom": 3.0, "cone": 1.5, "loop": 1.5, "disc": 1.0, "": 1}
    )
    if form == "ball":
        pieces.append(moved(superellipsoid((2 * knob, 2 * knob, 2 * knob)), y=top + 0.8 * knob))
        return pieces, top + 1.8 * knob
    if form == "loop":
        bar = 0.28 * knob
        t = np.linspace(0, pi, 20)
        path = np.stack([1.5 * knob * np.cos(t), top + 1.6 * knob * np.sin(t) ** 0.7, 0 * t], 1)
        path[[0, -1], 1] -= 0.35 * rise
        pieces.append(sweep(path, circle(bar, 12), 1.0, Z))
        return pieces, top + 2 * knob
    if form in ("mushroom", "cone", "disc"):
        knots = {
            "mushroom": [(0.5, -0.2), (0.4, 0.4), (1.0, 0.8), (0.9, 1.2), (0.3, 1.4)],
            "cone": [(0.9, -0.1), (0.6, 0.7), (1.0, 1.8), (0.8, 2.0)],
            "disc": [(0.4, -0.2), (0.4, 0.5), (1.2, 0.6), (1.15, 0.9)],
        }[form]
        pieces.append(solid([(r * knob, top + y * knob) for r, y in knots], 0.15 * knob))
        return pieces, top + 1.6 * knob
    return pieces, top
