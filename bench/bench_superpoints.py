"""superpoints: a chair in pieces of like normal, on the graph of its 10 nearest neighbours."""

from __future__ import annotations

from functools import partial

from cases import chair, chair_normals
from harness import Case, Cost, Work, same, size_of
from peers import cut_pursuit
from torch import Tensor

from pdengine.kernels.knn import knn
from pdengine.kernels.superpoints import superpoints

K = 10


def inputs_of(points: int) -> tuple[Tensor, Tensor, Tensor]:
    xyz = chair(points)[0]
    return xyz, chair_normals(points), knn(xyz, xyz, K + 1)[0][:, 1:].contiguous()


def gate() -> None:
    xyz, normal, graph = inputs_of(600)
    same(
        superpoints(xyz, normal, graph=graph),
        superpoints(xyz, normal, graph=graph, backend="reference"),
    )


def work(points: int) -> Work:
    xyz, normal, graph = inputs_of(points)
    return Work(
        run=lambda: superpoints(xyz, normal, graph=graph),
        # Every edge compares two normals and two positions at least once.
        cost=Cost(size_of(xyz, normal, graph) + 8 * points, 16 * graph.numel(), 6 * graph.numel()),
        most_bytes=8 * points + 200 * points + 40 * graph.numel(),
        peers=(cut_pursuit(normal, graph, 1.0),),
    )


CASES = [
    Case(
        "superpoints",
        {"k": K, "points": points},
        partial(work, points),
        gate,
        quick=points < 100_000,
    )
    for points in (10_000, 100_000)
]
