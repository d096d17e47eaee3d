"""Everything the student needs to know about a shape, made once."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine.config import DistillConfig
from pdengine.distill.features import geometric_features
from pdengine.distill.threads import one_thread
from pdengine.kernels.kernel_map import KernelMap, stride_map, submanifold_map
from pdengine.kernels.knn import knn
from pdengine.kernels.voxelize import voxelize
from pdengine.types import PointCloud

SMOOTHING_NEIGHBOURS = 16


@dataclass(frozen=True)
class Prepared:
    """A shape, ready for any number of alignments.

    Attributes:
        cloud: the points.
        features: [N, D] float32, geometric features per point.
        voxel: [N] int64, each point's voxel.
        voxel_features: [M, D] float32, the mean over each voxel's points.
        levels: per level, finest first, the neighbours of each voxel.
        downs: from each level to the next coarser one; one fewer than levels.
        neighbours: [N, k] int64, each point's nearest points, itself first.
    """

    cloud: PointCloud
    features: Tensor
    voxel: Tensor
    voxel_features: Tensor
    levels: tuple[KernelMap, ...]
    downs: tuple[KernelMap, ...]
    neighbours: Tensor


def prepare(cloud: PointCloud, config: DistillConfig) -> Prepared:
    """Features, voxels and neighbour maps of a shape: nothing here depends on the prompt.

    Args:
        cloud: N >= 1 points in the unit sphere.
        config: grid and widths; the student has one level per width.
    """
    with one_thread():
        features = geometric_features(cloud)
        voxels = voxelize(cloud.xyz, 2.0 / config.grid)
        total = torch.zeros(len(voxels.count), features.shape[1])
        total.index_add_(0, voxels.voxel, features)
        mean = total / voxels.count[:, None]

        coords = voxels.coords
        levels, downs = [submanifold_map(coords)], []
        for _ in config.widths[1:]:
            coords, down = stride_map(coords)
            downs.append(down)
            levels.append(submanifold_map(coords))
        neighbours, _ = knn(cloud.xyz, cloud.xyz, min(SMOOTHING_NEIGHBOURS, len(cloud)))
    return Prepared(cloud, features, voxels.voxel, mean, tuple(levels), tuple(downs), neighbours)
