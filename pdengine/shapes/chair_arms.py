"""Armrests: bars on posts, loops, panels, curves, T-posts, upholstered blocks."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import mirrored, moved, turned, upright
from pdengine.shapes.chair_plan import Plan
from pdengine.shapes.curves import circle, rounded_rectangle, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.furniture import Point, Stock, bent, rod
from pdengine.shapes.primitives import Surface, X, Y, Z, limb, slab, superellipsoid, sweep

ARMS = {
    "bar": 4.0,
    "loop": 2.0,
    "panel": 1.2,
    "swept": 2.5,
    "tee": 1.0,
    "spindled": 1.2,
    "wrap": 1.0,
}
FAVOURITES = {
    "office": {"tee": 4.0, "loop": 3.0, "bar": 1.0, "swept": 1.0},
    "throne": {"panel": 2.0, "bar": 3.0, "loop": 1.0},
    "lounge": {"bar": 3.0, "loop": 2.0, "panel": 2.0, "swept": 2.0},
}


def arms(dice: Dice, plan: Plan) -> list[Surface]:
    """A pair of arms for a seat with legs below it."""
    kind = dice.weighted(FAVOURITES.get(plan.kind, ARMS))
    high = min(dice.between(0.16, 0.28), plan.back * 0.8)
    front = plan.depth * dice.between(0.15, 0.42)
    x = max(plan.side(front), plan.side(0.0) * 0.85) + dice.between(-0.01, 0.05)
    rear = plan.lean_z(high) - 0.005
    if kind == "panel":
        return _panel(dice, plan, x, high, front)
    if kind == "tee":
        return _tee(dice, plan, x, high)
    if kind == "wrap":
        return _wrap(dice, plan, x, high, front)
    y = plan.seat_y + high
    rear_x = min(x, plan.side(-plan.depth * 0.36) * 0.9)
    low = plan.seat_y - plan.seat_thick * 0.5
    foot: Point = (plan.side(front) * 0.9, low, front)
    if kind == "loop":
        back: Point = (plan.side(-plan.depth * 0.25) * 0.9, low, -plan.depth * 0.25)
        points: list[Point] = [
            foot,
            (x, low, front),
            (x, y, front),
            (x, y * 1.0, max(rear * 0.8, -plan.depth * 0.45)),
            (x, low, back[2]),
            back,
        ]
        loop = bent(points, plan.stock, dice.between(0.02, 0.1))
        return mirrored(loop, *_rest(dice, plan, x, y, front * 0.8, -plan.depth * 0.3))
    if kind == "swept":
        out = dice.between(0.0, 0.04)
        drop = dice.between(0.0, 0.06)
        path = smooth(
            [
                (rear_x, y, rear),
                (x + out, y - drop * 0.3, 0.0),
                (x + out, y - drop, front * 0.9),
                (x, (y + low) / 2, front * 1.05),
                foot,
            ],
            26,
        )
        flat = dice.log_between(0.7, 1.6)
        cut = plan.stock.outline * plan.stock.radius * np.array([flat, 1 / flat])
        return mirrored(sweep(path, cut, 1.0, X, 0.005))
    thick = plan.stock.radius * dice.between(0.7, 1.1)
    bar = _bar(dice, (rear_x, y, rear), (x, y - dice.between(-0.02, 0.03), front + 0.02), thick)
    post_top: Point = (x, y, front)
    posts = [bent([foot, (x, low, front), post_top], plan.stock, 0.02)]
    if dice.chance(0.3):
        posts = [rod(foot, post_top, plan.stock, 0.9)]
    if kind == "spindled":
        count = dice.whole(2, 5)
        for k in range(count):
            t = (k + 0.6) / (count + 0.6)
            z = rear + (front - rear) * t
            zs = -plan.depth * 0.4 + (front + plan.depth * 0.4) * t
            top: Point = (rear_x + (x - rear_x) * t, y, z)
            posts.append(limb((plan.side(zs) * 0.88, low, zs), top, 0.008, 0.008, 10))
    return mirrored(bar, *posts)


def _bar(dice: Dice, rear: Point, front: Point, thick: float) -> Surface:
    """The part a hand rests on: flat or round, a little curved, with a knob or without."""
    middle = tuple((a + b) / 2 for a, b in zip(rear, front, strict=True))
    lift, out = dice.between(-0.02, 0.02), dice.between(0.0, 0.03)
    path = smooth([rear, (middle[0] + out, middle[1] + lift, middle[2]), front], 14)
    wide = dice.log_between(1.0, 2.4)
    cut = superellipse(2 * thick * wide, 2 * thick, dice.pick([2.0, 3.0, 6.0]), 16)
    scale = np.linspace(dice.between(0.7, 1.0), 1.0, 14)
    return sweep(path, cut, scale, X, thick * 0.7)


def _rest(dice: Dice, plan: Plan, x: float, y: float, front: float, rear: float) -> list[Surface]:
    """A pad on top of a loop, sometimes."""
    if dice.chance(0.5):
        return []
    pad = slab(superellipse(dice.between(0.04, 0.09), front - rear, 4.0, 24), 0.03, 0.012)
    return [moved(pad, x, y + plan.stock.radius, (front + rear) / 2)]


def _panel(dice: Dice, plan: Plan, x: float, high: float, front: float) -> list[Surface]:
    """A closed side, standing on the seat or hanging beside it."""
    low = plan.under - 0.01 if dice.chance(0.5) else plan.seat_y - 0.02
    rear = -plan.depth / 2
    thick = dice.log_between(0.02, 0.1)
    tall = plan.seat_y + high - low
    outline = rounded_rectangle(front - rear, tall, dice.log_between(0.008, 0.12), 40)
    outline[:, 1] += (
        dice.between(-0.25, 0.1) * tall * (outline[:, 0] / (front - rear)) * (outline[:, 1] < 0)
    )
    side = turned(upright(slab(outline, thick, thick * dice.pick([0.2, 0.5]))), "y", -pi / 2)
    at = min(x, plan.side(0.0)) - thick * 0.3
    return mirrored(moved(side, at, low + tall / 2, (front + rear) / 2))


def _tee(dice: Dice, plan: Plan, x: float, high: float) -> list[Surface]:
    """A pad on one post that starts under the seat."""
    low = plan.under + plan.seat_thick * 0.3
    y = plan.seat_y + high
    z = dice.between(-0.08, 0.04)
    x = plan.side(z) + dice.between(0.02, 0.05)
    wide = dice.between(0.02, 0.05)
    stock = Stock(0.01, rounded_rectangle(120 * wide, 1.8, 0.6, 16))
    post = bent([(plan.side(z) * 0.7, low, z), (x, low, z), (x, y, z)], stock, 0.03, Z)
    long = dice.between(0.18, 0.3)
    pad = slab(superellipse(dice.between(0.05, 0.1), long, dice.between(3, 6), 28), 0.032, 0.014)
    return mirrored(post, moved(pad, x, y, z + dice.between(-0.02, 0.04)))


def _wrap(dice: Dice, plan: Plan, x: float, high: float, front: float) -> list[Surface]:
    """One rail around the back at arm height, as on captain's chairs."""
    y = plan.seat_y + high
    rear = min(plan.lean_z(high), -plan.depth * 0.42) + 0.005
    path = smooth(
        [
            (-x, y, front),
            (-x, y, 0),
            (-x * 0.75, y, rear * 0.8),
            (0, y, rear),
            (x * 0.75, y, rear * 0.8),
            (x, y, 0),
            (x, y, front),
        ],
        40,
    )
    thick = plan.stock.radius
    cut = superellipse(2 * thick, 2 * thick * dice.log_between(1.0, 2.2), 3.0, 16)
    rail = sweep(path, cut[:, ::-1], 1.0, Y, thick * 0.6)
    low = plan.seat_y - plan.seat_thick * 0.5
    posts = []
    for z in (front * 0.9, front * 0.9 - plan.depth * 0.3):
        posts.append(rod((plan.side(z) * 0.88, low, z), (x, y, z), plan.stock, 0.7))
    return [rail, *mirrored(*posts)]


def blocks(dice: Dice, plan: Plan, floor: float) -> list[Surface]:
    """Thick upholstered arms of an armchair, from ``floor`` up."""
    high = plan.seat_y + dice.between(0.1, 0.26)
    wide = dice.log_between(0.07, 0.22)
    long = plan.depth * dice.between(0.92, 1.08)
    x = plan.width / 2 + wide * 0.42
    tall = high - floor
    kind = dice.weighted({"block": 4.0, "soft": 2.0, "roll": 2.0, "slope": 1.5})
    if kind == "soft":
        block = superellipsoid((wide * 1.15, tall, long), 5.0, 5.0)
        return mirrored(moved(block, x, floor + tall / 2, 0))
    edge = wide * dice.between(0.08, 0.45)
    block = slab(rounded_rectangle(wide, long, edge, 32), tall, edge)
    pieces = [moved(block, x, floor + tall / 2, 0)]
    if kind == "slope":
        drop = dice.between(0.2, 0.6)
        flat = pieces[0].vertices.copy()
        share = np.clip((flat[:, 1] - floor) / tall, 0, 1)
        flat[:, 1] -= share * drop * (high - plan.seat_y) * (flat[:, 2] / long + 0.5)
        pieces = [Surface(flat, pieces[0].faces)]
    if kind == "roll":
        radius = wide * dice.between(0.55, 0.75)
        roll = slab(circle(radius, 28), long, radius * 0.15)
        pieces.append(moved(turned(roll, "x", pi / 2), x + wide * 0.12, high - radius * 0.3, 0))
    return mirrored(*pieces)
