"""Points on a labelled mesh, and balls cut out of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def scatter(
    vertices: Array,  # [V, 3]
    faces: NDArray[np.int32],  # [F, 3]
    count: int,
    rng: np.random.Generator,
) -> tuple[Array, Array, NDArray[np.int64], Array]:
    """Points by area, their face normals and faces, and the surface's centre."""
    corner = vertices[faces]
    cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    area = np.linalg.norm(cross, axis=1)
    total = np.cumsum(area)
    face = np.searchsorted(total, rng.random(count) * total[-1]).clip(max=len(faces) - 1)
    a, b = np.sqrt(rng.random(count)), rng.random(count)
    weight = np.stack([1 - a, a * (1 - b), a * b], axis=1)
    xyz = (corner[face] * weight[:, :, None]).sum(1)
    normals = cross[face] / np.maximum(area[face], 1e-20)[:, None]
    centre = (corner.mean(1) * area[:, None]).sum(0) / total[-1]
    return xyz, normals, face, centre


def outside_holes(
    xyz: Array,  # [N, 3]
    count: int,
    radius: tuple[float, float],
    rng: np.random.Generator,
) -> NDArray[np.bool_]:  # [N]
    """Which points are left when balls around ``count`` of them are cut out.

    A ball that would take the last point is not cut.
    """
    left = np.ones(len(xyz), bool)
    for _ in range(count):
        centre = xyz[rng.integers(len(xyz))]
        outside = np.linalg.norm(xyz - centre, axis=1) > rng.uniform(*radius)
        left = left & outside if (left & outside).any() else left
    return left
