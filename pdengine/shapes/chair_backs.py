"""Chair backs, drawn upright on the xy plane with the seat at y = 0, then leaned by the plan."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import mirrored, moved, reshaped, upright
from pdengine.shapes.chair_plan import Plan
from pdengine.shapes.curves import (
    circle,
    interpolate,
    rounded_rectangle,
    smooth,
    straight,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.furniture import bent, rod, turning
from pdengine.shapes.primitives import Surface, X, Z, limb, slab, superellipsoid, sweep

BACKS = {
    "panel": 5.0,
    "slats": 3.0,
    "ladder": 3.0,
    "spindles": 2.5,
    "oval": 2.0,
    "ring": 1.0,
    "cross": 1.2,
    "splat": 1.5,
    "hoop": 2.0,
    "rail": 1.5,
    "tube": 1.5,
    "pad": 2.0,
}
FAVOURITES = {
    "office": {"panel": 5.0, "pad": 3.0, "tube": 1.0},
    "stool": {"rail": 4.0, "panel": 2.0, "hoop": 2.0, "ladder": 1.0},
    "throne": {"panel": 3.0, "pad": 3.0, "splat": 1.0},
    "lounge": {"panel": 3.0, "pad": 4.0, "slats": 1.0, "tube": 1.0},
    "folding": {"panel": 2.0, "ladder": 3.0, "slats": 2.0},
    "bench": {"slats": 3.0, "ladder": 4.0, "panel": 2.0, "cross": 1.0, "spindles": 1.0},
}


def back(dice: Dice, plan: Plan, foot: float) -> list[Surface]:
    """A whole back.

    Args:
        foot: how far its lower end reaches into the seat, metres.
    """
    kind = dice.weighted(FAVOURITES.get(plan.kind, BACKS))
    # The back of a round seat is narrower than the seat and bows around it.
    half = plan.side(-plan.depth * 0.36) * dice.between(0.82, 1.0)
    if plan.power <= 3:
        plan.bow = max(plan.bow, dice.between(0.12, 0.15) * plan.depth / half**2)
    flat = _MAKERS[kind](dice, plan, half, foot)
    return [reshaped(surface, plan.lean) for surface in flat]


def panel(dice: Dice, half: float, low: float, high: float, thick: float) -> Surface:
    """A board whose sides may flare, taper or close into an arch."""
    y = np.concatenate(
        [np.linspace(low, high - 0.03, 14), high - 0.03 + 0.03 * np.array([0.3, 0.6, 0.85, 1.0])]
    )
    t = (y - low) / (high - low)
    wide = interpolate(t, [(0, 1.0), (1, dice.between(0.75, 1.2))])
    shape = dice.weighted({"straight": 4.0, "arch": 3.0, "waist": 1.0, "egg": 1.5})
    if shape == "arch":
        wide = wide * (1 - np.clip((t - 0.5) / 0.53, 0, 1) ** dice.between(2, 5)) ** 0.5
    elif shape == "waist":
        wide = wide * (1 - 0.25 * np.sin(pi * np.clip(t * 1.3, 0, 1)) ** 2)
    elif shape == "egg":
        wide = wide * (0.6 + 0.4 * np.sin(pi * np.clip(t, 0.0, 0.93)) ** 0.7)
    wide = np.maximum(wide, 0.12)
    round_top = np.sqrt(
        np.clip(1 - np.clip((y - high + thick / 2) / (thick * 0.52), 0, 1) ** 2, 0.02, 1)
    )
    bulge = 1 + dice.between(-0.2, 0.5) * np.sin(pi * np.clip(t, 0, 1))
    scale = np.stack([wide - (1 - round_top) * thick / (4 * half), round_top * bulge], 1)
    edge = dice.pick([0.15, 0.5, 0.5]) * thick
    path = np.stack([0 * y, y, 0 * y], 1)
    return sweep(path, rounded_rectangle(2 * half, thick, edge, 40), np.abs(scale), X)


def _panel(dice: Dice, plan: Plan, half: float, foot: float) -> list[Surface]:
    soft = plan.kind in ("armchair", "lounge", "throne", "office")
    thick = dice.log_between(0.05, 0.18) if soft else plan.thick
    if plan.kind == "office" or dice.chance(0.15):  # a board carried by one or two straps
        gap = plan.back * dice.between(0.1, 0.35)
        width = half * dice.between(0.1, 0.35)
        strap = sweep(
            straight((0, -foot, 0), (0, gap * 1.5, 0), 8),
            rounded_rectangle(2 * width, plan.thick, 0.004, 24),
        )
        straps = [strap] if dice.chance(0.6) else mirrored(moved(strap, x=half * 0.55))
        return [panel(dice, half, gap, plan.back, thick), *straps]
    return [panel(dice, half, -foot, plan.back, thick)]


def _pad(dice: Dice, plan: Plan, half: float, foot: float) -> list[Surface]:
    """A board with a cushion in front, or with tufts and a frame."""
    board = panel(dice, half, -foot, plan.back, plan.thick)
    low, high = plan.back * dice.between(0.02, 0.25), plan.back * dice.between(0.85, 0.97)
    thick = dice.log_between(0.03, 0.12)
    size = (2 * half * dice.between(0.7, 0.9), high - low, 2 * thick)
    pad = superellipsoid((size[0], size[2], size[1]), dice.between(4, 8), dice.between(2.5, 5))
    return [board, moved(upright(pad), y=(low + high) / 2, z=plan.thick * 0.3)]


def _posts(dice: Dice, plan: Plan, half: float, foot: float, high: float) -> list[Surface]:
    x = half - plan.stock.radius
    rings = np.linspace(0, 1, 16)
    scale = 1 + (dice.between(0.6, 1.0) - 1) * rings
    if dice.chance(0.2):
        scale = turning(dice, 28)
    path = straight((x, -foot, 0), (x * dice.between(0.9, 1.12), high, 0), len(scale))
    return mirrored(sweep(path, plan.stock.outline * plan.stock.radius, scale, X, 0.01))


def _top_rail(dice: Dice, plan: Plan, half: float, high: float) -> Surface:
    tall = dice.log_between(0.03, 0.14) * min(1.0, plan.back / 0.4)
    arch = dice.between(-0.1, 0.25) * tall * (2 if dice.chance(0.4) else 0)
    x = np.linspace(-1, 1, 13) * (half + dice.between(0, 0.03))
    path = np.stack([x, high - tall * 0.45 + arch * (1 - (x / half) ** 2), 0 * x], 1)
    thick = max(plan.stock.radius * dice.between(1.0, 2.0), 0.016)
    return sweep(path, superellipse(thick, tall, 4.0, 20), 1.0, Z, 0.008)


def _framed(dice: Dice, plan: Plan, half: float, foot: float) -> tuple[list[Surface], float, float]:
    """Two posts and a top rail, often a lower rail; and the opening between them."""
    frame = _posts(dice, plan, half, foot, plan.back)
    frame.append(_top_rail(dice, plan, half, plan.back))
    low = -0.01
    if dice.chance(0.6):
        low = plan.back * dice.between(0.12, 0.4)
        frame.append(rod((-half * 0.93, low, 0), (half * 0.93, low, 0), plan.stock, 0.75))
    return frame, low, plan.back * 0.95


def _slats(dice: Dice, plan: Plan, half: float, foot: float) -> list[Surface]:
    frame, low, high = _framed(dice, plan, half, foot)
    count = dice.whole(2, 6) * (2 if plan.kind == "bench" else 1)
    pitch = 2 * (half - plan.stock.radius) / (count + 1)
    width = pitch * dice.between(0.25, 0.8)
    cut = rounded_rectangle(width, dice.between(0.008, 0.016), 0.003, 16)
    for k in range(count):
        x = -half + plan.stock.radius + pitch * (k + 1)
        frame.append(sweep(straight((x, low - 0.01, 0), (x, high, 0), 8), cut))
    return frame


def _spindles(dice: Dice, plan: Plan, half: float, foot: float) -> list[Surface]:
    frame, low, high = _framed(dice, plan, half, foot)
    count = dice.whole(3, 8) * (2 if plan.kind == "bench" else 1)
    thin = dice.between(0.005, 0.011)
    fan = dice.between(0.8, 1.0)
    shape = turning(dice, 20) if dice.chance(0.4) else np.ones(8)
    for k in range(count):
        x = (half - plan.stock.radius) * (2 * (k + 1) / (count + 1) - 1)
        path = straight((x * fan, low - 0.01, 0), (x, high, 0), len(shape))
        frame.append(sweep(path, circle(thin, 10), shape, X))
    return frame


def _ladder(dice: Dice, plan: Plan, half: float, foot: float) -> list[Surface]:
    rails = _posts(dice, plan, half, foot, plan.back)
    count = dice.whole(1, 5)
    tall = dice.between(0.25, 0.75) * plan.back / (count + 1)
    arch = dice.between(0.0, 0.5) * tall if dice.chance(0.5) else 0.0
    x = np.linspace(-1, 1, 13) * half * 0.97
    for k in range(count):
        y = plan.back * (0.96 - 0.72 * k / count) - tall / 2
        path = np.stack([x, y + arch * (1 - (x / half) ** 2), 0 * x], 1)
        rails.append(sweep(path, superellipse(0.014, tall, 5.0, 16), 1.0, Z))
    return rails


def _cross(dice: Dice, plan: Plan, half: float, foot: float) -> list[Surface]:
    frame, low, high = _framed(dice, plan, half, foot)
    x = half * 0.93
    bays = 3 if plan.kind == "bench" else 1
    sag = dice.between(-0.15, 0.15) * plan.back
    for k in range(bays):
        a, b = -x + 2 * x * k / bays, -x + 2 * x * (k + 1) / bays
        for p, q in (((a, low), (b, high)), ((b, low), (a, high))):
            middle = ((p[0] + q[0]) / 2, (p[1] + q[1]) / 2 + sag, 0.0)
            path = smooth([(*p, 0.0), middle, (*q, 0.0)], 12)
            frame.append(sweep(path, plan.stock.outline * plan.stock.radius * 0.7, 1.0, Z))
    return frame


def _splat(dice: Dice, plan: Plan, half: float, foot: float) -> list[Surface]:
    """Posts, a top rail and one shaped board in the middle."""
    frame, low, high = _framed(dice, plan, half, foot)
    width = half * dice.between(0.25, 0.6)
    scale = smooth([(dice.between(0.4, 1.2),) for _ in range(5)], 20)[:, 0]
    size = np.stack([np.maximum(scale, 0.25), np.ones(20)], 1)
    path = straight((0, low - 0.01, 0), (0, high, 0), 20)
    frame.append(sweep(path, rounded_rectangle(2 * width, 0.014, 0.004, 20), size))
    return frame


def _oval(dice: Dice, plan: Plan, half: float, foot: float) -> list[Surface]:
    """A medallion on two short posts."""
    tall = plan.back * dice.between(0.6, 0.8)
    thick = max(plan.thick, 0.02) * dice.between(1.0, 2.0)
    outline = superellipse(2 * half, tall, dice.pick([2.0, 2.0, 3.5]), 48)
    plate = upright(slab(outline, thick, thick / 2, dice.between(-0.3, 1.2) * thick))
    middle = plan.back - tall / 2
    x = half * dice.between(0.35, 0.7)
    post = rod((x, -foot, 0), (x, middle - tall * 0.2, 0), plan.stock)
    return [moved(plate, y=middle), *mirrored(post)]


def _ring(dice: Dice, plan: Plan, half: float, foot: float) -> list[Surface]:
    """An open ring on two posts, with or without bars across."""
    tall = plan.back * dice.between(0.65, 0.85)
    flat = superellipse(2 * half, tall, dice.pick([2.0, 3.0]), 40)
    middle = plan.back - tall / 2
    path = np.stack([flat[:, 0], flat[:, 1] + middle, 0 * flat[:, 0]], 1)
    ring = sweep(path, plan.stock.outline * plan.stock.radius, 1.0, Z, loop=True)
    x = half * dice.between(0.3, 0.6)
    top = middle - tall / 2 * float(np.sqrt(1 - (x / half) ** 2)) + 0.01
    pieces = [ring, *mirrored(rod((x, -foot, 0), (x, top, 0), plan.stock))]
    bars = dice.whole(0, 4)
    for k in range(bars):
        at = half * 0.9 * (2 * (k + 1) / (bars + 1) - 1)
        reach = tall / 2 * float(np.sqrt(1 - (at / half) ** 2))
        pieces.append(limb((at, middle - reach, 0), (at, middle + reach, 0), 0.009, 0.009, 10))
    if bars == 0 and dice.chance(0.6):
        pieces.append(moved(upright(slab(flat * 0.98, 0.02, 0.01, 0.015)), y=middle))
    return pieces


def _hoop(dice: Dice, plan: Plan, half: float, foot: float) -> list[Surface]:
    """A bent bow with spindles inside, as on Windsor chairs."""
    angle = np.linspace(0, pi, 30)
    power = dice.between(0.5, 0.9)
    x = -half * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
    y = -foot + (plan.back + foot) * np.sin(angle) ** power
    path = np.stack([x, y, 0 * x], 1)
    bow = sweep(path, plan.stock.outline * plan.stock.radius * 0.9, 1.0, Z)
    pieces = [bow]
    thin = dice.between(0.005, 0.01)
    count = dice.whole(2, 8)
    for k in range(count):
        share = 2 * (k + 1) / (count + 1) - 1
        at = share * half * 0.96
        high = float(np.interp(at, x, y))
        pieces.append(limb((at * 0.85, -foot, 0), (at, high, 0), thin, thin, 10))
    return pieces


def _rail(dice: Dice, plan: Plan, half: float, foot: float) -> list[Surface]:
    """A single rail on two posts."""
    return [
        *_posts(dice, plan, half, foot, plan.back * 0.97),
        _top_rail(dice, plan, half, plan.back),
    ]


def _tube(dice: Dice, plan: Plan, half: float, foot: float) -> list[Surface]:
    """A U of bent tube with a board or a band in its upper half."""
    corner = dice.between(0.03, 0.12)
    x, high = half * 0.97, plan.back
    frame = bent(
        [(-x, -foot, 0), (-x, high, 0), (x, high, 0), (x, -foot, 0)],
        plan.stock,
        corner,
        (0.0, 0.0, 1.0),
    )
    low = high * dice.between(0.05, 0.6)
    top = high * dice.between(0.9, 0.99)
    outline = rounded_rectangle(2 * x, top - low, min(corner, (top - low) * 0.4), 40)
    board = upright(slab(outline, plan.stock.radius * dice.between(0.6, 2.5), 0.01))
    return [frame, moved(board, y=(low + top) / 2)]


_MAKERS = {
    "panel": _panel,
    "pad": _pad,
    "slats": _slats,
    "spindles": _spindles,
    "ladder": _ladder,
    "cross": _cross,
    "splat": _splat,
    "oval": _oval,
    "ring": _ring,
    "hoop": _hoop,
    "rail": _rail,
    "tube": _tube,
}
