"""Heads, hands and feet of people."""

from math import cos, sin

import numpy as np

from pdengine.shapes.assembly import Assembly
from pdengine.shapes.bodies import across, ball, jointed, posed, trunk, unit, vector
from pdengine.shapes.curves import Array
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface

SIDES = (-1.0, 1.0)
HAIR = {"none": 4.0, "cap": 3.0, "bob": 2.0, "bun": 1.0, "tall": 1.0, "hat": 1.0, "tail": 1.0}


def add_head(
    dice: Dice, human: Assembly, root: Array, size: float, neck: float, lean: float
) -> None:
    """Neck and skull; the neck counts as head. ``size`` is the height of the skull."""
    wide = size * dice.between(0.66, 0.9)
    deep = size * dice.between(0.75, 0.95)
    lively = dice.chance(0.5)
    nod = dice.between(-0.5, 0.4) if lively else 0.0
    turn = dice.between(-0.9, 0.9) if lively else 0.0
    tilt = dice.between(-0.3, 0.3) if lively else 0.0
    bent = 0.7 * lean
    up = vector(0, cos(bent), sin(bent))
    centre = root + (neck + 0.46 * size) * up
    thick = wide * dice.between(0.42, 0.62)
    foot = root - 0.07 * up
    human.add("head", jointed([foot, centre], [0.55 * thick, 0.48 * thick], 16))

    jaw = dice.between(0.5, 0.8)
    knots = [
        (0.0, -0.46 * size, 0.1 * deep, 0.4 * wide * jaw, 0.35 * deep),
        (0.0, -0.36 * size, 0.06 * deep, 0.75 * wide * jaw, 0.6 * deep),
        (0.0, -0.12 * size, 0.02 * deep, wide * (0.6 + 0.4 * jaw), 0.85 * deep),
        (0.0, 0.14 * size, 0.0, wide, deep),
        (0.0, 0.36 * size, -0.02 * deep, 0.8 * wide, 0.8 * deep),
        (0.0, 0.46 * size, -0.02 * deep, 0.45 * wide, 0.45 * deep),
    ]
    surfaces = [trunk(knots, 20, 20)]
    if dice.chance(0.75):
        nose = jointed(
            [(0, 0.1 * size, 0.44 * deep), (0, -0.1 * size, 0.52 * deep)],
            [0.04 * size, dice.between(0.05, 0.09) * size],
            10,
        )
        surfaces.append(nose)
    if dice.chance(0.6):
        for side in SIDES:
            at = (side * 0.5 * wide, 0.0, -0.05 * deep)
            surfaces.append(ball(at, (0.12 * size, 0.26 * size, 0.16 * size), 10))
    surfaces += _hair(dice, size, wide, deep)
    human.add("head", *posed(surfaces, centre, nod - 0.5 * bent, turn, tilt))


def _hair(dice: Dice, size: float, wide: float, deep: float) -> list[Surface]:
    style = dice.weighted(HAIR)
    top = ball((0, 0.16 * size, -0.06 * deep), (1.1 * wide, 0.8 * size, 1.08 * deep), 20)
    if style == "cap":
        return [top]
    if style == "bob":
        long = dice.between(0.9, 1.5) * size
        middle = 0.55 * size - long / 2
        return [top, ball((0, middle, -0.22 * deep), (1.2 * wide, long, 0.75 * deep), 20)]
    if style == "bun":
        at = (0, dice.between(0.1, 0.55) * size, -0.5 * deep * dice.between(0.3, 1.0))
        return [top, ball(at, [dice.between(0.3, 0.5) * size] * 3, 14)]
    if style == "tall":
        return [ball((0, 0.35 * size, 0), (1.05 * wide, dice.between(0.7, 1.1) * size, deep), 20)]
    if style == "tail":
        knots = [(0, 0.3 * size, -0.4 * deep), (0, 0.2 * size, -0.75 * deep)]
        knots.append((0, -dice.between(0.3, 1.0) * size, -0.7 * deep))
        return [top, jointed(knots, [0.1 * size, 0.12 * size, 0.06 * size], 10)]
    if style == "hat":
        brim, tall = dice.between(1.1, 1.8), dice.between(0.3, 0.7) * size
        crown = [(0.0, 0.2 * size, 0.0, 1.08 * wide, 1.08 * deep)]
        crown.append((0.0, 0.2 * size + tall, 0.0, 0.9 * wide, 0.9 * deep))
        rim = ball((0, 0.22 * size, 0), (brim * wide, 0.1 * size, brim * deep), 20)
        return [trunk(crown, 8, 18, 0.3), rim]
    return []


def add_hand(
    dice: Dice, human: Assembly, wrist: Array, along: Array, side: float, radius: float, style: str
) -> None:
    """A fist, a mitten, or a palm with five fingers, on from the lower arm."""
    long = radius * dice.between(2.6, 3.8)
    bend = dice.between(-0.3, 0.5)
    palm_side = across(along, vector(-side, 0, 0.3))
    along = unit(along + bend * palm_side)
    palm_side = across(along, palm_side)
    thumb_side = np.cross(along, palm_side) * side
    thick = 0.42 * radius
    if style == "fist":
        knuckles = wrist + 0.5 * long * along
        human.add("hand", jointed([wrist, knuckles], [0.55 * radius, 0.85 * radius], 14))
    else:
        palm = long * (0.5 if style == "fingers" else 0.85)
        for shift in (-0.32, 0.0, 0.32):  # three strands make a flat palm in any direction
            start = wrist + 0.4 * shift * radius * thumb_side
            end = wrist + palm * along + 1.3 * shift * radius * thumb_side
            human.add("hand", jointed([start, end], [thick, thick], 8))
    if style == "fingers":
        spread = dice.between(0.0, 0.35)
        curve = dice.between(0.0, 0.6)
        for k in range(4):
            shift = (k - 1.5) / 1.5
            base = wrist + (0.42 * long) * along + 0.5 * shift * radius * thumb_side
            reach = long * (0.55 if k in (1, 2) else 0.45)
            way = unit(along + spread * shift * thumb_side)
            middle = base + 0.5 * reach * way
            tip = middle + 0.5 * reach * unit(way + curve * palm_side)
            human.add("hand", jointed([base, middle, tip], [0.24 * radius] * 3, 7))
    base = wrist + 0.15 * long * along
    way = unit(along + dice.between(0.5, 1.3) * thumb_side + 0.3 * palm_side)
    human.add("hand", jointed([base, base + 0.5 * long * way], [0.32 * radius, 0.25 * radius], 8))


def add_foot(
    dice: Dice,
    human: Assembly,
    ankle: Array,
    toes: Array,
    down: Array,
    long: float,
    radius: float,
) -> None:
    """A foot or a shoe from behind the ankle to the toes, ``down`` pointing to its sole."""
    toes, down = unit(toes), across(toes, down)
    high = max(0.55 * radius, 0.07) * dice.between(0.9, 1.3)
    wide = max(0.75 * radius, 0.08) * dice.between(0.85, 1.2)
    heel = ankle - 0.22 * long * toes + 0.35 * high * down
    ball_of_foot = ankle + 0.42 * long * toes + 0.55 * high * down
    tip = ankle + 0.72 * long * toes + 0.7 * high * down
    human.add("foot", jointed([heel, ankle + 0.3 * high * down], [0.6 * wide, 0.62 * wide], 12))
    radii = [0.62 * wide, 0.5 * (wide + high) * 0.62, 0.4 * high]
    start = ankle + 0.25 * high * down
    human.add("foot", jointed([start, ball_of_foot, tip], radii, 14, dice.between(1.0, 1.5)))
    if dice.chance(0.2):  # a block of a heel, as shoes have
        low = heel + 0.9 * high * down
        human.add("foot", jointed([heel, low], [0.5 * wide, 0.4 * wide], 12))
