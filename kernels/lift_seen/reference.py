"""The definition of lift_seen in pure torch: visible_points, then a lift."""

from __future__ import annotations

from torch import Tensor

from pdengine.kernels.lift_boxes.reference import lift_boxes
from pdengine.kernels.lift_pixels.reference import lift_pixels
from pdengine.kernels.visible_points.reference import visible_points

Scene = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]  # xyz, rotation, translation, focal, depth


def lift_seen_boxes(
    scene: Scene, tolerance: float, boxes: Tensor, view: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    height, width = scene[-1].shape[1:]
    pixel = visible_points(*scene, tolerance)
    return (pixel, *lift_boxes(pixel, boxes, view, (height, width)))


def lift_seen_pixels(
    scene: Scene, tolerance: float, regions: Tensor, view: Tensor, count: int
) -> tuple[Tensor, Tensor, Tensor]:
    pixel = visible_points(*scene, tolerance)
    return (pixel, *lift_pixels(pixel, regions, view, count))
