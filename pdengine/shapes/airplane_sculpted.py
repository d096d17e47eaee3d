"""Airplanes as toys and statuettes are: a smooth cigar, wings like flattened sausages."""

from math import pi

import numpy as np

from pdengine.shapes.airplane_blades import Blade, Hull
from pdengine.shapes.airplane_pods import WingPlan, add_engines
from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import superellipsoid


def sculpted(dice: Dice, plane: Assembly) -> None:
    """Add all parts of one; the body is 2 long, its nose at z = 1."""
    toy = dice.chance(0.4)  # plump
    radius = dice.log_between(0.13, 0.26) if toy else dice.log_between(0.08, 0.15)
    hull = Hull(dice, radius)
    plane.add("body", hull.surface(dice))
    if dice.chance(0.3):
        z = dice.between(0.25, 0.65)
        r, y = hull.at(z)
        size = (r * dice.between(0.9, 1.4), r * dice.between(0.8, 1.4), dice.between(0.25, 0.5))
        bump = superellipsoid(size, 2.0, dice.between(2.0, 2.6))
        plane.add("body", moved(bump, y=y + r * dice.between(0.6, 0.85), z=z))
    back = dice.weighted({0.0: 3.0, 0.35: 2.0, 0.75: 2.0}) + dice.between(-0.1, 0.25)
    section, drop = dice.between(2.0, 3.2), dice.between(0.0, 0.9)
    chord, swell = dice.log_between(0.22, 0.55), dice.between(0.0, 0.7)
    taper, reach = dice.between(0.35, 1.05), dice.log_between(0.55, 1.25)
    if dice.chance(0.18):  # a delta
        back, chord, taper = (
            dice.between(0.7, 1.2),
            dice.between(0.75, 1.15),
            dice.between(0.1, 0.3),
        )
        reach, swell = dice.between(0.45, 0.75), dice.between(0.0, 0.2)
    # A wing that crosses a slim body must not swallow it.
    thickest = 1.3 * radius / (chord * (1 + swell) ** 1.8)
    wing_ = Blade(
        chord,
        taper,
        back,
        min(dice.log_between(0.13, 0.38), thickest),
        dice.between(0.3, 1.2),
        swell,
        section,
        drop,
    )
    _wings(dice, hull, wing_, max(reach, 2.6 * radius), plane)
    _tail(dice, hull, wing_, plane)


def _wings(dice: Dice, hull: Hull, blade: Blade, reach: float, plane: Assembly) -> None:
    z = dice.between(-0.1, 0.35) + 0.25 * blade.back
    radius, y = hull.at(z)
    level = dice.weighted({-0.6: 3.0, 0.0: 3.0, 0.65: 3.0}) + dice.between(-0.2, 0.2)
    rise = dice.between(-0.12, 0.2) * reach
    inner = 0.0 if abs(level) > 0.7 else 0.4 * radius
    half = blade.make(inner, reach, rise, radius + 0.2 * blade.chord)
    plane.add("wing", *mirrored(moved(half, 0, y + level * radius, z)))
    add_engines(dice, hull, WingPlan(inner, reach, rise, y + level * radius, z, blade), plane)


def _tail(dice: Dice, hull: Hull, wing_: Blade, plane: Assembly) -> None:
    """A broad fin and a thick stabilizer: on the body, at half height, or on top of the fin."""
    z = -dice.between(0.7, 0.92)
    radius, y = hull.at(z)
    chord = dice.log_between(0.25, 0.6)
    tall = dice.between(0.18, 0.42)
    lean = dice.between(0.0, 0.9)
    thick = dice.log_between(0.14, 0.45)
    fin = Blade(
        chord,
        dice.between(0.4, 1.0),
        lean,
        thick,
        dice.between(0.4, 1.2),
        dice.between(0.0, 0.6),
        wing_.section,
        wing_.drop,
    )
    base, start = y + 0.3 * radius, z + 0.3 * chord
    up = turned(fin.make(0.0, tall + 0.7 * radius, 0.0, radius + 0.2 * chord), "z", pi / 2)
    small = Blade(
        chord * dice.between(0.5, 0.9),
        dice.between(0.45, 1.0),
        max(wing_.back * dice.between(0.6, 1.2), -0.1),
        float(np.clip(thick * dice.between(0.7, 1.4), 0.12, 0.5)),
        dice.between(0.4, 1.2),
        dice.between(0.0, 0.5),
        wing_.section,
        wing_.drop,
    )
    half = dice.between(0.22, 0.58) + 0.5 * radius
    where = dice.weighted({"body": 5.0, "top": 3.0, "middle": 1.2, "twins": 0.7, "none": 0.2})
    if where == "twins":  # a fin at each end of the stabilizer
        inner = 0.2 * radius
        level, z_s = y + 0.2 * radius, z + 0.2 * chord
        plane.add("stabilizer", *mirrored(moved(small.make(inner, half, 0, radius), 0, level, z_s)))
        short = turned(fin.make(-0.35 * tall, tall, 0.0, 0.1), "z", pi / 2)
        z_f = z_s - small.back * (half - inner) + 0.1 * chord
        plane.add("rudder", *mirrored(moved(short, 0.94 * half, level, z_f)))
        return
    plane.add("rudder", moved(up, 0, base, start))
    if where == "none":
        return
    share = {"body": 0.0, "top": dice.between(0.88, 0.99), "middle": dice.between(0.4, 0.7)}[where]
    height = share * (tall + 0.7 * radius)
    level = base + height if share else y + radius * dice.between(-0.2, 0.4)
    z_s = start - fin.back * height if share else z + dice.between(0.0, 0.3) * chord
    rise = dice.between(-0.1, 0.2) * half
    pair = small.make(0.0, half, rise, 0.3 * half)
    plane.add("stabilizer", *mirrored(moved(pair, 0, level, z_s)))
