"""Lamps, bumpers, mirrors, wings and the spare wheel of a car."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.car_plan import Plan
from pdengine.shapes.curves import superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, Y, limb, superellipsoid, sweep


def add_details(dice: Dice, plan: Plan, car: Assembly, wheel: list[Surface]) -> None:
    end = 0.5 * plan.length
    if dice.chance(0.75):  # head lamps
        size = dice.between(0.14, 0.26)
        lamp = superellipsoid(
            (size * dice.between(1, 1.8), size, 0.16), dice.pick([2.0, 5.0]), 2.5, 16
        )
        y = 0.4 * plan.sill + 0.6 * plan.nose + dice.between(-0.03, 0.06)
        z = end - plan.round_nose * 0.35 - 0.12
        car.add("body", *mirrored(moved(lamp, 0.62 * plan.half, y, z)))
    if dice.chance(0.6):
        old = plan.kind in ("classic", "muscle", "jeep", "pickup") or dice.chance(0.3)
        tall, reach = (0.12, 0.12) if old else (dice.between(0.2, 0.32), 0.03)
        y = plan.sill + dice.between(0.1, 0.2)
        for side in (1, -1):
            car.add("body", _bumper(plan, side * (end - 0.02), y, tall, reach))
    if dice.chance(0.6) and plan.kind != "bus":
        y, z = plan.belt + dice.between(0.02, 0.12), plan.cowl - dice.between(0.1, 0.5)
        mirror = superellipsoid((0.2, 0.14, 0.12), 2.5, 2.5, 12)
        stalk = limb(
            (0.85 * plan.half, plan.belt - 0.05, z), (plan.half + 0.08, y, z), 0.03, 0.03, 8
        )
        car.add("body", *mirrored(moved(mirror, plan.half + 0.12, y, z), stalk))
    if plan.kind in ("coupe", "super", "muscle", "sedan") and dice.chance(0.3):
        _add_wing(dice, plan, car)
    if plan.kind in ("suv", "jeep", "van") and dice.chance(0.35):  # spare wheel at the back
        y = plan.sill + plan.wheel + dice.between(0.15, 0.3)
        spare = [turned(piece, "y", pi / 2) for piece in wheel]
        car.add("wheel", *(moved(turned(p, "y", pi), y=y, z=-end - 0.3 * plan.tyre) for p in spare))
    if plan.kind in ("suv", "pickup", "jeep") and dice.chance(0.4):  # steps
        front, rear = plan.axles[0] - plan.arch, plan.axles[1] + plan.arch
        step = superellipsoid((0.25, 0.08, front - rear), 8.0, 4.0, 24)
        car.add("body", *mirrored(moved(step, plan.half, plan.sill, (front + rear) / 2)))
    if plan.kind == "classic" and dice.chance(0.5):  # tail fins
        blade = superellipsoid((0.08, dice.between(0.2, 0.5), dice.between(1.0, 1.8)), 4.0, 2.0, 16)
        car.add("body", *mirrored(moved(blade, 0.86 * plan.half, plan.deck, -end + 0.75)))
    if dice.chance(0.25):  # exhausts
        x, y = dice.between(0.2, 0.7) * plan.half, plan.sill + 0.05
        pipe = limb((x, y, -end + 0.4), (x, y, -end - 0.04), 0.05, 0.05, 10)
        car.add("body", *mirrored(pipe))


def _bumper(plan: Plan, z: float, y: float, tall: float, reach: float) -> Surface:
    """A bar from side to side that follows the curve of the front."""
    t = np.linspace(-1, 1, 13)
    sign = 1 if z > 0 else -1
    path = np.stack([0.95 * plan.half * t, 0 * t + y, z - sign * (0.2 * t**4 - reach)], 1)
    return sweep(path, superellipse(tall, 0.14, 5.0, 12), 1.0, Y, ends=0.05)


def _add_wing(dice: Dice, plan: Plan, car: Assembly) -> None:
    """A wing on two posts above the trunk, or a lip."""
    z = -0.5 * plan.length + dice.between(0.15, 0.35)
    y = plan.deck + dice.between(0.05, 0.35)
    blade = superellipsoid((2 * plan.half * dice.between(0.75, 0.98), 0.06, 0.32), 8.0, 3.0, 24)
    car.add("body", moved(turned(blade, "x", dice.between(-0.05, 0.25)), y=y, z=z))
    post = limb((0.6 * plan.half, plan.deck - 0.15, z), (0.6 * plan.half, y, z), 0.04, 0.04, 8)
    car.add("body", *mirrored(post))
