"""Wheels: tyres, rims, hubs and spokes, all around the x axis with their outer side at +x."""

from math import cos, pi, sin

import numpy as np

from pdengine.shapes.assembly import moved, turned
from pdengine.shapes.curves import Array, circle, straight, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, X, lathe, skin, sweep

CAR_RIMS = {"alloy": 4.0, "dish": 2.0, "cap": 2.0, "moon": 1.0, "wire": 0.8, "steel": 1.5}


def on_axle(surface: Surface) -> Surface:
    """Lay what was turned around y around x; its top becomes the outer side."""
    return turned(surface, "z", -pi / 2)


def tyre(radius: float, width: float, depth: float, power: float, points: int = 28) -> Surface:
    """A ring of rubber.

    Args:
        depth: from the tread to the inner edge.
        power: 2 is a bicycle's round tyre, 6 a racing car's flat one.
    """
    section = superellipse(depth, width, power, 10 if points > 24 else 8)
    outline = circle(1.0, points)
    far = radius - depth / 2 + section[:, :1]
    rings = np.empty((len(section), points, 3))
    rings[..., 0], rings[..., 2] = far * outline[:, 0], far * outline[:, 1]
    rings[..., 1] = section[:, 1:]
    return on_axle(skin(rings, loop=True))


def disc(knots: list[tuple[float, float]], points: int = 28) -> Surface:
    """A turned body, knots (radius, x) from its inner to its outer side."""
    return on_axle(lathe(np.maximum(np.array(knots), [1e-3, -np.inf]), circle(1.0, points)))


def cylinder(radius: float, width: float, edge: float, points: int = 24) -> Surface:
    """A disc with broken edges, its middle at the origin."""
    edge = min(edge, 0.45 * width, 0.45 * radius)
    half = width / 2
    side = [(radius - edge, half), (radius - 0.3 * edge, half - 0.3 * edge), (radius, half - edge)]
    back = [(r, -x) for r, x in side]
    return disc([(0.02 * radius, -half), *back, *side[::-1], (0.02 * radius, half)], points)


def spokes(
    count: int,
    low: float,
    high: float,
    wide: tuple[float, float],
    thick: float,
    start: float = 0.0,
    skew: float = 0.0,
    points: int = 8,
) -> list[Surface]:
    """Bars from the radius low to high.

    Args:
        wide: width near the hub and near the rim.
        thick: extent along the axle.
        skew: how far a spoke's outer end runs ahead of its inner one, radians.
    """
    bars = []
    outline = superellipse(thick, 1.0, 4.0, points)
    scale = np.stack([np.ones(3), np.linspace(*wide, 3)], 1)
    for k in range(count):
        a = start + 2 * pi * k / count
        b = a + skew
        inner, outer = (0.0, low * sin(a), low * cos(a)), (0.0, high * sin(b), high * cos(b))
        bars.append(sweep(straight(inner, outer, 3), outline, scale, X))
    return bars


def car_wheel(dice: Dice, kind: str, radius: float, width: float, rubber: float) -> list[Surface]:
    """A tyre on a rim.

    Args:
        kind: a key of ``CAR_RIMS``.
        rubber: the tyre's depth as a share of the radius.
    """
    rim, half = radius * (1 - rubber) * 1.03, width / 2
    ring = tyre(radius, width, radius * rubber, dice.between(3.0, 7.0), 24)
    flat, deep = 0.75 * half, half * dice.between(-0.2, 0.5)
    back = [(0.01, -flat), (rim, -flat), (rim, flat), (0.93 * rim, flat)]
    hub = dice.between(0.18, 0.35) * rim
    nose = half * dice.between(0.55, 0.95)
    if kind in ("alloy", "wire"):
        floor = min(deep, 0.1 * half)
        well = disc([*back, (0.88 * rim, floor), (0.01, floor)], 24)
        count = dice.whole(3, 8) if kind == "alloy" else dice.whole(10, 14)
        thin = 2 * pi * rim / count * dice.between(0.12, 0.22)
        wide = (thin * dice.between(0.7, 1.2), thin * dice.between(0.8, 1.8))
        bars = spokes(
            count, 0.6 * hub, 0.95 * rim, wide, 0.35 * half, skew=dice.between(0, 0.3), points=6
        )
        cap = disc([(0.01, floor - 0.1 * half), (hub, floor), (hub, 0.8 * nose), (0.01, nose)], 16)
        return [ring, well, cap, *(moved(bar, x=0.6 * nose) for bar in bars)]
    if kind == "moon":
        return [ring, disc([*back[:3], (0.85 * rim, 1.1 * half), (0.01, 1.25 * half)])]
    if kind == "cap":
        dome = [(0.6 * rim, deep), (0.58 * rim, 0.8 * nose), (0.3 * rim, nose), (0.01, nose)]
        return [ring, disc([*back, (0.85 * rim, deep), *dome])]
    if kind == "steel":
        middle = [(0.8 * rim, deep - 0.2 * half), (0.65 * rim, deep + 0.2 * half)]
        return [ring, disc([*back, *middle, (hub, deep), (hub, nose), (0.01, nose)])]
    return [ring, disc([*back, (0.85 * rim, deep + 0.2 * half), (0.01, deep)])]


def spoked_wheel(
    radius: float,
    depth: float,
    width: float,
    count: int,
    thin: float,
    hub: tuple[float, float],
    points: int = 32,
) -> list[Surface]:
    """A round tyre, a rim inside it, wires and a hub, as bicycles and motorbikes have.

    Args:
        thin: thickness of a wire.
        hub: its radius and its width.
    """
    rim = radius - 0.8 * depth
    band = tyre(rim, 0.8 * width, 0.5 * depth, 5.0, points)
    wires = spokes(count, 0.5 * hub[0], rim - 0.2 * depth, (thin, thin), thin, points=6)
    return [
        tyre(radius, width, depth, 2.2, points),
        band,
        cylinder(hub[0], hub[1], 0.2 * hub[0], 14),
        *wires,
    ]


def arc(radius: float, start: float, end: float, count: int = 16) -> Array:
    """Points around the x axis; angle 0 is ahead (+z), a quarter turn is up. [R, 3]."""
    angle = np.linspace(start, end, count)
    return np.stack([0 * angle, radius * np.sin(angle), radius * np.cos(angle)], 1)
