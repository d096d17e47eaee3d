"""unit_agreement, as a definition."""

from __future__ import annotations

import torch
from torch import Tensor


def unit_agreement(
    label: Tensor,  # [K]
    offsets: Tensor,  # [K + 1]
    point: Tensor,  # [M]
    prediction: Tensor,  # [N]
) -> Tensor:  # [K]
    members = offsets.diff()
    agrees = prediction[point] == label.repeat_interleave(members)
    before = torch.cat([agrees.new_zeros(1, dtype=torch.int64), agrees.cumsum(0)])
    hits = before[offsets[1:]] - before[offsets[:-1]]
    return (hits.double() / members.clamp(min=1).double()).float()
