"""The definition of splat_points in pure torch."""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine.kernels._pinhole import project

# Depth infinity and index -1, packed as below: what a pixel holds where there is no point.
NOTHING = (0x7F800000 << 32) | 0xFFFFFFFF


def splat_points(
    xyz: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    size: tuple[int, int],
    radius_px: float,
) -> tuple[Tensor, Tensor]:
    height, width = size
    reach = int(radius_px)
    disc = [
        (dy, dx)
        for dy in range(-reach, reach + 1)
        for dx in range(-reach, reach + 1)
        if dx * dx + dy * dy <= radius_px * radius_px
    ]
    images = []
    for cameras in zip(rotation, translation, focal, strict=True):
        u, v, z = project(xyz, *cameras, size)
        # Far away a position does not fit an integer: what no disc brings back is dropped first.
        near_u = (u >= -reach) & (u < width + reach)
        near_v = (v >= -reach) & (v < height + reach)
        point = (near_u & near_v).nonzero().squeeze(1)
        col, row = u[point].floor().long(), v[point].floor().long()

        # Positive floats order like their bits: the smallest key is the nearest depth, and among
        # equal depths the lowest index.
        key = (z[point].view(torch.int32).long() << 32) | point
        image = torch.full((height * width,), NOTHING, device=xyz.device)
        for dy, dx in disc:
            y, x = row + dy, col + dx
            inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
            pixel = (y * width + x)[inside]
            image = image.scatter_reduce(0, pixel, key[inside], "amin")
        images.append(image.view(height, width))
    keys = torch.stack(images)
    return keys.to(torch.int32), (keys >> 32).to(torch.int32).view(torch.float32)
