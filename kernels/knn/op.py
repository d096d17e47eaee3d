"""The nearest points, exactly."""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._checks import (
    check_dtype,
    check_finite,
    check_same_device,
    check_shape,
    check_whole,
)
from pdengine.kernels._cuda import call
from pdengine.kernels._dispatch import Backend, choose, cpu_only, cuda_only, thread_limit
from pdengine.kernels.knn import reference

# Of the CUDA kernel: points that share a bounding box, and the neighbours that a call finds.
TILE = 64
MOST_AT_ONCE = 32
CURVE_CELLS = 2**20  # along an axis
SPREAD = (
    (32, 0x1F00000000FFFF),
    (16, 0x1F0000FF0000FF),
    (8, 0x100F00F00F00F00F),
    (4, 0x10C30C30C30C30C3),
    (2, 0x1249249249249249),
)


def _cpu(query: Tensor, points: Tensor, k: int) -> tuple[Tensor, Tensor]:
    index = torch.empty((len(query), k), dtype=torch.int64)
    distance = torch.empty((len(query), k), dtype=torch.float32)
    _C.knn(query.numpy(), points.numpy(), index.numpy(), distance.numpy(), thread_limit())
    return index, distance


def _along_a_curve(xyz: Tensor, low: Tensor, extent: Tensor) -> Tensor:
    """The place of each point on a Z-order curve through the box: near in it is near in space."""
    scale = torch.where(extent > 0, CURVE_CELLS / extent, 0)
    cell = ((xyz.double() - low) * scale).clamp(0, CURVE_CELLS - 1).long()
    for shift, mask in SPREAD:  # two zeros between any two bits
        cell = (cell | (cell << shift)) & mask
    x, y, z = cell.unbind(1)
    return (x << 2) | (y << 1) | z


def _cuda(query: Tensor, points: Tensor, k: int) -> tuple[Tensor, Tensor]:
    box = points.double()
    low, extent = box.amin(0), box.amax(0) - box.amin(0)
    places, point_row = _along_a_curve(points, low, extent).sort()
    query_places, query_row = _along_a_curve(query, low, extent).sort()
    start = torch.searchsorted(places, query_places).clamp(max=len(points) - 1) // TILE
    index = torch.empty((len(query), k), dtype=torch.int64, device=query.device)
    distance = torch.empty((len(query), k), device=query.device)
    arguments: dict[str, Tensor | int] = {
        "query": query[query_row],
        "queries": len(query),
        "query_row": query_row,
        "start": start,
        "points": points[point_row],
        "count": len(points),
        "point_row": point_row,
        "box": points.new_empty((-(-len(points) // TILE), 6)),
        "k": k,
        "index": index,
        "distance": distance,
    }
    for done in range(0, k, MOST_AT_ONCE):
        call(_C.knn_cuda, **arguments, done=done)
    return index, distance


BACKENDS = (
    Backend("cpu", _cpu, cpu_only),
    Backend("cuda", _cuda, cuda_only),
    Backend("reference", reference.knn),
)


def knn(
    query: Tensor,  # [Q, 3]
    points: Tensor,  # [P, 3]
    k: int,
    *,
    backend: str | None = None,
) -> tuple[Tensor, Tensor]:  # [Q, k], [Q, k]
    """The k nearest points of each query, exact, nearest first.

    The squared distance is (dx * dx + dy * dy) + dz * dz in float32, one rounding a step; equal
    distances go to the lower index, so all backends agree bit for bit.  A query that is one of the
    points finds itself first (or an equal point of lower index).

    Args:
        query: [Q, 3] float32, finite.
        points: [P, 3] float32, finite, fewer than 2^31.
        k: how many, 1 to P.
        backend: a backend's name, or None for the first that can run.

    Returns:
        index: [Q, k] int64, rows of points.
        squared_distance: [Q, k] float32, ascending; inf where the square overflows.

    Raises:
        TypeError: a dtype is not float32.
        ValueError: a shape or device does not match, a coordinate is not finite, k is less than 1,
            or there are fewer than k points.
    """
    check_shape("query", query, "Q", 3)
    check_shape("points", points, "P", 3)
    check_dtype("query", query, torch.float32)
    check_dtype("points", points, torch.float32)
    check_same_device(query=query, points=points)
    k = check_whole("k", k)
    if not 1 <= k <= len(points):
        raise ValueError(f"k must be between 1 and the number of points, {len(points)}, got {k}")
    if len(points) >= 2**31:
        raise ValueError(f"points must be fewer than 2^31, got {len(points)}")
    query, points = query.detach().contiguous(), points.detach().contiguous()
    check_finite("query", query)
    check_finite("points", points)

    if len(query) == 0:  # nobody asks
        return query.new_zeros((0, k), dtype=torch.int64), query.new_zeros((0, k))

    run = choose("knn", BACKENDS, backend, points).run
    index, distance = run(query, points, k)
    return index, distance
