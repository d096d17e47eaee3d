"""label_components: the parts of a chair in 10 views of 512 pixels, and noise."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from harness import cameras, chair, clock, on_threads, same
from torch import Tensor

from pdengine.kernels.label_components import label_components
from pdengine.kernels.splat_points import splat_points


def class_maps(kind: str, side: int) -> Tensor:
    """Rendered parts; blobs a few pixels wide; or a class for each pixel by itself."""
    if kind == "parts":
        xyz, part = chair(100_000)
        index = splat_points(xyz, *cameras(), (side, side), 2.0).index
        return torch.where(index >= 0, part[index.long()], -1)
    # Blobs: noise drawn at an eighth of the size and enlarged, a few thousand components.
    fine = side if kind == "noise" else side // 8
    noise = torch.rand(10, 5, fine, fine, generator=torch.Generator().manual_seed(0))
    smooth = torch.nn.functional.interpolate(noise, (side, side), mode="bilinear")
    return (smooth.argmax(dim=1) - 1).to(torch.int32)


@on_threads
@pytest.mark.parametrize("kind", ["parts", "blobs", "noise"])
def test_label_components_10x512(benchmark: Any, kind: str, threads: int) -> None:
    small = class_maps(kind, 40)
    same(label_components(small), label_components(small, backend="reference"))
    large = class_maps(kind, 512)
    clock(benchmark, threads, lambda: label_components(large))
