"""Knowledge units to one soft target per point and part."""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._checks import check_dtype, check_same_device, check_shape, check_whole
from pdengine.kernels._dispatch import Backend, choose, cpu_only, thread_limit, triton_only
from pdengine.kernels._units import check_units
from pdengine.kernels.unit_targets import reference


def _cpu(
    label: Tensor, score: Tensor, offsets: Tensor, point: Tensor, class_weight: Tensor, count: int
) -> Tensor:
    targets = torch.empty((count, len(class_weight)), dtype=score.dtype)
    _C.unit_targets(
        label.numpy(),
        score.numpy(),
        offsets.numpy(),
        point.numpy(),
        class_weight.numpy(),
        targets.numpy(),
        thread_limit(),
    )
    return targets


def _run_triton(
    label: Tensor, score: Tensor, offsets: Tensor, point: Tensor, class_weight: Tensor, count: int
) -> Tensor:
    from pdengine.kernels.unit_targets import triton_kernels

    return triton_kernels.unit_targets(label, score, offsets, point, class_weight, count)


BACKENDS = (
    Backend("cpu", _cpu, cpu_only),
    Backend("triton", _run_triton, triton_only),
    Backend("reference", reference.unit_targets),
)


def unit_targets(
    label: Tensor,  # [K]
    score: Tensor,  # [K]
    offsets: Tensor,  # [K + 1]
    point: Tensor,  # [M]
    class_weight: Tensor,  # [R]
    count: int,
    *,
    backend: str | None = None,
) -> Tensor:  # [N, R]
    """Fold units into T, so that the distillation loss never sees the units again.

    T[n, c] = class_weight[c] * (sum of the scores of the units of part c that hold point n)
    / max(1, number of units that hold point n).  A unit's part does not depend on the point, so
    the loss over all units equals soft_cross_entropy(logits, T).

    Args:
        label: the part of each unit. [K] int64 in [0, R).
        score: the weight of each unit. [K] float32 or float64.
        offsets: unit k holds point[offsets[k]:offsets[k + 1]]. [K + 1] int64.
        point: ascending inside a unit. [M] int64 in [0, N).
        class_weight: [R], score's dtype.
        count: N.
        backend: "cpu", "triton" or "reference"; None takes the first that can run.

    Returns:
        T, [N, R] in score's dtype; a point of no unit has a row of zeros.  Scores are added in the
        order of the units, so "cpu" and "triton" give the same bits, in any number of threads.

    Raises:
        TypeError: a dtype is not the one above.
        ValueError: a shape, device, range or order does not match.

    Source: PartDistill (CVPR 2024), its loss summed over units before the optimiser runs.
    """
    count = check_whole("count", count)
    parts = check_shape("class_weight", class_weight, "R")["R"]
    check_units(label, offsets, point, count, parts)
    check_shape("score", score, "K", K=len(label))
    check_dtype("score", score, torch.float32, torch.float64)
    check_dtype("class_weight", class_weight, score.dtype)
    check_same_device(label=label, score=score, class_weight=class_weight)

    if count == 0 or parts == 0 or len(point) == 0:  # nothing is known of any point
        return score.new_zeros(count, parts)

    run = choose("unit_targets", BACKENDS, backend, score).run
    targets: Tensor = run(
        label.contiguous(),
        score.detach().contiguous(),
        offsets.contiguous(),
        point.contiguous(),
        class_weight.detach().contiguous(),
        count,
    )
    return targets
