"""What a knife is held by: grips, bolsters, guards, pommels, pocket handles."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import moved, turned
from pdengine.shapes.curves import (
    Array,
    circle,
    interpolate,
    polygon,
    rounded_rectangle,
    smooth,
    straight,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import (
    Surface,
    Z,
    lathe,
    slab,
    superellipsoid,
    sweep,
)

GRIPS: dict[str, dict[str, float]] = {
    "kitchen": {"scales": 4.0, "contoured": 3.0, "moulded": 2.0, "octagonal": 1.0, "round": 1.0},
    "cutlery": {"flat": 5.0, "contoured": 1.5, "scales": 1.0, "round": 0.5},
    "field": {"scales": 3.0, "contoured": 2.0, "moulded": 2.5, "flat": 1.0, "ring": 1.0},
    "arms": {"round": 3.0, "wrapped": 3.0, "contoured": 1.0, "octagonal": 0.7, "ring": 0.6},
    "cutter": {"box": 1.0},
}
FAMILY = {
    **dict.fromkeys(("table", "spreader"), "cutlery"),
    **dict.fromkeys(("hunting", "tanto", "machete", "kukri", "curved"), "field"),
    **dict.fromkeys(("dagger", "sword"), "arms"),
    "cutter": "cutter",
}
GUARDED = ("dagger", "sword", "hunting", "tanto", "kukri", "curved")


def grip(dice: Dice, kind: str, tall: float, thick: float) -> list[Surface]:
    """A handle from x = 0 to x = -1.

    Args:
        tall, thick: of the blade.
    """
    style = dice.weighted(GRIPS[FAMILY.get(kind, "kitchen")])
    high = float(np.clip(tall * dice.between(0.55, 1.0), 0.1, 0.26))
    high = high if style != "flat" else dice.log_between(0.05, 0.11)
    wide = max(high * dice.between(0.45, 0.85), 1.4 * thick)
    if style == "box":
        return _box(dice, tall, thick)
    if style == "flat":
        return _flat(dice, high, thick)
    if style in ("round", "octagonal", "wrapped"):
        return _turned_grip(dice, style, high, wide)
    t = np.linspace(0, 1, 44)
    height, middle = _contour(dice, t, high, moulded=style == "moulded")
    power = {"scales": dice.pick([4.0, 7.0]), "ring": 5.0}.get(style, dice.between(2.0, 3.5))
    width = wide * interpolate(t, [(0, dice.between(0.7, 1.0)), (0.5, 1.0), (1, 0.95)])
    pieces = [_stock(t, middle, height, width, power)]
    if style == "scales":
        if dice.chance(0.6):  # the tang shows all around between the scales
            pieces.append(_stock(t, middle, 1.08 * height, np.full_like(t, 0.9 * thick), 8.0))
        pieces += _rivets(dice, t, middle, width, high)
    elif style == "ring":
        pieces.append(_ring(dice, float(middle[-1]), high, wide))
    return pieces


def _contour(dice: Dice, t: Array, high: float, moulded: bool) -> tuple[Array, Array]:
    """Height and middle line along the handle, from the blade to its end."""
    butt = dice.between(0.85, 1.5)
    knots = [(0, dice.between(0.75, 1.1)), (0.2, dice.between(0.75, 0.95))]
    knots += [(0.5, dice.between(0.9, 1.2)), (0.78, dice.between(0.75, 1.0)), (0.93, butt)]
    curve = smooth([*knots, (1, 0.8 * butt)], 60)
    height = high * np.interp(t, np.maximum.accumulate(curve[:, 0]), curve[:, 1])
    droop = dice.between(-0.12, 0.03) if dice.chance(0.6) else 0.0
    middle = droop * t**2 - dice.between(0.0, 0.06) * np.exp(-(((t - 1) / 0.15) ** 2))
    if moulded or dice.chance(0.15):  # hollows for the fingers, below only
        hollow = dice.between(0.04, 0.16) * high * (1 - np.cos(2 * pi * t * dice.pick([3, 4])))
        hollow = hollow * (t > 0.04) * (t < 0.92)
        height, middle = height - hollow, middle + hollow / 2
    return height, middle


def _stock(t: Array, middle: Array, height: Array, width: Array, power: float) -> Surface:
    """A bar along -x with rounded ends."""
    ends = np.minimum(np.minimum(t / 0.02, (1 - t) / 0.05), 1.0)
    shrink = 0.45 + 0.55 * np.sqrt(1 - (1 - ends) ** 2)
    path = np.stack([-t, middle, 0 * t], 1)
    size = np.stack([width * shrink, height * shrink], 1)
    return sweep(path, superellipse(1.0, 1.0, power, 24), size, Z)


def _rivets(dice: Dice, t: Array, middle: Array, width: Array, high: float) -> list[Surface]:
    radius = high * dice.between(0.1, 0.18)
    places = np.linspace(0.18, dice.between(0.75, 0.88), dice.pick([2, 3, 3]))
    pins = []
    for at in places:
        half = 0.5 * float(np.interp(at, t, width)) + 0.008
        pin = slab(circle(radius, 16), 2 * half, 0.2 * radius)
        pins.append(moved(turned(pin, "x", pi / 2), x=-at, y=float(np.interp(at, t, middle))))
    return pins


def _ring(dice: Dice, y: float, high: float, wide: float) -> Surface:
    """A ring for a finger behind the grip."""
    radius = high * dice.between(0.6, 0.9)
    bar = high * dice.between(0.16, 0.28)
    angle = np.arange(36) * (2 * pi / 36)
    path = np.stack([radius * np.cos(angle), radius * np.sin(angle), 0 * angle], 1)
    cut = superellipse(0.9 * wide, 2 * bar, 4.0, 14)
    return moved(sweep(path, cut, 1.0, Z, loop=True), x=-1 - radius + 0.7 * bar, y=y)


def _flat(dice: Dice, high: float, thick: float) -> list[Surface]:
    """One piece with the blade, as cutlery is: narrow in front, broad at the end."""
    t = np.linspace(0, 1, 44)
    broad = dice.between(1.0, 2.4)
    wide = high * interpolate(
        t, [(0, dice.between(0.6, 1.2)), (0.3, 0.8), (0.9, broad), (1, broad)]
    )
    end = np.clip((1 - t) / dice.between(0.03, 0.12), 0, 1)
    wide = wide * np.sqrt(np.maximum(1 - (1 - end) ** 2, 0.02))
    deep = thick * dice.between(1.0, 2.2) * interpolate(t, [(0, 1.3), (0.4, 1.0), (1, 0.8)])
    path = np.stack([0.04 - 1.04 * t, dice.between(-0.05, 0.05) * t**2, 0 * t], 1)
    cut = superellipse(1.0, 1.0, dice.pick([2.0, 3.0, 8.0]), 24)
    return [sweep(path, cut, np.stack([deep, wide], 1), Z)]


def _turned_grip(dice: Dice, style: str, high: float, wide: float) -> list[Surface]:
    """Round or eight-sided, plain, swollen, with grooves or wrapped, and a pommel behind."""
    t = np.linspace(0, 1, 80)
    swell = dice.between(-0.2, 0.3)
    radius = 0.5 * high * (1 - 0.2 * t * dice.between(-1, 1) + swell * np.sin(pi * t) ** 2)
    if style == "wrapped":
        radius = radius * (1 + 0.07 * np.sin(t * 2 * pi * dice.whole(7, 14)))
    elif style == "round" and dice.chance(0.4):
        for at in (0.08, dice.between(0.2, 0.5), 0.92):
            radius = radius * (1 - 0.25 * np.exp(-(((t - at) / 0.02) ** 2)))
    rounded = np.sqrt(np.maximum(1 - (1 - np.clip((1 - t) / 0.05, 0, 1)) ** 2, 0.15))
    outline = polygon(2.0, 2.0, 8, 32) if style == "octagonal" else circle(1.0, 28)
    body = lathe(np.stack([radius * rounded, t], 1), outline * (1.0, max(wide / high, 0.6)))
    pieces = [turned(body, "z", pi / 2)]
    if dice.chance(0.7) and style != "octagonal":
        size = high * dice.between(1.1, 1.8)
        deep = size * dice.between(0.5, 1.0)
        kind = dice.pick(["ball", "disc", "cap"])
        if kind == "disc":
            disc = slab(circle(size / 2, 24), 0.55 * size, 0.15 * size)
            pommel = turned(disc, "x", pi / 2)
        else:
            long = size if kind == "ball" else 0.4 * size
            pommel = superellipsoid((long, size, deep), 2.5, 2.2)
        pieces.append(moved(pommel, x=-1.0))
    return pieces


def _box(dice: Dice, tall: float, thick: float) -> list[Surface]:
    """The case of a cutter with a blade that slides out, with its slider."""
    high, wide = tall * dice.between(1.05, 1.6), thick * dice.between(2.5, 5.0)
    t = np.linspace(0, 1, 36)
    height = high * interpolate(t, [(0, dice.between(0.6, 0.9)), (0.15, 1.0), (1, 1.0)])
    body = _stock(t, 0 * t, height, 0 * t + wide, 6.0)
    slider = slab(rounded_rectangle(0.16, 0.5 * wide, 0.02, 16), 0.06, 0.015)
    pieces = [body, moved(slider, x=-dice.between(0.2, 0.6), y=0.5 * high + 0.01)]
    if dice.chance(0.5):
        ribs = slab(rounded_rectangle(0.025, 1.06 * wide, 0.01, 16), 1.03 * high, 0.01)
        pieces += [moved(ribs, x=-0.6 - 0.07 * k) for k in range(4)]
    return pieces


def front_fitting(dice: Dice, kind: str, top: float, low: float, thick: float) -> list[Surface]:
    """A bolster or a guard where the blade begins.

    Args:
        top, low: heights of the spine and of the edge of the blade there.
    """
    tall = top - low
    if kind in GUARDED and dice.chance(0.75 if kind in ("dagger", "sword") else 0.5):
        return _guard(dice, kind, top, low, thick)
    if kind in ("cutter", "table", "spreader") or dice.chance(0.5):
        return []
    high = float(np.clip(0.5 * tall, 0.1, 0.24)) * dice.between(0.9, 1.15)
    long = dice.between(0.05, 0.14)
    block = superellipsoid((long, high, max(3 * thick, 0.5 * high)), 4.0, 3.0)
    return [moved(block, x=-0.3 * long, y=float(np.clip(top - 0.5 * tall, -0.03, 0.03)))]


def _guard(dice: Dice, kind: str, top: float, low: float, thick: float) -> list[Surface]:
    style = dice.weighted({"cross": 4.0, "disc": 1.5, "curved": 2.0, "finger": 2.0, "bow": 1.0})
    out = dice.between(0.06, 0.22) * (1.5 if kind in ("sword", "dagger") else 0.8)
    bar = dice.log_between(0.03, 0.07)
    wide = max(2.5 * thick, dice.log_between(0.06, 0.14))
    if style == "disc":
        size = (top - low) / 2 + out
        disc = slab(superellipse(2 * size, dice.between(0.5, 1.0) * 2 * size, 2.5, 32), bar, 0.01)
        return [moved(turned(disc, "z", pi / 2), y=(top + low) / 2)]
    upper = top + (0.0 if style == "finger" else out)
    sway = dice.between(-0.5, 0.5) * out if style == "curved" else 0.0
    path = smooth([(sway, upper, 0), (0, 0, 0), (sway, low - out, 0)], 24)
    cut = rounded_rectangle(wide, bar, 0.3 * bar, 16)
    scale = interpolate(np.linspace(0, 1, 24), [(0, 0.7), (0.5, 1.0), (1, 0.7)])
    pieces = [sweep(path, cut, np.stack([scale, np.ones(24)], 1), Z, ends=0.5 * bar)]
    if style in ("cross", "curved") and dice.chance(0.3):
        ball = superellipsoid((2 * bar, 2 * bar, 2 * bar))
        pieces += [moved(ball, x=sway, y=y) for y in (upper, low - out)]
    if style == "bow":  # a bow over the knuckles
        far = low - out - 0.05
        knots = [(0, low - 0.7 * out, 0), (-0.3, far, 0), (-0.75, far, 0), (-0.99, -0.02, 0)]
        pieces.append(sweep(smooth(knots, 30), circle(0.5 * bar, 12), 1.0, Z))
    return pieces


def pocket_handle(dice: Dice, high: float, thick: float) -> list[Surface]:
    """Two scales with a gap for the blade between them, pins, a spacer and perhaps a clip."""
    t = np.linspace(0, 1, 36)
    height, middle = _contour(dice, t, high, moulded=dice.chance(0.3))
    gap = 1.3 * thick
    wide = thick * dice.between(0.9, 2.2)
    scale = _stock(t, middle, height, np.full_like(t, wide), dice.pick([3.0, 7.0]))
    scale = moved(scale, x=0.02)
    pieces = [moved(scale, z=s * (gap + wide) / 2) for s in (-1, 1)]
    back = sweep(
        straight((-0.3, 0, 0), (-0.97, 0, 0), 12) + np.array([0, 0.3 * high, 0]),
        rounded_rectangle(1.2 * gap, 0.3 * high, 0.01, 16),
        1.0,
        Z,
    )
    pieces.append(moved(back, y=float(middle[-1]) * 0.5))
    pin = turned(slab(circle(0.16 * high + 0.01, 16), gap + 2 * wide + 0.02, 0.01), "x", pi / 2)
    pieces += [moved(pin, x=-x, y=float(np.interp(x, t, middle))) for x in (0.06, 0.5, 0.93)]
    if dice.chance(0.35):
        clip = slab(rounded_rectangle(0.5, 0.3 * high, 0.02, 24), 0.02, 0.008)
        pieces.append(moved(turned(clip, "x", pi / 2), x=-0.65, z=gap / 2 + wide + 0.008))
    if dice.chance(0.15):  # a ring to hang it by
        ring = _ring(dice, float(middle[-1]), 0.8 * high, 0.06)
        pieces.append(ring)
    return pieces
