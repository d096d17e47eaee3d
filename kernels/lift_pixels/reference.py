"""The definition of lift_pixels in pure torch."""

from __future__ import annotations

import torch
from torch import Tensor


def lift_pixels(pixel: Tensor, regions: Tensor, view: Tensor, count: int) -> tuple[Tensor, Tensor]:
    seen = pixel[view]  # [L, N]
    layer, point = (seen >= 0).nonzero(as_tuple=True)
    unit = regions.flatten(1)[layer, seen[layer, point].long()].long()

    none = unit.new_tensor([-1])
    lowest, highest = int(torch.cat([none, unit]).min()), int(torch.cat([none, unit]).max())
    if lowest < -1 or highest >= count:
        raise ValueError(
            f"regions must be in [-1, {count}) where points see them, got {lowest} to {highest}"
        )
    layer, point, unit = layer[unit >= 0], point[unit >= 0], unit[unit >= 0]
    # One entry per unit and layer, ascending: a unit that comes twice is in several layers.
    found = (unit * len(regions) + layer).unique() // len(regions)
    shared = found[1:][found[1:] == found[:-1]]
    if len(shared):
        raise ValueError(
            f"regions must have each unit in one layer, unit {int(shared[0])} is in several"
        )

    # Points ascend inside a layer, and a stable sort keeps them so inside a unit.
    offsets = torch.cat([unit.new_zeros(1), unit.bincount(minlength=count).cumsum(0)])
    return offsets, point[unit.argsort(stable=True)]
