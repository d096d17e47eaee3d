"""kernel_map: every map that a U-Net of three levels needs of a chair's voxels."""

from __future__ import annotations

from functools import partial

from cases import GRIDS, voxels
from harness import Case, Cost, Work, same, size_of
from peers import in_torch
from torch import Tensor

from pdengine.kernels.kernel_map import KernelMap, stride_map, submanifold_map

LEVELS = 3


def maps(coords: Tensor, levels: int = LEVELS, backend: str | None = None) -> list[KernelMap]:
    """Neighbours at each level and the way down to the next, finest first."""
    found = [submanifold_map(coords, backend=backend)]
    for _ in range(levels - 1):
        coords, down = stride_map(coords, backend=backend)
        found += [down, submanifold_map(coords, backend=backend)]
    return found


def gate() -> None:
    few = voxels(700, 20)
    same(maps(few), maps(few, backend="reference"))


def work(points: int, grid: int, levels: int) -> Work:
    coords = voxels(points, grid)
    found = size_of(maps(coords, levels))
    return Work(
        run=lambda: maps(coords, levels),
        cost=Cost(size_of(coords) + found),
        most_bytes=found + 100 * len(coords),
        peers=(in_torch(lambda: maps(coords, levels, "reference")),),
    )


# The last is 20,256 voxels: aims.py has a bound for it.
SIZES = [*((*size, levels) for size in GRIDS for levels in (1, LEVELS)), (120_000, 140, LEVELS)]
CASES = [
    Case(
        "kernel_map",
        {"grid": grid, "levels": levels, "points": points},
        partial(work, points, grid, levels),
        gate,
        quick=points < 100_000,
    )
    for points, grid, levels in SIZES
]
