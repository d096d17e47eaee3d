"""voxelize: a chair into the grids of the student, and the reference in torch."""

from __future__ import annotations

from typing import Any

import pytest
from harness import chair, clock, same

from pdengine.kernels.voxelize import voxelize


@pytest.mark.parametrize("backend", [None, "reference"], ids=["ours", "torch"])
@pytest.mark.parametrize(("points", "grid"), [(2_048, 32), (10_000, 64), (100_000, 128)])
def test_voxelize(benchmark: Any, points: int, grid: int, backend: str | None) -> None:
    few = chair(700)[0]
    same(voxelize(few, 0.1, backend=backend), voxelize(few, 0.1, backend="reference"))
    xyz = chair(points)[0]
    clock(benchmark, 1, lambda: voxelize(xyz, 2 / grid, backend=backend))
