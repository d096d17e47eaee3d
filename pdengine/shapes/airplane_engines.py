"""Turbofans with their pylons, propellers, the nacelles behind them, exhausts of fighters."""

from math import pi

import numpy as np

from pdengine.shapes.airplane_plan import Plan
from pdengine.shapes.assembly import mirrored, moved, turned
from pdengine.shapes.curves import circle, profile, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, lathe, skin, slab, superellipsoid, wing


def jet_engine(
    dice: Dice, front: tuple[float, float, float], thick: float, drop: float, chord: float
) -> list[Surface]:
    """A nacelle open at the front, with an exhaust cone and a pylon up to the wing.

    Args:
        front: where the intake is.
        thick: radius of the nacelle.
        drop: how far the wing is above the axis; 0 leaves the pylon to the caller.
        chord: length of the wing there.
    """
    long = thick * dice.between(3.0, 5.5)
    lip = dice.between(0.82, 0.92)
    end = dice.between(0.5, 0.8)
    shell = profile(
        [
            (0.05, 0.12),
            (lip * 0.9, 0.1),
            (lip * 0.95, 0.0),
            (1.0, 0.1),
            (1.02, 0.35),
            (0.9, 0.75),
            (end, 1.0),
            (end * 0.8, 1.0),
            (0.3, 0.95),
            (0.25, 1.15),
            (0.04, 1.25),
        ],
        28,
    )
    nacelle = lathe(shell * [thick, long], circle(1.0, 20))
    x, y, z = front
    pieces = [moved(turned(nacelle, "x", -pi / 2), x, y, z)]
    if drop:
        reach = 0.45 * (long + chord)
        blade = slab(superellipse(reach, drop * 0.95, 3.0, 12), thick * 0.22, thick * 0.08)
        blade = turned(turned(blade, "x", pi / 2), "y", pi / 2)
        pieces.append(moved(blade, x, y + drop * 0.62, z - 0.2 * long - reach / 2))
    return pieces


def prop_nacelle(dice: Dice, thick: float, long: float) -> Surface:
    """A slender drop, its nose at the origin, pointing back along -z."""
    shape = profile([(0.1, 0.0), (0.8, 0.06), (1.0, 0.3), (0.9, 0.6), (0.5, 0.88), (0.06, 1.0)], 24)
    outline = superellipse(2.0, 2.0 * dice.between(0.8, 1.2), 2.2, 24)
    return turned(lathe(shape * [thick, long], outline), "x", -pi / 2)


def propeller(dice: Dice, radius: float, hub: float) -> list[Surface]:
    """A spinner and its blades around the z axis, at the origin; sometimes a whole disc."""
    spinner = superellipsoid((hub * 2, hub * 2, hub * dice.between(2.0, 4.0)), 2.0, 2.2, 16)
    if dice.chance(0.06):
        disc = turned(slab(circle(radius, 32), hub * 0.15, hub * 0.05), "x", pi / 2)
        return [spinner, disc]
    span = np.linspace(0.0, radius, 5)
    t = span / radius
    chord = radius * dice.between(0.12, 0.22) * (0.5 + 1.5 * t - 1.4 * t**2)
    nose = np.stack([0.2 * chord, chord / 2], 1)
    blade = wing(span, nose, chord, np.full(5, 0.15))
    blade = turned(blade, "x", pi / 2 - dice.between(0.2, 0.7))
    count, start = dice.whole(2, 4), dice.between(0, pi)
    return [spinner, *(turned(blade, "z", start + 2 * pi * k / count) for k in range(count))]


def nozzles(dice: Dice, plan: Plan) -> list[Surface]:
    """The exhausts of a fighter."""
    radius, y = plan.at(-0.97)
    twin = dice.chance(0.45)
    thick = radius * (0.62 if twin else 0.9)
    long = dice.between(0.12, 0.3)
    bell = np.array(
        [(0.05, 0.0), (0.95, 0.0), (1.0, 0.3), (0.8, 1.0), (0.72, 1.0), (0.6, 0.6), (0.05, 0.55)]
    )
    rings = smooth(list(bell), 20)
    outline = superellipse(2.0, 2.0, 2.0, 24)
    cone = skin(
        np.stack(
            [
                rings[:, :1] * outline[:, 0] * thick,
                rings[:, :1] * outline[:, 1] * thick + y,
                -0.92 - rings[:, 1:] * long + 0 * outline[:, 0],
            ],
            -1,
        )
    )
    x = radius * plan.wide * 0.55
    return mirrored(moved(cone, x=x)) if twin else [cone]
