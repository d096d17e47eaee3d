"""Armchairs and sofas: thick padding from the floor up, in blocks or as one round tub."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, reshaped, turned, upright
from pdengine.shapes.chair_arms import blocks
from pdengine.shapes.chair_legs import stubs
from pdengine.shapes.chair_plan import Plan
from pdengine.shapes.curves import Array, rounded_rectangle, straight, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Y, skin, slab, superellipsoid, sweep


def add_armchair(dice: Dice, plan: Plan, chair: Assembly) -> None:
    """Upholstery from the floor up: a base, a cushion, a thick back and block arms."""
    lift = dice.between(0.05, 0.16) if dice.chance(0.7) else 0.0
    if dice.chance(0.2):
        plan.width *= dice.between(1.7, 2.8)  # a sofa
    base_top = plan.seat_y - dice.between(0.08, 0.16)
    low = lift + 0.02 if lift else dice.between(0.0, 0.02)
    tall = base_top - low
    edge = dice.between(0.008, 0.05)
    base = slab(rounded_rectangle(plan.width * 1.02, plan.depth, edge, 48), tall, edge)
    chair.add("seat", moved(base, y=low + tall / 2))
    soft = plan.seat_y - base_top
    count = 1 if plan.width < 1.0 else dice.whole(1, 3)
    each = plan.width / count
    pad = superellipsoid(
        (each * 1.01, soft * 1.3, plan.depth * dice.between(0.85, 1.04)),
        8.0,
        dice.between(3.0, 6.0),
    )
    for k in range(count):
        x = each * (k + 0.5) - plan.width / 2
        chair.add("seat", moved(pad, x, base_top + soft * 0.45, plan.depth * 0.06))
    _thick_back(dice, plan, chair, low, count)
    half = plan.width / 2
    if dice.chance(0.85):
        surfaces = blocks(dice, plan, low if dice.chance(0.8) else base_top - 0.05)
        chair.add("arm", *surfaces)
        half += 0.05
    if lift:
        chair.add("leg", *stubs(dice, plan, half, lift))


def _thick_back(dice: Dice, plan: Plan, chair: Assembly, low: float, count: int) -> None:
    """A block behind the seat, reclined and rounded, with loose cushions in front of it."""
    thick = dice.log_between(0.1, 0.24)
    wide = plan.width * dice.between(0.96, 1.04)
    if dice.chance(0.4):
        wide = plan.width + dice.between(0.1, 0.35)
    high = plan.seat_y + plan.back
    tall = high - low
    edge = thick * dice.between(0.15, 0.48)
    lean = np.tan(dice.between(0.0, 0.3))
    path = straight((0, low, 0), (0, high, 0), 10)
    block = slab(superellipse(wide, thick, dice.between(4, 14), 48), tall, edge)
    block = moved(block, y=low + tall / 2, z=-plan.depth / 2 - thick * 0.2)
    arch = dice.between(0.0, 0.2) * plan.back if dice.chance(0.4) else 0.0
    curve = dice.between(0.05, 0.25) / wide if dice.chance(0.4) else 0.0

    def shape(vertices: Array) -> Array:
        x, y, z = vertices.T
        up = np.clip((y - low) / (path[-1, 1] - low), 0, 1.2)
        high_part = np.clip(y - plan.seat_y + 0.1, 0, None)
        return np.stack(
            [x, y - arch * (2 * x / wide) ** 2 * up, z - lean * high_part + curve * x**2], 1
        )

    chair.add("back", reshaped(block, shape))
    if dice.chance(0.5):
        each = min(wide, plan.width) / count
        pad = superellipsoid((each * 0.98, plan.back * 0.85, thick * 1.2), 5.0, 4.0)
        pad = turned(pad, "x", 0.5 * dice.between(-0.1, 0.1) * pi)
        for k in range(count):
            x = each * (k + 0.5) - min(wide, plan.width) / 2
            chair.add(
                "back",
                reshaped(
                    moved(pad, x, plan.seat_y + plan.back * 0.42, -plan.depth / 2 + thick * 0.3),
                    shape,
                ),
            )
    if dice.chance(0.2):  # ears at both sides of the back
        deep, tall_ear = dice.between(0.12, 0.3), plan.back * dice.between(0.5, 0.8)
        ear = slab(superellipse(deep, tall_ear, dice.between(2.5, 6), 32), 0.06, 0.028)
        ear = moved(
            turned(upright(ear), "y", pi / 2),
            wide / 2 - 0.025,
            high - tall_ear / 2 - arch * 0.7,
            -plan.depth / 2 + deep * 0.35,
        )
        chair.add("back", *(reshaped(one, shape) for one in mirrored(ear)))


def add_tub(dice: Dice, plan: Plan, chair: Assembly) -> None:
    """A wall bent around a cushion: its sides are the arms, its middle is the back."""
    lift = dice.between(0.05, 0.2) if dice.chance(0.75) else 0.0
    low = lift + 0.01
    thick = dice.log_between(0.05, 0.16)
    power = dice.between(2.0, 4.5)
    tall = plan.seat_y - low
    seat = slab(
        superellipse(plan.width * 1.04, plan.depth * 1.04, power, 48),
        tall,
        min(0.05, tall * 0.3),
        dice.between(0, 0.03),
    )
    chair.add("seat", moved(seat, y=low + tall / 2))

    count = 61
    open_by = dice.between(-0.1, 0.4)
    angle = np.linspace(-open_by * pi / 2, pi + open_by * pi / 2, count)
    cos, sin = np.cos(angle), np.sin(angle)
    reach = (np.abs(cos) ** power + np.abs(sin) ** power) ** (-1 / power)
    x = (plan.width / 2 + thick * 0.35) * cos * reach
    z = -(plan.depth / 2 + thick * 0.35) * sin * reach

    behind = np.abs(np.linspace(-1, 1, count))  # 0 in the middle of the back, 1 at the arm's end
    where, slope = dice.between(0.3, 0.5), dice.between(0.02, 0.12)
    share = 1 / (1 + np.exp((behind - where) / slope))
    arm_high = plan.seat_y + min(dice.between(0.12, 0.26), plan.back * 0.9)
    high = arm_high + (plan.seat_y + plan.back - arm_high) * share
    start = low if dice.chance(0.7) else plan.seat_y - tall * 0.5
    outline = rounded_rectangle(1.0, thick, thick * dice.between(0.2, 0.49), 32)

    first = int(np.argmax(behind < where))
    for part, rows in (
        ("arm", slice(0, first + 1)),
        ("back", slice(first, count - first)),
        ("arm", slice(count - first - 1, count)),
    ):
        # Swept with height 1 around y = 0, then stretched to the height of the wall there.
        path = np.stack([x, 0 * x, z], 1)[rows]
        wall = sweep(path, outline, 1.0, Y)
        rings = wall.vertices[:-2].reshape(len(path), len(outline), 3).copy()
        rings[..., 1] = start + (rings[..., 1] + 0.5) * (high[rows] - start)[:, None]
        recline = plan.recline * np.clip(rings[..., 1] - plan.seat_y, 0, None)
        rings[..., 2] -= recline * np.clip(sin[rows], 0, 1)[:, None]
        rings[..., 0] += recline * cos[rows][:, None] * 0.5
        chair.add(part, skin(rings))
    if lift:
        chair.add("leg", *stubs(dice, plan, plan.width * 0.36, lift + 0.02))
