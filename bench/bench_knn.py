"""knn: 20 neighbours of every point of a chair, and of one with half of its points in a speck."""

from __future__ import annotations

from functools import partial

from cases import chair
from harness import Case, Cost, Work, same, size_of
from peers import open3d_knn, scipy_knn
from torch import Tensor

from pdengine.kernels.knn import knn

K = 20


def cloud(points: int, kind: str) -> Tensor:
    """A chair's points; "speck" shrinks every second one to a hundredth of its size."""
    xyz = chair(points)[0].clone()
    if kind == "speck":
        xyz[::2] *= 0.01
    return xyz


def gate() -> None:
    for kind in ("chair", "speck"):
        few = cloud(2_000, kind)
        same(knn(few, few, K), knn(few, few, K, backend="reference"))


def work(points: int, kind: str) -> Work:
    xyz = cloud(points, kind)
    out = 12 * K * points
    return Work(
        run=lambda: knn(xyz, xyz, K),
        # Eight operations for a distance; every point has to look at its neighbours at least.
        cost=Cost(size_of(xyz) + out, 8 * K * points),
        # A sorted copy, its cells or trees, and the order of the queries.
        most_bytes=out + 80 * points,
        peers=(scipy_knn(xyz, K), open3d_knn(xyz, K)),
    )


CASES = [
    Case("knn", {"k": K, "points": points}, partial(work, points, "chair"), gate, points < 100_000)
    for points in (10_000, 100_000)
]
CASES.append(
    Case(
        "knn",
        {"k": K, "points": 100_000, "kind": "speck"},
        partial(work, 100_000, "speck"),
        gate,
    )
)
