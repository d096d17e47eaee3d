"""What storage furniture stands on: legs, castors, brackets, buns, frames; all below y = 0."""

from itertools import pairwise
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.cabinet_plan import Plan
from pdengine.shapes.curves import circle, rounded_rectangle
from pdengine.shapes.dice import Dice
from pdengine.shapes.furniture import LegStyle, Stock
from pdengine.shapes.household import block, solid
from pdengine.shapes.primitives import Surface, X, limb, sweep


def add_stand(dice: Dice, cabinet: Assembly, plan: Plan) -> None:
    """A plinth belongs to the body; everything else is a leg."""
    form = dice.weighted(plan.stands)
    if form == "none":
        return
    if form == "plinth":
        tall, inset = dice.between(0.03, 0.12), dice.between(-0.01, 0.06)
        size = (plan.wide - inset, tall, plan.deep - 2 * max(inset, 0.0))
        cabinet.add("body", block(size, (0, 0.002 - tall / 2, -inset / 2), 0.006))
        return
    biggest = max(plan.wide, plan.high, plan.deep)
    build = {
        "castors": _castors,
        "bun": _buns,
        "bracket": _brackets,
        "hairpin": _hairpins,
        "frame": _runners,
        "legs": _legs,
    }[form]
    cabinet.add("leg", *build(dice, plan, biggest))


def _at_corners(pieces: list[Surface], x: float, z: float) -> list[Surface]:
    return [moved(p, x=s * x, z=q * z) for p in pieces for s in (-1, 1) for q in (-1, 1)]


def _castors(dice: Dice, plan: Plan, biggest: float) -> list[Surface]:
    r = biggest * dice.between(0.02, 0.035)
    wheel = turned(solid([(r, -0.4 * r), (r, 0.4 * r)], 0.1 * r, circle(1.0, 20)), "z", pi / 2)
    stem = limb((0, 0.02, 0), (0, -r, 0), 0.35 * r, 0.35 * r, 8)
    pieces = [moved(wheel, y=-1.2 * r), stem]
    return _at_corners(pieces, plan.wide / 2 - 1.5 * r, plan.deep / 2 - 1.5 * r)


def _buns(dice: Dice, plan: Plan, biggest: float) -> list[Surface]:
    tall = biggest * dice.between(0.03, 0.08)
    r = tall * dice.between(0.45, 0.7)
    knots = [(0.5 * r, -tall), (r, -0.6 * tall), (r, -0.35 * tall), (0.6 * r, 0.01)]
    foot = solid(knots, 0.2 * r, circle(1.0, 16))
    return _at_corners([foot], plan.wide / 2 - r, plan.deep / 2 - r)


def _brackets(dice: Dice, plan: Plan, biggest: float) -> list[Surface]:
    """Boards that meet at the corners."""
    tall = biggest * dice.between(0.03, 0.08)
    wide = tall * dice.between(1.0, 2.2)
    t, y = plan.board, 0.003 - tall / 2
    along = block((wide, tall, t), (0, y, 0), 0.005)
    across = block((t, tall, wide), (0, y, 0), 0.005)
    x, z = plan.wide / 2, plan.deep / 2
    return [
        *_at_corners([along], x - wide / 2, z - t / 2),
        *_at_corners([across], x - t / 2, z - wide / 2),
    ]


def _height(dice: Dice, biggest: float) -> float:
    return biggest * dice.log_between(0.08, 0.35)


def _hairpins(dice: Dice, plan: Plan, biggest: float) -> list[Surface]:
    tall, bar = _height(dice, biggest), biggest * dice.between(0.008, 0.014)
    x, z = plan.wide / 2 - 2 * bar, plan.deep / 2 - 2 * bar
    spread = dice.between(0.06, 0.12) * biggest
    pieces = []
    for q in (-1, 1):
        for dx, dz in ((spread, 0.0), (0.0, spread)):
            top = (x - dx, 0.01, q * (z - dz))
            pieces += mirrored(limb(top, (x, -tall, q * z), bar, bar, 8))
    return pieces


def _runners(dice: Dice, plan: Plan, biggest: float) -> list[Surface]:
    """A rectangle of square tube at either end."""
    tall, bar = _height(dice, biggest), biggest * dice.between(0.008, 0.014)
    section = rounded_rectangle(2 * bar, 2 * bar, 0.3 * bar, 16)
    z = plan.deep / 2 - 2 * bar
    x = plan.wide / 2 - 2 * bar - dice.between(0.0, 0.2) * plan.wide
    knots = [(x, -0.5 * bar, z), (x, -tall, z), (x, -tall, -z), (x, -0.5 * bar, -z)]
    bars = [sweep(np.linspace(a, b, 6), section, 1.0, X, bar) for a, b in pairwise(knots)]
    return mirrored(*bars)


def _legs(dice: Dice, plan: Plan, biggest: float) -> list[Surface]:
    """Four wooden legs, upright or splayed, perhaps under a frame that carries the box."""
    tall = _height(dice, biggest)
    stock = Stock.draw(dice, 0.016 * biggest, 0.035 * biggest)
    style = LegStyle.draw(dice, stock)
    splay = dice.between(0.0, 0.25) * tall if dice.chance(0.5) else 0.0
    inset = stock.radius * 1.3 + (dice.between(0.0, 0.06) * plan.wide if splay else 0.0)
    x, z = plan.wide / 2 - inset, plan.deep / 2 - stock.radius * 1.3
    pieces = []
    for q in (-1, 1):
        foot = (x + splay, -tall, q * (z + 0.6 * splay))
        pieces += mirrored(style.make((x, 0.01, q * z), foot))
    if dice.chance(0.3):
        rail = 1.6 * stock.radius
        y = 0.003 - rail / 2
        pieces += [block((2 * x, rail, 0.6 * rail), (0, y, q * z), 0.004) for q in (-1, 1)]
        pieces += mirrored(block((0.6 * rail, rail, 2 * z), (x, y, 0), 0.004))
    return pieces
