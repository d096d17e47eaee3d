"""Motorbikes: naked, sport, cruisers, choppers, dirt bikes, cafe racers, tourers, scooters, minis.

frame is all that has no other name: tubes, fork, engine, exhaust, mudguards, fairing, bags.
"""

import numpy as np

from pdengine.shapes.assembly import Assembly, moved
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.motorbike_controls import add_handle, add_lights
from pdengine.shapes.motorbike_frame import (
    add_boxes,
    add_engine,
    add_fork,
    add_frame,
    add_mudguards,
)
from pdengine.shapes.motorbike_plan import Plan
from pdengine.shapes.motorbike_shell import (
    add_fairing,
    add_scooter_body,
    add_seat,
    add_tank,
)
from pdengine.shapes.primitives import Surface
from pdengine.shapes.warp import warp
from pdengine.shapes.wheels import cylinder, disc, spoked_wheel, spokes, tyre

PARTS = ("gas tank", "seat", "wheel", "handle", "light", "frame")


def make_motorbike(seed: int) -> LabelledMesh:
    dice = Dice("motorbike", seed)
    bike = Assembly(dice, PARTS)
    plan = Plan.draw(dice)
    _add_wheels(dice, plan, bike)
    add_fork(dice, plan, bike)
    add_mudguards(dice, plan, bike)
    if plan.kind == "scooter":
        add_scooter_body(dice, plan, bike)
    else:
        add_frame(dice, plan, bike)
        add_engine(dice, plan, bike)
        add_boxes(dice, plan, bike)
        add_tank(dice, plan, bike)
        add_fairing(dice, plan, bike)
    add_seat(dice, plan, bike)
    add_handle(dice, plan, bike)
    tail = (plan.seat - dice.between(0.0, 0.12), plan.seat_z - dice.between(0.38, 0.5))
    add_lights(dice, plan, bike, tail)
    return bike.mesh(warp(dice, (0.15, 0.15, 0.15)))


def _add_wheels(dice: Dice, plan: Plan, bike: Assembly) -> None:
    kinds = {"cruiser": (3, 2, 1), "chopper": (3, 2, 1), "dirt": (5, 0.3, 0.1), "cafe": (3, 1, 0.2)}
    wires, cast, solid = kinds.get(plan.kind, (1, 4, 0.5))
    kind = dice.weighted({"wires": wires, "cast": cast, "solid": solid})
    count = (
        dice.whole(10, 14) if kind == "wires" else dice.weighted({3: 3.0, 5: 3.0, 6: 1.0, 10: 1.0})
    )
    skew = dice.between(-0.2, 0.3)
    depth = dice.between(0.22, 0.34) if kind != "wires" else dice.between(0.2, 0.3)
    brake = dice.chance(0.6)
    for front in (True, False):
        radius = plan.front if front else plan.rear
        width = plan.front_tyre if front else plan.rear_tyre
        axle = plan.axle_front if front else plan.axle_rear
        deep = min(depth * radius, 1.1 * width)
        pieces: list[Surface]
        if kind == "wires":
            pieces = spoked_wheel(radius, deep, width, count, 0.009, (0.05, 0.9 * width), 22)
        else:
            pieces = _cast_wheel(kind, radius, deep, width, count, skew)
        if brake:
            rotor = cylinder(0.45 * radius, 0.012, 0.003, 18)
            pieces += [
                moved(rotor, x=side * (0.5 * width + 0.006))
                for side in (1, -1)[: 2 if front else 1]
            ]
        bike.add("wheel", *(moved(piece, *axle) for piece in pieces))


def _cast_wheel(
    kind: str, radius: float, deep: float, width: float, count: int, skew: float
) -> list[Surface]:
    """A tyre, a rim, and thick spokes or a full disc."""
    rim = radius - 0.85 * deep
    ring = tyre(radius, width, deep, 2.3, 22)
    if kind == "solid":
        half = 0.35 * width
        knots = [(0.01, -half), (0.9 * rim, -0.8 * half), (rim, -half), (rim, half)]
        return [ring, disc([*knots, (0.9 * rim, 0.8 * half), (0.01, half)], 24)]
    wide = min(0.06, 2 * np.pi * rim / count * 0.3)
    bars = spokes(count, 0.03, rim, (1.2 * wide, wide), 0.35 * width, skew=skew)
    return [
        ring,
        tyre(1.03 * rim, 0.7 * width, 0.12 * radius, 5.0, 22),
        cylinder(0.055, width, 0.01, 12),
        *bars,
    ]
