"""superpoints of a generated chair: given the graph, and with its 10 nearest neighbours."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from harness import chair, clock, on_threads, same
from torch import Tensor

from pdengine.kernels.knn import knn
from pdengine.kernels.superpoints import superpoints
from pdengine.render import estimate_normals

sizes = pytest.mark.parametrize("points", [10_000, 100_000])


def scene(points: int) -> tuple[Tensor, Tensor, Tensor]:
    """Places, normals and the graph; the gate is on the first 2,000 points."""
    xyz = chair(points)[0]
    normals = estimate_normals(xyz)
    # Towards the outside of the box, which is most of the way to the true sign.
    normals = normals * torch.where((normals * xyz).sum(1, keepdim=True) < 0, -1.0, 1.0)
    few = xyz[:2_000], normals[:2_000]
    same(superpoints(*few), superpoints(*few, backend="reference"))
    return xyz, normals, knn(xyz, xyz, 11)[0]


@on_threads
@sizes
def test_superpoints_given_graph(benchmark: Any, points: int, threads: int) -> None:
    xyz, normals, graph = scene(points)
    clock(benchmark, threads, lambda: superpoints(xyz, normals, graph=graph))


@on_threads
@sizes
def test_superpoints_with_knn(benchmark: Any, points: int, threads: int) -> None:
    xyz, normals, _ = scene(points)
    clock(benchmark, threads, lambda: superpoints(xyz, normals))
