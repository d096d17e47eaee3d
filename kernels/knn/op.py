"""The nearest points, exactly."""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._checks import check_dtype, check_same_device, check_shape
from pdengine.kernels._dispatch import Backend, choose, cpu_only, thread_limit
from pdengine.kernels.knn import reference


def _cpu(query: Tensor, points: Tensor, k: int) -> tuple[Tensor, Tensor]:
    index = torch.empty((len(query), k), dtype=torch.int64)
    distance = torch.empty((len(query), k), dtype=torch.float32)
    _C.knn(query.numpy(), points.numpy(), index.numpy(), distance.numpy(), thread_limit())
    return index, distance


BACKENDS = (Backend("cpu", _cpu, cpu_only), Backend("reference", reference.knn))


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
    if not 1 <= k <= len(points):
        raise ValueError(f"k must be between 1 and the number of points, {len(points)}, got {k}")
    if len(points) >= 2**31:
        raise ValueError(f"points must be fewer than 2^31, got {len(points)}")
    query, points = query.detach().contiguous(), points.detach().contiguous()
    for name, tensor in (("query", query), ("points", points)):
        finite = tensor.isfinite()
        if not bool(finite.all()):
            row = int((~finite).any(dim=1).nonzero()[0])
            raise ValueError(f"{name} must be finite, got {tensor[row].tolist()} in row {row}")

    if len(query) == 0:  # nobody asks
        return query.new_zeros((0, k), dtype=torch.int64), query.new_zeros((0, k))

    run = choose("knn", BACKENDS, backend, points).run
    index, distance = run(query, points, k)
    return index, distance
