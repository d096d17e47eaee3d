"""Spouts in the plane x = 0, and what is turned to open them, on an axis that points up."""

from math import cos, pi, sin

import numpy as np

from pdengine.shapes.assembly import moved, turned
from pdengine.shapes.bodies import ball
from pdengine.shapes.curves import (
    Array,
    circle,
    filleted,
    interpolate,
    rounded_rectangle,
    smooth,
    straight,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import hoop, knurled, solid
from pdengine.shapes.primitives import Surface, X, Y, Z, limb, sweep

SPOUTS = ("arch", "square", "spring", "low", "flat", "trough", "angled", "drop")


def spout(
    dice: Dice, style: str, bar: float, reach: float, y: float, start: float
) -> list[Surface]:
    """A pipe or a trough that begins at (0, y, start) and ends about ``reach`` in front.

    Args:
        style: one of ``SPOUTS``; arch, square and spring rise straight up first.
        bar: radius of the pipe.
    """
    scale: Array | float = 1.0
    section = circle(bar, 18)
    tip = True
    if style in ("arch", "spring"):
        half = reach / 2
        rise = dice.between(0.15, 0.7)
        turn = pi * dice.between(0.75, 1.05)
        arc = [
            (0.0, y + rise + half * sin(a), half - half * cos(a)) for a in np.linspace(0, turn, 14)
        ]
        drop = dice.between(0.02, 0.3) if dice.chance(0.6) else 0.0
        end = arc[-1]
        below = (0.0, end[1] - drop * sin(turn - pi / 2), end[2] + drop * cos(turn - pi / 2))
        rest = [below] if drop else []
        path = smooth([(0.0, y - 0.5 * bar, 0.0), (0.0, y + 0.5 * rise, 0.0), *arc, *rest], 44)
        if style == "arch":
            scale = interpolate(
                np.linspace(0, 1, 44),
                [(0, dice.between(1.0, 1.3)), (0.5, 1.0), (1, dice.between(0.75, 1.0))],
            )
    elif style == "square":
        rise, drop = dice.between(0.4, 0.9), dice.between(0.04, 0.25)
        top = y + rise
        corners = [(0, y - 0.5 * bar, 0), (0, top, 0), (0, top, reach), (0, top - drop, reach)]
        path = filleted(corners, dice.log_between(0.02, 0.25))
        if dice.chance(0.6):
            section = rounded_rectangle(2 * bar, 1.7 * bar, dice.between(0.1, 0.6) * bar, 16)
    elif style == "low":
        rise, drop = dice.between(0.0, 0.3), dice.between(0.02, 0.25)
        knots = [(y - 0.3 * rise, start), (y + 0.8 * rise, 0.35 * reach), (y + rise, 0.7 * reach)]
        knots += [(y + rise - 0.3 * drop, 0.93 * reach), (y + rise - drop, reach)]
        path = smooth([(0.0, a, b) for a, b in knots], 30)
        scale = np.linspace(dice.between(1.0, 1.6), dice.between(0.7, 1.0), 30)
        if dice.chance(0.3):
            section = superellipse(2.3 * bar, 1.8 * bar, 3.5, 20)
    elif style in ("flat", "trough"):
        lift = dice.between(-0.1, 0.25)
        path = smooth([(0, y, start), (0, y + 0.7 * lift, 0.5 * reach), (0, y + lift, reach)], 20)
        wide = dice.between(1.5, 3.5) if style == "trough" else dice.between(1.2, 2.0)
        thick = 0.5 if style == "trough" else dice.between(0.6, 1.2)
        section = rounded_rectangle(2 * wide * bar, 2 * thick * bar, 0.25 * bar, 24)
        scale = np.stack(
            [np.linspace(1.0, dice.between(0.8, 1.5), 20), np.linspace(1.1, 0.8, 20)], 1
        )
        tip = style == "flat" and dice.chance(0.6)
    elif style == "angled":
        lift = dice.between(0.05, 0.6)
        path = straight((0, y - 0.1 * lift, 0.0), (0, y + lift, reach), 16)
        scale = np.linspace(1.1, dice.between(0.6, 1.0), 16)
    else:  # out and down
        drop = dice.between(0.12, 0.4)
        corners = [(0, y, start), (0, y, reach), (0, y - drop, reach * dice.between(1.0, 1.1))]
        path = filleted(corners, 0.6 * drop)
        scale = np.linspace(1.15, dice.between(0.8, 1.0), len(path))
    pieces = [sweep(path, section, scale, X, ends=0.15 * bar)]
    size = float(np.min(np.asarray(scale)[-1])) if np.ndim(scale) else 1.0
    ahead = path[-1] - path[-2]
    ahead /= float(np.linalg.norm(ahead))
    if style in ("flat", "angled"):  # these run level and have their mouth below
        if tip:
            low = path[-1] - 1.2 * bar * size * ahead
            mouth = limb(low, low - [0, 1.6 * bar * size, 0], 0.6 * bar * size, 0.6 * bar * size)
            pieces.append(mouth)
        return pieces
    if tip and style != "trough":
        pieces += _mouth(dice, path, ahead, bar * size, long=style in ("arch", "spring"))
    if style == "spring":
        pieces += _coil(path, bar)
    return pieces


def _mouth(dice: Dice, path: Array, ahead: Array, bar: float, long: bool) -> list[Surface]:
    """The aerator, or the head of a hand shower that is pulled out."""
    form = dice.weighted({"none": 2.0, "ring": 3.0, "head": 2.0 if long else 0.0})
    if form == "none":
        return []
    if form == "ring":
        wide, far = bar * dice.between(1.1, 1.35), bar * dice.between(0.5, 1.2)
        return [limb(path[-1] - 0.3 * far * ahead, path[-1] + far * ahead, wide, wide, 16)]
    wide, far = bar * dice.between(1.25, 1.9), bar * dice.between(3.0, 6.0)
    return [limb(path[-1] - 0.2 * far * ahead, path[-1] + 0.8 * far * ahead, 1.1 * bar, wide, 18)]


def _coil(path: Array, bar: float) -> list[Surface]:
    """Rings of a spring around the pipe."""
    ring = hoop(1.25 * bar, 0.0, 0.45 * bar, circle(1.0, 14))
    pieces = []
    for k in range(8, len(path) - 4, 3):
        along = path[k + 1] - path[k - 1]
        pitch = float(np.arctan2(along[2], along[1]))
        x, y, z = path[k]
        pieces.append(moved(turned(ring, "x", pitch), float(x), float(y), float(z)))
    return pieces


def switch(dice: Dice, form: str, size: float, stem: bool = True) -> list[Surface]:
    """What a hand turns, on the y axis from y = 0 up; levers point to +x.

    Args:
        size: radius of the hub.
        stem: put a hub under it.
    """
    pieces = []
    top = 0.0
    if stem:
        top = size * dice.between(0.8, 2.2)
        wide = size * dice.between(0.6, 1.1)
        pieces.append(solid([(wide, 0.0), (wide * dice.between(0.7, 1.0), top)], 0.2 * size))
    rod = max(size * dice.between(0.25, 0.45), 0.014)
    long = size * dice.log_between(2.2, 5.0)
    if form == "lever":
        rise = dice.between(-0.1, 0.6) * long
        path = smooth(
            [
                (0, 0.8 * top, 0),
                (0.5 * long, 0.8 * top + 0.4 * rise, 0),
                (long, 0.8 * top + rise, 0),
            ],
            18,
        )
        swell = np.linspace(1.2, dice.between(0.6, 1.4), 18)
        pieces.append(sweep(path, circle(1.2 * rod, 14), swell, Z, ends=rod))
    elif form == "blade":
        rise = dice.between(-0.05, 0.5) * long
        path = smooth(
            [
                (-0.3 * size, 0.9 * top, 0),
                (0.5 * long, 0.9 * top + 0.6 * rise, 0),
                (long, 0.9 * top + rise, 0),
            ],
            20,
        )
        wide = size * dice.between(0.9, 1.8)
        outline = rounded_rectangle(wide, max(0.35 * size, 0.02), 0.12 * size, 24)
        swell = np.linspace(1.0, dice.between(0.5, 1.2), 20)
        pieces.append(sweep(path, outline, np.stack([swell, np.ones(20)], 1), Z, ends=0.1 * size))
    elif form == "loop":
        t = np.linspace(0, 2 * pi, 40, endpoint=False)
        x = 0.55 * long * (1 - np.cos(t))
        path = np.stack([x, 0.35 * x + top, 0.9 * size * np.sin(t)], 1)
        pieces.append(sweep(path, circle(rod, 12), 1.0, Y, loop=True))
    elif form == "joystick":
        lean = dice.between(0.0, 0.6)
        end = (long * sin(lean), top + long * cos(lean), 0.0)
        pieces.append(limb((0, 0.5 * top, 0), end, 1.1 * rod, dice.between(0.8, 1.6) * rod, 14))
    elif form == "knob":
        wide, high = size * dice.between(1.3, 2.2), size * dice.between(0.9, 2.2)
        outline = dice.pick([circle(1.0, 28), knurled(16, 0.06), _lobed(dice.pick([4, 5, 6, 8]))])
        knots = [(0.75 * wide, 0.7 * top), (wide, 0.7 * top + 0.3 * high), (0.8 * wide, top + high)]
        pieces.append(solid(knots, 0.2 * size, outline))
    elif form == "wheel":
        wide = size * dice.between(2.0, 3.0)
        pieces.append(
            hoop(wide, top, max(0.3 * size, 0.018), _lobed(5) if dice.chance(0.4) else None)
        )
        for k in range(3):
            a = 2 * pi * k / 3
            spoke = (wide * cos(a), top, wide * sin(a))
            pieces.append(limb((0, top, 0), spoke, 0.3 * size, 0.25 * size, 8))
    else:
        arms = 2 if form == "tee" else dice.pick([4, 4, 4, 3, 5])
        half = 0.6 * long
        tip = rod * dice.between(0.7, 1.5)
        balls = dice.chance(0.4)
        for k in range(arms):
            a = 2 * pi * k / arms
            far = (half * cos(a), 0.85 * top, half * sin(a))
            pieces.append(limb((0, 0.85 * top, 0), far, rod, tip, 10))
            if balls:
                pieces.append(ball(far, (3.2 * rod, 3.2 * rod, 3.2 * rod), 12))
        pieces.append(ball((0, 0.85 * top, 0), (1.8 * size, 1.7 * size, 1.8 * size), 16))
    return pieces


def _lobed(count: int) -> Array:
    angle = np.arange(48) * (2 * pi / 48)
    return np.asarray(circle(1.0, 48) * (1 + 0.12 * np.cos(count * angle))[:, None])
