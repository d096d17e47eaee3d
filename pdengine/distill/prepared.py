"""Everything the student needs to know about a shape, made once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from pdengine.config import DistillConfig
from pdengine.distill.encoder import WIDTHS
from pdengine.distill.features import Surroundings, surroundings
from pdengine.distill.grid import Grid, make_grid
from pdengine.distill.threads import one_thread
from pdengine.kernels.knn import knn
from pdengine.types import PointCloud

GROUP = 16  # nearest points that a belief is averaged over


@dataclass(frozen=True)
class Prepared:
    """A shape, ready for any number of alignments.

    The student looks at anchors, a sample of at most config.anchors points: its features then mean
    the same in a cloud of two thousand points and in one of a million.

    Attributes:
        cloud: the N points.
        anchors: [A] int64, ascending rows of the cloud.
        around: what the anchors see around them.
        near: [N, 3] int64, the anchors next to each point; [N, 1] where every point is an anchor.
        share: [N, 3] float32, how much each of them counts, sum 1.
        group: [A, k] int64, each anchor's nearest anchors, itself first.
    """

    cloud: PointCloud
    anchors: Tensor
    around: Surroundings
    near: Tensor
    share: Tensor
    group: Tensor

    @cached_property
    def grid(self) -> Grid:
        """The voxels under the anchors: made when somebody looks, for a turned shape has others."""
        return make_grid([self.around.xyz], len(WIDTHS))

    @cached_property
    def neighbours(self) -> Tensor:
        """Each point's nearest points, itself first. [N, k] int64."""
        if len(self.anchors) == len(self.cloud):
            return self.group
        return knn(self.cloud.xyz, self.cloud.xyz, min(GROUP, len(self.cloud)))[0]

    def turned(self, rotation: Tensor) -> Prepared:
        """The same shape in another pose: rotation @ xyz. rotation is [3, 3]."""
        return replace(self, around=self.around.turned(rotation))

    def spread(self, values: Tensor) -> Tensor:
        """From anchors to all points, by inverse distance. [A, D] to [N, D]."""
        total = values[self.near[:, 0]] * self.share[:, :1]
        for column in range(1, self.near.shape[1]):
            total = total + values[self.near[:, column]] * self.share[:, column, None]
        return total


def prepare(cloud: PointCloud, config: DistillConfig) -> Prepared:
    """Features and neighbours of a shape: nothing here depends on the prompt.

    Args:
        cloud: N >= 1 points in the unit sphere.
        config: anchors.
    """
    with one_thread():
        count = len(cloud)
        anchors = _anchors(count, config.anchors).to(cloud.xyz.device)
        xyz = cloud.xyz[anchors]
        around = surroundings(xyz)
        if len(anchors) == count:
            near, share = anchors[:, None], xyz.new_ones(count, 1)
        else:
            near, squared = knn(cloud.xyz, xyz, min(3, len(anchors)))
            weight = 1 / squared.sqrt().clamp(min=1e-8)
            share = (weight / weight.sum(1, keepdim=True)).float()
        group, _ = knn(xyz, xyz, min(GROUP, len(anchors)))
    return Prepared(cloud, anchors, around, near, share, group)


def _anchors(count: int, wanted: int) -> Tensor:
    """The rows of a sample without a preferred place; the same for the same count, on the CPU."""
    if count <= wanted:
        return torch.arange(count, device="cpu")
    dice = torch.Generator("cpu").manual_seed(count)
    return torch.randperm(count, generator=dice, device="cpu")[:wanted].sort().values
