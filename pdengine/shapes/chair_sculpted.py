"""Chairs of one piece or of few thick ones: cast, carved, foam, for children and for dolls."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, between_floors, mirrored, moved, reshaped, upright
from pdengine.shapes.chair_plan import Plan
from pdengine.shapes.curves import circle, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, X, lathe, limb, slab, superellipsoid, sweep


def add_sculpted(dice: Dice, plan: Plan, chair: Assembly) -> None:
    """Fat legs, a thick seat, a thick back; what meets swells."""
    plan.seat_thick = min(dice.log_between(0.06, 0.24), 0.5 * plan.seat_y)
    plan.thick = dice.log_between(0.05, 0.18)
    plan.curl *= 0.5
    chair.add("seat", *_seat(dice, plan))
    chair.add("back", *_back(dice, plan))
    chair.add("leg", *between_floors(_legs(dice, plan), 0.0, plan.seat_y - 0.5 * plan.seat_thick))
    if dice.chance(0.45):
        chair.add("arm", *_arms(dice, plan))


def _seat(dice: Dice, plan: Plan) -> list[Surface]:
    y = plan.seat_y - plan.seat_thick / 2
    if dice.chance(0.4):  # a cushion
        size = (1.03 * plan.width, plan.seat_thick, 1.03 * plan.depth)
        power = float(np.clip(plan.power, 2.0, 6.0))
        return [moved(superellipsoid(size, power, dice.between(2.4, 5.0), 40), y=y)]
    edge = plan.seat_thick * dice.pick([0.25, 0.4, 0.5])
    crown = dice.between(-0.25, 0.4) * plan.seat_thick
    return [moved(slab(plan.outline(), plan.seat_thick, edge, crown), y=y)]


def _back(dice: Dice, plan: Plan) -> list[Surface]:
    """A thick board with round edges, or two or three fat rails on two posts."""
    low = -0.5 * plan.seat_thick
    tall = plan.back - low
    if dice.chance(0.3):
        radius = 0.5 * plan.thick
        x = max(0.5 * plan.width * dice.between(0.7, 0.95) - radius, radius)
        pieces = mirrored(limb((x, low, 0), (x, plan.back, 0), radius, radius * 0.9, 16))
        count = dice.whole(1, 3)
        high = 0.8 * plan.back / count * dice.between(0.4, 0.9)
        for k in range(count):
            y = plan.back - (0.6 + k) * 0.85 * plan.back / count
            rail = superellipsoid((2 * x, max(high, plan.thick), 0.9 * plan.thick), 6.0, 3.0)
            pieces.append(moved(rail, y=y))
        return [reshaped(piece, plan.lean) for piece in pieces]
    wide = plan.width * dice.between(0.7, 1.05)
    outline = superellipse(wide, tall, dice.weighted({2.2: 2.0, 3.0: 2.0, 5.0: 2.0, 9.0: 2.0}), 48)
    narrow = dice.between(-0.25, 0.35)
    outline[:, 0] *= 1 - narrow * (outline[:, 1] / tall)
    edge = plan.thick * dice.pick([0.3, 0.5])
    board = upright(slab(outline * [1, -1], plan.thick, edge, dice.between(0, 0.3) * plan.thick))
    swell = dice.between(0.0, 0.8)

    def stand(vertices: np.ndarray) -> np.ndarray:
        """Thicker where it grows out of the seat."""
        y = vertices[:, 1] + low + tall / 2
        grow = 1 + swell * np.exp(-((np.maximum(y, 0) / (0.25 * tall)) ** 2))
        return plan.lean(np.stack([vertices[:, 0], y, vertices[:, 2] * grow], 1))

    return [reshaped(board, stand)]


def _legs(dice: Dice, plan: Plan) -> list[Surface]:
    top = plan.seat_y - 0.5 * plan.seat_thick
    small = min(plan.width, plan.depth)
    kind = dice.weighted({"four": 7.0, "three": 1.0, "trunk": 1.5, "block": 1.0, "sides": 1.5})
    if kind == "trunk":
        low, waist = dice.between(0.3, 0.55) * small, dice.between(0.12, 0.45) * small
        knots = [(low, 0.0), (low, 0.08 * top), (waist, 0.45 * top), (0.4 * small, top)]
        curve = smooth(knots, 20)
        ends = [np.array([(0.05, curve[k, 1])]) for k in (0, -1)]
        return [lathe(np.concatenate([ends[0], curve, ends[1]]), circle(1.0, 32))]
    if kind == "block":
        outline = plan.outline(dice.between(0.75, 1.0))
        return [moved(slab(outline, top, 0.03), y=top / 2)]
    if kind == "sides":
        thick = plan.width * dice.between(0.1, 0.25)
        side = slab(superellipse(thick, plan.depth * dice.between(0.7, 1.0), 6.0, 32), top, 0.03)
        return mirrored(moved(side, x=plan.width / 2 - thick / 2, y=top / 2))
    radius = small * dice.log_between(0.07, 0.17)
    taper, splay = dice.between(0.5, 1.3), dice.between(0.0, 0.35) * top
    bow = dice.between(-0.08, 0.13) * top
    power = dice.pick([2.0, 2.0, 3.0, 6.0])
    swell = dice.between(0.0, 0.7)
    corners = [plan.corner(sx, sz, radius) for sx in (-1, 1) for sz in (-1, 1)]
    if kind == "three":
        corners = [(0.0, plan.depth / 2 - radius), *(plan.corner(s, -1, radius) for s in (-1, 1))]
    t = np.linspace(0, 1, 16)
    legs = []
    for x, z in corners:
        out = np.array([x, 0.0, z]) / (np.hypot(x, z) + 1e-6)
        foot = (x + splay * out[0], 0.0, z + splay * out[2])
        middle = ((x + foot[0]) / 2 + bow * out[0], top / 2, (z + foot[2]) / 2 + bow * out[2])
        path = smooth([(x, top, z), middle, foot], 16)
        scale = (1 + (taper - 1) * t) * (1 + swell * np.exp(-t / 0.15))
        legs.append(sweep(path, superellipse(2 * radius, 2 * radius, power, 18), scale, X))
    return legs


def _arms(dice: Dice, plan: Plan) -> list[Surface]:
    """A fat bow from the back to the seat, or a thick wall at each side."""
    rise = plan.back * dice.between(0.3, 0.55)
    radius = dice.log_between(0.03, 0.085)
    x = plan.width / 2 - 0.3 * radius
    if dice.chance(0.35):
        low = plan.seat_y - plan.seat_thick
        size = (2.2 * radius, rise + plan.seat_thick, plan.depth * dice.between(0.75, 1.0))
        wall = superellipsoid(size, 5.0, dice.between(3.0, 7.0), 32)
        return mirrored(moved(wall, x=x, y=low + size[1] / 2, z=-plan.depth * 0.02))
    y = plan.seat_y + rise
    rear = plan.lean_z(rise)
    ahead = plan.depth * dice.between(0.15, 0.42)
    out = dice.between(0.0, 0.08)
    knots = [(x - radius, y, rear), (x + out, y, rear + 0.35 * (ahead - rear))]
    knots += [(x + out, y - dice.between(0.0, 0.3) * rise, ahead)]
    knots += [(x - 0.2 * radius, plan.seat_y - 0.4 * plan.seat_thick, ahead - 0.04)]
    path = smooth(knots, 26)
    t = np.linspace(0, 1, 26)
    scale = 1 + dice.between(0.0, 0.5) * (np.exp(-t / 0.1) + np.exp(-(1 - t) / 0.1))
    scale = scale * (1 + dice.between(-0.2, 0.2) * np.sin(pi * t))
    cut = superellipse(2 * radius, 2 * radius * dice.between(0.7, 1.3), dice.pick([2.0, 3.5]), 18)
    return mirrored(sweep(path, cut, scale, X, 0.5 * radius))
