"""Shapes from arrays that are already in memory."""

from __future__ import annotations

import os
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.dlpack import from_dlpack

from pdengine.errors import ShapeError
from pdengine.io.formats import load
from pdengine.io.parsed import Polygons, make_cloud, make_mesh, unit_colour
from pdengine.types import Mesh, PointCloud, Shape

Array = NDArray[Any]


class DLPack(Protocol):
    """An array of any library that lends its memory: CuPy, JAX, TensorFlow, MLX and others."""

    def __dlpack__(self, *, stream: Any = None) -> Any: ...

    def __dlpack_device__(self) -> tuple[int, int]: ...


AnyArray = Tensor | Array | DLPack
AnyShape = Shape | str | os.PathLike[str] | AnyArray


def as_shape(name: str, given: AnyShape) -> Shape:
    """The shape that a caller means: a PointCloud or a Mesh, a file, or the xyz of a cloud.

    Args:
        name: the caller's argument, for messages.
        given: an array is [rows, 3], and all that cloud_from_arrays says of xyz.

    Raises:
        LoadError: a file cannot be read as a shape.
        ShapeError: it is none of these, or not an array of points.
    """
    if isinstance(given, (PointCloud, Mesh)):
        return given
    if isinstance(given, (str, os.PathLike)):
        return load(given)
    if not isinstance(given, (list, tuple)) and not _is_array(given):
        rule = "a PointCloud, a Mesh, a file or an array [N, 3]"
        raise ShapeError(f"{name} must be {rule}, got {type(given).__name__}")
    return make_cloud(_coordinates(name, given), None, None)


def cloud_from_arrays(
    xyz: AnyArray,  # [rows, 3]
    colour: AnyArray | None = None,  # [rows, 3]
    normals: AnyArray | None = None,  # [rows, 3]
) -> PointCloud:
    """A cloud from arrays: torch's, numpy's, or any other's through DLPack.  They are copied.

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
    vertices: AnyArray,  # [vertices, 3]
    faces: AnyArray,  # [F, corners]
    colour: AnyArray | None = None,  # [vertices, 3]
) -> Mesh:
    """A mesh from arrays: torch's, numpy's, or any other's through DLPack.  They are copied.

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


def _is_array(given: object) -> bool:
    return any(hasattr(given, a) for a in ("__dlpack__", "__array__", "__array_interface__"))


def _numpy(name: str, values: AnyArray) -> Array:
    """Any array in this process's memory, shared with its owner where that is possible."""
    array: Any = values
    try:
        if not isinstance(values, (Tensor, np.ndarray)) and hasattr(values, "__dlpack__"):
            array = _borrowed(values)
        if isinstance(array, Tensor):
            array = array.float() if array.dtype == torch.bfloat16 else array
            array = array.numpy(force=True)  # from any device, without its history
        array = np.asarray(array)
    except Exception as error:  # another library's array fails in whatever way it likes
        if isinstance(values, (list, tuple)):
            found = "rows that differ"
        else:
            found = f"{type(values).__name__}, which cannot be read: {error}"
        raise ShapeError(f"{name} must be an array of numbers, got {found}") from None
    if np.ma.is_masked(values):  # as an array it would be what stands under the mask
        raise ShapeError(f"{name} must be an array without a mask; masked.filled(nan) has none")
    if array.dtype.kind not in "fiu":
        raise ShapeError(f"{name} must be real numbers, got {array.dtype}")
    found_array: Array = array
    return found_array


def _borrowed(values: DLPack) -> Any:
    """The array's memory as a tensor; itself, where numpy may succeed and DLPack does not."""
    try:
        return from_dlpack(values)
    except Exception:
        if not hasattr(values, "__array__"):
            raise
        return values


def _coordinates(name: str, values: AnyArray) -> Array:
    array = _numpy(name, values)
    if array.ndim != 2 or array.shape[1] != 3:
        raise ShapeError(f"{name} must be [N, 3], got {list(array.shape)}")
    single = array.dtype.kind == "f" and array.dtype.itemsize <= 4
    return np.array(array, np.float32 if single else np.float64, order="C")


def _rows(name: str, values: AnyArray, count: int) -> Array:
    array = _numpy(name, values)
    if array.shape != (count, 3):
        raise ShapeError(f"{name} must be [N, 3] with N={count}, got {list(array.shape)}")
    return array


def _colour(values: AnyArray, count: int) -> Array:
    array = _rows("colour", values, count)
    if array.dtype == np.uint8:
        return unit_colour(array, "u1")
    inside = array.size == 0 or (array.min() >= 0 and array.max() <= 1)
    if array.dtype.kind != "f" or not inside:
        found = f"{array.dtype} from {array.min()} to {array.max()}"
        raise ShapeError(f"colour must be floats in [0, 1] or uint8, got {found}")
    return array.astype(np.float32)
