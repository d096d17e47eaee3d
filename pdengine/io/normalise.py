"""From the user's coordinates to the unit sphere, without losing millimetres far from zero."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pdengine.errors import ShapeError


class Frame(NamedTuple):
    """Points in the unit sphere; world = xyz * scale + origin.

    Attributes:
        xyz: [N, 3] float32, at most 1 from the origin.
        origin: [3] float64.
        scale: the largest distance from the origin, 1 where all points are one.
        rows: [N] int64, the finite rows, ascending.
    """

    xyz: Tensor
    origin: Tensor
    scale: float
    rows: Tensor


def power_of_two(largest: float) -> float:
    """A power of two near a magnitude, 1 where its square fits float64 comfortably.

    Dividing by it is exact, so that coordinates of 1e200 (whose squares overflow) and of 1e-200
    (whose squares vanish) keep every bit.
    """
    if largest == 0 or 1e-100 < largest < 1e100:
        return 1.0
    return math.ldexp(1.0, max(min(math.frexp(largest)[1], 1023), -1000))


def normalise(world: Tensor | NDArray[Any]) -> Frame:
    """Centre the finite points on their mean and divide by their largest distance from it.

    Computed in float64.  The first point is taken off before anything is summed, so that points
    that are millimetres apart at 6.7e6 m keep their millimetres.

    Args:
        world: [rows, 3] float32 or float64, any unit.

    Raises:
        ShapeError: there is no row, no finite row, or the extent does not fit float64.
    """
    points = np.asarray(world)
    if points.ndim != 2 or points.shape[1] != 3:
        raise ShapeError(f"world must be [rows, 3], got {list(points.shape)}")
    if len(points) == 0:
        raise ShapeError("a shape must have at least one point, got 0")
    finite = np.isfinite(points).all(axis=1)
    rows = np.flatnonzero(finite)
    if len(rows) == 0:
        raise ShapeError(f"a shape must have a finite point, got {len(points)} rows without one")
    if len(rows) < len(points):
        points = points[rows]

    power = power_of_two(float(max(abs(float(points.min())), abs(float(points.max())))))
    # One column at a time, contiguous: 6 times faster than reducing [N, 3] over its last axis.
    local = np.empty((3, len(points)))
    np.divide(points.T, power, out=local)
    start = local[:, :1].copy()
    local -= start
    centre = local.mean(axis=1, keepdims=True)
    local -= centre
    squared = np.einsum("in,in->n", local, local)
    radius = float(np.sqrt(squared.max()))

    origin = (start + centre)[:, 0] * power
    scale = radius * power
    if not math.isfinite(scale):
        found = f"coordinates from {points.min():g} to {points.max():g}"
        raise ShapeError(f"the extent must fit float64, got {found}")
    if scale == 0:
        radius = scale = 1.0
    xyz = np.empty((len(points), 3), np.float32)
    np.divide(local.T, radius, out=xyz, casting="same_kind")
    return Frame(torch.from_numpy(xyz), torch.from_numpy(origin), scale, torch.from_numpy(rows))
