"""Shapes from arrays that are already in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pdengine.errors import ShapeError
from pdengine.io.parsed import Polygons, make_cloud, make_mesh, unit_colour
from pdengine.types import Mesh, PointCloud

Array = NDArray[Any]


def cloud_from_arrays(
    xyz: Tensor | Array,  # [rows, 3]
    colour: Tensor | Array | None = None,  # [rows, 3]
    normals: Tensor | Array | None = None,  # [rows, 3]
) -> PointCloud:
    """A cloud from numpy or torch.  The arrays are copied.

    Args:
        xyz: any unit; float32 and float64 keep their type, other numbers become float64.  Rows that
            are not finite are kept aside.
        colour: floats in [0, 1] or uint8.
        normals: of any length; left out where a row has no direction.

    Raises:
        ShapeError: a shape or value is not the one above, or no row is finite.
    """
    world = _coordinates("xyz", xyz)
    return make_cloud(
        world,
        None if colour is None else _colour(colour, len(world)),
        None if normals is None else _rows("normals", normals, len(world)),
    )


def mesh_from_arrays(
    vertices: Tensor | Array,  # [vertices, 3]
    faces: Tensor | Array,  # [F, corners]
    colour: Tensor | Array | None = None,  # [vertices, 3]
) -> Mesh:
    """A mesh from numpy or torch.  The arrays are copied.

    Args:
        vertices: any unit.
        faces: integers into vertices, three or more a row; wider rows are split into fans.
        colour: floats in [0, 1] or uint8.

    Raises:
        ShapeError: a shape or value is not the one above, or a face names a vertex that does not
            exist or is not finite.
    """
    world = _coordinates("vertices", vertices)
    index = _numpy("faces", faces)
    if index.ndim != 2 or index.shape[1] < 3 or len(index) == 0:
        raise ShapeError(f"faces must be [F, 3] with F of at least 1, got {list(index.shape)}")
    if index.dtype.kind not in "iu":
        raise ShapeError(f"faces must be integers, got {index.dtype}")
    if index.dtype == np.uint64:  # a huge index stays out of range instead of turning negative
        index = np.minimum(index, np.uint64(np.iinfo(np.int64).max))
    corners = index.astype(np.int64).reshape(-1)
    sizes = np.full(len(index), index.shape[1], np.int64)
    shade = None if colour is None else _colour(colour, len(world))
    return make_mesh(world, Polygons(corners, sizes), shade)


def _numpy(name: str, values: Tensor | Array) -> Array:
    if isinstance(values, Tensor):
        values = values.detach().cpu()
        values = values.float().numpy() if values.dtype == torch.bfloat16 else values.numpy()
    try:
        array = np.asarray(values)
    except ValueError:
        raise ShapeError(f"{name} must be an array of numbers, got rows that differ") from None
    if array.dtype.kind not in "fiu":
        raise ShapeError(f"{name} must be real numbers, got {array.dtype}")
    return array


def _coordinates(name: str, values: Tensor | Array) -> Array:
    array = _numpy(name, values)
    if array.ndim != 2 or array.shape[1] != 3:
        raise ShapeError(f"{name} must be [N, 3], got {list(array.shape)}")
    single = array.dtype.kind == "f" and array.dtype.itemsize <= 4
    return np.array(array, np.float32 if single else np.float64, order="C")


def _rows(name: str, values: Tensor | Array, count: int) -> Array:
    array = _numpy(name, values)
    if array.shape != (count, 3):
        raise ShapeError(f"{name} must be [N, 3] with N={count}, got {list(array.shape)}")
    return array


def _colour(values: Tensor | Array, count: int) -> Array:
    array = _rows("colour", values, count)
    if array.dtype == np.uint8:
        return unit_colour(array, "u1")
    inside = array.size == 0 or (array.min() >= 0 and array.max() <= 1)
    if array.dtype.kind != "f" or not inside:
        found = f"{array.dtype} from {array.min()} to {array.max()}"
        raise ShapeError(f"colour must be floats in [0, 1] or uint8, got {found}")
    return array.astype(np.float32)
