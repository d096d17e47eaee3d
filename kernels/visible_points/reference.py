"""The definition of visible_points in pure torch."""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine.kernels._pinhole import project


def visible_points(
    xyz: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    depth: Tensor,
    tolerance: float,
) -> Tensor:
    height, width = depth.shape[1:]
    pixels = []
    for r, t, f, surface in zip(rotation, translation, focal, depth, strict=True):
        u, v, z = project(xyz, r, t, f, (height, width))
        inside = (u >= 0) & (u < width) & (v >= 0) & (v < height)
        # Far away a position does not fit an integer: points outside the image get any pixel of it.
        col = torch.where(inside, u, 0).floor().long()
        row = torch.where(inside, v, 0).floor().long()
        seen = inside & (z <= surface[row, col] + tolerance)
        pixels.append(torch.where(seen, row * width + col, -1))
    return torch.stack(pixels).to(torch.int32)
