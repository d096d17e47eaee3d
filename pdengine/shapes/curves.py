"""Flat outlines, paths through space, and profiles: what the primitives are drawn with."""

from collections.abc import Sequence
from math import pi, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def superellipse(width: float, depth: float, power: float = 2.0, count: int = 32) -> Array:
    """A closed outline from an ellipse (power 2) to nearly a rectangle (power 12). [P, 2].

    Sampled evenly in angle on the unit shape, so corners get their share of the points.
    """
    angle = np.arange(count) * (2 * pi / count) + pi / count
    cos, sin = np.cos(angle), np.sin(angle)
    reach = (np.abs(cos) ** power + np.abs(sin) ** power) ** (-1 / power)
    return np.stack([cos * reach * (width / 2), sin * reach * (depth / 2)], axis=1)


def circle(radius: float, count: int = 24) -> Array:
    return superellipse(2 * radius, 2 * radius, 2.0, count)


def rounded_rectangle(width: float, depth: float, radius: float, count: int = 32) -> Array:
    """A rectangle with quarter-circle corners and points along its sides. [P, 2]."""
    radius = min(radius, 0.499 * min(width, depth))
    per_corner = max(2, count // 8)
    turn = np.linspace(0, pi / 2, per_corner)
    corners = []
    for index, (sx, sz) in enumerate([(1, 1), (-1, 1), (-1, -1), (1, -1)]):
        angle = turn + index * pi / 2
        centre = np.array([sx * (width / 2 - radius), sz * (depth / 2 - radius)])
        corners.append(centre + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1))
    sides = []
    along = np.linspace(0, 1, max(2, count // 8) + 1)[1:-1, None]
    for index, corner in enumerate(corners):
        start, end = corner[-1], corners[(index + 1) % 4][0]
        sides += [corner, start + (end - start) * along]
    return np.concatenate(sides)


def polygon(width: float, depth: float, corners: int, count: int = 48) -> Array:
    """A regular polygon squeezed into width x depth. [P, 2]."""
    angle = np.arange(count) * (2 * pi / count)
    sector = 2 * pi / corners
    reach = np.cos(sector / 2) / np.cos((angle % sector) - sector / 2)
    return np.stack(
        [np.cos(angle) * reach * (width / 2), np.sin(angle) * reach * (depth / 2)], axis=1
    )


def airfoil(count: int = 24) -> Array:
    """A symmetric wing section, nose at 0, tail at 1, greatest thickness 1. [P, 2].

    Source: the thickness formula of the NACA four-digit series, with a blunt tail.
    """
    half = count // 2
    x = 0.5 - 0.5 * np.cos(np.linspace(0.06, pi, half))
    y = 5 * (0.2969 * np.sqrt(x) - 0.126 * x - 0.3516 * x**2 + 0.2843 * x**3 - 0.0975 * x**4)
    return np.concatenate([np.stack([x, y], 1), np.stack([x, -y], 1)[::-1]])


def straight(start: ArrayLike, end: ArrayLike, count: int = 7) -> Array:
    """Points from start to end, both included. [R, 3]."""
    a, b = np.asarray(start, float), np.asarray(end, float)
    return np.asarray(a + (b - a) * np.linspace(0, 1, count)[:, None])


def smooth(points: Sequence[ArrayLike], count: int = 24) -> Array:
    """A curve through all points, evenly spaced by control point. [R, D].

    Source: Catmull and Rom 1974, ends mirrored.
    """
    knots = np.asarray(points, float)
    knots = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    where = np.linspace(0, len(points) - 1 - 1e-9, count)
    first = where.astype(int)
    t = (where - first)[:, None]
    p0, p1, p2, p3 = (knots[first + k] for k in range(4))
    return np.asarray(
        p1
        + 0.5 * t * (p2 - p0)
        + t**2 * (p0 - 2.5 * p1 + 2 * p2 - 0.5 * p3)
        + t**3 * (-0.5 * p0 + 1.5 * p1 - 1.5 * p2 + 0.5 * p3)
    )


def _bernstein(count: int) -> tuple[Array, Array, Array]:
    """The shares of start, corner and end in the points of a parabola. [R, 1] each."""
    t = np.linspace(0, 1, count)[:, None]
    return (1 - t) ** 2, 2 * t * (1 - t), t**2


_FILLET = _bernstein(6)


def filleted(points: Sequence[ArrayLike] | Array, radius: float, closed: bool = False) -> Array:
    """A polyline whose corners are rounded, the way a tube is bent. [R, 3].

    The rounding of a corner uses at most 45 % of its shorter side.
    """
    knots = np.asarray(points, float)
    pieces: list[Array] = []
    total = len(knots)
    for index in range(total):
        here = knots[index]
        if not closed and index in (0, total - 1):
            pieces.append(here[None])
            continue
        back, ahead = knots[index - 1] - here, knots[(index + 1) % total] - here
        far_back, far_ahead = sqrt(back.dot(back)), sqrt(ahead.dot(ahead))
        cut = min(radius, 0.45 * far_back, 0.45 * far_ahead)
        a, b = here + back * (cut / far_back), here + ahead * (cut / far_ahead)
        pieces.append(_FILLET[0] * a + _FILLET[1] * here + _FILLET[2] * b)
    return np.concatenate(pieces)


def profile(knots: Sequence[tuple[float, float]], count: int = 24) -> Array:
    """A smooth curve through (radius, height) pairs, radius kept positive. [R, 2]."""
    curve = smooth(knots, count)
    curve[:, 0] = np.maximum(curve[:, 0], 1e-3)
    return curve


def interpolate(x: Array, knots: Sequence[tuple[float, float]]) -> Array:
    """Piecewise linear values of x over (position, value) pairs."""
    position, value = zip(*knots, strict=True)
    return np.asarray(np.interp(x, position, value))
