"""Engines as swellings: on the wing, in its root, at the tail, and at both ends of the body."""

from typing import NamedTuple

import numpy as np

from pdengine.shapes.airplane_blades import Blade, Hull
from pdengine.shapes.airplane_engines import propeller
from pdengine.shapes.assembly import Assembly, mirrored, moved
from pdengine.shapes.curves import superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, slab, superellipsoid

KINDS = {
    "none": 4.0,
    "under": 2.5,
    "inside": 1.5,
    "propeller": 2.0,
    "tail": 2.0,
    "roots": 0.8,
    "exhaust": 0.8,
}


class WingPlan(NamedTuple):
    """Where the right wing is: from x = inner, at height and z, to x = reach, rise higher."""

    inner: float
    reach: float
    rise: float
    height: float
    z: float
    blade: Blade


def add_engines(dice: Dice, hull: Hull, wing: WingPlan, plane: Assembly) -> None:
    kind = dice.weighted(KINDS)
    if kind == "propeller":
        plane.add("engine", *_nose_screw(dice, hull))
    elif kind in ("under", "inside"):
        plane.add("engine", *_on_wings(dice, hull, wing, kind == "inside"))
    elif kind == "tail":
        plane.add("engine", *_at_tail(dice, hull))
    elif kind == "roots":
        plane.add("engine", *_in_roots(dice, hull, wing))
    elif kind == "exhaust":
        plane.add("engine", *_exhausts(dice, hull))


def _nose_screw(dice: Dice, hull: Hull) -> list[Surface]:
    """A thick propeller; often with the cowl that the motor sits in."""
    cowl = dice.between(0.05, 0.22) if dice.chance(0.45) else 0.0
    r, y = hull.at(0.96)
    hub = max(0.6 * r, 0.12 * hull.radius)
    screw = propeller(dice, hull.radius * dice.between(1.2, 2.2), hub)
    fat = np.array([1.0, 1.0, dice.between(1.0, 1.6)])
    pieces = [moved(Surface(s.vertices * fat, s.faces), y=y, z=1.0) for s in screw]
    if cowl:
        r, y = hull.at(1 - cowl)
        size = (2.1 * r * hull.wide, 2.1 * r, 2 * cowl)
        pieces.append(moved(superellipsoid(size, hull.power, 3.5, 24), y=y, z=1 - cowl))
    return pieces


def _on_wings(dice: Dice, hull: Hull, wing: WingPlan, inside: bool) -> list[Surface]:
    """One or two a side, hung under the wing or half sunk in it."""
    radius, blade = hull.at(wing.z)[0], wing.blade
    thick = hull.radius * dice.between(0.25, 0.6)
    places = [dice.between(0.25, 0.5)]
    if dice.chance(0.35):
        places = [dice.between(0.22, 0.34), dice.between(0.5, 0.7)]
    below = dice.between(-0.2, 0.35) if inside else dice.between(0.5, 1.2)
    ahead = dice.between(0.0, 0.45)
    long = dice.log_between(2.2, 5.5) * thick
    screws = inside and dice.chance(0.3)
    pieces: list[Surface] = []
    for share in places:
        x = max(wing.inner + share * (wing.reach - wing.inner), radius + 1.3 * thick)
        t = (x - wing.inner) / (wing.reach - wing.inner)
        y = wing.height + wing.rise * t - below * thick
        z = wing.z - blade.back * (x - wing.inner) + blade.chord * ahead
        pod = [_pod(dice, thick, long)]
        if screws:
            screw = propeller(dice, thick * dice.between(1.8, 2.8), 0.4 * thick)
            pod += [moved(s, z=long / 2) for s in screw]
        pieces += mirrored(*(moved(p, x, y, z) for p in pod))
    return pieces


def _at_tail(dice: Dice, hull: Hull) -> list[Surface]:
    """A pair on stubs or grown onto the flanks; at times a third one in the foot of the fin."""
    thick, z = hull.radius * dice.between(0.3, 0.6), -dice.between(0.3, 0.65)
    r, y = hull.at(z)
    gap = dice.between(0.5, 1.1) if dice.chance(0.4) else dice.between(-0.2, 0.5)
    x = r * hull.wide + thick * gap
    pod = [_pod(dice, thick, thick * dice.between(2.4, 5.5))]
    if gap > 0.4:
        stub = slab(superellipse(x, 2.5 * thick, 2.5, 24), 0.5 * thick, 0.25 * thick)
        pod.append(moved(stub, x=-0.5 * x))
    up = r * dice.between(0.0, 0.6)
    pieces = mirrored(*(moved(p, x, y + up, z) for p in pod))
    if dice.chance(0.2):
        third = _pod(dice, thick, thick * dice.between(3.0, 5.0))
        pieces.append(moved(third, y=y + r + 0.4 * thick, z=z - dice.between(0.0, 0.15)))
    return pieces


def _in_roots(dice: Dice, hull: Hull, wing: WingPlan) -> list[Surface]:
    """Long trunks along the flanks, in the corner of body and wing."""
    r = hull.at(wing.z)[0]
    thick = hull.radius * dice.between(0.35, 0.65)
    pod = _pod(dice, thick, wing.blade.chord * dice.between(0.8, 1.5))
    x = r * hull.wide + thick * dice.between(0.0, 0.5)
    return mirrored(moved(pod, x, wing.height, wing.z - dice.between(0.0, 0.3) * wing.blade.chord))


def _exhausts(dice: Dice, hull: Hull) -> list[Surface]:
    """One blunt pipe that the body ends in, or two side by side."""
    z = -1 + dice.between(0.0, 0.12)
    r, y = hull.at(z + 0.08)
    twin = dice.chance(0.4)
    thick = r * (dice.between(0.6, 0.8) if twin else dice.between(0.9, 1.1))
    pipe = superellipsoid((2 * thick, 2 * thick, dice.between(0.14, 0.4)), 2.0, 4.5, 24)
    pipe = moved(pipe, 0.7 * thick if twin else 0.0, y, z)
    return mirrored(pipe) if twin else [pipe]


def _pod(dice: Dice, thick: float, long: float) -> Surface:
    """A capsule; sometimes its front is cut flat."""
    body = superellipsoid((2 * thick, 2 * thick, long), 2.0, dice.between(2.2, 4.5), 20)
    if dice.chance(0.35):
        limit = 0.5 * long * dice.between(0.75, 0.92)
        cut = body.vertices.copy()
        cut[:, 2] = np.minimum(cut[:, 2], limit)
        body = Surface(cut, body.faces)
    return body
