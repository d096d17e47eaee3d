"""kernel_map, as a definition."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor


def key(coords: Tensor) -> Tensor:
    """One number per voxel that sorts like (x, y, z). [..., 3] -> [...] int64."""
    x, y, z = (coords.long() + 2**20).unbind(-1)
    return (x << 42) + (y << 21) + z


def submanifold_map(coords: Tensor, kernel: int) -> tuple[Tensor, Tensor]:
    reach = range(-(kernel // 2), kernel // 2 + 1)
    taps = torch.tensor(list(itertools.product(reach, reach, reach)), device=coords.device)  # [T,3]
    keys = key(coords)  # [M], ascending

    def row_of(wanted: Tensor) -> Tensor:  # the voxel at these coordinates, -1 none
        row = torch.searchsorted(keys, key(wanted)).clamp(max=len(keys) - 1)
        return torch.where(keys[row] == key(wanted), row, -1).int()

    return row_of(coords[:, None] + taps), row_of(coords[:, None] - taps)


def stride_map(coords: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    coarse, parent = torch.unique(coords >> 1, dim=0, return_inverse=True)
    x, y, z = (coords & 1).long().unbind(1)
    tap = x * 4 + y * 2 + z
    fine = torch.arange(len(coords), device=coords.device)
    forward = torch.full((len(coarse), 8), -1, dtype=torch.int32, device=coords.device)
    forward = forward.index_put((parent, tap), fine.int())
    backward = torch.full((len(coords), 8), -1, dtype=torch.int32, device=coords.device)
    backward = backward.index_put((fine, tap), parent.int())
    return coarse, forward, backward
