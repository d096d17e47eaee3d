"""Views as the pictures that image processors take."""

from __future__ import annotations

import torch
from PIL import Image
from torch import Tensor

from pdengine.errors import ConfigError
from pdengine.types import Views

LOOKS = ("colour", "depth")


def check_look(look: str) -> None:
    """Refuse a look that there is not.

    Raises:
        ConfigError: naming it.
    """
    if look not in LOOKS:
        raise ConfigError(f"look must be one of {', '.join(LOOKS)}, got {look!r}")


def pictures(views: Views, look: str = "colour") -> list[Image.Image]:
    """One RGB picture of 8 bits per view, in the size of the views.

    Args:
        views: V of them.
        look: "colour", as rendered; or "depth", near is bright on black.
    """
    seen = views.images if look == "colour" else depth_images(views)
    pixels = (seen * 255).round().clamp(0, 255).to(torch.uint8).cpu().numpy()
    return [Image.fromarray(picture) for picture in pixels]


def depth_images(views: Views) -> Tensor:
    """Depth as brightness, from 1 at the nearest pixel of a view to 0.2 at its farthest.

    Returns:
        [V, H, W, 3] float32 in [0, 1]; what is not there is black.

    Source: PointCLIP V2 (ICCV 2023), which shows CLIP depth maps, near bright, far dark.
    """
    there = views.index >= 0
    near = torch.where(there, views.depth, torch.inf).amin((1, 2), keepdim=True)
    far = torch.where(there, views.depth, -torch.inf).amax((1, 2), keepdim=True)
    span = (far - near).clamp(min=1e-6)
    bright = 1 - 0.8 * (views.depth - near) / span
    grey = torch.where(there, bright, torch.zeros_like(bright))
    return grey[..., None].expand(*grey.shape, 3)
