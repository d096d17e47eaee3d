"""The share of each unit's points on which the student agrees."""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._checks import check_dtype, check_same_device, check_shape
from pdengine.kernels._dispatch import Backend, choose, cpu_only, thread_limit, triton_only
from pdengine.kernels._units import check_units
from pdengine.kernels.unit_agreement import reference

ANY_LABEL = 2**62


def _cpu(label: Tensor, offsets: Tensor, point: Tensor, prediction: Tensor) -> Tensor:
    agreement = torch.empty(len(label))
    _C.unit_agreement(
        label.numpy(),
        offsets.numpy(),
        point.numpy(),
        prediction.numpy(),
        agreement.numpy(),
        thread_limit(),
    )
    return agreement


def _run_triton(label: Tensor, offsets: Tensor, point: Tensor, prediction: Tensor) -> Tensor:
    from pdengine.kernels.unit_agreement import triton_kernels

    return triton_kernels.unit_agreement(label, offsets, point, prediction)


BACKENDS = (
    Backend("cpu", _cpu, cpu_only),
    Backend("triton", _run_triton, triton_only),
    Backend("reference", reference.unit_agreement),
)


def unit_agreement(
    label: Tensor,  # [K]
    offsets: Tensor,  # [K + 1]
    point: Tensor,  # [M]
    prediction: Tensor,  # [N]
    *,
    backend: str | None = None,
) -> Tensor:  # [K]
    """How much of each unit the student believes: backward distillation's new score.

    agreement[k] = |{n in unit k : prediction[n] = label[k]}| / max(1, |unit k|), the quotient
    taken in float64 and rounded once.

    Args:
        label: the part of each unit. [K] int64, at least 0.
        offsets: unit k holds point[offsets[k]:offsets[k + 1]]. [K + 1] int64.
        point: ascending inside a unit. [M] int64 in [0, N).
        prediction: the part of each point, -1 none. [N] int64.
        backend: "cpu", "triton" or "reference"; None takes the first that can run.

    Returns:
        [K] float32 in [0, 1]; a unit without points has 0.

    Raises:
        TypeError: a dtype is not the one above.
        ValueError: a shape, device, range or order does not match.

    Source: PartDistill (CVPR 2024), backward distillation.
    """
    count = check_shape("prediction", prediction, "N")["N"]
    check_units(label, offsets, point, count, ANY_LABEL)
    check_dtype("prediction", prediction, torch.int64)
    check_same_device(label=label, prediction=prediction)

    if len(point) == 0:  # no unit has a point to agree on
        return torch.zeros(len(label), device=label.device)

    run = choose("unit_agreement", BACKENDS, backend, prediction).run
    agreement: Tensor = run(
        label.contiguous(), offsets.contiguous(), point.contiguous(), prediction.contiguous()
    )
    return agreement
