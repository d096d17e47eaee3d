"""What bags and suitcases are joined from: soft and hard bodies, grips, straps and wheels."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from pdengine.shapes.assembly import moved, turned
from pdengine.shapes.bodies import tube
from pdengine.shapes.curves import Array, circle, rounded_rectangle, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, X, Z, lathe, skin, sweep

Point = tuple[float, float, float]


def stack(
    y: Array,  # [R]
    wide: Array,  # [R] along x
    deep: Array,  # [R] along z
    power: ArrayLike = 4.0,  # a number or [R]
    count: int = 56,
) -> Surface:
    """A body of level sections from an ellipse (power 2) to nearly a rectangle (power 10)."""
    angle = np.arange(count) * (2 * np.pi / count) + np.pi / count
    cos, sin = np.cos(angle), np.sin(angle)
    p = np.broadcast_to(np.asarray(power, float), len(y))[:, None]
    reach = (np.abs(cos) ** p + np.abs(sin) ** p) ** (-1 / p)
    rings = np.empty((len(y), count, 3))
    rings[..., 0] = cos * reach * wide[:, None] / 2
    rings[..., 1] = y[:, None]
    rings[..., 2] = sin * reach * deep[:, None] / 2
    return skin(rings)


def rounding(t: Array, low: float, high: float) -> Array:
    """How broad a body is at t in 0..1 whose lower and upper edges are rounded over that far."""
    below = np.clip(t / max(low, 1e-3), 0, 1)
    above = np.clip((1 - t) / max(high, 1e-3), 0, 1)
    return np.asarray(np.sqrt(1 - (1 - below) ** 2) * np.sqrt(1 - (1 - above) ** 2))


def heights(rows: int = 34) -> Array:
    """Shares of a height from 0 to 1, denser at both ends, where edges are rounded."""
    t = np.linspace(0, 1, rows)
    return np.asarray(0.35 * t + 0.65 * (0.5 - 0.5 * np.cos(np.pi * t)))


def box(
    width: float,
    height: float,
    depth: float,
    edge: float,
    power: float = 7.0,
    count: int = 40,
) -> Surface:
    """A box that stands at y = 0, edges rounded by about ``edge``."""
    t = heights(2 * count // 5)
    round_ = rounding(t, edge / height, edge / height)
    rim = 1 - np.array([[min(2 * edge / width, 0.95)], [min(2 * edge / depth, 0.95)]]) * (
        1 - round_
    )
    return stack(t * height, width * rim[0], depth * rim[1], power, count)


def strap_section(dice: Dice, wide: float, thick: float) -> Array:
    """A flat strap, a soft one or a round cord; first axis is its width. [P, 2]."""
    kind = dice.weighted({"flat": 3.0, "soft": 2.0, "round": 2.0})
    if kind == "flat":
        return rounded_rectangle(wide, thick, 0.45 * thick, 16)
    if kind == "soft":
        return superellipse(wide, max(0.5 * wide, thick), 2.5, 16)
    return circle(0.5 * max(0.6 * wide, thick), 14)


def arch_path(half: float, rise: float, power: float, legs: float = 0.0, count: int = 30) -> Array:
    """From (-half, 0) over (0, rise) to (half, 0) in the plane z = 0. [R, 3].

    Args:
        power: 2 is an ellipse, more is squarer.
        legs: share of the rise that goes straight up on either side.
    """
    angle = np.linspace(-np.pi / 2, np.pi / 2, count)
    x = half * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** (2 / power)
    y = rise * (legs + (1 - legs) * np.abs(np.cos(angle)) ** (2 / power))
    x, y = np.concatenate([[-half], x, [half]]), np.concatenate([[0.0], y, [0.0]])
    path = np.stack([x, y, 0 * x], 1)
    far = np.concatenate([[0], np.cumsum(np.sqrt((np.diff(path, axis=0) ** 2).sum(1)))])
    even = np.linspace(0, far[-1], count)
    return np.stack([np.interp(even, far, path[:, k]) for k in range(3)], 1)


def leaned(surface: Surface, angle: float, pivot: Point) -> Surface:
    """Tilt about the x axis through a point; positive falls to the front."""
    x, y, z = pivot
    return moved(turned(moved(surface, -x, -y, -z), "x", angle), x, y, z)


def grip(
    dice: Dice, half: float, rise: float, wide: float, thick: float, across: Point = Z
) -> list[Surface]:
    """A carrying handle from (-half, 0) to (half, 0) that rises to y = rise.

    Args:
        across: the direction of its width.
    """
    style = dice.weighted({"bow": 3.0, "flat": 3.0, "roll": 2.0})
    if style == "bow":
        path = arch_path(half, rise, dice.between(1.8, 3.0), 0.0)
    else:
        path = arch_path(half, rise, dice.between(3.5, 8.0), dice.between(0.0, 0.2))
    pieces = [sweep(path, strap_section(dice, wide, thick), 1.0, across, ends=0.3 * thick)]
    if style == "roll":  # a sleeve where the hand is
        middle = path[10:20]
        sleeve = superellipse(1.15 * wide, max(1.6 * thick, 0.7 * wide), 2.5, 18)
        pieces.append(sweep(middle, sleeve, 1.0, across, ends=0.4 * thick))
    return pieces


def ring_handle(path: Sequence[Point], half_sizes: ArrayLike, count: int = 44) -> Surface:
    """A strap or cord through points in space."""
    return tube(smooth(list(path), count), np.broadcast_to(half_sizes, (count, 2)), 14, 0.5)


def telescope(dice: Dice, wide: float, rise: float, low: float, bar: float) -> list[Surface]:
    """The handle of a trolley in the plane z = 0: two rods from y = low to y = rise, and a grip."""
    power = dice.pick([2.0, 2.0, 5.0])
    pieces = []
    single = dice.chance(0.12)
    for x in (0.0,) if single else (-wide / 2, wide / 2):
        for scale, top in ((1.25, low + 0.55 * (rise - low)), (1.0, rise)):
            path = np.linspace((x, low, 0.0), (x, top, 0.0), 10)
            cut = superellipse(2 * bar * scale, 1.7 * bar * scale, power, 14)
            pieces.append(sweep(path, cut, 1.0, X))
    reach = wide if not single else dice.between(0.2, 0.35)
    bow = dice.between(0.0, 0.06)
    t = np.linspace(-1, 1, 22)
    path = np.stack([t * reach / 2, rise + bow * (1 - t**2), 0 * t], 1)
    fat = dice.between(1.1, 2.2)
    cut = superellipse(2.4 * bar * fat, 2.2 * bar * fat, dice.pick([2.0, 3.0, 6.0]), 18)
    pieces.append(sweep(path, cut, 1 - 0.15 * t**4, Z, ends=bar * fat))
    return pieces


def wheel(radius: float, wide: float) -> Surface:
    """A wheel on an axle along x, its middle at the origin."""
    half, edge = wide / 2, 0.2 * wide
    knots = [(0.1, 0.8), (0.55, 0.8), (0.6, 1.0), (0.85, 1.0)]
    side = np.array([(r * radius, y * half) for r, y in knots] + [(radius, half - edge)])
    return turned(
        lathe(np.concatenate([side * [1, -1], side[::-1]]), circle(1.0, 14)), "z", np.pi / 2
    )


def bulged(depth: float, width: float, height: float, push: float) -> Callable[[Array], Array]:
    """Puff out front and back of a body that is full, or let them sink in (negative push)."""

    def change(v: Array) -> Array:
        x, y, z = v.T
        swell = np.clip(1 - (2 * x / width) ** 2, 0, 1) * np.clip(
            4 * (y / height) * (1 - y / height), 0, 1
        )
        return np.stack([x, y, z * (1 + push / depth * swell)], 1)

    return change
