"""The voxels under a shape, and how they neighbour each other at every level."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
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


@dataclass(frozen=True)
class Told:
    """What a student learns from, voxel by voxel: the points of a voxel follow each other.

    Attributes:
        features: [N, D] float32, standardised.
        targets: [N, R] float32.
        mean: [M, D] float32, of each voxel's features: it stays the same from step to step.
        offsets: [M + 1] int64: voxel m has the points offsets[m] to offsets[m + 1].
        voxel: [N] int64, each point's voxel, ascending.
    """

    features: Tensor
    targets: Tensor
    mean: Tensor
    offsets: Tensor
    voxel: Tensor


def tell(features: Tensor, targets: Tensor, grid: Grid) -> Told:
    """Put the points of a shape, [N, D] and [N, R], in the order of their voxels."""
    order = grid.voxel.argsort(stable=True)
    offsets = F.pad(grid.count.cumsum(0), (1, 0))
    mean = grid.mean(features)
    return Told(features[order], targets[order], mean, offsets, grid.voxel[order])


def tell_together(shapes: Sequence[Told]) -> Told:
    """Several shapes as one, in the order in which make_grid puts them."""
    if len(shapes) == 1:
        return shapes[0]
    points = [0, *itertools.accumulate(len(one.features) for one in shapes)]
    voxels = [0, *itertools.accumulate(len(one.mean) for one in shapes)]
    return Told(
        torch.cat([one.features for one in shapes]),
        torch.cat([one.targets for one in shapes]),
        torch.cat([one.mean for one in shapes]),
        torch.cat(
            [shapes[0].offsets]
            + [one.offsets[1:] + n for one, n in zip(shapes[1:], points[1:], strict=False)]
        ),
        torch.cat([one.voxel + m for one, m in zip(shapes, voxels, strict=False)]),
    )


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
