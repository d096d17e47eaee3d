"""What living things are made of: tubes that follow a spine, jointed limbs, fins and balls.

Everything is a closed surface in the frame of the shape: y up, the front looks along +z. Lengths
share the unit of the inputs, angles are radians.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import cos, pi, sin, sqrt

import numpy as np
from numpy.typing import ArrayLike

from pdengine.shapes.assembly import moved, turned
from pdengine.shapes.curves import Array, filleted, smooth
from pdengine.shapes.primitives import Surface, cross, skin


def vector(x: float, y: float, z: float) -> Array:
    return np.array([x, y, z], float)


def direction(elevation: float, azimuth: float = 0.0) -> Array:
    """A unit vector; elevation 0 and azimuth 0 is straight ahead (+z), azimuth grows to +x."""
    flat = cos(elevation)
    return vector(flat * sin(azimuth), sin(elevation), flat * cos(azimuth))


def unit(v: Array) -> Array:
    return np.asarray(v / max(sqrt(np.add.reduce(v * v)), 1e-12))


def across(along: Array, hint: Array) -> Array:
    """The unit vector at right angles to ``along`` that is nearest to ``hint``."""
    along = unit(along)
    rest = hint - (hint @ along) * along
    if rest @ rest < 1e-6:  # the hint says nothing: any right angle will do
        rest = np.roll(along, 1) - (np.roll(along, 1) @ along) * along
    return unit(rest)


def tube(path: Array, sizes: ArrayLike, points: int = 20, cap: float = 1.0) -> Surface:
    """A tube of elliptic sections with rounded ends.

    Args:
        path: [R, 3], may bend any way; sections turn with it and never twist.
        sizes: half extents, [R] for circles or [R, 2]: first sideways (x where the path allows
            it), then across.
        cap: how far the ends bulge out, as a share of the smaller half extent there; 1 is a ball.
    """
    # Thin tubes, fingers and toes, get by with fewer rings.
    out, shrink = _caps(points > 12)
    caps = len(out)
    inner = slice(caps, caps + len(path))
    rings = len(path) + 2 * caps

    sizes = np.asarray(sizes, float)
    half = np.empty((rings, 2))
    half[inner] = sizes[:, None] if sizes.ndim == 1 else sizes
    first, last = half[inner][0], half[inner][-1]
    half[:caps], half[inner.stop :] = first * shrink, (last * shrink)[::-1]

    along = np.empty((rings, 3))
    tangent = along[inner]
    tangent[1:-1] = path[2:] - path[:-2]
    tangent[0], tangent[-1] = path[1] - path[0], path[-1] - path[-2]
    tangent /= np.sqrt(np.add.reduce(tangent * tangent, 1))[:, None] + 1e-12
    along[:caps], along[inner.stop :] = tangent[0], tangent[-1]

    centre = np.empty((rings, 3))
    centre[inner] = path
    centre[:caps] = path[0] - min(first) * (cap * out) * tangent[0]
    centre[inner.stop :] = (path[-1] + min(last) * (cap * out) * tangent[-1])[::-1]

    sides = _sides(along)
    ring = unit_circle(points) * half[:, None]  # [R, P, 2]
    across_sides = ring[..., 1:] * cross(along, sides)[:, None]
    return skin(centre[:, None] + ring[..., :1] * sides[:, None] + across_sides)


@lru_cache(maxsize=2)
def _caps(fine: bool) -> tuple[Array, Array]:
    """A rounded end ring by ring, outermost first: how far out it is, how wide. [C, 1] each."""
    turn = np.array([0.46, 0.36, 0.25, 0.12] if fine else [0.44, 0.25]) * pi
    return np.sin(turn)[:, None], np.cos(turn)[:, None]


@lru_cache(maxsize=64)
def unit_circle(points: int) -> Array:
    """Points around a circle of radius 1, not to be written to. [P, 2]."""
    angle = np.arange(points) * (2 * pi / points)
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    circle.setflags(write=False)
    return circle


def _sides(along: Array) -> Array:
    """A right-angled companion of each tangent that turns as little as possible. [R, 3]."""
    hint = vector(1, 0, 0) if abs(along[0, 0]) < 0.9 else vector(0, 0, 1)
    sides = np.empty_like(along)
    for tangent, side in zip(along, sides, strict=True):
        hint = hint - hint.dot(tangent) * tangent
        hint = np.divide(hint, sqrt(hint.dot(hint)) + 1e-12, out=side)
    return sides


def trunk(
    knots: Sequence[Sequence[float]], count: int = 28, points: int = 24, cap: float = 0.7
) -> Surface:
    """A smooth body through sections (x, y, z, width, height), full extents."""
    curve = smooth([np.asarray(k, float) for k in knots], count)
    least = 0.3 * min(min(k[3], k[4]) for k in knots)
    return tube(curve[:, :3], np.maximum(curve[:, 3:], least) / 2, points, cap)


def jointed(
    joints: Sequence[ArrayLike],
    radii: Sequence[float],
    points: int = 14,
    flat: float = 1.0,
) -> Surface:
    """A limb from joint to joint, bent softly at the inner ones, one radius per joint.

    Args:
        flat: sideways half extent as a share of the radius.
    """
    knots = np.asarray(joints, float)
    corners = filleted(knots, 1.6 * max(radii))
    travelled = _travelled(corners)
    long = travelled[-1]
    even = np.arange(2 * len(knots) + (4 if points > 12 else 0)) * 1.0
    even *= long / even[-1]
    even[-1] = long
    where = np.sort(np.concatenate([travelled, even]))
    apart = np.empty(len(where), bool)
    apart[0], apart[1:] = True, where[1:] - where[:-1] > 1e-4 * long
    where = where[apart]
    path = np.empty((len(where), 3))
    for axis in range(3):
        path[:, axis] = np.interp(where, travelled, corners[:, axis])
    stations = _travelled(knots)
    half = np.empty((len(where), 2))
    half[:, 1] = np.interp(where / long, stations / stations[-1], np.asarray(radii, float))
    half[:, 0] = half[:, 1] * flat
    return tube(path, half, points)


def _travelled(path: Array) -> Array:
    """How far along the path each of its points is. [R]"""
    step = path[1:] - path[:-1]
    found = np.zeros(len(path))
    np.cumsum(np.maximum(np.sqrt(np.add.reduce(step * step, 1)), 1e-9), out=found[1:])
    return found


def knee(top: Array, foot: Array, length: float, towards: Array) -> Array:
    """Where a limb of two equal bones bends; halfway where it is too short to bend."""
    span = foot - top
    distance = float(np.sqrt(span @ span))
    out = 0.5 * np.sqrt(max(length * length - distance * distance, 0.0))
    return np.asarray((top + foot) / 2 + out * across(span, towards))


def fin(
    lead: Array, trail: Array, thickness: ArrayLike, cup: ArrayLike = 0.0, points: int = 16
) -> Surface:
    """A thin blade between two edges, root first.

    Args:
        lead, trail: [R, 3], the edges, point by point from root to tip.
        thickness: greatest thickness, a number or [R].
        cup: how far the middle of each chord bulges along chord x span, a number or [R].
    """
    middle, half = (lead + trail) / 2, (lead - trail) / 2
    along = np.empty_like(middle)
    along[1:-1] = middle[2:] - middle[:-2]
    along[0], along[-1] = middle[1] - middle[0], middle[-1] - middle[-2]
    normal = cross(half, along)
    normal /= np.sqrt((normal * normal).sum(1, keepdims=True)) + 1e-12
    thick = np.broadcast_to(np.asarray(thickness, float), len(lead)) / 2
    bulge = np.broadcast_to(np.asarray(cup, float), len(lead))
    angle = np.arange(points) * (2 * pi / points)
    wide, deep = np.cos(angle), np.sin(angle)
    lift = deep * thick[:, None] + (1 - wide**2) * bulge[:, None]
    return skin(middle[:, None] + wide[:, None] * half[:, None] + lift[..., None] * normal[:, None])


def ball(at: ArrayLike, size: ArrayLike, points: int = 20) -> Surface:
    """An ellipsoid with the full extents ``size`` along x, y, z."""
    turn = np.linspace(-0.48 * pi, 0.48 * pi, max(9, points // 2 + 3))
    angle = np.arange(points) * (2 * pi / points)
    flat = np.cos(turn)[:, None]
    rings = np.stack(
        [
            flat * np.cos(angle),
            np.broadcast_to(np.sin(turn)[:, None], (len(turn), points)),
            flat * np.sin(angle),
        ],
        -1,
    )
    half = np.asarray(size, float) / 2
    return skin(rings * half + np.asarray(at, float))


def posed(
    surfaces: Sequence[Surface],
    at: ArrayLike,
    nod: float = 0.0,
    turn: float = 0.0,
    tilt: float = 0.0,
) -> list[Surface]:
    """Tilt to the shoulder, nod (positive looks up) and turn (positive to +x), then carry to at."""
    x, y, z = np.asarray(at, float)
    placed = []
    for surface in surfaces:
        spun = turned(turned(turned(surface, "z", tilt), "x", -nod), "y", turn)
        placed.append(moved(spun, float(x), float(y), float(z)))
    return placed


def curl(heading: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Bend everything that lies along z sideways, as a swimming fish does.

    Args:
        heading: the direction of the spine at z [R] in radians; 0 is +z and positive turns to +x.
    """

    def change(vertices: Array) -> Array:
        z = vertices[:, 2]
        stations = np.linspace(z.min(), z.max(), 200)
        angle = heading(stations)
        step = stations[1] - stations[0]
        spine_x, spine_z = np.cumsum(np.sin(angle)) * step, np.cumsum(np.cos(angle)) * step
        here = np.interp(z, stations, angle)
        return np.stack(
            [
                np.interp(z, stations, spine_x) + vertices[:, 0] * np.cos(here),
                vertices[:, 1],
                np.interp(z, stations, spine_z) - vertices[:, 0] * np.sin(here),
            ],
            1,
        )

    return change
