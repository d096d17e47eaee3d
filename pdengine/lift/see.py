"""Which pixel each point is behind, in every view: once per shape and rig."""

from __future__ import annotations

from torch import Tensor

from pdengine.config import LiftConfig
from pdengine.kernels.visible_points import visible_points
from pdengine.types import PointCloud, Views


def see(cloud: PointCloud, views: Views, config: LiftConfig) -> Tensor:
    """The pixel of every visible point.

    Args:
        cloud: the points to label, in the frame that the views were rendered in.
        views: their z-buffers decide what hides what.
        config: depth_tolerance.

    Returns:
        pixel: [V, N] int32, row * W + column, -1 where the point is hidden or outside the image.
    """
    cameras = views.cameras
    return visible_points(
        cloud.xyz,
        cameras.rotation,
        cameras.translation,
        cameras.focal,
        views.depth,
        config.depth_tolerance,
    )
