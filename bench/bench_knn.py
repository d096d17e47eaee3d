"""knn: 20 neighbours of every point of a chair."""

from __future__ import annotations

from functools import partial

from cases import chair
from harness import Case, Cost, Work, same, size_of
from peers import open3d_knn, scipy_knn

from pdengine.kernels.knn import knn

K = 20


def gate() -> None:
    few = chair(2_000)[0]
    same(knn(few, few, K), knn(few, few, K, backend="reference"))


def work(points: int) -> Work:
    xyz = chair(points)[0]
    out = 12 * K * points
    return Work(
        run=lambda: knn(xyz, xyz, K),
        # Eight operations for a distance; every point has to look at its neighbours at least.
        cost=Cost(size_of(xyz) + out, 8 * K * points),
        most_bytes=out + 80 * points,  # a sorted copy, its cells, and the order of the queries
        peers=(scipy_knn(xyz, K), open3d_knn(xyz, K)),
    )


CASES = [
    Case("knn", {"k": K, "points": points}, partial(work, points), gate, quick=points < 100_000)
    for points in (10_000, 100_000)
]
