"""Score-weighted voting over the units; a point that no unit covers takes its neighbour's part."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine.kernels.knn import knn
from pdengine.kernels.unit_targets import unit_targets
from pdengine.types import PointCloud, Units


@dataclass(frozen=True)
class Vote:
    """What the units say by themselves.

    Attributes:
        labels: [N] int64, -1 everywhere when there is no unit.
        scores: [N, R] float32, each point's votes as shares; 0 where unlabelled.
        covered: [N] bool, at least one unit with a positive score covers the point.
    """

    labels: Tensor
    scores: Tensor
    covered: Tensor


def nearest_vote(cloud: PointCloud, units: Units, parts: int) -> Vote:
    """Each point takes the part with the highest sum of unit scores, ties to the first part.

    Args:
        cloud: the points that the units talk about.
        units: K may be 0: then nothing is labelled.
        parts: R, the number of part names.
    """
    even = units.score.new_ones(parts)
    votes = unit_targets(
        units.label, units.score, units.offsets, units.point, even, len(cloud)
    ).float()  # [N, R]
    total = votes.sum(1)
    covered = total > 0
    if not bool(covered.any()):
        nobody = units.point.new_full((len(cloud),), -1)
        return Vote(nobody, torch.zeros_like(votes), covered)

    scores = votes / total.clamp(min=torch.finfo(torch.float32).tiny)[:, None]
    labels = votes.argmax(1)
    if not bool(covered.all()):
        said = covered.nonzero()[:, 0]
        nearest, _ = knn(cloud.xyz[~covered], cloud.xyz[said], 1)
        source = said[nearest[:, 0]]
        labels = labels.index_put((~covered,), labels[source])
        scores = scores.index_put((~covered,), scores[source])
    return Vote(labels, scores, covered)
