"""The hull of a car with its wheel arches, the hood in it, and the greenhouse with its roof."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, reshaped, turned
from pdengine.shapes.car_plan import Plan
from pdengine.shapes.curves import Array, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import (
    Surface,
    X,
    limb,
    skin,
    slab,
    superellipsoid,
    sweep,
)
from pdengine.shapes.wheels import tyre

# Places across the top of the hull as a share of the half width, from the edge to the middle.
ACROSS = np.array([0.985, 0.95, 0.88, 0.84, 0.6, 0.3, 0.0])


def add_hull(dice: Dice, plan: Plan, car: Assembly) -> None:
    """The body up to the belt line; where a hood lies or people sit, its top sinks in."""
    end = 0.5 * plan.length
    hood_front = end - plan.round_nose * dice.between(0.3, 0.9) - dice.between(0.0, 0.1)
    hood_rear = plan.cowl + dice.between(0.0, 0.06)
    has_hood = hood_front - hood_rear > 0.25
    if has_hood:
        plan.sunk.append((hood_rear, hood_front, 0.14))
    stations = _stations(plan)
    crown = 0.02 + 0.07 * (1 - plan.boxy) * dice.between(0.4, 1.0)
    bow = dice.between(0.03, 0.25) * (1 - 0.6 * plan.boxy)
    edge = 0.03 + 0.1 * (1 - plan.boxy)
    bulge = dice.between(0.0, 0.05) + 0.03 * (1 - plan.boxy)
    full = _sections(plan, stations, crown, edge, bulge)
    top = full[:, -len(ACROSS) :].copy()  # right half, before anything sinks
    for low, high, depth in plan.sunk:
        rows = (stations >= low - 1e-4) & (stations <= high + 1e-4)
        inner = full[rows][:, -4:, 1] - depth
        full[np.flatnonzero(rows)[:, None], -4 + np.arange(4)[None], 1] = inner
    car.add("body", skin(_bowed(_both_halves(full), bow, end)))
    if has_hood:
        rows = (stations >= hood_rear - 1e-4) & (stations <= hood_front + 1e-4)
        _add_hood(dice, plan, car, _bowed(top[rows][:, 3:], bow, end))


def _stations(plan: Plan) -> Array:
    """Places of the sections: dense at the bumpers, at the arches and where the top sinks."""
    end = 0.5 * plan.length
    places = [np.linspace(-end + plan.round_tail, end - plan.round_nose, 15)]
    turn = np.sin(np.linspace(0, pi / 2, 5))
    places += [end - plan.round_nose * (1 - turn), -end + plan.round_tail * (1 - turn)]
    swing = np.array([1.003, 0.995, 0.93, 0.78, 0.5, 0.2])
    for axle in plan.axles:
        places += [axle + plan.arch * swing, axle - plan.arch * swing]
    for low, high, _ in plan.sunk:
        places.append(np.array([low - 0.012, low, high, high + 0.012]))
    return np.unique(np.clip(np.concatenate(places), -end, end).round(4))


def _sections(plan: Plan, z: Array, crown: float, edge: float, bulge: float) -> Array:
    """The right half of every section, from the middle of the floor to the middle of the top."""
    calm = plan.rounding(z)
    half = plan.half * (0.82 + 0.18 * np.clip(calm * 1.3, 0, 1))
    middle = 0.55 * (plan.sill + plan.nose)
    top = middle + (plan.top(z) - middle) * (0.35 + 0.65 * calm)
    floor = plan.sill + (middle - plan.sill) * 0.45 * (1 - calm)
    under = np.maximum(plan.under(z), floor)
    inner = plan.half - plan.tyre - 0.1
    shoulder = top - edge - crown
    columns = [(0 * z, floor), (0 * z + 0.6 * inner, floor), (0 * z + inner, floor)]
    columns += [(0 * z + inner, under), (0.9 * half, under)]
    near = sum(np.exp(-(((z - axle) / (1.15 * plan.arch)) ** 6)) for axle in plan.axles)
    for t in (0.0, 0.04, 0.15, 0.35, 0.6, 0.85, 1.0):
        belly = bulge * np.sin(pi * (0.15 + 0.75 * t)) - bulge
        x = half + belly + plan.flare * near * (1 - t) ** 1.5 - 0.05 * (t == 0.0)
        columns.append((x, under + t * np.maximum(shoulder - under, 0.02)))
    raised = np.maximum(under + 0.02 - shoulder, 0)  # a fender bulges over its wheel
    for share in ACROSS:
        lift = edge * (1 - max(0.0, (share - 0.9) / 0.1) ** 2) + crown * (1 - share**2)
        bump = raised * min(max((share - 0.84) / 0.1, 0.0), 1.0)
        columns.append((half * share, shoulder + bump + lift))
    return np.stack([np.stack([x, y, z], 1) for x, y in columns], 1)


def _both_halves(right: Array) -> Array:
    left = right[:, -2:0:-1] * [-1.0, 1.0, 1.0]
    return np.concatenate([right, left], 1)


def _bowed(rings: Array, bow: float, end: float) -> Array:
    """Bumpers and hood edges seen from above are curved."""
    rings = rings.copy()
    x, z = rings[..., 0], rings[..., 2]
    rings[..., 2] = z - bow * x**2 * np.clip(z / end, -1, 1) ** 3
    return rings


def _add_hood(dice: Dice, plan: Plan, car: Assembly, top: Array) -> None:
    """The engine's cover, a lid along the hull's own surface."""
    wide = top[..., 0] * dice.between(0.97, 1.03)
    lid = np.concatenate([top, top[:, -2::-1] * [-1.0, 1.0, 1.0]], 1)
    lid[..., 0] = np.concatenate([wide, -wide[:, -2::-1]], 1)
    half = lid[0, 0, 0]
    dome = dice.between(0.02, 0.09) if dice.chance(0.4) else 0.0
    swell = dome * np.exp(-((lid[..., 0] / (dice.between(0.35, 0.6) * half)) ** 4))
    along = np.linspace(0, 1, len(lid))[:, None]
    lid[..., 1] += swell * np.clip(np.minimum(along, 1 - along) * 6, 0, 1) + 0.008
    below = lid[:, ::-1].copy()
    below[..., 1] -= 0.05 + swell[:, ::-1] * np.clip(np.minimum(along, 1 - along) * 6, 0, 1)
    below[..., 0] *= 0.98
    car.add("hood", skin(np.concatenate([lid, below], 1)))
    if dice.chance(0.12):  # a scoop
        middle = lid[len(lid) // 2, lid.shape[1] // 2]
        size = (dice.between(0.3, 0.7), dice.between(0.12, 0.2), dice.between(0.4, 0.7))
        scoop = superellipsoid(size, 4.0, 3.0)
        car.add("hood", moved(scoop, 0.0, float(middle[1]), float(middle[2])))


def add_greenhouse(dice: Dice, plan: Plan, car: Assembly) -> None:
    """Windows and pillars up to the roof; some cars show their inside between the pillars."""
    edge = 0.04 + 0.06 * (1 - plan.boxy)
    power = 5.0 + 6.0 * plan.boxy
    bow = dice.between(0.05, 0.3) * (1 - 0.7 * plan.boxy)
    rake = dice.between(0.9, 1.25) if plan.boxy < 0.5 else 1.0
    level = np.linspace(0, 1, 9)
    # The glass begins inside the hull, so that no slit opens at its foot.
    start = plan.belt - (0.25 if plan.kind in ("coupe", "super", "bubble", "hatchback") else 0.1)
    stop = plan.height - edge
    y = start + (stop - start) * level
    s = np.clip((y - plan.belt) / (stop - plan.belt), -0.5, 1)
    front = plan.cowl + (plan.roof_front - plan.cowl) * np.sign(s) * np.abs(s) ** rake
    rear = plan.glass + (plan.roof_rear - plan.glass) * np.sign(s) * np.abs(s) ** rake
    end = 0.5 * plan.length - 0.02
    front, rear = np.minimum(front, end), np.maximum(rear, -end)
    foot = plan.half * (dice.between(0.9, 0.95) if plan.tumble < 0.9 else 0.985)
    wide = foot * (1 + (plan.tumble - 1) * np.clip(s, 0, 1))
    outline = superellipse(2.0, 2.0, power, 36)
    rings = np.empty((len(y), 36, 3))
    rings[..., 0] = wide[:, None] * outline[:, 0]
    rings[..., 1] = y[:, None]
    middle, reach = (front + rear) / 2, (front - rear) / 2
    rings[..., 2] = middle[:, None] + reach[:, None] * outline[:, 1]
    rings[..., 2] -= bow * outline[:, 0] ** 2 * np.clip(outline[:, 1], -0.6, 1)

    roof = rings[-1][:, [0, 2]]
    thick = edge * dice.between(1.5, 2.2)
    lid = slab(roof * dice.between(1.0, 1.02), thick, 0.48 * thick, 0.5 * edge)
    lid = moved(lid, y=plan.height - 0.5 * thick)
    car.add("roof", lid)
    look = dice.weighted(
        {"flush": 4.0, "pillars": 5.0, "empty": 1.4 if plan.kind != "bus" else 0.2}
    )
    if look != "empty":
        glass = rings.copy()
        if look == "pillars":
            glass[..., 0] *= dice.between(0.93, 0.98)
            glass[..., 2] = middle[:, None] + (glass[..., 2] - middle[:, None]) * 0.985
        car.add("body", skin(glass))
    if look != "flush":
        _add_pillars(dice, plan, car, rings)
    if look == "empty":
        add_seats(dice, plan, car, plan.belt - 0.3)


def _add_pillars(dice: Dice, plan: Plan, car: Assembly, rings: Array) -> None:
    """Posts along the corners of the glass and between the doors."""
    thick = dice.between(0.035, 0.07)
    outline = superellipse(2.0 * thick, 1.6 * thick, 4.0, 10)
    angle = np.arctan2(rings[-1, :, 2] - rings[-1, :, 2].mean(), rings[-1, :, 0])
    reach = np.ptp(rings[-1, :, 2])
    corner = float(np.arctan2(0.46 * reach, 0.9 * rings[-1, :, 0].max()))
    places = [corner, -corner]
    doors = {"coupe": 1, "super": 0, "muscle": 1, "van": 3, "bus": 6, "limousine": 4, "suv": 2}
    count = doors.get(plan.kind, dice.whole(1, 2))
    inner = np.linspace(-reach / 2, reach / 2, count + 2)[1:-1] + dice.between(-0.1, 0.1)
    places += [float(np.arctan2(z, rings[-1, :, 0].max())) for z in inner]
    for where in places:
        column = int(np.argmin(np.abs(angle - where)))
        post = sweep(rings[:, column], outline, 1.0, X)
        car.add("body", *mirrored(post))


def add_seats(dice: Dice, plan: Plan, car: Assembly, floor: float) -> None:
    """Front seats, perhaps a bench behind them, and a steering wheel."""
    tall = min(plan.height - floor - 0.15, dice.between(0.55, 0.75))
    front = plan.roof_front - dice.between(0.45, 0.6)
    lean = dice.between(0.1, 0.35)
    back = turned(superellipsoid((0.5, tall, 0.16), 4.0, 3.0, 16), "x", -lean)
    cushion = superellipsoid((0.5, 0.2, 0.55), 4.0, 4.0, 16)
    x = 0.45 * plan.half
    pieces = mirrored(
        moved(back, x, floor + 0.45 * tall, front), moved(cushion, x, floor, front + 0.25)
    )
    if front - 0.8 > plan.roof_rear - 0.3:
        bench = superellipsoid((1.3 * plan.half, 0.8 * tall, 0.2), 6.0, 3.0, 20)
        pieces.append(moved(bench, y=floor + 0.4 * tall, z=front - 0.75))
    car.add("body", *pieces)
    hoop = turned(turned(tyre(0.19, 0.03, 0.035, 2.0, 20), "y", pi / 2), "x", 0.4)
    at = (x, floor + 0.38, front + 0.62)
    column = limb(at, (x, floor, front + 1.0), 0.03, 0.03, 8)
    car.add("body", moved(hoop, *at), column)


def add_open_top(dice: Dice, plan: Plan, car: Assembly) -> None:
    """A windscreen, seats in a tub, and perhaps a roll bar or a folded hood behind them."""
    add_seats(dice, plan, car, plan.belt - 0.35)
    tall = (plan.height - plan.belt) * dice.between(0.65, 0.95)
    foot, top = 0.88 * plan.half, 0.88 * plan.half * dice.between(0.75, 0.92)
    lean = (plan.cowl - plan.roof_front) * dice.between(0.5, 1.0) * tall / plan.height * 1.3
    y, z = plan.belt - 0.04, plan.cowl - 0.02
    pane = _pane(foot, top, tall, 0.04, lean)
    bow = dice.between(0.0, 0.2)

    def curved(vertices: Array) -> Array:
        swept = vertices[:, 2] - bow * (vertices[:, 0] / foot) ** 2
        return np.stack([vertices[:, 0], vertices[:, 1], swept], 1)

    car.add("body", reshaped(moved(pane, y=y, z=z), curved))
    behind = plan.roof_rear - dice.between(-0.1, 0.1)
    if dice.chance(0.35):  # roll bars
        x, up = 0.45 * plan.half, plan.belt + 0.85 * tall
        posts = [
            limb((s, plan.belt - 0.2, behind), (s, up, behind), 0.035, 0.035)
            for s in (x + 0.2, x - 0.2)
        ]
        bar = limb((x - 0.2, up, behind), (x + 0.2, up, behind), 0.035, 0.035)
        car.add("body", *mirrored(*posts, bar))
    elif dice.chance(0.4):  # the folded hood
        roll = superellipsoid((1.75 * plan.half, 0.28, 0.5), 4.0, 2.5)
        car.add("body", moved(roll, y=plan.belt + 0.05, z=behind - 0.1))


def _pane(foot: float, top: float, tall: float, thick: float, lean: float) -> Surface:
    """A leaning trapezium standing at y = 0, its rows running across."""
    rows = np.linspace(0, 1, 7)
    across = np.linspace(-1, 1, 13)
    rings = np.empty((7, 26, 3))
    for k, t in enumerate(rows):
        wide = foot + (top - foot) * t
        x = np.concatenate([across, across[::-1]]) * wide
        z = np.repeat([thick / 2, -thick / 2], 13) - lean * t
        rings[k] = np.stack([x, 0 * x + t * tall, z], 1)
    return skin(rings)
