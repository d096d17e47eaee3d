"""lift_boxes: 50 boxes over 10 views of a chair."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from harness import cameras, chair, clock, on_threads, same
from torch import Tensor

from pdengine.kernels.lift_boxes import lift_boxes
from pdengine.kernels.splat_points import splat_points
from pdengine.kernels.visible_points import visible_points


def case(points: int, side: int) -> tuple[Tensor, Tensor, Tensor, tuple[int, int]]:
    """What 10 views see, and five boxes a view, up to half the image wide."""
    scene = (chair(points)[0], *cameras())
    depth = splat_points(*scene, (side, side), 2.0).depth
    random = torch.Generator().manual_seed(0)
    corner = torch.rand(50, 2, generator=random) * side * 0.6
    extent = torch.rand(50, 2, generator=random) * side * 0.5
    view = torch.arange(50) // 5
    boxes = torch.cat([corner, corner + extent], dim=1)
    return visible_points(*scene, depth, 0.02), boxes, view, (side, side)


@on_threads
@pytest.mark.parametrize("points", [100_000, 1_000_000])
def test_lift_boxes_50(benchmark: Any, points: int, threads: int) -> None:
    small = case(2_000, 64)
    same(lift_boxes(*small), lift_boxes(*small, backend="reference"))
    large = case(points, 512)
    clock(benchmark, threads, lambda: lift_boxes(*large))
