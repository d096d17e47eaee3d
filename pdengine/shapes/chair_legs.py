"""What a chair stands on: four legs, runners, sleds, columns, panels."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import mirrored, moved, turned, upright
from pdengine.shapes.chair_plan import Plan
from pdengine.shapes.curves import rounded_rectangle
from pdengine.shapes.dice import Dice
from pdengine.shapes.furniture import (
    LegStyle,
    Point,
    Stock,
    bent,
    pedestal,
    rod,
    star_base,
    stretchers,
)
from pdengine.shapes.primitives import Surface, X, Y, slab, sweep


def legs(dice: Dice, plan: Plan) -> list[Surface]:
    """The base that goes with this kind of chair."""
    base = dice.weighted(
        {
            "office": {"star": 9.0, "disc": 1.0},
            "stool": {"four": 6.0, "disc": 3.0, "sled": 1.0},
            "cantilever": {"cantilever": 1.0},
            "rocking": {"rockers": 1.0},
            "shell": {"four": 4.0, "star": 1.5, "disc": 1.5, "sled": 2.0, "wires": 1.0},
            "lounge": {"four": 5.0, "sled": 2.0, "star": 1.5, "disc": 1.0, "cantilever": 1.0},
            "folding": {"folding": 1.0},
            "panel": {"panels": 1.0},
            "bench": {"four": 5.0, "panels": 1.5, "sled": 1.5},
        }.get(plan.kind, {"four": 12.0, "sled": 1.0, "disc": 0.6})
    )
    top = plan.under + 0.4 * plan.seat_thick
    if base == "four":
        return four(dice, plan, top)
    if base == "star":
        spread = min(plan.width, plan.depth) * dice.between(0.5, 0.68)
        plate = slab(plan.outline(0.45, 24), 0.03, 0.01)
        column = star_base(dice, top, spread, dice.between(0.03, 0.055))
        return [*column, moved(plate, y=plan.under - 0.005)]
    if base == "disc":
        spread = min(plan.width, plan.depth) * dice.between(0.38, 0.6)
        return pedestal(dice, top, spread, dice.between(0.02, 0.06))
    if base == "sled":
        return _sled(dice, plan)
    if base == "cantilever":
        return _cantilever(dice, plan)
    if base == "rockers":
        return _rockers(dice, plan, top)
    if base == "folding":
        return _folding(dice, plan, top)
    if base == "wires":
        return _wires(dice, plan, top)
    return _panels(dice, plan)


def four(dice: Dice, plan: Plan, top: float, inset: float | None = None) -> list[Surface]:
    """Four legs and often stretchers, from the floor to y = top."""
    style = LegStyle.draw(dice, plan.stock)
    inset = plan.stock.radius + dice.between(0.0, 0.03) if inset is None else inset
    pull = dice.between(0.5, 0.9) if dice.chance(0.2) else 1.0
    splay = dice.between(0.02, 0.22) if dice.chance(0.45) else 0.0
    rake = splay if dice.chance(0.5) else dice.between(0.0, 0.25)
    corners: list[tuple[Point, Point]] = []
    for sx, sz in ((1, 1), (-1, 1), (-1, -1), (1, -1)):
        x, z = plan.corner(sx, sz, inset)
        x, z = x * pull, z * pull
        back = rake if sz < 0 else splay
        foot = (x + sx * splay * top * 0.5, 0.0, z + sz * back * top * 0.6)
        corners.append(((x, top, z), foot))
    pieces = [style.make(a, b) for a, b in corners]
    if plan.kind == "shell":
        pieces += _spider(plan, [head for head, _ in corners])
    if plan.kind == "stool" or dice.chance(0.4):
        pieces += stretchers(dice, corners, style.stock)
    return pieces


def _spider(plan: Plan, heads: list[Point]) -> list[Surface]:
    """Bars from the heads of the legs to the belly of a shell, whose rim curves away from them."""
    y = plan.under - 0.005
    hub = moved(slab(plan.outline(0.4, 24), 0.04, 0.012), y=y)
    return [hub, *(rod((0, y, 0), (x, y, z), plan.stock, 0.8) for x, _, z in heads)]


def _sled(dice: Dice, plan: Plan) -> list[Surface]:
    """A loop of bar on each side, sometimes tied together."""
    stock, low = plan.stock, plan.stock.radius
    x, front = plan.corner(1, 1, stock.radius)
    x = min(x, plan.corner(1, -1, stock.radius)[0])
    y = plan.under + plan.seat_thick * 0.3
    out = dice.between(0.0, 0.06)
    points: list[Point] = [
        (x, y, front),
        (x + out, low, front + dice.between(-0.03, 0.05)),
        (x + out, low, -front - dice.between(-0.02, 0.08)),
        (x, y, -front),
    ]
    side = bent(points, stock, dice.log_between(0.015, 0.12), closed=dice.chance(0.5))
    pieces = mirrored(side)
    if plan.kind == "shell":
        pieces += _spider(plan, [(s * x, y, t * front) for s in (-1, 1) for t in (-1, 1)])
    if dice.chance(0.5):
        pieces.append(rod((-x - out, low, -front * 0.9), (x + out, low, -front * 0.9), stock, 0.9))
    return pieces


def _cantilever(dice: Dice, plan: Plan) -> list[Surface]:
    """A tube from the floor up the front and back under the seat, without rear legs."""
    stock, low = plan.stock, plan.stock.radius
    x, front = plan.corner(1, 1, stock.radius)
    y = plan.under + stock.radius * 0.3
    rear = -plan.depth * dice.between(0.42, 0.55)
    corner = dice.between(0.04, 0.14)
    points: list[Point] = [
        (0, low, rear),
        (x, low, rear),
        (x, low, front + 0.02),
        (x, y, front),
        (x, y, -front),
    ]
    flat = bent(points[:3], stock, corner, Y)
    up = bent([(x, low, rear * 0.5), *points[2:]], stock, corner)
    return mirrored(flat, up)


def _rockers(dice: Dice, plan: Plan, top: float) -> list[Surface]:
    pieces = four(dice, plan, top)
    x = float(pieces[0].vertices[pieces[0].vertices[:, 1] < 0.05][:, 0].mean())
    long = plan.depth * dice.between(0.75, 1.05)
    z = np.linspace(-1.15, 1, 22) * long
    rise = dice.between(0.08, 0.2)
    runner = np.stack([np.full(22, x), rise * (z / long) ** 2 * long * 0.6 - 0.02, z], 1)
    cut = rounded_rectangle(plan.stock.radius * 1.6, plan.stock.radius * 2.4, 0.006, 16)
    # The runners bend up towards their ends, so the legs must reach into them.
    return pieces + mirrored(sweep(runner, cut, 1.0, X, 0.01))


def _folding(dice: Dice, plan: Plan, top: float) -> list[Surface]:
    """Two crossing bars on each side, tied by rungs."""
    x, z = plan.width / 2 - plan.stock.radius, plan.depth * dice.between(0.4, 0.52)
    inner = x - 2.1 * plan.stock.radius
    low = plan.stock.radius * 0.5
    pieces = mirrored(
        rod((x, low, z), (x, top, -z * 0.8), plan.stock),
        rod((inner, low, -z), (inner, top, z * 0.8), plan.stock),
        rod((inner - 0.005, (top + low) / 2, 0), (x + 0.005, (top + low) / 2, 0), plan.stock, 0.6),
    )
    for share in (0.12, 0.25)[: dice.whole(1, 2)]:
        y = top * share
        at = z * (1 - 1.8 * share)
        pieces.append(rod((-x, y, at), (x, y, at), plan.stock, 0.7))
        pieces.append(rod((-inner, y, -at), (inner, y, -at), plan.stock, 0.7))
    return pieces


def _wires(dice: Dice, plan: Plan, top: float) -> list[Surface]:
    """A tower of thin struts, as under moulded shells."""
    thin = Stock(dice.between(0.005, 0.009), plan.stock.outline)
    x, z = plan.width * 0.42, plan.depth * 0.42
    feet: list[Point] = [(x, 0, z), (-x, 0, z), (-x, 0, -z), (x, 0, -z)]
    heads: list[Point] = [
        (s * x * 0.5, top, t * z * 0.5) for s, t in ((1, 1), (-1, 1), (-1, -1), (1, -1))
    ]
    pieces = [rod(feet[k], heads[k], thin, 1.6) for k in range(4)]
    pieces += [rod(feet[k], heads[(k + 1) % 4], thin) for k in range(4)]
    return pieces + _spider(plan, heads)


def _panels(dice: Dice, plan: Plan) -> list[Surface]:
    """Two boards instead of legs."""
    thick = dice.log_between(0.018, 0.08)
    tall = plan.under + plan.seat_thick * 0.5
    outline = rounded_rectangle(plan.depth * dice.between(0.8, 1.0), tall, 0.01, 32)
    outline[:, 0] *= 1 - dice.between(-0.1, 0.2) * outline[:, 1] / tall
    side = turned(upright(slab(outline, thick, thick * 0.25)), "y", pi / 2)
    x = plan.corner(1, -1, 0)[0] - thick * 0.5
    pieces = mirrored(moved(side, x, tall / 2, 0))
    if dice.chance(0.5):
        y = tall * dice.between(0.3, 0.8)
        pieces.append(rod((-x, y, 0), (x, y, 0), plan.stock))
    return pieces


def stubs(dice: Dice, plan: Plan, half: float, top: float) -> list[Surface]:
    """Short feet under an upholstered body, half its width apart from the middle."""
    style = LegStyle.draw(dice, Stock(dice.between(0.015, 0.04), plan.stock.outline))
    z = plan.depth * 0.42
    out = dice.between(0.0, 0.03)
    return [
        style.make(
            (sx * half * 0.88, top + 0.03, sz * z), (sx * (half * 0.88 + out), 0.0, sz * (z + out))
        )
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]
