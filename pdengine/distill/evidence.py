"""What the units say about each point: the targets of the student's loss."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from pdengine.distill.reliability import Observations
from pdengine.distill.sums import summed
from pdengine.kernels.unit_targets import unit_targets
from pdengine.types import Units

# Added to every count of opportunities: one view alone is not yet a certainty.
DOUBT = 0.3
# A score that teachers give to what they are sure of.
TYPICAL = 0.6


def class_weights(units: Units, parts: int) -> Tensor:
    """Rare parts weigh more: clip(1 + log_4(mean count / count), 1, 4) per part. [R] float32.

    Counts are memberships, (point, unit) pairs.  A part without any weighs 4; it has no target.

    Source: the released code of PartDistill (CVPR 2024).
    """
    size = units.offsets.diff()
    count = summed(size.double(), units.label, parts)
    ratio = count.sum() / (parts * count)
    weight = (1 + ratio.log() / math.log(4)).nan_to_num(nan=1.0, posinf=4.0)
    return weight.clamp(1, 4).float()


def per_point_targets(units: Units, parts: int, weighted: bool) -> Tensor:
    """T[n, c] = w_c * (scores of the units of c over n) / (number of units over n). [N, R].

    With it the loss mean_n sum_c T[n, c] * CE(z_n, c) equals the released one, which sums over
    units.

    Args:
        weighted: with class_weights; else every weight is 1.

    Source: the released code of PartDistill (CVPR 2024), collapsed over the units of a class.
    """
    weight = class_weights(units, parts) if weighted else units.score.new_ones(parts)
    return _per_point(units, units.score, weight)


def per_unit_targets(units: Units, parts: int, weighted: bool) -> Tensor:
    """T[n, c] = w_c * sum over the units of c over n of score / size. [N, R], 1 at most.

    Every unit has the same say, however many points it holds.  The loss wants a mean over points,
    so the greatest entry is scaled to 1: that changes the learning rate, not the optimum.

    Args:
        weighted: with class_weights; else every weight is 1.

    Source: the loss as printed in PartDistill (CVPR 2024), collapsed over the units of a class.
    """
    size = units.offsets.diff().clamp(min=1)
    weight = class_weights(units, parts) if weighted else units.score.new_ones(parts)
    summed = _summed(units, units.score / size, weight)
    return summed / summed.max().clamp(min=1e-12)


def opportunity_targets(units: Units, told: Observations, silence: float = 0.0) -> Tensor:
    """T[n, c] = (scores of the units of c over n) / (views that could have said c of n). [N, R].

    A view could have said c of n when it shows n and found c somewhere.  So a part that the teacher
    finds in two views of ten competes on equal terms with one it finds in all, and a view that
    found the part elsewhere speaks against the points it left out: the two systematic errors of
    boxes, parts found at different rates and boxes that reach into their neighbours.

    Args:
        units: K >= 1, each over at least one point.
        told: what they observe.
        silence: how much a point weighs that views show and do not name.  It goes to the parts that
            had the fewest opportunities to be named there: where every view finds the handle of a
            cup and none its body, what is not the handle is the body.
    """
    found = told.inside.any(2).float()  # [V, R]
    chances = told.seen.float().T @ found  # [N, R]
    targets = _summed(units, units.score, found.new_ones(found.shape[1])) / (chances + DOUBT)
    if silence > 0:
        named = (targets / TYPICAL).sum(1, keepdim=True).clamp(max=1)
        looked = told.seen.any(0).float()[:, None]
        open_ = 1 / (1 + chances) ** 2
        targets = targets + silence * looked * (1 - named) * open_ / open_.sum(1, keepdim=True)
    return targets


def _per_point(units: Units, score: Tensor, weight: Tensor) -> Tensor:
    """Weighted scores [K] over the units of each point, over their number. [N, R] float32."""
    return unit_targets(units.label, score, units.offsets, units.point, weight, units.count).float()


def _summed(units: Units, score: Tensor, weight: Tensor) -> Tensor:
    """The same without the division by how many units hold the point. [N, R] float32."""
    cover = torch.bincount(units.point, minlength=units.count).float()
    return _per_point(units, score, weight) * cover[:, None]


def smoothed(values: Tensor, neighbours: Tensor, rounds: int) -> Tensor:
    """Replace each row by the mean over its neighbours, several times. [N, R].

    Args:
        values: [N, R] float32.
        neighbours: [N, k] int64.
        rounds: 0 leaves the values.
    """
    for _ in range(rounds):
        total = values[neighbours[:, 0]]
        for column in neighbours.T[1:]:
            total = total + values[column]
        values = total / neighbours.shape[1]
    return values
