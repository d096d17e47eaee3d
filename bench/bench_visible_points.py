"""visible_points: a chair in 10 views of 512 pixels, drawn with discs of 2 pixels."""

from __future__ import annotations

from typing import Any

import pytest
from harness import cameras, chair, clock, on_threads, same

from pdengine.kernels.splat_points import splat_points
from pdengine.kernels.visible_points import visible_points


@on_threads
@pytest.mark.parametrize("points", [100_000, 1_000_000])
def test_visible_points_10x512(benchmark: Any, points: int, threads: int) -> None:
    small = (chair(2_000)[0], *cameras(2))
    shallow = splat_points(*small, (48, 40), 1.0).depth
    same(
        visible_points(*small, shallow, 0.02),
        visible_points(*small, shallow, 0.02, backend="reference"),
    )
    scene = (chair(points)[0], *cameras())
    depth = splat_points(*scene, (512, 512), 2.0).depth
    clock(benchmark, threads, lambda: visible_points(*scene, depth, 0.02))
