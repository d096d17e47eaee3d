"""Views to show to models."""

from __future__ import annotations

import torch

from pdengine.types import Cameras, Views


def views_of(images: torch.Tensor) -> Views:
    """Views that show these pictures; a pixel darker than white shows the shape.

    Args:
        images: [V, H, W, 3] float32 in [0, 1].
    """
    V, H, W, _ = images.shape
    there = (images < 1).any(-1)
    numbers = torch.arange(V * H * W, dtype=torch.int32).view(V, H, W)
    return Views(
        images=images,
        index=torch.where(there, numbers, -1),
        depth=torch.where(there, 1.0, torch.inf),
        normals=torch.zeros(V, H, W, 3),
        cameras=Cameras(torch.eye(3).expand(V, 3, 3), torch.zeros(V, 3), torch.ones(V)),
    )


def noise(count: int, height: int, width: int) -> Views:
    """Views full of smooth random colour, in 255 steps as pictures have them."""
    dice = torch.Generator().manual_seed(height * 1000 + width)
    coarse = torch.rand(count, 3, 5, 5, generator=dice)
    fine = torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic")
    return views_of((fine.clamp(0, 1) * 254).round().permute(0, 2, 3, 1) / 255)
