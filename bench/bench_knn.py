"""knn: 20 neighbours of every point of a chair, and scipy's on the same points."""

from __future__ import annotations

from typing import Any

import pytest
from harness import chair, clock, on_threads, same
from scipy.spatial import cKDTree

from pdengine.kernels.knn import knn

sizes = pytest.mark.parametrize("points", [10_000, 100_000])


@on_threads
@sizes
def test_knn_k20(benchmark: Any, points: int, threads: int) -> None:
    few = chair(2_000)[0]
    same(knn(few, few, 20), knn(few, few, 20, backend="reference"))
    xyz = chair(points)[0]
    clock(benchmark, threads, lambda: knn(xyz, xyz, 20), rounds=5)


@on_threads
@sizes
def test_knn_k20_scipy(benchmark: Any, points: int, threads: int) -> None:
    xyz = chair(points)[0].numpy()
    clock(benchmark, threads, lambda: cKDTree(xyz).query(xyz, 20, workers=threads), rounds=3)
