"""unit_targets, as a definition."""

from __future__ import annotations

import torch
from torch import Tensor


def unit_targets(
    label: Tensor,  # [K]
    score: Tensor,  # [K]
    offsets: Tensor,  # [K + 1]
    point: Tensor,  # [M]
    class_weight: Tensor,  # [R]
    count: int,
) -> Tensor:  # [N, R]
    parts = len(class_weight)
    members = offsets.diff()
    cell = point * parts + label.repeat_interleave(members)
    # index_add_ over one dimension adds in the order of its index, so in the order of the units.
    total = torch.zeros(count * parts, dtype=score.dtype, device=score.device)
    total = total.index_add(0, cell, score.repeat_interleave(members)).reshape(count, parts)
    covering = torch.bincount(point, minlength=count).clamp(min=1).to(score.dtype)
    return total * class_weight / covering[:, None]
