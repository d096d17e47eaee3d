"""What a motorbike's frame label holds: tubes, fork, engine, exhaust, mudguards, boxes."""

from math import cos, pi, sin

import numpy as np
from numpy.typing import ArrayLike

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.bodies import tube, vector
from pdengine.shapes.curves import Array, filleted, rounded_rectangle
from pdengine.shapes.dice import Dice
from pdengine.shapes.motorbike_plan import Plan
from pdengine.shapes.primitives import Surface, X, slab, superellipsoid, sweep
from pdengine.shapes.wheels import arc, cylinder


def pipe(points: list[Array], radius: ArrayLike, corner: float = 0.08, sides: int = 6) -> Surface:
    """A bent tube through the points."""
    path = filleted(points, corner)
    radii = np.asarray(radius, float)
    if radii.ndim:  # one radius per given point
        radii = np.interp(np.linspace(0, 1, len(path)), np.linspace(0, 1, len(radii)), radii)
    return tube(path, np.broadcast_to(radii, len(path)), sides, 0.4)


def block(size: tuple[float, float, float], at: Array, power: float = 6.0) -> Surface:
    return moved(superellipsoid(size, power, power, 14), *at)


def add_fork(dice: Dice, plan: Plan, bike: Assembly) -> None:
    """Two legs beside the front wheel, joined by two clamps at the head."""
    out = 0.5 * plan.front_tyre + dice.between(0.02, 0.04)
    thick = dice.between(0.022, 0.032)
    upside_down = dice.chance(0.4)
    low, high = plan.axle_front + vector(out, 0, 0), plan.up_fork(0.08, out)
    bend = low + 0.55 * (high - low)
    wide, slim = (1.35 * thick, thick) if not upside_down else (thick, 1.35 * thick)
    bike.add("frame", *mirrored(pipe([low, bend], wide), pipe([bend, high], slim)))
    for distance in (-0.1, 0.05):
        clamp = superellipsoid((2 * out + 3 * thick, 0.035, 0.09), 4.0, 6.0, 10)
        bike.add("frame", moved(turned(clamp, "x", -plan.rake), *plan.up_fork(distance)))
    bike.add(
        "frame", pipe([plan.up_fork(-0.13, 0, -0.04), plan.up_fork(0.06, 0, -0.04)], 0.034, 0, 10)
    )
    axle = tube(np.stack([low * vector(-1, 1, 1), low]), np.full(2, 0.02), 8)
    bike.add("frame", axle)


def add_mudguards(dice: Dice, plan: Plan, bike: Assembly) -> None:
    """Sheets over the wheels, close to them, high above as on dirt bikes, or none."""
    deep = plan.kind in ("cruiser", "chopper", "scooter", "tourer")
    for front in (True, False):
        if dice.chance(0.35 if plan.kind in ("chopper", "cafe", "mini") else 0.08):
            continue
        wheel = plan.front if front else plan.rear
        axle = plan.axle_front if front else plan.axle_rear
        gap = dice.between(0.015, 0.04)
        wide = (plan.front_tyre if front else plan.rear_tyre) + dice.between(0.02, 0.06)
        start, end = dice.between(0.8, 1.4), dice.between(2.2, 3.3 if deep else 2.8)
        if front:
            start, end = dice.between(0.2, 1.0), dice.between(2.0, 2.9 if deep else 2.5)
        if plan.kind == "dirt":
            gap, start, end = 0.14, 0.5 if front else 1.4, 1.7 if front else 2.5
        sheet = rounded_rectangle(wide, 0.02, 0.008, 16)
        sheet[:, 1] += 0.3 * wide * (2 * sheet[:, 0] / wide) ** 2 * (1.0 if deep else 0.4)
        path = arc(wheel + gap, start, end, 12) + axle
        bike.add("frame", sweep(path, sheet, 1.0, X))
        stay = wheel + gap
        for angle in (end - 0.25, start + 0.4)[: 1 if not front else 2]:
            tip = axle + vector(0.45 * wide, stay * sin(angle), stay * cos(angle))
            if gap < 0.1:
                foot = axle + vector(0.5 * wide + 0.01, 0, 0)
                bike.add("frame", *mirrored(pipe([foot, tip], 0.01, 0, 6)))
            elif front:
                bike.add("frame", pipe([tip * vector(0, 1, 1), plan.up_fork(-0.1)], 0.03, 0, 8))


def add_frame(dice: Dice, plan: Plan, bike: Assembly) -> None:
    """Backbone, down tubes, seat rails, swing arm and shocks."""
    t, out = plan.tube, dice.between(0.06, 0.1)
    head = plan.up_fork(-0.04, 0, -0.04)
    low = vector(out, 0.75 * plan.rear - 0.02, 0)
    ahead = 0.45 * head[2] + 0.55 * plan.axle_front[2] - plan.front - 0.05
    ahead = min(ahead, plan.axle_front[2] - plan.front - 0.08)
    seat_front = vector(out, plan.seat - 0.1, plan.seat_z + 0.22)
    seat_rear = vector(out, plan.seat - 0.06, plan.seat_z - dice.between(0.25, 0.4))
    pivot = plan.pivot + vector(out, 0, 0)
    down = [head, vector(out, low[1], ahead), vector(out, low[1], pivot[2]), pivot, seat_front]
    bike.add("frame", *mirrored(pipe(down, t, 0.1), pipe([head, seat_front, seat_rear], 1.1 * t)))
    rear = plan.axle_rear + vector(0.5 * plan.rear_tyre + 0.035, 0, 0)
    bike.add("frame", *mirrored(pipe([pivot, rear], 1.3 * t)))
    if plan.kind in ("naked", "cafe", "cruiser", "mini", "tourer") or dice.chance(0.4):
        top = vector(rear[0], plan.seat - 0.1, rear[2] + dice.between(0.08, 0.2))
        spring = rear + 0.35 * (top - rear)
        shock = [pipe([rear, top], 0.014), pipe([spring, top - 0.1 * (top - rear)], 0.03, 0, 10)]
        bike.add("frame", *mirrored(*shock))
        bike.add("frame", *mirrored(pipe([top, seat_rear], 1.1 * t)))
    else:
        bike.add(
            "frame",
            pipe([plan.pivot + vector(0, 0, -0.12), seat_front * vector(0, 1, 1)], 0.035, 0, 10),
        )
    axle = tube(np.stack([rear * vector(-1, 1, 1), rear]), np.full(2, 0.02), 8)
    bike.add("frame", axle)
    guard = block(
        (0.03, 0.05, 0.5 * np.linalg.norm(rear - pivot)), (pivot + rear) / 2 + vector(0, 0.04, 0)
    )
    bike.add("frame", guard)


def add_engine(dice: Dice, plan: Plan, bike: Assembly) -> None:
    """A crank case with one, two or four cylinders; returns nothing, the exhaust follows."""
    bottom = 0.75 * plan.rear - 0.06
    z = 0.5 * (plan.pivot[2] + plan.axle_front[2] - plan.front) + dice.between(-0.04, 0.02)
    room = plan.seat - bottom
    case = vector(0, bottom + 0.3 * room, z)
    wide = dice.between(0.24, 0.36)
    long = plan.axle_front[2] - plan.front - plan.pivot[2] - 0.02
    long = min(max(long, 0.25), 0.6)
    bike.add("frame", block((wide, 0.5 * room, long), case, dice.between(3.0, 6.0)))
    for side in (1, -1):  # covers of clutch and alternator
        cover = cylinder(dice.between(0.08, 0.12), wide + 0.06, 0.03, 14)
        bike.add("frame", moved(cover, 0, case[1], z - side * 0.25 * long))
    layout = dice.weighted({"single": 2.0, "v": 3.0, "four": 2.0, "twin": 2.0, "boxer": 0.5})
    if plan.kind in ("cruiser", "chopper"):
        layout = "v" if dice.chance(0.8) else layout
    elif plan.kind in ("dirt", "mini"):
        layout = "single"
    tall = 0.55 * room
    leans = {"v": (0.4, -0.4), "boxer": (0.0,)}.get(layout, (dice.between(0.0, 0.45),))
    size = {"single": 0.15, "v": 0.15, "twin": 0.26, "four": 0.42, "boxer": 0.15}[layout]
    for lean in leans:
        pieces = _cylinder(dice, size, 0.16, tall if layout != "boxer" else 0.3)
        if layout == "boxer":
            for angle in (pi / 2, -pi / 2):
                bike.add("frame", *(moved(turned(p, "z", angle), *case) for p in pieces))
            continue
        bike.add("frame", *(moved(turned(p, "x", lean), *case) for p in pieces))
    _add_exhaust(dice, plan, bike, case, (long, wide, room))


def _cylinder(dice: Dice, wide: float, deep: float, tall: float) -> list[Surface]:
    """Cooling fins around a barrel, and a head, upright on y = 0."""
    barrel = moved(superellipsoid((0.85 * wide, tall, 0.85 * deep), 4.0, 8.0, 12), y=0.5 * tall)
    pieces = [barrel, moved(superellipsoid((wide, 0.3 * tall, deep), 4.0, 6.0, 12), y=0.9 * tall)]
    for k in range(dice.whole(0, 4)):
        plate = superellipsoid((wide, 0.03, 1.1 * deep), 5.0, 4.0, 10)
        pieces.append(moved(plate, y=tall * (0.45 + 0.1 * k)))
    return pieces


def _add_exhaust(
    dice: Dice, plan: Plan, bike: Assembly, case: Array, size: tuple[float, float, float]
) -> None:
    """Headers that leave the cylinders ahead, and mufflers along the rear wheel."""
    long, wide, room = size
    out = max(0.5 * wide, 0.5 * plan.rear_tyre) + 0.05
    thin, fat = dice.between(0.018, 0.026), dice.between(0.035, 0.065)
    start = case + vector(0.5 * out, 0.35 * room, 0.3 * long)
    low = max(case[1] - 0.2 * room, 0.12)
    front = vector(0.8 * out, case[1], case[2] + 0.55 * long)
    rise = (
        dice.between(0.0, 0.5) if plan.kind in ("sport", "dirt", "naked") else dice.between(0, 0.12)
    )
    end_z = plan.axle_rear[2] - dice.between(-0.15, 0.3)
    if plan.kind == "dirt":
        low = case[1] + 0.35 * room
    bend = vector(out, low, plan.pivot[2])
    tip = vector(out + 0.02, low + rise, end_z)
    middle = bend + 0.2 * (tip - bend)
    header = pipe([start, front, vector(out, low, front[2] - 0.1), bend, middle], thin, 0.1)
    muffler = pipe([middle, tip], [0.75 * fat, fat * dice.between(0.8, 1.2)], 0, 10)
    both = dice.chance(0.4)
    bike.add("frame", *(mirrored(header, muffler) if both else [header, muffler]))


def add_boxes(dice: Dice, plan: Plan, bike: Assembly) -> None:
    """Side panels, panniers, a rack, a stand, foot pegs, a chin: odds and ends."""
    if dice.chance(0.6):
        panel = block((0.26, 0.22, 0.26), vector(0, plan.seat - 0.2, plan.seat_z + 0.12), 4.0)
        bike.add("frame", panel)
    pegs = tube(
        np.array([[-0.28, 0.28, plan.pivot[2] + 0.05], [0.28, 0.28, plan.pivot[2] + 0.05]]),
        np.full(2, 0.014),
        8,
    )
    if dice.chance(0.7):
        bike.add("frame", moved(pegs, y=plan.pivot[1] - 0.32, z=0.0))
    if dice.chance(0.75 if plan.kind == "tourer" else 0.06):
        case = superellipsoid((0.2, 0.34, 0.5), dice.pick([3.0, 8.0]), 5.0, 14)
        x = 0.5 * plan.rear_tyre + 0.18
        bike.add("frame", *mirrored(moved(case, x, plan.seat - 0.2, plan.axle_rear[2] + 0.02)))
        rail = pipe(
            [
                vector(0, plan.seat - 0.1, plan.axle_rear[2]),
                vector(x, plan.seat - 0.1, plan.axle_rear[2]),
            ],
            0.02,
        )
        bike.add("frame", *mirrored(rail))
    if dice.chance(0.25):
        foot = vector(-0.26, 0.02, plan.pivot[2] + 0.05)
        bike.add("frame", pipe([plan.pivot + vector(-0.08, -0.05, 0.08), foot], 0.014, 0, 6))
    if plan.kind in ("naked", "tourer", "sport", "dirt") and dice.chance(0.5):  # radiator
        grid = slab(rounded_rectangle(0.28, 0.3, 0.03, 24), 0.05, 0.02)
        z = plan.axle_front[2] - plan.front - 0.1
        bike.add("frame", moved(turned(grid, "x", 1.2), 0, 0.5 * plan.seat + 0.08, z))
