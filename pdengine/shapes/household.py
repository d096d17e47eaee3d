"""What household things are made of: blocks, turned bodies, walls with an inside, bent bars."""

from collections.abc import Sequence
from math import pi

import numpy as np
from numpy.typing import ArrayLike

from pdengine.shapes.assembly import moved
from pdengine.shapes.curves import (
    Array,
    circle,
    filleted,
    polygon,
    rounded_rectangle,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, lathe, skin, sweep

Knots = Sequence[tuple[float, float]]
Point = tuple[float, float, float]


def block(
    size: ArrayLike, at: ArrayLike = (0.0, 0.0, 0.0), edge: float = 0.01, points: int = 16
) -> Surface:
    """A board or a box of full extents x, y, z around ``at``, its edges cut off a little.

    Args:
        points: around it; 16 gives 100 faces, 32 about 400 and rounder edges, for things that
            are made of few boxes.
    """
    wide, high, deep = np.asarray(size, float)
    edge = min(edge, 0.3 * min(wide, high, deep))
    turn = np.linspace(0, pi / 2, 2 if points <= 16 else 4)
    inset, rise = edge * (1 - np.sin(turn)), edge * (1 - np.cos(turn))
    rim = [rounded_rectangle(wide - 1.2 * i, deep - 1.2 * i, edge, points) for i in inset]
    level = np.concatenate([rise - high / 2, (high / 2 - rise)[::-1]])
    flat = np.stack(rim + rim[::-1])
    height = np.broadcast_to(level[:, None], flat.shape[:2])
    surface = skin(np.stack([flat[..., 0], height, flat[..., 1]], -1))
    x, y, z = np.asarray(at, float)
    return moved(surface, float(x), float(y), float(z))


def solid(knots: Knots, corner: float = 0.0, outline: Array | None = None) -> Surface:
    """A turned body through (radius, height), flat at both ends, its edges rounded by corner."""
    return lathe(edged(knots, corner), outline)


def edged(knots: Knots, corner: float) -> Array:
    """A profile from the axis along the knots back to the axis. [R, 2] (radius, height)."""
    first, last = knots[0], knots[-1]
    ends = [(0.04 * first[0], first[1]), *knots, (0.04 * last[0], last[1])]
    return filleted(ends, corner) if corner > 0 else np.asarray(ends, float)


def blended(profile: Array, outline: Array, share: Array) -> Surface:
    """Turn a profile (radius, height) whose rings go over from a circle to an outline.

    Args:
        profile: [R, 2].
        outline: [P, 2], for a radius of 1.
        share: [R], 0 is a circle and 1 the outline.
    """
    ring = outline / np.hypot(*outline.T)[:, None]
    flat = ring + (outline - ring) * share[:, None, None]
    rings = np.empty((len(profile), len(outline), 3))
    rings[..., 0] = profile[:, :1] * flat[..., 0]
    rings[..., 1] = profile[:, 1:]
    rings[..., 2] = profile[:, :1] * flat[..., 1]
    return skin(rings)


def cup(wall: Array, thick: float, floor: float) -> Array:
    """The profile of an open vessel: up the outside, over the rim, down the inside.

    Args:
        wall: [R, 2] the outside from the bottom to the rim, (radius, height).
        floor: height of the ground inside.
    """
    low = np.array([(wall[0, 0] * s, wall[0, 1]) for s in (0.04, 0.5)])
    radius, top = wall[-1]
    turn = np.array([0.25, 0.5, 0.75]) * pi
    rim = np.array([radius - thick / 2, top]) + thick / 2 * np.stack(
        [np.cos(turn), np.sin(turn)], 1
    )
    down = np.linspace(top, floor, 14)
    inside = np.stack([np.interp(down, wall[:, 1], wall[:, 0]) - thick, down], 1)
    inside[:, 0] = np.maximum(inside[:, 0], 0.02)
    ground = np.array([(inside[-1, 0] * s, floor) for s in (0.6, 0.04)])
    return np.concatenate([low, wall, rim, inside, ground])


def pipe(outer: Array, thick: float, outline: Array | None = None) -> Surface:
    """A turned tube, open at both ends; ``outer`` is (radius, height) from below. [R, 2]."""
    inner = (outer - np.array([thick, 0.0]))[::-1]
    return lathe(np.concatenate([outer, inner]), outline, loop=True)


def seen_from_above(dice: Dice, odds: dict[str, float], count: int = 40) -> Array:
    """The outline of a body of radius 1; kinds are the keys below."""
    kind = dice.weighted(odds)
    if kind == "square":
        return superellipse(2.0, 2.0, dice.log_between(4, 14), count)
    if kind == "oblong":
        deep = 2.0 * dice.between(0.35, 0.85)
        return rounded_rectangle(2.0, deep, deep * dice.between(0.08, 0.45), count)
    if kind == "oval":
        return superellipse(2.0, 2.0 * dice.between(0.4, 0.85), dice.between(2.0, 3.0), count)
    if kind == "faceted":
        return polygon(2.0, 2.0, dice.pick([5, 6, 8, 8, 10, 12]), 48)
    if kind == "fluted":
        waves = dice.pick([8, 12, 16])
        angle = np.arange(64) * (2 * pi / 64)
        return np.asarray(circle(1.0, 64) * (1 - 0.03 * np.cos(waves * angle))[:, None])
    return circle(1.0, count)


def knurled(count: int, depth: float = 0.03) -> Array:
    """A circle of radius 1 with ridges, as around screw caps and knobs."""
    return np.asarray(circle(1.0, 2 * count) * (1 - depth * (np.arange(2 * count) % 2))[:, None])


def bar_section(dice: Dice, radius: float) -> Array:
    """What a handle or a pipe looks like when it is sawn through. [P, 2]."""
    kind = dice.weighted({"round": 5.0, "strap": 2.0, "soft": 1.5, "square": 1.5})
    if kind == "strap":
        return rounded_rectangle(2.6 * radius, 1.3 * radius, 0.5 * radius, 16)
    if kind == "soft":
        return superellipse(2.2 * radius, 2 * radius, 4.0, 16)
    if kind == "square":
        return rounded_rectangle(1.9 * radius, 1.9 * radius, 0.25 * radius, 16)
    return circle(radius, 14)


def hoop(radius: float, y: float, bar: float, outline: Array | None = None) -> Surface:
    """A ring of round bar around the y axis."""
    unit = circle(1.0, 40) if outline is None else outline
    path = np.stack([radius * unit[:, 0], np.full(len(unit), y), radius * unit[:, 1]], 1)
    return sweep(path, circle(bar, 10), 1.0, (0.0, 1.0, 0.0), loop=True)
