"""Grips, trigger guards, sights and hammers of pistols: centimetres, the muzzle at +z, up is +y."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from pdengine.shapes.assembly import Assembly, moved, turned
from pdengine.shapes.bodies import jointed, tube
from pdengine.shapes.curves import (
    Array,
    circle,
    filleted,
    polygon,
    rounded_rectangle,
    smooth,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, X, lathe, slab, superellipsoid, sweep

Profile = Sequence[tuple[float, float]]


def bar(low: tuple[float, float], high: tuple[float, float], width: float, edge: float) -> Surface:
    """A block with rounded edges between two corners (y, z), its middle at x = 0."""
    tall, long = high[0] - low[0], high[1] - low[1]
    outline = rounded_rectangle(width, tall, edge, 24)
    middle = (low[0] + high[0]) / 2
    edge = min(edge, 0.3 * long)
    z = np.array([low[1], low[1] + 0.3 * edge, low[1] + edge])
    z = np.concatenate([z, np.linspace(low[1], high[1], 7)[1:-1], low[1] + high[1] - z[::-1]])
    shrink = min(0.8 * edge, 0.3 * min(width, tall))
    scale = np.ones((len(z), 2))
    scale[[0, -1]] -= np.array([shrink / width, shrink / tall])
    scale[[1, -2]] -= 0.3 * np.array([shrink / width, shrink / tall])
    path = np.stack([0 * z, 0 * z + middle, z], 1)
    return sweep(path, outline, scale, X)


def barrel(profile: Profile, y: float, points: int = 24, corners: int = 0) -> Surface:
    """A turned body along z at height y; profile is (z, radius), corners flatten it."""
    unit = polygon(2.0, 2.0, corners, points) if corners else circle(1.0, points)
    knots = np.array([(max(r, 1e-3), z) for z, r in profile])
    ends = [(0.02 * knots[k, 0], knots[k, 1]) for k in (0, -1)]
    surface = turned(lathe(np.array([ends[0], *knots, ends[1]]), unit), "x", pi / 2)
    return moved(surface, y=y)


def hollow(radius: float, z: float, y: float, long: float, points: int = 24) -> Surface:
    """The end of a tube with its bore open towards the muzzle."""
    inner = 0.62 * radius
    rings = [(z - long, radius), (z - 0.05 * radius, radius), (z, 0.94 * radius)]
    return barrel([*rings, (z, inner), (z - 0.6 * long, inner), (z - 0.6 * long, 0.01)], y, points)


@dataclass(frozen=True)
class Grip:
    """Where a grip begins and how it hangs.

    Attributes:
        y, z: the middle of its upper end.
        rake: how far it leans back from straight down, radians.
        long, deep, wide: its extents along itself, fore and aft, and across.
    """

    y: float
    z: float
    rake: float
    long: float
    deep: float
    wide: float

    def at(self, t: float, ahead: float = 0.0) -> Array:
        """A point t of the way down its axis, ahead towards the muzzle."""
        down = np.array([0.0, -cos(self.rake), -sin(self.rake)])
        front = np.array([0.0, -sin(self.rake), cos(self.rake)])
        return np.array([0.0, self.y, self.z]) + t * self.long * down + ahead * front


def box_grip(dice: Dice, grip: Grip, magazine: bool = True) -> list[Surface]:
    """The grip of a magazine pistol: slab sided, with a back strap, grooves, a base plate."""
    t = np.linspace(-0.12, 1, 22)
    swell = dice.between(0.0, 0.14)
    flare = dice.between(-0.08, 0.12)
    deep = 1 + swell * np.sin(pi * np.clip(t, 0, 1)) * 0.6 + flare * t
    grooves = dice.between(0.03, 0.06) if dice.chance(0.25) else 0.0
    deep = deep + grooves * np.cos(t * 2 * pi * 3.5)
    wide = 1 + swell * np.sin(pi * np.clip(t, 0, 1))
    path = np.stack([grip.at(s) for s in t])
    outline = superellipse(grip.wide, grip.deep, dice.between(2.4, 6.0), 28)
    pieces = [sweep(path, outline, np.stack([wide, deep], 1), X)]
    if magazine and dice.chance(0.6):  # its foot
        thick = dice.between(0.3, 0.9)
        foot = superellipse(0.95 * grip.wide * wide[-1], 1.05 * grip.deep * deep[-1], 5.0, 24)
        plate = turned(slab(foot, thick, 0.3 * thick), "x", grip.rake)
        pieces.append(moved(plate, *grip.at(1 + 0.3 * thick / grip.long, 0.1)))
    elif magazine and dice.chance(0.25):  # a long one
        more = dice.between(0.2, 0.8)
        path = np.stack([grip.at(s) for s in np.linspace(0.8, 1 + more, 6)])
        pieces.append(sweep(path, superellipse(0.7 * grip.wide, 0.72 * grip.deep, 8.0, 20)))
    if dice.chance(0.45):  # grip panels
        side = superellipse(0.62 * grip.deep, 0.72 * grip.long, 5.0, 24)
        panel = turned(slab(side, 1.12 * grip.wide, 0.12 * grip.wide), "z", pi / 2)
        x, y, z = panel.vertices.T
        upright = Surface(np.stack([x, -z, y], 1), panel.faces)
        pieces.append(moved(turned(upright, "x", grip.rake), *grip.at(0.5)))
    return pieces


def curved_grip(dice: Dice, grip: Grip, kind: str) -> list[Surface]:
    """The grip of a revolver ("plow", "bird", "bulb") or of a flintlock ("swan")."""
    shapes = {
        "plow": ([(0, 0), (0.3, -0.2), (0.7, -0.25), (1.0, 0.05)], [0.75, 0.7, 0.95, 1.25]),
        "bird": ([(0, 0), (0.35, -0.2), (0.75, -0.2), (0.95, 0.1)], [0.9, 0.85, 0.8, 0.55]),
        "bulb": ([(0, 0), (0.3, -0.12), (0.7, 0.0), (1.0, 0.02)], [0.7, 0.75, 1.05, 1.1]),
        "swan": ([(0, 0.25), (0.2, 0.0), (0.6, -0.35), (1.0, -0.5)], [0.85, 0.75, 0.75, 1.1]),
    }
    knots, thick = shapes[kind]
    path = smooth([grip.at(t, a * grip.deep * 1.6) for t, a in knots], 22)
    scale = np.interp(np.linspace(0, 1, 22), np.linspace(0, 1, 4), thick)
    wide = grip.wide * scale**0.6 / 2
    pieces = [tube(path, np.stack([wide, grip.deep * scale / 2], 1), 22, 0.5)]
    if kind == "swan" and dice.chance(0.7):  # the butt cap
        size = (1.35 * grip.wide, 1.1 * grip.wide, 1.35 * grip.deep)
        cap = turned(superellipsoid(size, 2.0, 2.2, 20), "x", grip.rake)
        pieces.append(moved(cap, *path[-1]))
    return pieces


def add_trigger(
    dice: Dice, gun: Assembly, y: float, front: float, rear: float, drop: float, guarded: bool
) -> None:
    """A trigger under y and a guard from front to rear that hangs down by drop."""
    strap = dice.between(0.9, 1.7), dice.between(0.35, 0.6)
    if guarded:
        shape = dice.weighted({"round": 3.0, "square": 2.0, "swept": 1.5})
        low = y - drop
        if shape == "round":
            knots = [(y + 0.3, front), (y - 0.75 * drop, front - 0.02 * drop)]
            knots += [(low, front - 0.35 * (front - rear)), (low, rear + 0.35 * (front - rear))]
            knots += [(y - 0.8 * drop, rear + 0.03 * drop), (y + 0.2, rear - 0.3)]
            corner = 0.9 * drop
        elif shape == "square":
            hook = dice.between(-0.2, 0.5)
            knots = [(y + 0.3, front), (low, front + hook), (low, rear - 0.1)]
            knots += [(y - 0.6 * drop, rear - 0.4), (y + 0.2, rear - 0.4)]
            corner = 0.35 * drop
        else:
            knots = [(y + 0.3, front + 0.3), (y - 0.5 * drop, front), (low, 0.5 * (front + rear))]
            knots += [(low + 0.2 * drop, rear), (y + 0.2, rear - 0.3)]
            corner = 1.2 * drop
        path = filleted([(0.0, a, b) for a, b in knots], corner)
        outline = rounded_rectangle(strap[0], strap[1], 0.15, 16)
        gun.add("trigger", sweep(path, outline, 1.0, X, ends=0.1))
    z = rear + (front - rear) * dice.between(0.35, 0.6)
    long = min(0.75 * drop, 2.2) if guarded else dice.between(1.2, 2.0)
    bow = dice.between(-0.1, 0.45)
    path = smooth([(0, y + 0.4, z), (0, y - 0.5 * long, z - bow), (0, y - long, z + 0.4 * bow)], 10)
    scale = np.linspace(1.1, 0.8, 10)
    outline = superellipse(min(strap[0], 0.9), 0.7, 3.0, 14)
    gun.add("trigger", sweep(path, outline, scale, X, ends=0.2))


def add_sights(dice: Dice, gun: Assembly, y: float, rear: float, front: float, size: float) -> None:
    """A blade at the muzzle, a notch behind, or a telescope, or nothing."""
    kind = dice.weighted({"both": 5.0, "front": 1.5, "none": 1.5, "scope": 0.8, "dot": 0.4})
    if kind in ("both", "front"):
        tall = size * dice.between(0.6, 1.3)
        blade = (y - 0.3, front - 1.3 * size), (y + tall, front)
        gun.add("barrel", bar(*blade, 0.45, 0.1))
    if kind == "both":
        gun.add("barrel", bar((y - 0.3, rear), (y + 0.8 * size, rear + size), 1.4, 0.15))
    elif kind == "scope":
        long, thick = dice.between(7, 13), dice.between(0.9, 1.4)
        z, high = rear + dice.between(0, 2), y + thick + dice.between(0.3, 1.2)
        wide = dice.between(1.2, 1.6) * thick
        gun.add(
            "barrel",
            barrel(
                [
                    (z, 1.2 * thick),
                    (z + 0.2 * long, 1.2 * thick),
                    (z + 0.25 * long, thick),
                    (z + 0.65 * long, thick),
                    (z + 0.75 * long, wide),
                    (z + long, wide),
                ],
                high,
            ),
        )
        for share in (0.35, 0.6):
            at = z + share * long
            gun.add("barrel", bar((y - 0.5, at - 0.4), (high, at + 0.4), 1.2, 0.1))
    elif kind == "dot":
        gun.add("barrel", bar((y - 0.3, rear + 1), (y + 2.2, rear + 4), 2.4, 0.5))


def add_hammer(dice: Dice, gun: Assembly, y: float, z: float) -> None:
    back = dice.between(0.6, 1.8)
    path = [(0, y - 1.2, z + 0.6), (0, y + 0.2, z - 0.5 * back), (0, y + 0.7, z - 1.2 * back)]
    gun.add("barrel", jointed(path, [0.55, 0.45, 0.3], 10, 0.7))
