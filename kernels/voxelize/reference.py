"""voxelize, as a definition."""

from __future__ import annotations

import torch
from torch import Tensor


def voxelize(
    xyz: Tensor,  # [N, 3]
    size: float,
    origin: float,
) -> tuple[Tensor, Tensor, Tensor]:  # [M, 3], [N], [M]
    cell = torch.floor((xyz - xyz.new_full((3,), origin)) / xyz.new_full((3,), size)).int()
    # unique sorts its rows lexicographically: x first, then y, then z.
    coords, voxel, count = torch.unique(cell, dim=0, return_inverse=True, return_counts=True)
    return coords, voxel, count
