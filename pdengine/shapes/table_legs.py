"""What tables stand on: legs, pedestals, trestles, panels, bent bars, and a shelf between."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import mirrored, moved, turned, upright
from pdengine.shapes.curves import rounded_rectangle
from pdengine.shapes.dice import Dice
from pdengine.shapes.furniture import (
    LegStyle,
    Point,
    bent,
    on_circle,
    pedestal,
    rod,
    star_base,
    stretchers,
)
from pdengine.shapes.primitives import Surface, slab
from pdengine.shapes.table_plan import Plan


def legs(dice: Dice, plan: Plan, kind: str, inset: float) -> list[Surface]:
    """All that carries the top; ``inset`` is how much of the top it stands under."""
    x, z = (side * inset - plan.stock.radius for side in plan.reach())
    x, z = max(x, 0.05), max(z, 0.05)
    if kind == "four":
        return _four(dice, plan, x, z)
    if kind == "three":
        return _three(dice, plan, x, z)
    if kind in ("pedestal", "double"):
        spread = min(plan.width, plan.depth) * dice.between(0.2, 0.42)
        thick = dice.between(0.025, 0.08) * (0.6 + 0.5 * plan.width)
        if kind == "pedestal":
            return pedestal(dice, plan.under + 0.01, spread, thick)
        one = pedestal(dice, plan.under + 0.01, spread * 0.8, thick * 0.8)
        off = plan.width * dice.between(0.22, 0.3)
        pair = mirrored(*(moved(s, x=off) for s in one))
        bar_y = plan.under * dice.between(0.2, 0.5)
        bar = [rod((-off, bar_y, 0), (off, bar_y, 0), plan.stock)] if dice.chance(0.5) else []
        return pair + bar
    if kind == "star":
        return star_base(dice, plan.under + 0.01, max(x, z) * 0.8, plan.stock.radius * 1.6)
    if kind == "drum":
        return [
            moved(
                slab(plan.outline(dice.between(0.35, 0.9)), plan.under * 1.02, 0.01),
                y=plan.under * 0.51,
            )
        ]
    if kind == "trestle":
        return _trestle(dice, plan, x, z)
    if kind == "crossed":
        return _crossed(dice, plan, x, z)
    if kind == "panels":
        return _panels(dice, plan, x, z)
    return _loops(dice, plan, x, z, sled=kind == "sled")


def _four(dice: Dice, plan: Plan, x: float, z: float) -> list[Surface]:
    splay = dice.between(0.02, 0.3) if dice.chance(0.35) else 0.0
    style = LegStyle.draw(dice, plan.stock)
    pull = dice.between(0.55, 0.95) if dice.chance(0.3) else 1.0
    corners: list[tuple[Point, Point]] = []
    for sx, sz in ((1, 1), (-1, 1), (-1, -1), (1, -1)):
        top = (sx * x * pull, plan.under + plan.thick * 0.4, sz * z * pull)
        out = splay * plan.height * 0.6
        corners.append((top, (top[0] + sx * out, 0.0, top[2] + sz * out)))
    legs = [style.make(top, foot) for top, foot in corners]
    if dice.chance(0.35):
        legs += stretchers(dice, corners, style.stock)
    return legs


def _three(dice: Dice, plan: Plan, x: float, z: float) -> list[Surface]:
    style = LegStyle.draw(dice, plan.stock)
    pull, out = dice.between(0.4, 1.0), dice.between(0.8, 1.35)
    corners = []
    for k in range(3):
        angle = (0.0 if plan.shape == "polygon" else pi / 2) + k * 2 * pi / 3
        top = on_circle(x * pull, z * pull, angle, plan.under + plan.thick * 0.4)
        foot = on_circle(x * pull * out, z * pull * out, angle, 0.0)
        corners.append((top, foot))
    legs = [style.make(top, foot) for top, foot in corners]
    return legs + (stretchers(dice, corners, style.stock) if dice.chance(0.4) else [])


def _trestle(dice: Dice, plan: Plan, x: float, z: float) -> list[Surface]:
    """Two A or T frames joined by a long bar."""
    top, stock = plan.under + plan.thick * 0.3, plan.stock
    off, radius = x * dice.between(0.65, 0.95), plan.stock.radius
    frame = [rod((off, plan.under - radius * 0.5, -z), (off, plan.under - radius * 0.5, z), stock)]
    if dice.chance(0.5):
        frame += [rod((off, top, s * z * 0.25), (off, 0, s * z), stock, 1.1) for s in (-1, 1)]
    else:
        frame += [
            rod((off, radius, -z), (off, radius, z), stock, 1.2),
            rod((off, 0.01, 0), (off, top, 0), stock, dice.between(1.0, 2.0)),
        ]
    y = plan.under * dice.between(0.2, 0.5)
    across = rod((-off, y, 0), (off, y, 0), stock, 0.8)
    rails = [rod((off, y, -z * 0.7), (off, y, z * 0.7), stock, 0.7)]
    return [*mirrored(*frame, *rails), across]


def _crossed(dice: Dice, plan: Plan, x: float, z: float) -> list[Surface]:
    """X legs at both ends, or one X seen from above."""
    top, stock = plan.under + plan.thick * 0.3, plan.stock
    if dice.chance(0.6):
        off = x * dice.between(0.7, 1.0)
        pair = [rod((off, top, s * z), (off, 0, -s * z), stock) for s in (-1, 1)]
        return [*mirrored(*pair), rod((-off, top / 2, 0), (off, top / 2, 0), stock, 0.7)]
    return [
        rod((sx * x, 0, sz * z), (-sx * x, top, -sz * z), stock)
        for sx, sz in ((1, 1), (-1, 1), (-1, -1), (1, -1))
    ][: dice.pick([2, 4])]


def _panels(dice: Dice, plan: Plan, x: float, z: float) -> list[Surface]:
    thick = dice.log_between(0.02, 0.12)
    height = plan.under + plan.thick * 0.3
    panel = slab(rounded_rectangle(2 * z, height, 0.01, 32), thick, thick * 0.2)
    side = moved(turned(upright(panel), "y", pi / 2), x=x - thick / 2, y=height / 2)
    legs = mirrored(side)
    if dice.chance(0.5):
        tall = height * dice.between(0.25, 0.95)
        wall = upright(slab(rounded_rectangle(2 * x - thick, tall, 0.005, 32), 0.02, 0.004))
        legs.append(moved(wall, y=height - tall / 2, z=dice.pick([-z * 0.9, 0.0, -z * 0.6])))
    return legs


def _loops(dice: Dice, plan: Plan, x: float, z: float, sled: bool) -> list[Surface]:
    """U frames or closed rectangles of bent bar at both ends, or one long sled per side."""
    stock, low = plan.stock, plan.stock.radius
    top, corner = plan.under, dice.log_between(0.01, 0.2)
    lean = dice.between(0.6, 1.1)
    if sled:
        points: list[Point] = [(x, top, z), (x, low, z), (x, low, -z), (x, top, -z * 0.9)]
        return mirrored(bent(points, stock, corner))
    if dice.chance(0.5):
        points = [(x, low, -z), (x, low, z), (x, top, z * lean), (x, top, -z * lean)]
        return mirrored(bent(points, stock, corner, closed=True))
    points = [(x, top + low, -z * lean), (x, low, -z), (x, low, z), (x, top + low, z * lean)]
    if dice.chance(0.4):
        points = [(x, low, -z), (x, top, -z * lean), (x, top, z * lean), (x, low, z)]
    return mirrored(bent(points, stock, corner))


def shelf(dice: Dice, plan: Plan, frame: list[Surface]) -> Surface:
    """A board between the legs, as large as they stand apart at its height."""
    y = plan.height * dice.between(0.15, 0.5)
    vertices = np.concatenate([surface.vertices for surface in frame])
    near = np.abs(vertices[np.abs(vertices[:, 1] - y) < 0.08 * plan.height])
    if not len(near):
        near = np.abs(vertices)
    u, v = 2 * near[:, 0] / plan.width, 2 * near[:, 2] / plan.depth
    apart = float(((u**plan.power + v**plan.power) ** (1 / plan.power)).max())
    plate = slab(
        plan.outline(apart - 1.5 * plan.stock.radius / plan.width), dice.between(0.01, 0.03), 0.004
    )
    return moved(plate, y=y)
