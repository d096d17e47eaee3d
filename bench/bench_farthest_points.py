"""farthest_points: points that spread over a chair."""

from __future__ import annotations

from functools import partial

from cases import chair
from harness import Case, Cost, Work, same, size_of
from peers import in_torch, open3d_farthest

from pdengine.kernels.farthest_points import farthest_points

COUNT = 1024


def gate() -> None:
    few = chair(1_000)[0]
    same(farthest_points(few, 400), farthest_points(few, 400, backend="reference"))


def work(points: int) -> Work:
    xyz = chair(points)[0]
    return Work(
        run=lambda: farthest_points(xyz, COUNT),
        # Eight operations for a distance; every point has to be compared with one chosen point.
        cost=Cost(size_of(xyz) + 8 * COUNT, 8 * points),
        # The order of the points, the blocks, and what sorting them takes.
        most_bytes=8 * COUNT + 80 * points,
        peers=(
            in_torch(lambda: farthest_points(xyz, COUNT, backend="reference")),
            open3d_farthest(xyz, COUNT),
        ),
    )


CASES = [
    Case(
        "farthest_points",
        {"count": COUNT, "points": points},
        partial(work, points),
        gate,
        quick=points < 100_000,
        threads=(1,),  # each choice waits for the one before
    )
    for points in (10_000, 100_000)
]
