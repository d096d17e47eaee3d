"""Cars with their wheels in the open: carriages of the twenties, hot rods, formula racers."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.bodies import trunk
from pdengine.shapes.curves import Array, circle, rounded_rectangle, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, X, limb, skin, slab, superellipsoid, sweep
from pdengine.shapes.wheels import car_wheel, spoked_wheel, tyre


def _box(size: tuple[float, float, float], power: float = 8.0) -> Surface:
    return superellipsoid(size, power, power, 20)


def add_vintage(dice: Dice, car: Assembly) -> None:
    """A narrow cabin behind a narrow hood, fenders over big wheels, a running board between."""
    long = dice.between(3.2, 5.2)
    wheel = dice.between(0.32, 0.46)
    half = dice.between(0.5, 0.68)
    track = half + dice.between(0.1, 0.28)
    front, rear = 0.5 * long - wheel * dice.between(0.9, 1.3), -0.5 * long + wheel * 1.2
    frame = wheel * dice.between(0.9, 1.25)
    cowl = front - dice.between(0.9, 1.6) * (long / 4.2)
    hot_rod = dice.chance(0.2)
    chassis = moved(_box((1.3 * half, 0.16, long * 0.9)), y=frame)
    car.add("body", chassis)
    belt = frame + dice.between(0.55, 0.75)
    _add_hood(dice, car, (cowl, front, frame, belt, half))
    _add_cabin(dice, car, (cowl, rear, frame, belt, half))

    width = wheel * dice.between(0.25, 0.5)
    if dice.chance(0.5):
        pieces = spoked_wheel(
            wheel, 0.25 * wheel, width, dice.whole(8, 12), 0.03, (0.08, 1.1 * width), 24
        )
    else:
        kind = dice.pick(["wire", "dish", "cap", "steel", "moon"])
        pieces = car_wheel(dice, kind, wheel, width, dice.between(0.2, 0.4))
    big = dice.between(1.1, 1.3) if hot_rod else 1.0
    for z, scale in ((front, 1.0), (rear, big)):
        grown = [Surface(p.vertices * scale, p.faces) for p in pieces]
        car.add("wheel", *mirrored(*(moved(p, track, wheel * scale, z) for p in grown)))
        axle = limb((-track, wheel * scale, z), (track, wheel * scale, z), 0.05, 0.05, 8)
        car.add("body", axle)
    if not hot_rod or dice.chance(0.3):
        _add_fenders(dice, car, (front, rear, wheel, track, width))
    lamp = [(0.0, 0.0), (0.6, 0.05), (1.0, 0.25), (1.05, 0.3), (1.0, 0.32), (0.0, 0.36)]
    size = dice.between(0.09, 0.15)
    rings = np.array([(max(r, 0.02) * size, h * size * 3) for r, h in lamp])
    y = belt - dice.between(0.0, 0.2)
    bulb = moved(turned(_lathed(rings), "x", pi / 2), 0.55 * half + 0.08, y, front - 0.15)
    foot = limb(
        (0.55 * half + 0.08, frame, front - 0.1),
        (0.55 * half + 0.08, y, front - 0.1),
        0.03,
        0.03,
        6,
    )
    car.add("body", *mirrored(bulb, foot))
    if dice.chance(0.45):  # a spare wheel at the tail or beside the hood
        if dice.chance(0.6):
            y, z = frame + wheel * 0.8, rear - wheel * dice.between(0.9, 1.1)
            car.add("body", limb((0, frame, rear), (0, y, z), 0.06, 0.06, 8))
            car.add("wheel", *(moved(turned(p, "y", pi / 2), y=y, z=z) for p in pieces))
        else:
            z = cowl + wheel * 1.1
            car.add("wheel", *(moved(p, half + 0.02, frame + 0.8 * wheel, z) for p in pieces))
    if dice.chance(0.5):
        for z in (0.5 * long + 0.1, -0.5 * long - 0.05):
            bar = limb((-track, frame, z), (track, frame, z), 0.05, 0.05, 8)
            stay = limb(
                (0.4 * half, frame, z), (0.4 * half, frame, z - np.sign(z) * 0.5), 0.04, 0.04, 8
            )
            car.add("body", bar, *mirrored(stay))


def _lathed(rings: Array) -> Surface:
    outline = circle(1.0, 14)
    stack = np.empty((len(rings), 14, 3))
    stack[..., 0], stack[..., 2] = rings[:, :1] * outline[:, 0], rings[:, :1] * outline[:, 1]
    stack[..., 1] = rings[:, 1:]
    return skin(stack)


def _add_hood(dice: Dice, car: Assembly, at: tuple[float, float, float, float, float]) -> None:
    """A long box with a round top that widens towards the cowl, the radiator before it."""
    cowl, front, low, belt, half = at
    power = dice.pick([2.5, 4.0, 8.0])
    nose, tall = half * dice.between(0.5, 0.85), dice.between(0.75, 0.95) * (belt - low)
    z = np.linspace(cowl - 0.05, front - 0.02, 12)
    t = np.linspace(0, 1, 12)
    outline = superellipse(2.0, 2.0, power, 24)
    wide, high = half * 0.97 + (nose - half * 0.97) * t, (belt - low) + (tall - belt + low) * t
    rings = np.empty((12, 24, 3))
    rings[..., 0] = wide[:, None] * outline[:, 0]
    rings[..., 1] = low + high[:, None] * (0.5 + 0.5 * outline[:, 1])
    rings[..., 2] = z[:, None]
    car.add("hood", skin(rings))
    # The radiator stands a little proud of the hood all around.
    thick = dice.between(0.06, 0.16)
    shell = rings[-4:].copy()
    shell[..., 0] *= 1.05
    shell[..., 1] = low + (shell[-1:, :, 1] - low) * 1.05
    shell[..., 0] = shell[-1:, :, 0]
    shell[..., 2] = (front + thick * np.array([-0.5, -0.4, 0.4, 0.5]))[:, None]
    car.add("body", skin(shell))


def _add_cabin(dice: Dice, car: Assembly, at: tuple[float, float, float, float, float]) -> None:
    """The lower body, then a tall closed cabin, or seats behind a windscreen."""
    cowl, rear, low, belt, half = at
    back = rear - dice.between(0.0, 0.35)
    reach = cowl - back
    power = dice.pick([4.0, 8.0])
    tub = superellipse(2 * half, reach, power, 24)
    body = slab(tub, belt - low, 0.05)
    car.add("body", moved(body, y=(belt + low) / 2, z=(cowl + back) / 2))
    closed = dice.chance(0.65)
    short = dice.chance(0.4)  # a coupe: the cabin ends before the body does
    cabin_back = cowl - reach * dice.between(0.45, 0.65) if short else back + dice.between(0.0, 0.2)
    tall = dice.between(0.45, 0.75)
    lean = dice.between(0.0, 0.15)
    y = belt + tall
    deep, middle = cowl - lean - cabin_back, (cowl - lean + cabin_back) / 2
    outline = superellipse(1.96 * half, deep, power, 24)
    thick = dice.between(0.06, 0.12)
    lid = moved(
        slab(outline * dice.between(1.0, 1.06), thick, 0.45 * thick, dice.between(0.0, 0.08)),
        y=y,
        z=middle,
    )
    if closed:
        car.add("roof", lid)
        if dice.chance(0.6):
            glass = slab(outline * 0.94, tall + 0.1, 0.03)
            car.add("body", moved(glass, y=belt + tall / 2, z=middle))
    else:
        glass = slab(rounded_rectangle(1.8 * half, 0.6 * tall, 0.05), 0.04, 0.01)
        pane = turned(glass, "x", pi / 2 - 0.2)
        car.add("body", moved(pane, y=belt + 0.28 * tall, z=cowl - 0.05))
        if dice.chance(0.45):  # a cloth roof on sticks
            car.add("roof", lid)
            closed = True
    if closed:
        share = 0.9 if power > 6 else 0.8  # the posts stand under the roof's round corners
        for z in (middle + 0.5 * share * deep, middle - 0.5 * share * deep, middle):
            base = min(z + lean, cowl - 0.05) if z > middle else z
            post = limb((0.9 * half, belt - 0.1, base), (share * half, y, z), 0.04, 0.04, 6)
            car.add("body", *mirrored(post))
    for z in (cowl - 0.75, cowl - 1.5):
        if z - 0.2 > cabin_back:
            bench = _box((1.6 * half, 0.55, 0.2), 5.0)
            car.add("body", moved(turned(bench, "x", -0.2), y=belt + 0.05, z=z))


def _add_fenders(dice: Dice, car: Assembly, at: tuple[float, float, float, float, float]) -> None:
    """Sheets over the wheels; front and rear meet in the running board, or each stands alone."""
    front, rear, wheel, track, width = at
    reach = wheel * dice.between(1.12, 1.25)
    sheet = rounded_rectangle(width * 1.1 + 0.14, 0.05, 0.02, 8)
    crown = np.abs(sheet[:, 0] / sheet[:, 0].max()) ** 2 * dice.between(0.0, 0.08)
    sheet = np.stack([sheet[:, 0], sheet[:, 1] + crown], 1)
    low = wheel * dice.between(0.75, 0.95)
    alone = dice.chance(0.2)

    def over(z: float, start: float, end: float) -> list[tuple[float, float, float]]:
        turn = np.linspace(start, end, 9)
        return [(0.0, wheel + reach * np.sin(a), z + reach * np.cos(a)) for a in turn]

    if alone:
        paths = [over(z, 0.3, pi - 0.3) for z in (front, rear)]
    else:
        middle = [(0.0, low, front - reach * 1.5), (0.0, low, rear + reach * 1.35)]
        paths = [over(front, 0.2, pi - 0.55) + middle + over(rear, 0.45, pi - 0.1)]
    for points in paths:
        curve = smooth(points, 3 * len(points) // 2)
        fender = sweep(curve, sheet, 1.0, X)
        car.add("body", *mirrored(moved(fender, x=track)))
        top = max(points, key=lambda p: p[1])
        stay = limb((0.3, wheel, top[2]), (track, top[1], top[2]), 0.04, 0.04, 6)
        car.add("body", *mirrored(stay))
    if not alone:
        z, long = (front + rear) / 2, front - rear - 2.6 * reach
        board = moved(_box((track + 0.1, 0.06, max(long, 0.3))), x=(track + 0.1) / 2, y=low, z=z)
        car.add("body", *mirrored(board))


def add_racer(dice: Dice, car: Assembly) -> None:
    """A cigar or a wedge between four bare wheels, with or without wings."""
    modern = dice.chance(0.6)
    long, wheel = dice.between(3.8, 5.0), dice.between(0.3, 0.36)
    fat = dice.between(0.5, 0.75)
    low, end = 0.12, 0.5 * long
    nose = 0.12 if modern else dice.between(0.25, 0.45)
    high = dice.between(0.5, 0.65)
    knots = [
        (0.0, low + 0.3, -end + 0.2, 0.5 * fat, 0.4),
        (0.0, low + 0.35, -0.2 * long, fat, high + 0.1),
        (0.0, low + 0.3, 0.05 * long, fat, high),
        (0.0, low + 0.27, 0.22 * long, 0.7 * fat, 0.75 * high),
        (0.0, low + 0.2, end - 0.15, 0.5 * fat if not modern else 0.2, nose),
    ]
    car.add("body", trunk(knots, 30, 28, 0.6))
    width = wheel * (dice.between(0.8, 1.2) if modern else dice.between(0.4, 0.7))
    pieces = car_wheel(
        dice, dice.pick(["alloy", "dish", "steel"]), wheel, width, dice.between(0.3, 0.45)
    )
    track = dice.between(0.72, 0.85)
    for z in (end - wheel * dice.between(1.6, 2.6), -end + wheel * dice.between(1.2, 2.0)):
        car.add("wheel", *mirrored(*(moved(p, track, wheel, z) for p in pieces)))
        for y, lead in ((wheel + 0.1, 0.2), (wheel - 0.08, 0.2), (wheel, -0.2)):
            arm = limb((0.05, y, z + lead), (track, y, z), 0.03, 0.03, 6)
            car.add("body", *mirrored(arm))
    head = superellipsoid((0.3, 0.34, 0.32), 2.0, 2.2, 20)
    car.add("body", moved(head, y=low + high + 0.12, z=-0.08 * long))
    hump = trunk(
        [
            (0, low + 0.4, -end + 0.4, 0.2, 0.2),
            (0, low + high, -0.2 * long, 0.35, 0.5),
            (0, low + high + 0.12, -0.14 * long, 0.3, 0.4),
        ],
        14,
        16,
        0.4,
    )
    car.add("body", hump)
    if modern or dice.chance(0.2):
        pod = _box((0.45, 0.4, 0.36 * long), 4.0)
        car.add("body", *mirrored(moved(pod, 0.5 * fat + 0.1, low + 0.22, -0.1 * long)))
        for y, z, wide, deep in (
            (low + 0.06, end - 0.1, 1.6, 0.4),
            (dice.between(0.75, 1.0), -end + 0.15, 1.1, 0.35),
        ):
            blade = _box((wide, 0.05, deep), 6.0)
            plate = _box((0.04, 0.3 if z > 0 else 0.45, deep * 1.1), 6.0)
            car.add("body", moved(blade, y=y, z=z), *mirrored(moved(plate, wide / 2, y, z)))
        post = limb((0, low + 0.3, -end + 0.3), (0, 0.9, -end + 0.15), 0.06, 0.05, 8)
        car.add("body", post)
    hoop = turned(tyre(0.14, 0.03, 0.035, 2.0, 20), "y", pi / 2)
    car.add("body", moved(hoop, y=low + high, z=0.02 * long))
