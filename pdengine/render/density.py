"""How large a point's disc must be so that the surface has no holes."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from pdengine.kernels.knn import knn
from pdengine.types import Cameras

_SAMPLE = 2048
_MIN_PX, _MAX_PX = 1.0, 6.0

# Points scattered at random over a surface, p of them per pixel, are 0.47 / sqrt(p) pixels from
# their nearest neighbour (the median).  Discs of radius r leave exp(-pi p r^2) of the pixels
# uncovered; 2.4 times the median distance leaves 2 %.
_RADIUS_PER_SPACING = 2.4


def disc_radius(xyz: Tensor, cameras: Cameras, width: int) -> float:
    """The radius, in pixels, at which discs on these points close into a surface.

    The spacing is measured on a sample of the points and scaled by sqrt(sample / all): points on a
    surface thin out in two dimensions.

    Args:
        xyz: [N, 3] float32, unit sphere frame.
        cameras: the nearest of them decides.
        width: of the image, pixels.

    Returns:
        Between 1 and 6.
    """
    count = min(len(xyz), _SAMPLE)
    if count < 2:
        return _MIN_PX
    pick = torch.randperm(len(xyz), generator=torch.Generator().manual_seed(0))[:count]
    sample = xyz[pick.to(xyz.device)].contiguous()
    squared = knn(sample, sample, 2)[1][:, 1]
    spacing = math.sqrt(float(squared.median()) * count / len(xyz))
    pixels_per_unit = float((cameras.focal / cameras.translation.norm(dim=1)).max()) * width / 2
    return min(max(_RADIUS_PER_SPACING * spacing * pixels_per_unit, _MIN_PX), _MAX_PX)
