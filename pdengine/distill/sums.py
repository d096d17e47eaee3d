"""Sums over rows that share an index, in an order that does not change from run to run."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def summed(values: Tensor, index: Tensor, rows: int) -> Tensor:
    """Sum the values of each index, first to last. [N, ...] to [rows, ...], values' dtype.

    A CPU's index_add_ keeps the order and a GPU's does not; index_put_ is the other way round: on a
    GPU it sorts.  The one without a check of the range, for which the host would wait.

    Args:
        index: [N] int64, in [0, rows).
    """
    return _added(values, index, rows, values.is_cuda)


def _added(values: Tensor, index: Tensor, rows: int, on_gpu: bool) -> Tensor:
    total = values.new_zeros(rows, *values.shape[1:])
    if on_gpu:
        return torch._index_put_impl_(total, (index,), values, accumulate=True, unsafe=True)
    return total.index_add_(0, index, values)


class _Spread(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, index: Tensor) -> Tensor:
        ctx.save_for_backward(index)
        ctx.rows, ctx.on_gpu = len(values), values.is_cuda
        return values.index_select(0, index)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (index,) = ctx.saved_tensors
        return _added(grad, index, ctx.rows, ctx.on_gpu), None


def spread(values: Tensor, index: Tensor) -> Tensor:
    """values[index], [M, ...] to [N, ...], whose gradient is summed as above.

    What autograd makes of values[index] takes three times as long on a CPU.

    Args:
        index: [N] int64, in [0, M).
    """
    out: Tensor = _Spread.apply(values, index)
    return out
