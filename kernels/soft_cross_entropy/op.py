"""The distillation loss, its forward and gradient in one pass."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from pdengine import _C
from pdengine.kernels._checks import check_dtype, check_same_device, check_shape
from pdengine.kernels._dispatch import Backend, choose, cpu_only, thread_limit, triton_only
from pdengine.kernels.soft_cross_entropy import reference

MOST_PARTS = 4096  # of the Triton kernel, which holds a row in registers

Pass = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


class _Loss(torch.autograd.Function):
    """The pass returns the loss and its gradient; backward only scales the gradient."""

    @staticmethod
    def forward(ctx: Any, run: Pass, logits: Tensor, targets: Tensor) -> Tensor:
        loss, gradient = run(logits.detach().contiguous(), targets.contiguous())
        ctx.save_for_backward(gradient)
        return loss

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[None, Tensor, None]:
        (gradient,) = ctx.saved_tensors
        return None, gradient * grad, None


def _run_cpu(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    gradient = torch.empty(logits.shape, dtype=logits.dtype)
    loss = _C.soft_cross_entropy(logits.numpy(), targets.numpy(), gradient.numpy(), thread_limit())
    return logits.new_tensor(loss), gradient


def _run_triton(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    from pdengine.kernels.soft_cross_entropy import triton_kernels

    return triton_kernels.soft_cross_entropy(logits, targets)


def _why_not_triton(logits: Tensor) -> str | None:
    if logits.shape[1] > MOST_PARTS:
        return f"the Triton kernel takes at most {MOST_PARTS} parts, got {logits.shape[1]}"
    return triton_only(logits)


BACKENDS = (
    Backend("cpu", partial(_Loss.apply, _run_cpu), cpu_only),
    Backend("triton", partial(_Loss.apply, _run_triton), _why_not_triton),
    Backend("reference", reference.soft_cross_entropy),
)


PASSES = (
    Backend("cpu", _run_cpu, cpu_only),
    Backend("triton", _run_triton, _why_not_triton),
    Backend("reference", reference.soft_cross_entropy_and_gradient),
)


def _check(logits: Tensor, targets: Tensor) -> None:
    sizes = check_shape("logits", logits, "N", "R")
    check_shape("targets", targets, "N", "R", **sizes)
    check_dtype("logits", logits, torch.float32, torch.float64)
    check_dtype("targets", targets, logits.dtype)
    check_same_device(logits=logits, targets=targets)
    if sizes["R"] == 0:
        raise ValueError("logits must have at least one part, got R=0")
    if targets.requires_grad:
        raise ValueError("targets must not require a gradient: they are constants of the loss")


def soft_cross_entropy(
    logits: Tensor,  # [N, R]
    targets: Tensor,  # [N, R]
    *,
    backend: str | None = None,
) -> Tensor:  # scalar
    """mean over n of sum over c of targets[n, c] * (logsumexp(logits[n]) - logits[n, c]).

    Rows of targets need not sum to 1: a row of zeros (a point of no unit) costs nothing.  The mean
    is over all N rows and adds in float64.  A logit of -inf rules a part out: it costs nothing
    where its target is 0, and inf where it is not.  A NaN or +inf logit, or a row of nothing but
    -inf, makes the loss NaN.

    Args:
        logits: [N, R] float32 or float64, R at least 1; the gradient goes here.
        targets: [N, R], the logits' dtype, without gradient.
        backend: "cpu", "triton" (at most 4096 parts) or "reference"; None takes the first that
            can run.

    Returns:
        A scalar in the logits' dtype; 0 where N is 0.  Neither it nor the gradient depends on the
        number of threads, or changes from run to run.

    Raises:
        TypeError: a dtype is not the one above.
        ValueError: a shape or device does not match, or targets asks for a gradient.

    Source: PartDistill (CVPR 2024), the loss after unit_targets.
    """
    _check(logits, targets)

    if logits.numel() == 0:  # no point, no loss, and a gradient of no elements
        return logits.sum()

    loss: Tensor = choose("soft_cross_entropy", BACKENDS, backend, logits).run(logits, targets)
    return loss


def soft_cross_entropy_and_gradient(
    logits: Tensor,  # [N, R]
    targets: Tensor,  # [N, R]
    *,
    backend: str | None = None,
) -> tuple[Tensor, Tensor]:  # scalar, [N, R]
    """The loss of soft_cross_entropy and its gradient, for an autograd that is not torch's.

    Args:
        logits, targets, backend: as soft_cross_entropy takes them; nothing is recorded.

    Raises:
        TypeError, ValueError: as soft_cross_entropy does.
    """
    _check(logits, targets)
    logits, targets = logits.detach().contiguous(), targets.contiguous()

    if logits.numel() == 0:
        return logits.sum(), torch.empty_like(logits)

    loss, gradient = choose("soft_cross_entropy", PASSES, backend, logits).run(logits, targets)
    return loss, gradient
