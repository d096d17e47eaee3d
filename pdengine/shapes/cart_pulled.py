"""Carts for a load outdoors: wagons with a drawbar, wheelbarrows, two-wheeled hand carts."""

from math import cos, sin

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved
from pdengine.shapes.cart_parts import Tub, board, cart_wheel, pipe, plank
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface


def _add_box(dice: Dice, cart: Assembly, size: tuple[float, float, float, float], y: float) -> None:
    """The load's box on y: a tub, plank walls, stakes, wire, or a bare floor with rails.

    Args:
        size: width, length, height and how much the rim is wider than the floor.
    """
    wide, long, tall, flare = size
    kind = dice.weighted({"tub": 3.0, "planks": 3.0, "stakes": 2.0, "wire": 1.0, "boat": 1.0})
    if kind in ("tub", "boat", "wire"):
        corner = dice.between(0.01, 0.12)
        grow = flare * tall * 2
        tub = Tub((wide, long, y, 0.0), (wide + grow, long + grow, y + tall, 0.0), corner)
        if kind == "wire":
            cart.add("body", *tub.wires(dice, 0.01), board(wide, long, 0.02, (0, y, 0)))
        else:
            cart.add("body", tub.walls(dice.between(0.012, 0.03), 0.5 if kind == "boat" else 1.0))
        return
    thick = dice.between(0.02, 0.04)
    cart.add("body", board(wide, long, 0.03, (0, y, 0), 0.01))
    rows = dice.whole(1, 4)
    gap = 0.8 if kind == "planks" else dice.between(0.4, 0.65)
    for k in range(rows):
        at = y + tall * (k + 0.5) / rows
        high = gap * tall / rows
        out = flare * (at - y)
        x, z = wide / 2 + out, long / 2 + out
        cart.add("body", *mirrored(plank((thick, high, 2 * z), (x, at, 0))))
        if kind == "planks" or dice.chance(0.8):
            cart.add("body", *(plank((2 * x, high, thick), (0, at, s * z)) for s in (1, -1)))
    for z in np.linspace(-0.47, 0.47, dice.whole(2, 4)) * long:
        low = (wide / 2 + 0.01, y - 0.02, float(z))
        high_end = (wide / 2 + 0.01 + flare * tall, y + tall * 1.04, float(z))
        cart.add("body", *mirrored(pipe([low, high_end], 0.016, 0, 6)))


def add_wagon(dice: Dice, cart: Assembly) -> None:
    """A box on four wheels; a drawbar in front, down or raised."""
    wide, long = dice.between(0.36, 0.6), dice.between(0.75, 1.3)
    wheel = dice.between(0.1, 0.22)
    kind = dice.weighted({"rubber": 3.0, "solid": 1.5, "wood": 2.5, "wire": 0.8})
    if kind == "wood":
        wheel = dice.between(0.16, 0.3)
    floor = wheel * dice.between(1.3, 2.1)
    tall = dice.between(0.06, 0.4)
    _add_box(dice, cart, (wide, long, tall, dice.between(0.0, 0.3)), floor)
    track = 0.5 * wide + wheel * 0.25 + 0.01
    if floor > 2.05 * wheel and dice.chance(0.5):
        track = 0.42 * wide
    pieces = cart_wheel(dice, kind, wheel)
    big = dice.between(1.1, 1.4) if kind == "wood" and dice.chance(0.5) else 1.0
    for z, size in ((0.36 * long, 1.0), (-0.36 * long, big)):
        grown = [Surface(p.vertices * size, p.faces) for p in pieces]
        radius = wheel * size
        cart.add("wheel", *mirrored(*(moved(p, track, radius, z) for p in grown)))
        cart.add("body", pipe([(-track, radius, z), (track, radius, z)], 0.014))
        high = max(floor, radius + 0.03)
        bracket = plank((0.6 * wide, high - radius + 0.05, 0.06), (0, (high + radius) / 2, z))
        cart.add("body", bracket)
    angle = dice.between(0.05, 1.35)
    reach = dice.between(0.5, 0.9)
    start = (0.0, wheel, 0.36 * long)
    ring = (0.0, wheel + 0.02, 0.5 * long + 0.06)
    tip = (0.0, ring[1] + reach * sin(angle), ring[2] + reach * cos(angle))
    thin = dice.between(0.012, 0.022)
    cart.add("handle", pipe([start, ring, tip], thin, 0.05))
    grip = dice.between(0.06, 0.13)
    if dice.chance(0.5):  # a T
        cart.add("handle", pipe([(-grip, *tip[1:]), (grip, *tip[1:])], 1.2 * thin, 0, 10))
    else:  # a D
        far = (tip[1] + 0.1 * sin(angle), tip[2] + 0.1 * cos(angle))
        loop = [
            (0.0, *tip[1:]),
            (grip, *tip[1:]),
            (grip, *far),
            (-grip, *far),
            (-grip, *tip[1:]),
            (0.0, *tip[1:]),
        ]
        cart.add("handle", pipe(loop, thin, 0.04))
    if dice.chance(0.1):  # a canvas roof on hoops
        for z in (0.45, 0.0, -0.45):
            hoop = [
                (wide / 2, floor, z * long),
                (wide / 2, floor + 0.5, z * long),
                (0, floor + 0.75, z * long),
                (-wide / 2, floor + 0.5, z * long),
                (-wide / 2, floor, z * long),
            ]
            cart.add("body", pipe(hoop, 0.014, 0.25))


def add_barrow(dice: Dice, cart: Assembly) -> None:
    """A tray between two shafts; one wheel in front, or two; two feet."""
    wheel = dice.between(0.15, 0.22)
    half = dice.between(0.24, 0.34)
    long, deep = dice.between(0.6, 0.95), dice.between(0.16, 0.36)
    floor = wheel * dice.between(1.5, 2.0)
    ahead = dice.between(0.3, 0.5) * long + wheel
    rim_z = dice.between(-0.04, 0.14)
    low = (2 * half * dice.between(0.5, 0.85), long * dice.between(0.45, 0.8), floor, -0.02)
    tub = Tub(low, (2 * half, long, floor + deep, rim_z), dice.between(0.03, 0.15))
    if dice.chance(0.8):
        cart.add("body", tub.walls(dice.between(0.012, 0.025), dice.between(0.5, 1.0)))
    else:  # boards
        cart.add("body", board(low[0], long, 0.03, (0, floor, 0)))
        cart.add("body", *mirrored(plank((0.025, deep, long), (low[0] / 2, floor + deep / 2, 0))))
        cart.add("body", plank((low[0], deep, 0.025), (0, floor + deep / 2, 0.5 * long)))
    thin = dice.between(0.016, 0.028)
    hands = -0.5 * long - dice.between(0.35, 0.6)
    rise = dice.between(0.05, 0.3)
    split = -0.5 * low[1]  # behind the tray the shafts are handles
    axle_x = 0.06 if dice.chance(0.85) else 0.6 * half
    shaft = [
        (axle_x, wheel, ahead),
        (0.4 * low[0], floor - thin, 0.3 * long),
        (0.45 * low[0], floor - thin, split),
    ]
    cart.add("body", *mirrored(pipe(shaft, thin, 0.08)))
    grip = [
        (0.45 * low[0], floor - thin, split + 0.01),
        (0.9 * half, floor + rise, hands + 0.2),
        (0.9 * half, floor + rise, hands),
    ]
    cart.add("handle", *mirrored(pipe(grip, thin, 0.08)))
    sleeve = [(0.9 * half, floor + rise, hands + 0.12), (0.9 * half, floor + rise, hands)]
    if dice.chance(0.7):
        cart.add("handle", *mirrored(pipe(sleeve, 1.35 * thin, 0, 10)))
    if dice.chance(0.15):
        cart.add(
            "handle",
            pipe([(-0.9 * half, floor + rise, hands), (0.9 * half, floor + rise, hands)], thin),
        )
    foot = -0.3 * low[1] - dice.between(0.0, 0.1)
    x = 0.46 * low[0]
    leg = [
        (x, floor, foot + 0.12),
        (x, 0.02, foot),
        (x, 0.02, foot - 0.12),
        (x, floor, foot - 0.18),
    ]
    cart.add("body", *mirrored(pipe(leg if dice.chance(0.6) else leg[:2], thin, 0.05)))
    cart.add(
        "body", pipe([(-x, 0.45 * floor, foot + 0.06), (x, 0.45 * floor, foot + 0.06)], 0.7 * thin)
    )
    kind = dice.weighted({"rubber": 4.0, "wood": 1.0, "solid": 0.7, "wire": 0.7})
    pieces = cart_wheel(dice, kind, wheel)
    if axle_x > 0.1:
        cart.add("wheel", *mirrored(*(moved(p, axle_x + 0.05, wheel, ahead) for p in pieces)))
    else:
        cart.add("wheel", *(moved(p, 0, wheel, ahead) for p in pieces))
    reach = axle_x + 0.05
    cart.add("body", pipe([(-reach, wheel, ahead), (reach, wheel, ahead)], 0.014))
    front = [(axle_x, wheel, ahead), (0.6 * axle_x + 0.1, floor + 0.6 * deep, rim_z + 0.48 * long)]
    if dice.chance(0.7):
        cart.add("body", *mirrored(pipe(front, 0.7 * thin)))


def add_hand_cart(dice: Dice, cart: Assembly) -> None:
    """A box on two great wheels with two shafts, as market carts and rickshaws have."""
    wide, long = dice.between(0.6, 0.9), dice.between(0.8, 1.5)
    wheel = dice.between(0.25, 0.5)
    kind = dice.weighted({"wood": 4.0, "wire": 2.0, "rubber": 1.5})
    floor = wheel * dice.between(0.9, 1.5)
    tall = dice.between(0.08, 0.5)
    _add_box(dice, cart, (wide, long, tall, dice.between(0.0, 0.25)), floor)
    track = 0.5 * wide + 0.06 + 0.25 * tall
    at = dice.between(-0.12, 0.1) * long
    pieces = cart_wheel(dice, kind, wheel)
    cart.add("wheel", *mirrored(*(moved(p, track, wheel, at) for p in pieces)))
    cart.add("body", pipe([(-track, wheel, at), (track, wheel, at)], 0.02))
    if abs(floor - wheel) > 0.03:
        post = plank((0.06, abs(floor - wheel) + 0.04, 0.1), (0.35 * wide, (floor + wheel) / 2, at))
        cart.add("body", *mirrored(post))
    thin = dice.between(0.016, 0.03)
    reach, droop = dice.between(0.5, 1.1), dice.between(-0.2, 0.25)
    x = 0.42 * wide
    low = floor - 0.02
    cart.add("body", *mirrored(pipe([(x, low, -0.48 * long), (x, low, 0.49 * long)], thin)))
    tip = (low + droop, 0.5 * long + reach)
    narrow = x * dice.between(0.6, 1.0)
    shaft = [(x, low, 0.45 * long), (x, low, 0.52 * long), (narrow, *tip)]
    cart.add("handle", *mirrored(pipe(shaft, thin, 0.1)))
    if dice.chance(0.65):
        cart.add("handle", pipe([(-narrow, *tip), (narrow, *tip)], thin))
    if dice.chance(0.4):  # a stand
        foot = [(x, low, 0.42 * long), (x, 0.02, 0.44 * long)]
        cart.add("body", *mirrored(pipe(foot, thin)))
    if dice.chance(0.3):  # an awning
        high = floor + dice.between(0.9, 1.3)
        for z in (0.42 * long, -0.42 * long):
            cart.add(
                "body", *mirrored(pipe([(0.48 * wide, floor, z), (0.48 * wide, high, z)], 0.018))
            )
        cart.add("body", board(1.2 * wide, 1.15 * long, 0.03, (0, high, 0), 0.08))
