"""lift_pixels: the components of 10 class maps, and 50 masks, of a chair."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from harness import cameras, chair, clock, on_threads, same
from torch import Tensor

from pdengine.kernels.label_components import label_components
from pdengine.kernels.lift_pixels import lift_pixels
from pdengine.kernels.splat_points import splat_points
from pdengine.kernels.visible_points import visible_points


def case(points: int, side: int, kind: str) -> tuple[Tensor, Tensor, Tensor, int]:
    """What 10 views see, and its parts: one map a view, or 50 masks of a layer each."""
    xyz, part = chair(points)
    scene = (xyz, *cameras())
    seen = splat_points(*scene, (side, side), 2.0)
    pixel = visible_points(*scene, seen.depth, 0.02)
    found = label_components(torch.where(seen.index >= 0, part[seen.index.long()], -1))
    if kind == "maps":
        return pixel, found.label, torch.arange(10), len(found)
    chosen = torch.arange(50) % len(found)
    mask = found.label[found.view[chosen]] == chosen[:, None, None]
    layer = torch.arange(50, dtype=torch.int32)[:, None, None]
    return pixel, torch.where(mask, layer, -1), found.view[chosen], 50


@on_threads
@pytest.mark.parametrize("kind", ["maps", "masks"])
@pytest.mark.parametrize("points", [100_000, 1_000_000])
def test_lift_pixels_10x512(benchmark: Any, points: int, kind: str, threads: int) -> None:
    small = case(2_000, 64, kind)
    same(lift_pixels(*small), lift_pixels(*small, backend="reference"))
    large = case(points, 512, kind)
    clock(benchmark, threads, lambda: lift_pixels(*large))
