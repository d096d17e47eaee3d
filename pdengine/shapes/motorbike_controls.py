"""What a rider holds and what shines: handlebar, levers, mirrors and lamps of a motorbike."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.bodies import ball, tube, vector
from pdengine.shapes.dice import Dice
from pdengine.shapes.motorbike_frame import block, pipe
from pdengine.shapes.motorbike_plan import Plan
from pdengine.shapes.primitives import superellipsoid
from pdengine.shapes.wheels import cylinder


def add_handle(dice: Dice, plan: Plan, bike: Assembly) -> None:
    """Bars from the upper clamp: flat, raised, swept back, hung high, or two stubs."""
    kind = {
        "sport": {"stubs": 5.0},
        "cafe": {"stubs": 3.0, "flat": 2.0, "drop": 1.0},
        "chopper": {"ape": 4.0, "raised": 2.0, "drag": 1.5},
        "cruiser": {"raised": 3.0, "swept": 3.0, "ape": 1.5, "drag": 1.0},
        "dirt": {"raised": 3.0, "flat": 1.0},
    }.get(plan.kind, {"raised": 3.0, "flat": 2.0, "swept": 2.0})
    style = dice.weighted(kind)
    half = dice.between(0.3, 0.42) * (0.8 if plan.kind in ("mini", "sport") else 1.0)
    thick = dice.between(0.014, 0.02)
    clamp = plan.up_fork(0.1)
    rise, back = {
        "flat": (0.03, 0.06),
        "drag": (0.02, 0.02),
        "raised": (dice.between(0.08, 0.18), 0.1),
        "swept": (dice.between(0.04, 0.14), dice.between(0.2, 0.32)),
        "ape": (dice.between(0.25, 0.55), dice.between(0.08, 0.2)),
        "drop": (-0.08, 0.1),
        "stubs": (dice.between(-0.06, 0.02), dice.between(0.05, 0.12)),
    }[style]
    inner = clamp + vector(0.06, 0.0, 0)
    corner = clamp + vector(0.5 * half if style != "ape" else 0.55 * half, rise, -0.2 * back)
    tip = clamp + vector(half, rise - dice.between(-0.01, 0.05), -back)
    points = [clamp, inner, corner, tip] if style != "stubs" else [clamp, inner, tip]
    bike.add("handle", *mirrored(pipe(points, thick, 0.06)))
    inward = (corner - tip if style != "stubs" else inner - tip) / np.linalg.norm(tip - inner)
    inward = inward / np.linalg.norm(inward)
    grip = tube(np.stack([tip + 0.14 * inward, tip]), np.full(2, 1.7 * thick), 10, 0.4)
    bike.add("handle", *mirrored(grip))
    if dice.chance(0.7):  # levers
        root = tip + 0.16 * inward
        lever = pipe(
            [
                tip + 0.16 * inward,
                tip + 0.13 * inward + vector(0, -0.01, 0.06),
                tip + vector(0, -0.02, 0.07),
            ],
            0.009,
            0.02,
            6,
        )
        bike.add("handle", *mirrored(lever))
    if style == "raised" and dice.chance(0.35):  # cross bar
        bar = tube(np.stack([corner * vector(-1, 1, 1), corner]), np.full(2, 0.8 * thick), 8)
        bike.add("handle", bar)
    if dice.chance(0.35):  # mirrors
        root = tip + 0.18 * inward
        far = root + vector(dice.between(0.0, 0.12), dice.between(0.12, 0.22), 0.02)
        glass = superellipsoid((0.12, 0.08, 0.03), 3.0, 2.5, 14)
        bike.add("handle", *mirrored(pipe([root, far], 0.009, 0, 6), moved(glass, *far)))
    if dice.chance(0.5):  # clocks
        dial = turned(cylinder(0.045, 0.06, 0.01, 10), "z", pi / 2)
        at = plan.up_fork(0.13, 0.055, 0.04)
        bike.add("frame", *mirrored(moved(turned(dial, "x", -0.5), *at)))


def add_lights(dice: Dice, plan: Plan, bike: Assembly, tail: tuple[float, float]) -> None:
    """A head lamp, round or a slit, a tail lamp at (y, z), and perhaps indicators."""
    if plan.kind == "sport":
        lamp = turned(
            superellipsoid((0.13, 0.07, 0.16), 2.5, 2.2, 12), "z", dice.between(-0.1, 0.5)
        )
        at = plan.nose + vector(0.07, dice.between(0.0, 0.05), -0.06)
        bike.add("light", *mirrored(moved(lamp, *at)))
    elif dice.chance(0.92):
        radius = dice.between(0.06, 0.105)
        ahead = 0.1 + radius
        at = plan.up_fork(dice.between(-0.06, 0.02), 0, ahead)
        shape = dice.weighted({"round": 5.0, "bucket": 2.0, "square": 2.0, "pair": 0.8})
        if shape == "square":
            bike.add("light", block((2.2 * radius, 1.7 * radius, 1.2 * radius), at, 5.0))
        elif shape == "pair":
            bike.add(
                "light",
                *mirrored(
                    ball(at + vector(0.7 * radius, 0, 0), (1.2 * radius, 1.2 * radius, radius), 16)
                ),
            )
        else:
            long = dice.between(1.0, 2.2) if shape == "bucket" else 1.0
            drum = turned(cylinder(radius, radius * long, 0.3 * radius, 18), "y", -pi / 2)
            bulb = ball(
                (0, 0, -0.45 * radius * long), (1.9 * radius, 1.9 * radius, 1.3 * radius), 14
            )
            bike.add("light", moved(drum, *at), moved(bulb, *at))
        bike.add("frame", pipe([plan.up_fork(-0.04), at], 0.02, 0, 6))
        if plan.kind in ("tourer", "cruiser") and dice.chance(0.3):  # spot lamps
            spot = at + vector(2.0 * radius, -0.03, -0.02)
            bike.add("light", *mirrored(ball(spot, (1.1 * radius, 1.1 * radius, 1.1 * radius), 14)))
            bike.add("frame", tube(np.stack([spot * vector(-1, 1, 1), spot]), np.full(2, 0.012), 6))
    y, z = tail
    if dice.chance(0.75):
        lamp = block(
            (dice.between(0.08, 0.16), dice.between(0.05, 0.08), 0.07), vector(0, y, z), 3.0
        )
        bike.add("light", lamp)
        bike.add(
            "frame",
            pipe([vector(0, y, z), vector(0, plan.seat - 0.05, plan.seat_z - 0.1)], 0.015, 0, 6),
        )
    if dice.chance(0.35):
        for at in (plan.up_fork(-0.02, 0.14, 0.06), vector(0.14, y - 0.02, z + 0.05)):
            bike.add("light", *mirrored(ball(at, (0.05, 0.04, 0.05), 10)))
            bike.add("frame", tube(np.stack([at * vector(-1, 1, 1), at]), np.full(2, 0.009), 6))
