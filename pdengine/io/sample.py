"""Points on the surface of a mesh."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pdengine.errors import ShapeError
from pdengine.io.normalise import power_of_two
from pdengine.types import Mesh, PointCloud

Array = NDArray[Any]

# The two-dimensional golden ratio: the root of g^3 = g + 1 (M. Roberts 2018, the R2 sequence).
GOLDEN = 1.32471795724474602596


class Sampled(NamedTuple):
    """A cloud on a mesh, and where on the mesh.

    Attributes:
        cloud: its normals are the faces' (right-handed), its colours interpolated, its rows 0..N-1;
            its origin is the surface's centroid and its scale the largest distance of a vertex, so
            that clouds of different density of one mesh share one frame.
        face: [N] int64, ascending.
        barycentric: [N, 3] float64, weights of the face's corners, sum 1.
    """

    cloud: PointCloud
    face: Tensor
    barycentric: Tensor


class _Surface(NamedTuple):
    """corners [F, 3 corners, 3] relative to start and divided by power, and what follows."""

    corners: Array
    start: Array
    power: float
    normal: Array
    area: Array


def sample_mesh(mesh: Mesh, count: int, seed: int) -> Sampled:
    """Spread points evenly over the surface.

    Point i takes the face at (i + u) / count of the total area, so a face of k times the mean area
    per point gets k points rounded up or down; inside faces the points follow the R2 sequence.  The
    seed shifts both.  Faces without area are never sampled.

    Args:
        mesh: any unit.
        count: number of points, at least 1.
        seed: the same seed gives the same points.

    Raises:
        ShapeError: count is below 1, or no face has an area.
    """
    if count < 1:
        raise ShapeError(f"count must be at least 1, got {count}")
    surface = _surface(mesh)
    cumulative = np.cumsum(surface.area)
    total = float(cumulative[-1]) if len(cumulative) else 0.0
    if not (0 < total < math.inf):
        rule = "a mesh must have a face with an area"
        raise ShapeError(f"{rule}, got {len(surface.area)} faces of total area {total:g}")

    shift = np.random.default_rng(seed).random(3)
    step = np.arange(count, dtype=np.float64)
    at = (step + shift[0]) * (total / count)
    face = np.searchsorted(cumulative, at, side="right")
    # at < total, up to rounding: the last point may fall behind the last face that has an area.
    np.minimum(face, np.searchsorted(cumulative, total, side="left"), out=face)
    first = (step / GOLDEN + shift[1]) % 1
    second = (step / GOLDEN**2 + shift[2]) % 1
    over = first + second > 1  # the other half of the unit square folds onto the triangle
    first[over], second[over] = 1 - first[over], 1 - second[over]
    weight = np.stack([1 - first - second, first, second], axis=1)

    local = np.einsum("nk,nkd->nd", weight, surface.corners[face])
    centre, radius = _frame(surface, total)
    world = (local + surface.start) * surface.power
    origin = (surface.start + centre) * surface.power
    scale = radius * surface.power
    if not math.isfinite(scale):
        raise ShapeError("the extent of a mesh must fit float64")
    cloud = PointCloud(
        xyz=torch.from_numpy(((local - centre) / radius).astype(np.float32)),
        origin=torch.from_numpy(origin),
        scale=scale,
        rows=torch.arange(count),
        world=torch.from_numpy(world),
        colour=_colour(mesh, face, weight),
        normals=torch.from_numpy(surface.normal[face]),
    )
    return Sampled(cloud, torch.from_numpy(face.astype(np.int64)), torch.from_numpy(weight))


def _surface(mesh: Mesh) -> _Surface:
    vertices, faces = mesh.vertices.numpy(), mesh.faces.numpy()
    used = vertices[faces.reshape(-1)]
    power = power_of_two(float(np.abs(used).max(initial=0.0)))
    used /= power
    start = used[:1].copy()
    used -= start
    corners = used.reshape(-1, 3, 3)
    # Only a difference says what is small: 1e-9 m on a mesh at 1e6 m is nothing, alone it is all.
    size = float(np.abs(used).max(initial=0.0)) or 1.0
    edge = (corners[:, 1:] - corners[:, :1]) / size
    a, b = edge[:, 0].T, edge[:, 1].T
    cross = np.stack(
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    )
    area = np.sqrt(np.einsum("df,df->f", cross, cross))
    with np.errstate(divide="ignore", invalid="ignore"):
        normal = (cross / area).T.astype(np.float32)
    return _Surface(corners, start[0] if len(start) else np.zeros(3), power, normal, area)


def _frame(surface: _Surface, total: float) -> tuple[Array, float]:
    """The area-weighted centroid and the largest distance of a vertex of a face with an area."""
    centroid = surface.corners.mean(axis=1)
    centre: Array = surface.area @ centroid / total
    offset = surface.corners - centre
    squared = np.einsum("fkd,fkd->fk", offset, offset).max(axis=1)
    return centre, float(np.sqrt(squared[surface.area > 0].max()))


def _colour(mesh: Mesh, face: Array, weight: Array) -> Tensor | None:
    if mesh.colour is None:
        return None
    corner = mesh.colour.numpy()[mesh.faces.numpy()[face]]
    mixed = np.einsum("nk,nkd->nd", weight.astype(np.float32), corner)
    return torch.from_numpy(np.clip(mixed, 0, 1))
