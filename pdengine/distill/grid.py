"""The voxels under a shape, and how they neighbour each other at every level."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine.distill.sums import summed
from pdengine.kernels.kernel_map import KernelMap, stride_map, submanifold_map
from pdengine.kernels.voxelize import voxelize

CELL = 0.1  # a voxel's edge, where the root mean square distance from the centroid is 1
_REACH = 12.0  # points further out than this share the outermost voxels
_APART = 256  # voxels between two shapes of a batch, along x: they never meet at any level


@dataclass(frozen=True)
class Grid:
    """Voxels of one shape, or of several that do not touch.

    Attributes:
        voxel: [N] int64, each point's voxel.
        count: [M] int64, points per voxel.
        levels: per level, finest first, the neighbours of each voxel.
        downs: from each level to the next coarser one; one fewer than levels.
    """

    voxel: Tensor
    count: Tensor
    levels: tuple[KernelMap, ...]
    downs: tuple[KernelMap, ...]

    def mean(self, values: Tensor) -> Tensor:
        """The mean over each voxel's points. [N, D] to [M, D]."""
        return summed(values, self.voxel, len(self.count)) / self.count[:, None]


def make_grid(shapes: Sequence[Tensor], levels: int) -> Grid:
    """Put shapes into one grid.

    Args:
        shapes: [N, 3] float32 each, at least one, the root mean square distance from the centroid
            is 1.  Their points follow each other in the grid's rows.
        levels: at least 1; each is twice as coarse as the one before.
    """
    coords, voxel, count = [], [], []
    filled = 0
    for number, xyz in enumerate(shapes):
        voxels = voxelize(xyz.clamp(-_REACH, _REACH), CELL)
        coords.append(voxels.coords + voxels.coords.new_tensor([number * _APART, 0, 0]))
        voxel.append(voxels.voxel + filled)
        count.append(voxels.count)
        filled += len(voxels)
    at = torch.cat(coords)
    maps, downs = [submanifold_map(at)], []
    for _ in itertools.repeat(None, levels - 1):
        at, down = stride_map(at)
        downs.append(down)
        maps.append(submanifold_map(at))
    return Grid(torch.cat(voxel), torch.cat(count), tuple(maps), tuple(downs))
