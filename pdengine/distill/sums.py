"""Sums over rows that share an index, in an order that does not change from run to run."""

from __future__ import annotations

import torch
from torch import Tensor


def summed(values: Tensor, index: Tensor, rows: int) -> Tensor:
    """Sum the values of each index, first to last. [N, ...] to [rows, ...], values' dtype.

    A CPU's index_add_ keeps the order and a GPU's does not; index_put_ is the other way round: on a
    GPU it sorts.  The one without a check of the range, for which the host would wait.

    Args:
        index: [N] int64, in [0, rows).
    """
    total = values.new_zeros(rows, *values.shape[1:])
    if values.is_cuda:
        return torch._index_put_impl_(total, (index,), values, accumulate=True, unsafe=True)
    return total.index_add_(0, index, values)
