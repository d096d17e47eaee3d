"""What chairs and tables are joined from: rods, legs, stretchers, pedestals, star bases."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from pdengine.shapes.assembly import around, moved, turned
from pdengine.shapes.curves import (
    Array,
    circle,
    filleted,
    profile,
    rounded_rectangle,
    smooth,
    straight,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, X, Y, lathe, limb, slab, sweep

Point = tuple[float, float, float]
LEGS = ("straight", "tapered", "turned", "saber", "cabriole", "swollen", "round", "stepped")


@dataclass(frozen=True)
class Stock:
    """The material a piece is made of: radius of a rod and the section it has everywhere."""

    radius: float
    outline: Array  # [P, 2], of radius about 1

    @staticmethod
    def draw(dice: Dice, thin: float, thick: float) -> "Stock":
        radius = dice.log_between(thin, thick)
        flat = dice.log_between(0.6, 1.6)
        section = dice.weighted({"round": 4.0, "square": 3.0, "soft": 2.0, "flat": 1.5})
        if section == "round":
            return Stock(radius, circle(1.0, 12))
        if section == "square":
            return Stock(radius, rounded_rectangle(1.8, 1.8, dice.between(0.1, 0.4), 16))
        if section == "soft":
            return Stock(radius, superellipse(2.0, 2.0, 4.0, 16))
        return Stock(radius, rounded_rectangle(2.0 * flat, 2.0 / flat, 0.3 / flat, 16))


def rod(a: Point, b: Point, stock: Stock, scale: float = 1.0) -> Surface:
    """A straight bar between two points."""
    path = straight(a, b)
    lengthwise = abs(b[0] - a[0]) > 0.9 * float(np.linalg.norm(path[-1] - path[0]))
    side = Y if lengthwise else X
    return sweep(path, stock.outline * (stock.radius * scale), 1.0, side, stock.radius * 0.3)


def bent(
    points: Sequence[Point], stock: Stock, corner: float, side: Point = X, closed: bool = False
) -> Surface:
    """A tube bent at the points; ``side`` is the normal of the plane they lie in."""
    path = filleted(points, corner, closed)
    return sweep(path, stock.outline * stock.radius, 1.0, side, stock.radius * 0.3, closed)


def turning(dice: Dice, rings: int = 40) -> Array:
    """Thickness along a turned leg, from the top down, around 1. [rings]."""
    knots = [1.0, 1.0]
    for _ in range(dice.whole(2, 5)):
        knots += [dice.between(0.4, 0.75), dice.between(0.8, 1.35)]
    knots += [dice.between(0.4, 0.7), dice.between(0.6, 0.9)]
    return np.maximum(smooth([(k,) for k in knots], rings)[:, 0], 0.3)


@dataclass(frozen=True)
class LegStyle:
    """One design shared by all legs of a piece."""

    kind: str
    stock: Stock
    taper: float  # thickness at the foot over thickness at the top
    flare: float  # thickness just under the seat over the normal one
    curve: float  # sideways swing of curved legs, share of the length
    thickness: Array  # [R] from the top down, for turned legs

    @staticmethod
    def draw(dice: Dice, stock: Stock) -> "LegStyle":
        kind = dice.weighted(dict(zip(LEGS, (4, 4, 2.5, 2, 1.2, 1, 2, 1), strict=True)))
        if kind in ("turned", "round"):
            stock = Stock(stock.radius, circle(1.0, 16))
        taper = dice.between(0.35, 0.85) if kind in ("tapered", "saber", "cabriole") else 1.0
        flare = dice.between(1.2, 1.9) if dice.chance(0.25) else 1.0
        return LegStyle(kind, stock, taper, flare, dice.between(0.08, 0.2), turning(dice))

    def make(self, top: Point, foot: Point) -> Surface:
        """One leg; curved kinds swing outwards, away from the y axis."""
        rings = len(self.thickness) if self.kind == "turned" else 14
        t = np.linspace(0, 1, rings)
        path = straight(top, foot, rings)
        length = float(np.linalg.norm(path[-1] - path[0]))
        outwards = np.array([foot[0], 0.0, foot[2]])
        outwards /= np.linalg.norm(outwards) + 1e-9
        scale = 1 + (self.taper - 1) * t
        if self.kind == "turned":
            scale = self.thickness
        elif self.kind == "saber":
            path = path + outwards * (self.curve * length * (t**2 - t))[:, None]
        elif self.kind == "cabriole":
            swing = np.sin(2 * pi * t) * (1 - 0.4 * t)
            path = path + outwards * (0.35 * self.curve * length * swing)[:, None]
            scale = scale * (1 + 0.35 * np.exp(-(((t - 0.2) / 0.15) ** 2)))
            scale = scale + 0.5 * np.exp(-(((t - 1) / 0.08) ** 2))
        elif self.kind == "swollen":
            scale = 0.75 + 0.45 * np.sin(pi * t) ** 2
        elif self.kind == "stepped":
            scale = np.where((t > 0.15) & (t < 0.85), 0.8, 1.15)
        scale = scale * (1 + (self.flare - 1) * np.exp(-t / 0.08))
        return sweep(path, self.stock.outline * self.stock.radius, scale, X)


def stretchers(dice: Dice, corners: Sequence[tuple[Point, Point]], stock: Stock) -> list[Surface]:
    """Bars between neighbouring legs, given as (top, foot) around the piece."""
    kind = dice.weighted({"box": 3.0, "H": 3.0, "sides": 2.0, "X": 1.0, "double": 1.0})
    low = dice.between(0.3, 0.85)
    thin = Stock(stock.radius * dice.between(0.4, 0.8), stock.outline)

    def at(index: int, t: float) -> Point:
        top, foot = corners[index % len(corners)]
        return (
            top[0] + t * (foot[0] - top[0]),
            top[1] + t * (foot[1] - top[1]),
            top[2] + t * (foot[2] - top[2]),
        )

    def middle(a: Point, b: Point) -> Point:
        return ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2)

    count = len(corners)
    if kind == "X" and count == 4:
        return [rod(at(0, low), at(2, low), thin), rod(at(1, low), at(3, low), thin)]
    if kind in ("box", "double") or count != 4:
        step = dice.between(-0.12, 0.12)
        heights = [low, low - 0.22] if kind == "double" else [low]
        return [
            rod(at(k, h + step * (k % 2)), at(k + 1, h + step * (k % 2)), thin)
            for k in range(count)
            for h in heights
        ]
    left, right = (at(1, low), at(2, low)), (at(3, low), at(0, low))
    bars = [rod(*left, thin), rod(*right, thin)]
    if kind == "H":
        bars.append(rod(middle(*left), middle(*right), thin))
    return bars


def star_base(dice: Dice, top: float, spread: float, thick: float) -> list[Surface]:
    """A column with four or five feet, as under office chairs; from y = 0 to y = top."""
    hub = top * dice.between(0.12, 0.3) if top > 0.2 else top * 0.3
    column = thick * dice.between(0.5, 1.2)
    knots = [(column * 1.4, 0.35 * hub), (column * 1.4, hub * 1.3)]
    knots += [(column * 1.2, top * 0.55), (column * 0.7, top * 0.56)]
    knots += [(column * 0.7, top * 0.9), (column * dice.between(0.8, 2.5), top)]
    parts = [lathe(np.array(knots), circle(1.0, 16))]
    wheel = dice.between(0.05, 0.09) * spread * 2 if dice.chance(0.65) else 0.0
    low = wheel * 1.2 + thick * 0.5 if wheel else thick * 0.35
    arch = dice.between(0.0, 0.6)
    path = smooth(
        [(0, hub, 0), (0, hub * arch + low * (1 - arch), 0.55 * spread), (0, low, spread)], 10
    )
    outline = superellipse(thick * 1.5, thick, 4.0, 12)
    arm = sweep(path, outline, np.linspace(1.1, dice.between(0.5, 1.0), 10), X, thick * 0.3)
    pieces = [arm]
    if wheel:
        disc = slab(circle(wheel, 16), wheel * 0.7, wheel * 0.2)
        pair = [moved(turned(disc, "z", pi / 2), s * wheel * 0.45, wheel, spread) for s in (-1, 1)]
        pieces += pair
        pieces.append(
            limb((0, wheel, spread), (0, low + thick * 0.2, spread), wheel * 0.4, wheel * 0.4, 8)
        )
    count = dice.whole(4, 5)
    start = dice.between(0, 2 * pi)
    return parts + [copy for piece in pieces for copy in around(piece, count, start)]


def pedestal(dice: Dice, top: float, spread: float, thick: float) -> list[Surface]:
    """A column on a disc, on a trumpet, or on curved feet; from y = 0 to y = top."""
    kind = dice.weighted({"disc": 3.0, "trumpet": 2.0, "feet": 2.0, "block": 1.0, "cone": 1.0})
    outline = circle(1.0, 32)
    if dice.chance(0.2):
        outline = superellipse(2.0, 2.0, dice.pick([4.0, 8.0]), 32)
    if kind == "trumpet":
        waist = thick * dice.between(0.6, 1.2)
        knots = [
            (spread, 0.0),
            (spread, 0.01),
            (spread * 0.6, top * 0.05),
            (waist, top * 0.35),
            (waist, top * 0.8),
            (max(waist, spread * dice.between(0.2, 0.7)), top),
        ]
        return [lathe(profile(knots, 32), outline)]
    if kind == "cone":
        ends = [(spread * dice.between(0.5, 1.0), 0.0), (spread * dice.between(0.25, 0.9), top)]
        return [lathe(straight((*ends[0], 0), (*ends[1], 0), 12)[:, :2], outline)]
    if kind == "block":
        plate = moved(slab(outline * spread, top * 0.08, top * 0.02), y=top * 0.04)
        return [
            plate,
            lathe(straight((thick * 2, 0.02, 0), (thick * 2, top, 0), 10)[:, :2], outline),
        ]
    shape = [(thick, t * top) for t in np.linspace(0.02, 1, 24)]
    if dice.chance(0.45):
        bumps = turning(dice, 24)[::-1]
        shape = [(thick * 1.2 * b, y) for b, (_, y) in zip(bumps, shape, strict=True)]
    column = lathe(np.array(shape))
    if kind == "disc":
        height = dice.between(0.03, 0.08) * top
        disc = slab(outline * spread, height, height * 0.4, dice.between(0, 0.08) * top)
        return [column, moved(disc, y=height / 2)]
    reach = dice.between(0.1, 0.4) * top
    foot = smooth(
        [
            (0, reach, 0),
            (0, reach * dice.between(0.5, 1.2), spread * 0.45),
            (0, thick * 0.4, spread),
        ],
        12,
    )
    stock = superellipse(thick * 1.2, thick * 1.2, dice.pick([2.0, 4.0]), 12)
    scale = np.linspace(1.2, dice.between(0.4, 0.9), 12)
    feet = around(sweep(foot, stock, scale, X, thick * 0.3), dice.whole(3, 4), pi / 4)
    return [moved(column, y=reach * 0.15), *feet]


def on_circle(radius_x: float, radius_z: float, angle: float, y: float) -> Point:
    return (radius_x * cos(angle), y, radius_z * sin(angle))
