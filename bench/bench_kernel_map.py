"""kernel_map: the maps of a chair's voxels, and the reference in torch."""

from __future__ import annotations

from typing import Any

import pytest
from harness import chair, clock, on_threads, same
from torch import Tensor

from pdengine.kernels.kernel_map import stride_map, submanifold_map
from pdengine.kernels.voxelize import voxelize

sizes = pytest.mark.parametrize(("points", "grid"), [(2_048, 32), (10_000, 64), (100_000, 128)])
ours_and_torch = pytest.mark.parametrize("backend", [None, "reference"], ids=["ours", "torch"])


def voxels(points: int, grid: int) -> Tensor:
    return voxelize(chair(points)[0], 2 / grid).coords


@on_threads
@ours_and_torch
@sizes
def test_submanifold_map(
    benchmark: Any, points: int, grid: int, backend: str | None, threads: int
) -> None:
    few = voxels(700, 20)
    same(submanifold_map(few, backend=backend), submanifold_map(few, backend="reference"))
    coords = voxels(points, grid)
    run = lambda: submanifold_map(coords, backend=backend)  # noqa: E731
    clock(benchmark, threads, run, torch_threads=threads if backend else 1)


@ours_and_torch
@sizes
def test_stride_map(benchmark: Any, points: int, grid: int, backend: str | None) -> None:
    few = voxels(700, 20)
    same(stride_map(few, backend=backend), stride_map(few, backend="reference"))
    coords = voxels(points, grid)
    clock(benchmark, 1, lambda: stride_map(coords, backend=backend))
