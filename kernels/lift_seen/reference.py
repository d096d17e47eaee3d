"""The definition of lift_seen in pure torch: visible_points, then a lift."""

from __future__ import annotations

from torch import Tensor

from pdengine.kernels._checks import check_range
from pdengine.kernels.lift_boxes.reference import lift_boxes
from pdengine.kernels.lift_pixels.reference import lift_pixels
from pdengine.kernels.visible_points.reference import visible_points

Scene = tuple[Tensor, ...]  # xyz, rotation, translation, focal, depth


def lift_seen(
    scene: Scene,
    tolerance: float,
    marks: Tensor,  # boxes [B, 4], or regions [L, H, W] where there is a count
    view: Tensor,  # [B] or [L]
    count: int | None = None,
) -> tuple[Tensor, ...]:
    views, height, width = scene[-1].shape
    check_range("view", view, 0, views)
    xyz, rotation, translation, focal, depth = scene
    pixel = visible_points(xyz, rotation, translation, focal, depth, tolerance)
    if count is None:
        return (pixel, *lift_boxes(pixel, marks, view, (height, width)))
    return (pixel, *lift_pixels(pixel, marks, view, count))
