"""splat_points: a chair in 10 views of 512 pixels."""

from __future__ import annotations

from typing import Any

import pytest
from harness import cameras, chair, clock, on_threads, same

from pdengine.kernels.splat_points import splat_points


@on_threads
@pytest.mark.parametrize("radius", [2.0, 4.0], ids=["r2", "r4"])
@pytest.mark.parametrize("points", [2_048, 16_384, 100_000, 1_000_000])
def test_splat_points_10x512(benchmark: Any, points: int, radius: float, threads: int) -> None:
    for few in (50, 2_000):
        small = (chair(few)[0], *cameras(2), (48, 40), radius)
        same(splat_points(*small), splat_points(*small, backend="reference"))
    scene = (chair(points)[0], *cameras(), (512, 512), radius)
    clock(benchmark, threads, lambda: splat_points(*scene))
