"""What every reader returns, and how it becomes a PointCloud or a Mesh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pdengine.errors import LoadError, ShapeError
from pdengine.io.normalise import normalise
from pdengine.types import Mesh, PointCloud

Array = NDArray[Any]


@dataclass(frozen=True)
class Polygons:
    """Polygons of any size, one after another.

    Attributes:
        corners: [sum of sizes] int64, vertex indices.
        sizes: [polygons] int64, corners per polygon.
    """

    corners: Array
    sizes: Array

    def fans(self) -> tuple[Array, Array]:
        """Triangles [F, 3] int64 and the polygon of each [F] int64.

        A polygon a b c d becomes a b c and a c d; polygons of fewer than three corners become
        nothing.
        """
        sizes, corners = self.sizes, self.corners
        if len(sizes) and (sizes == 3).all():
            return corners.reshape(-1, 3), np.arange(len(sizes))
        triangles = np.maximum(sizes - 2, 0)
        polygon = np.repeat(np.arange(len(sizes)), triangles)
        step = np.arange(len(polygon)) - np.repeat(np.cumsum(triangles) - triangles, triangles)
        first = np.repeat(np.cumsum(sizes) - sizes, triangles)
        corner = np.stack([first, first + step + 1, first + step + 2], axis=1)
        return corners[corner], polygon


@dataclass(frozen=True)
class Parsed:
    """A file's contents, before any of it is believed.

    Attributes:
        world: [rows, 3] float32 or float64.
        colour: [rows, 3] float32 in [0, 1], or None.
        normals: [rows, 3] of any length, or None.
        polygons: the faces, or None where the file has none.
    """

    world: Array
    colour: Array | None = None
    normals: Array | None = None
    polygons: Polygons | None = None


def unit_colour(values: Array, declared: str) -> Array:
    """Colours of a file as float32 in [0, 1].

    8-bit values are divided by 255 and 16-bit values by 65535.  Other types, and 16-bit files whose
    brightest value fits 8 bits (writers put 8-bit colours there), are decided per file by the
    largest value: 1 (floats only), 255 or 65535.  What is not finite is black.

    Args:
        values: [rows, 3].
        declared: the numpy type code that the file declares, e.g. "u1"; "f8" where it says none.
    """
    if declared == "u1":
        shares: Array = np.divide(values, np.float32(255), dtype=np.float32)
        return shares
    values = np.nan_to_num(np.asarray(values, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    top = values.max(initial=0.0)
    fits = [full for full in (1.0, 255.0) if top <= full and (full > 1 or declared[0] == "f")]
    full = fits[0] if fits else 65535.0
    result: Array = np.clip(values / full, 0.0, 1.0).astype(np.float32)
    return result


def unit_normals(normals: Array) -> Array | None:
    """Normals as float32 unit vectors, or None where a row has no direction (0 or not finite).

    A few wrong normals are worse than none: without, they are estimated from the points.
    """
    wide = np.asarray(normals, np.float64)
    largest = np.abs(wide).max(axis=1, initial=0.0)
    if not (np.isfinite(largest) & (largest > 0)).all():
        return None
    wide = wide / largest[:, None]
    length = np.sqrt(np.einsum("ni,ni->n", wide, wide))
    result: Array = (wide / length[:, None]).astype(np.float32)
    return result


def make_cloud(world: Array, colour: Array | None, normals: Array | None) -> PointCloud:
    """The cloud of the finite rows.

    Raises:
        ShapeError: there is no row, no finite row, or the extent does not fit float64.
    """
    frame = normalise(world)
    rows = frame.rows.numpy()
    every = len(rows) == len(world)
    if colour is not None and not every:
        colour = colour[rows]
    if normals is not None:
        normals = unit_normals(normals if every else normals[rows])
    return PointCloud(
        xyz=frame.xyz,
        origin=frame.origin,
        scale=frame.scale,
        rows=frame.rows,
        world=torch.from_numpy(world),
        colour=None if colour is None else torch.from_numpy(np.ascontiguousarray(colour)),
        normals=None if normals is None else torch.from_numpy(normals),
    )


def make_mesh(vertices: Array, polygons: Polygons, colour: Array | None) -> Mesh:
    """The mesh of the polygons' triangles.

    Raises:
        ShapeError: a face names a vertex that does not exist or is not finite, or no face has three
            corners.
    """
    corners = polygons.corners
    if len(corners) and not (corners.min() >= 0 and corners.max() < len(vertices)):
        found = f"{corners.min()} to {corners.max()}"
        raise ShapeError(f"face indices must be in [0, {len(vertices)}), got {found}")
    faces, polygon = polygons.fans()
    if len(faces) == 0:
        found = f"{len(polygons.sizes)} smaller faces"
        raise ShapeError(f"a mesh must have a face of three corners or more, got {found}")
    finite = np.asarray(np.isfinite(vertices).all(axis=1))
    if not finite.all() and not finite[faces].all():
        bad = int(faces[~finite[faces]][0])
        found = f"vertex {bad} = {vertices[bad].tolist()}"
        raise ShapeError(f"faces must use finite vertices, got {found}")
    return Mesh(
        vertices=torch.from_numpy(np.ascontiguousarray(vertices, np.float64)),
        faces=torch.from_numpy(np.ascontiguousarray(faces, np.int64)),
        polygon=torch.from_numpy(polygon),
        colour=None if colour is None else torch.from_numpy(np.ascontiguousarray(colour)),
    )


def build(path: str, parsed: Parsed) -> PointCloud | Mesh:
    """The shape that a reader found.

    Raises:
        LoadError: it is not a shape, see make_cloud and make_mesh.
    """
    try:
        if parsed.polygons is not None and len(parsed.polygons.sizes):
            return make_mesh(parsed.world, parsed.polygons, parsed.colour)
        world = np.ascontiguousarray(parsed.world)
        if not world.dtype.isnative or not world.flags.writeable:
            world = world.astype(world.dtype.newbyteorder("="))
        return make_cloud(world, parsed.colour, parsed.normals)
    except ShapeError as error:
        raise LoadError(path, str(error)) from None
