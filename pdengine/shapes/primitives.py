"""Closed surfaces: sweeps, lathes, slabs, ellipsoids and wings, all skins over stacked outlines.

Lengths share the unit of the inputs. Winding is settled later, by the sign of the volume, so
nothing here needs to care about it.
"""

from functools import lru_cache
from math import pi
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdengine.shapes.curves import Array, airfoil, circle, straight

X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


class Surface(NamedTuple):
    """A closed triangle surface: vertices [V, 3] float64, faces [F, 3] int64."""

    vertices: Array
    faces: NDArray[np.int64]


@lru_cache(maxsize=4096)
def _skin_faces(rings: int, points: int, loop: bool) -> NDArray[np.int64]:
    """Two triangles per grid cell; open stacks also get a fan at both ends."""
    row = np.arange(rings if loop else rings - 1)[:, None]
    a = np.arange(points)[None]
    b = (a + 1) % points
    here, above = row * points, (row + 1) % rings * points
    cells = [[here + a, here + b, above + b], [here + a, above + b, above + a]]
    faces = np.concatenate([np.stack(cell, -1).reshape(-1, 3) for cell in cells])
    if not loop:
        a, b = a[0], b[0]
        bottom, top = rings * points, rings * points + 1
        last = (rings - 1) * points
        low = np.stack([np.full(points, bottom), b, a], 1)
        high = np.stack([np.full(points, top), last + a, last + b], 1)
        faces = np.concatenate([faces, low, high])
    faces.setflags(write=False)
    return faces


def skin(rings: Array, loop: bool = False) -> Surface:
    """Cover a stack of closed outlines.

    Args:
        rings: [R, P, 3], neighbours joined point by point.
        loop: join the last outline to the first instead of closing both ends with a fan.
    """
    count, points = rings.shape[:2]
    faces = _skin_faces(count, points, loop)
    vertices = rings.reshape(-1, 3)
    if not loop:
        ends = [np.add.reduce(end, 1) / points for end in (rings[:1], rings[-1:])]
        vertices = np.concatenate([vertices, *ends])
    return Surface(vertices, faces)


def rings_of(surface: Surface, points: int) -> Array:
    """The outlines [R, P, 3] of an open skin whose outlines have so many points."""
    return surface.vertices[:-2].reshape(-1, points, 3)


def cut_skin(surface: Surface, points: int, at: int) -> tuple[Surface, Surface]:
    """An open skin in two at its outline ``at``, both closed: parts that meet without a step."""
    rings = rings_of(surface, points)
    return skin(rings[: at + 1]), skin(rings[at:])


def _unit(vectors: Array) -> Array:
    squared = np.add.reduce(vectors * vectors, -1, keepdims=True)
    return np.asarray(vectors / np.sqrt(squared + 1e-30))


def cross(a: Array, b: Array) -> Array:
    """np.cross of vectors [R, 3], to the last bit, and five times faster on small arrays."""
    ax, ay, az = a.T
    bx, by, bz = b.T
    product = np.empty_like(a)
    product[:, 0] = ay * bz - az * by
    product[:, 1] = az * bx - ax * bz
    product[:, 2] = ax * by - ay * bx
    return product


_END_TURN = np.array([0.47, 0.4, 0.25, 0.12])[:, None] * pi  # of a rounded end, outermost first
_END_OUT, _END_WIDE = np.sin(_END_TURN), np.cos(_END_TURN)


def sweep(
    path: Array,
    outline: Array,
    scale: ArrayLike = 1.0,
    side: ArrayLike = X,
    ends: float = 0.0,
    loop: bool = False,
) -> Surface:
    """Carry an outline along a path.

    Args:
        path: [R, 3].
        outline: [P, 2], first axis along ``side``, second across it.
        scale: size of the outline along the path, a number, [R] or [R, 2] (per outline axis).
        side: a direction that is never parallel to the path; a flat curve's normal is ideal.
        ends: how far rounded ends stick out beyond the path; 0 closes them flat.
        loop: the path is closed.
    """
    scale = np.asarray(scale, float)
    sizes = np.empty((len(path), 2))
    sizes[:] = scale[:, None] if scale.ndim == 1 else scale
    if loop:
        along = np.roll(path, -1, 0) - np.roll(path, 1, 0)
    else:
        along = np.empty_like(path)
        along[1:-1] = path[2:] - path[:-2]
        along[0], along[-1] = path[1] - path[0], path[-1] - path[-2]
    along = _unit(along)
    if ends > 0 and not loop:
        out, shrink = ends * _END_OUT, _END_WIDE
        path = np.concatenate([path[0] - out * along[0], path, path[-1] + (out * along[-1])[::-1]])
        sizes = np.concatenate([sizes[0] * shrink, sizes, (sizes[-1] * shrink)[::-1]])
        along = np.concatenate([along[:1].repeat(4, 0), along, along[-1:].repeat(4, 0)])
    side_ = np.asarray(side, float)
    first = _unit(side_ - (along @ side_)[:, None] * along)
    second = cross(along, first)
    flat = outline[None] * sizes[:, None]
    rings = path[:, None] + flat[..., :1] * first[:, None] + flat[..., 1:] * second[:, None]
    return skin(rings, loop)


def limb(a: ArrayLike, b: ArrayLike, radius_a: float, radius_b: float, points: int = 12) -> Surface:
    """A straight capsule from a to b with two radii."""
    path = straight(a, b)
    direction = np.abs(path[-1] - path[0])
    side = X if direction[0] < 0.9 * float(np.sqrt((direction**2).sum())) else Y
    scale = np.linspace(1.0, radius_b / radius_a, len(path))
    return sweep(path, circle(radius_a, points), scale, side, ends=0.6 * min(radius_a, radius_b))


_UNIT_CIRCLE = circle(1.0, 32)


def lathe(turned: Array, outline: Array | None = None, loop: bool = False) -> Surface:
    """Turn a profile around the y axis.

    Args:
        turned: [R, 2] (radius, height).
        outline: [P, 2] the shape of a circle of radius 1 seen from above; a circle by default.
        loop: the profile is closed, a ring around the axis; else both ends are closed by discs.
    """
    unit = _UNIT_CIRCLE if outline is None else outline
    rings = np.empty((len(turned), len(unit), 3))
    rings[..., 0] = turned[:, :1] * unit[:, 0]
    rings[..., 1] = turned[:, 1:]
    rings[..., 2] = turned[:, :1] * unit[:, 1]
    return skin(rings, loop)


def slab(outline: Array, thickness: float, edge: float, crown: float = 0.0) -> Surface:
    """A flat plate in the xz plane, its middle at y = 0, with rounded edges.

    Args:
        outline: [P, 2] (x, z).
        edge: radius of the rounding, at most half of the thickness is used.
        crown: how far the middle of the top bulges up (or, negative, sinks in).
    """
    edge = max(min(edge, 0.499 * thickness), 1e-4)
    centre = (outline.min(0) + outline.max(0)) / 2
    half_size = np.ptp(outline, axis=0) / 2
    turn = np.linspace(0, pi / 2, 5)
    inset, drop = edge * (1 - np.sin(turn)), edge * (1 - np.cos(turn))
    half = thickness / 2
    # Shrinking towards the centre, other than an offset along normals, never folds at a corner.
    smaller = np.maximum(1 - inset[:, None] / half_size, 0.3)  # [5, 2]
    rim = centre + (outline - centre) * smaller[:, None]  # [5, P, 2], inner to outer
    shrink = np.array([0.15, 0.4, 0.65, 0.85])[:, None, None]
    field = centre + (rim[0] - centre) * shrink  # [4, P, 2]
    bulge = crown * (1 - shrink[:, 0, 0] ** 2)
    low = np.concatenate([np.full(4, -half), drop - half])
    high = np.concatenate([half - drop[::-1], (half + bulge)[::-1]])
    flat = np.concatenate([field, rim, rim[::-1], field[::-1]])
    height = np.broadcast_to(np.concatenate([low, high])[:, None], flat.shape[:2])
    return skin(np.stack([flat[..., 0], height, flat[..., 1]], -1))


def superellipsoid(
    size: ArrayLike, power: float = 2.0, flatness: float = 2.0, points: int = 32
) -> Surface:
    """A ball (both powers 2) to a soft block (powers 6), centred at the origin.

    Args:
        size: full extent along x, y, z.
        power: squareness seen from above.
        flatness: squareness seen from the side.
        points: around the y axis, even; half as many from pole to pole.

    Source: Barr 1981, sampled evenly in angle.
    """
    turn = np.linspace(-0.49 * pi, 0.49 * pi, points // 2 + 1)
    cos, sin = np.cos(turn), np.sin(turn)
    reach = (np.abs(cos) ** flatness + np.abs(sin) ** flatness) ** (-1 / flatness)
    angle = np.arange(points) * (2 * pi / points)
    across, along = np.cos(angle), np.sin(angle)
    wide = (np.abs(across) ** power + np.abs(along) ** power) ** (-1 / power)
    outline = np.stack([across * wide, along * wide], 1)
    surface = lathe(np.stack([cos * reach, sin * reach], 1), outline)
    return Surface(surface.vertices * (np.asarray(size, float) / 2), surface.faces)


def wing(
    span: Array,  # [R] along x
    nose: Array,  # [R, 2] (y, z) of the leading edge, front is +z
    chord: Array,  # [R]
    thickness: Array,  # [R] as a share of the chord
    camber: float = 0.0,
) -> Surface:
    """Loft wing sections from the root outwards; the tip is rounded off."""
    tip = np.array([0.35, 0.7, 0.95])
    out = chord[-1] * thickness[-1] * tip
    shrink = np.sqrt(1 - tip**2) * 0.6 + 0.4
    span = np.concatenate([span, span[-1] + out * np.sign(span[-1] - span[0])])
    trail = chord[-1] * (1 - shrink) * 0.5
    tip_nose = nose[-1] - np.stack([0 * trail, trail], 1)
    nose = np.concatenate([nose, tip_nose])
    chord = np.concatenate([chord, chord[-1] * shrink])
    thin = thickness[-1] * np.sqrt(1 - tip**2)
    thickness = np.concatenate([thickness, thin])
    section = airfoil()
    bend = camber * (section[:, 0] * (1 - section[:, 0]) * 4)
    lift = (section[:, 1] * thickness[:, None] + bend) * chord[:, None]
    rings = np.empty((len(span), len(section), 3))
    rings[..., 0] = span[:, None]
    rings[..., 1] = nose[:, :1] + lift
    rings[..., 2] = nose[:, 1:] - section[:, 0] * chord[:, None]
    return skin(rings)
