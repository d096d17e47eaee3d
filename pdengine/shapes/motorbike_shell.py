"""Tank, seat and fairing of a motorbike, and the body of a scooter."""

from collections.abc import Sequence
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, reshaped, turned
from pdengine.shapes.bodies import trunk, vector
from pdengine.shapes.curves import Array, rounded_rectangle, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.motorbike_frame import pipe
from pdengine.shapes.motorbike_plan import Plan
from pdengine.shapes.primitives import Surface, X, slab, superellipsoid, sweep
from pdengine.shapes.wheels import cylinder


def add_tank(dice: Dice, plan: Plan, bike: Assembly) -> None:
    """A drop, a loaf or a peanut between the head and the seat."""
    back = plan.tank_back
    front = max(plan.head[2] - 0.06, back + 0.25)
    y_front, y_back = plan.head[1] - dice.between(0.02, 0.12), plan.seat - 0.01
    tall = dice.between(0.18, 0.32)
    wide = dice.between(0.24, 0.4)
    if plan.kind in ("dirt", "mini", "chopper"):
        tall, wide = 0.75 * tall, 0.75 * wide
    shape = dice.weighted({"drop": 4.0, "loaf": 2.0, "knees": 2.5})
    waist = {"drop": 0.5, "loaf": 0.9, "knees": 0.45}[shape]
    nose = {"drop": 0.75, "loaf": 0.9, "knees": 0.9}[shape]
    length = front - back
    hump = dice.between(-0.02, 0.09) if plan.kind != "chopper" else dice.between(-0.02, 0.03)
    knots = [
        (0, y_back + 0.01, back, waist * wide, 0.55 * tall),
        (
            0,
            y_back + 0.25 * (y_front - y_back) + 0.5 * hump,
            back + 0.25 * length,
            (0.5 + 0.5 * waist) * wide,
            0.8 * tall,
        ),
        (0, y_back + 0.65 * (y_front - y_back) + hump, back + 0.65 * length, wide, tall),
        (0, y_front + 0.3 * hump, front, nose * wide * 0.8, 0.8 * tall),
    ]
    bike.add("gas tank", trunk(knots, 16, 18, dice.between(0.3, 0.8)))
    if dice.chance(0.5):  # the cap
        cap = turned(cylinder(0.03, 0.03, 0.01, 16), "z", pi / 2)
        z = back + 0.65 * length
        y = y_back + 0.65 * (y_front - y_back) + hump + 0.5 * tall
        bike.add("gas tank", moved(cap, 0, y, z))


def add_seat(dice: Dice, plan: Plan, bike: Assembly) -> None:
    """One long bench, a stepped one, a single saddle, or two pieces."""
    y, z = plan.seat, plan.seat_z
    front, thick = plan.tank_back + dice.between(0.0, 0.05), dice.between(0.07, 0.13)
    kinds = {
        "sport": {"split": 4.0, "bench": 1.0},
        "dirt": {"bench": 4.0},
        "cafe": {"hump": 3.0, "bench": 2.0},
        "chopper": {"saddle": 3.0, "stepped": 2.0},
        "cruiser": {"stepped": 3.0, "saddle": 2.0},
    }.get(plan.kind, {"bench": 3.0, "stepped": 2.0, "saddle": 0.5})
    kind = dice.weighted(kinds)
    rear = z - dice.between(0.25, 0.42)
    nose, wide = dice.between(0.13, 0.2), dice.between(0.22, 0.34)
    if plan.kind == "dirt":
        front, wide = front + 0.1, 0.16
    sink = dice.between(0.0, 0.05)
    if kind in ("bench", "hump"):
        lift = dice.between(-0.01, 0.07)
        knots = [
            (0, y + lift, rear, 0.8 * wide, 0.8 * thick),
            (0, y + 0.5 * lift - sink * 0.3, z - 0.12, wide, thick),
            (0, y - sink, z + 0.06, 0.9 * wide, thick),
            (0, y + 0.01, front, nose, 0.8 * thick),
        ]
        bike.add("seat", _cushion(knots))
        if kind == "hump":
            cowl = superellipsoid((0.9 * wide, 0.16, 0.24), 2.5, 2.2, 24)
            bike.add("seat" if dice.chance(0.5) else "frame", moved(cowl, y=y + 0.03, z=rear))
    else:
        saddle_rear = z - 0.14
        knots = [
            (0, y + 0.06, saddle_rear, wide, 0.9 * thick),
            (0, y - sink, z, wide, thick),
            (0, y, front, 0.8 * nose, 0.7 * thick),
        ]
        bike.add("seat", _cushion(knots))
        step = dice.between(0.04, 0.14)
        if kind != "saddle":
            pillion = [
                (0, y + step + 0.02, rear - 0.04, 0.55 * wide, 0.06),
                (0, y + step, 0.5 * (rear + saddle_rear), 0.7 * wide, 0.08),
                (0, y + step - 0.02, saddle_rear + 0.02, 0.7 * wide, 0.08),
            ]
            bike.add("seat", _cushion(pillion))
            under = [(0, y - 0.02, z - 0.05, 0.8 * wide, 0.12)]
            under += [(0, y + step - 0.07, rear - 0.1, 0.35 * wide, 0.08)]
            bike.add("frame", trunk([under[1], under[0]], 8, 12, 0.5))
        else:  # springs
            springs = pipe([vector(0.08, y, z - 0.1), vector(0.08, y - 0.14, z - 0.1)], 0.02)
            bike.add("frame", *mirrored(springs))
    if plan.kind in ("cruiser", "chopper", "tourer") and dice.chance(0.4):  # a back rest
        tall = dice.between(0.2, 0.55)
        posts = [
            vector(0.1, y - 0.08, rear),
            vector(0.09, y + tall, rear - 0.1),
            vector(0, y + tall + 0.05, rear - 0.1),
        ]
        bike.add("frame", *mirrored(pipe(posts, 0.014)))
        pad = turned(superellipsoid((0.2, 0.18, 0.06), 4.0, 3.0, 20), "x", -0.2)
        bike.add("seat", moved(pad, y=y + 0.75 * tall, z=rear - 0.05))


def _cushion(knots: Sequence[Sequence[float]]) -> Surface:
    return trunk(knots, 14, 12, 0.5)


def add_fairing(dice: Dice, plan: Plan, bike: Assembly) -> None:
    """Sport: a nose cone and flanks. Others: a small screen or a bat-wing."""
    if plan.kind == "sport":
        _full_fairing(dice, plan, bike)
    elif plan.kind == "tourer" or dice.chance(0.12):
        tall, wide = dice.between(0.3, 0.55), dice.between(0.4, 0.6)
        screen = slab(rounded_rectangle(wide, tall, 0.12, 24), 0.015, 0.006)

        def curved(vertices: Array) -> Array:
            x, y, z = vertices.T
            return np.stack([x, y - 0.9 * x * x, z], 1)

        tilted = turned(reshaped(screen, curved), "x", pi / 2 - dice.between(0.3, 0.7))
        at = plan.up_fork(0.1 + 0.4 * tall, 0, 0.12)
        bike.add("frame", moved(tilted, *at))
        if dice.chance(0.6):
            bowl = superellipsoid((0.9 * wide, 0.26, 0.24), 3.0, 2.5, 16)
            bike.add("frame", moved(bowl, *plan.up_fork(0.04, 0, 0.1)))
    elif plan.kind == "dirt":
        plate = turned(slab(rounded_rectangle(0.22, 0.26, 0.05, 16), 0.02, 0.008), "x", 1.1)
        bike.add("frame", moved(plate, *plan.up_fork(0.05, 0, 0.1)))


def _full_fairing(dice: Dice, plan: Plan, bike: Assembly) -> None:
    head = plan.head
    nose_z, high = plan.nose[2], plan.nose[1] + 0.16
    wide = dice.between(0.34, 0.46)
    knots = [
        (0, high - 0.04, head[2] - 0.02, wide, 0.26),
        (0, high - 0.06, 0.5 * (head[2] + nose_z), 0.9 * wide, 0.3),
        (0, high - 0.16, nose_z, 0.4 * wide, 0.16),
    ]
    bike.add("frame", trunk(knots, 12, 16, 0.6))
    screen = trunk(
        [
            (0, high + 0.14, head[2] + 0.02, 0.55 * wide, 0.05),
            (0, high + 0.06, 0.5 * (head[2] + nose_z), 0.6 * wide, 0.1),
            (0, high - 0.06, nose_z - 0.04, 0.3 * wide, 0.06),
        ],
        12,
        16,
    )
    bike.add("frame", screen)
    low = 0.22 if dice.chance(0.65) else 0.5 * plan.seat
    front = plan.axle_front[2] - plan.front * dice.between(0.7, 1.02)
    rear = plan.pivot[2] + dice.between(0.0, 0.15)
    top = head[1] - 0.1
    panel = _flank(
        [
            (top, head[2] + 0.15),
            (top - 0.12, front + 0.08),
            (low + 0.12, front),
            (low, 0.5 * (front + rear)),
            (low + 0.06, rear),
            (0.5 * (top + low), rear + 0.12),
            (top - 0.06, head[2] - 0.2),
        ],
        0.05,
    )
    bulge = dice.between(0.15, 0.2)
    bike.add("frame", *mirrored(moved(panel, x=bulge)))
    # The tail under the pillion's seat.
    end = plan.seat_z - dice.between(0.4, 0.55)
    up = plan.seat + dice.between(0.05, 0.16)
    tail = [
        (0, up, end, 0.08, 0.06),
        (0, plan.seat - 0.02, plan.seat_z - 0.1, 0.26, 0.16),
        (0, plan.seat - 0.08, plan.seat_z + 0.2, 0.22, 0.12),
    ]
    bike.add("frame", trunk(tail, 12, 12, 0.5))


def _flank(points: list[tuple[float, float]], thick: float) -> Surface:
    """A plate in the plane x = 0 with a smooth outline of (y, z) points."""
    loop = smooth([*points, points[0]], 24)[:-1]
    flat = slab(np.stack([loop[:, 1], -loop[:, 0]], 1), thick, 0.4 * thick)
    x, y, z = flat.vertices.T
    return Surface(np.stack([y, -z, x], 1), flat.faces)


def add_scooter_body(dice: Dice, plan: Plan, bike: Assembly) -> None:
    """Apron, floor, rear body and front mudguard pressed from sheet."""
    head = plan.up_fork(-0.05)
    floor = plan.front + dice.between(0.02, 0.1)
    wide = dice.between(0.3, 0.46)
    front = plan.axle_front[2] - plan.front - 0.02
    path = smooth(
        [
            head + vector(0, 0, -0.05),
            vector(0, 0.5 * (head[1] + floor), 0.6 * head[2] + 0.4 * front - 0.02),
            vector(0, floor + 0.05, front - 0.06),
            vector(0, floor, front - 0.2),
            vector(0, floor, plan.seat_z + 0.2),
        ],
        24,
    )
    t = np.linspace(0, 1, 24)
    scale = np.stack([np.interp(t, [0, 0.25, 0.6, 1], [0.35, 0.9, 1.0, 0.9]), np.ones(24)], 1)
    sheet = rounded_rectangle(wide, 0.035, 0.015, 24)
    sheet[:, 1] += dice.between(0.0, 0.5) * sheet[:, 0] ** 2 / wide
    bike.add("frame", sweep(path, sheet, scale, X))
    rear = plan.axle_rear[2] - dice.between(0.15, 0.35)
    y = 0.5 * (plan.seat + floor)
    fat = dice.between(0.28, 0.42)
    knots = [
        (0, plan.seat - 0.1, rear, 0.4 * fat, 0.12),
        (0, y + 0.08, plan.axle_rear[2] + 0.05, fat, plan.seat - floor - 0.06),
        (0, y, plan.seat_z + 0.05, 0.9 * fat, plan.seat - floor),
        (0, y - 0.02, plan.seat_z + 0.22, 0.6 * fat, 0.9 * (plan.seat - floor)),
    ]
    bike.add("frame", trunk(knots, 20, 24, 0.3))
    axle = plan.axle_rear + vector(0.09, 0, 0)
    bike.add("frame", pipe([axle, vector(0.09, floor, plan.seat_z + 0.1)], 0.045, 0, 10))
    cowl = superellipsoid((0.2, 0.16, 0.18), 2.5, 2.5, 20)
    bike.add("handle", moved(cowl, *plan.up_fork(0.09)))
