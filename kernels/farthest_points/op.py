"""Points that spread evenly over a cloud: each is the farthest from those before it."""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._checks import check_dtype, check_finite, check_shape, check_whole
from pdengine.kernels._cuda import call
from pdengine.kernels._dispatch import Backend, choose, cpu_only, cuda_only
from pdengine.kernels.farthest_points import reference


def _cpu(xyz: Tensor, count: int, first: int) -> Tensor:
    index = torch.empty(count, dtype=torch.int64)
    _C.farthest_points(xyz.numpy(), first, index.numpy())
    return index


def _cuda(xyz: Tensor, count: int, first: int) -> Tensor:
    index = xyz.new_empty(count, dtype=torch.int64)
    call(
        _C.farthest_points_cuda,
        xyz=xyz,
        points=len(xyz),
        count=count,
        first=first,
        nearest=xyz.new_empty(len(xyz)),
        best=torch.empty_like(index),
        index=index,
    )
    return index


BACKENDS = (
    Backend("cpu", _cpu, cpu_only),
    Backend("cuda", _cuda, cuda_only),
    Backend("reference", reference.farthest_points),
)


def farthest_points(
    xyz: Tensor,  # [N, 3]
    count: int,
    first: int = 0,
    *,
    backend: str | None = None,
) -> Tensor:  # [K]
    """Choose points one by one, each the farthest from all that are chosen already.

    The squared distance is (dx * dx + dy * dy) + dz * dz in float32, one rounding a step; equal
    distances go to the lower index, so all backends agree bit for bit.  No point is chosen twice,
    even where points are equal.

    Args:
        xyz: [N, 3] float32, finite, fewer than 2^31 points.
        count: K, how many to choose, 0 to N.
        first: the row of xyz to begin with, in [0, N).
        backend: "cpu", "cuda" or "reference"; None takes the first that can run.

    Returns:
        The rows of xyz in the order in which they are chosen, [K] int64: the first k of them are
        the answer for k.

    Raises:
        TypeError: xyz is not float32.
        ValueError: a shape does not match, a coordinate is not finite, or count or first is outside
            its range.

    Source: Gonzalez, Clustering to minimize the maximum intercluster distance, 1985; PointNet++
    (NeurIPS 2017) samples so.
    """
    points = check_shape("xyz", xyz, "N", 3)["N"]
    check_dtype("xyz", xyz, torch.float32)
    if points >= 2**31:
        raise ValueError(f"xyz must have fewer than 2^31 points, got {points}")
    count, first = check_whole("count", count), check_whole("first", first)
    if not 0 <= count <= points:
        raise ValueError(f"count must be between 0 and the number of points, {points}, got {count}")
    check_finite("xyz", xyz)

    if count == 0:  # nothing is asked for
        return xyz.new_empty(0, dtype=torch.int64)
    if not 0 <= first < points:
        raise ValueError(f"first must be in [0, {points}), got {first}")

    run = choose("farthest_points", BACKENDS, backend, xyz).run
    index: Tensor = run(xyz.detach().contiguous(), count, first)
    return index
