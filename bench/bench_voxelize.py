"""voxelize: a chair into the grids of the student."""

from __future__ import annotations

from functools import partial

from cases import GRIDS, chair
from harness import Case, Cost, Work, same, size_of
from peers import in_torch

from pdengine.kernels.voxelize import voxelize


def gate() -> None:
    few = chair(700)[0]
    same(voxelize(few, 0.1), voxelize(few, 0.1, backend="reference"))


def work(points: int, grid: int) -> Work:
    xyz = chair(points)[0]
    return Work(
        run=lambda: voxelize(xyz, 2 / grid),
        cost=Cost(size_of(xyz, voxelize(xyz, 2 / grid)), 6 * points),
        # Room for as many voxels as points, and keys to sort, twice.
        most_bytes=(12 + 8 + 8 + 2 * 16 + 20) * points,
        peers=(in_torch(lambda: voxelize(xyz, 2 / grid, backend="reference")),),
    )


CASES = [
    Case(
        "voxelize",
        {"grid": grid, "points": points},
        partial(work, points, grid),
        gate,
        quick=points < 100_000,
        threads=(1,),
    )
    for points, grid in GRIDS
]
