"""What the units say about each point: the targets of the student's loss."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from pdengine.kernels.unit_targets import unit_targets
from pdengine.types import Units

# Added to every count of opportunities: one view alone is not yet a certainty.
DOUBT = 0.3


def class_weights(units: Units, parts: int) -> Tensor:
    """Rare parts weigh more: clip(1 + log_4(mean count / count), 1, 4) per part. [R] float32.

    Counts are memberships, (point, unit) pairs.  A part without any weighs 4; it has no target.

    Source: the released code of PartDistill (CVPR 2024).
    """
    size = units.offsets.diff()
    count = torch.zeros(parts, dtype=torch.float64).index_add_(0, units.label, size.double())
    ratio = count.sum() / (parts * count)
    weight = (1 + ratio.log() / math.log(4)).nan_to_num(nan=1.0, posinf=4.0)
    return weight.clamp(1, 4).float()


def published_targets(units: Units, parts: int) -> Tensor:
    """T[n, c] = w_c * (scores of the units of c over n) / (number of units over n). [N, R].

    With it the loss mean_n sum_c T[n, c] * CE(z_n, c) equals the released one, which sums over
    units.

    Source: PartDistill (CVPR 2024), collapsed over the units of a class.
    """
    weight = class_weights(units, parts)
    return unit_targets(
        units.label, units.score, units.offsets, units.point, weight, units.count
    ).float()


def opportunity_targets(units: Units, parts: int) -> Tensor:
    """T[n, c] = (scores of the units of c over n) / (views that could have said c of n). [N, R].

    A view could have said c of n when it shows n and found c somewhere.  So a part that the teacher
    finds in two views of ten competes on equal terms with one it finds in all, and a view that
    found the part elsewhere speaks against the points it left out: the two systematic errors of
    boxes, parts found at different rates and boxes that reach into their neighbours.

    Measured on generated shapes with simulated teachers (docs/results.md): aligned to the published
    targets the student reaches .350 / .579 mIoU (systematic / independent errors), to these without
    smoothing .357 / .582, smoothed over neighbours .379 / .656; voting reaches .345 / .571.
    """
    summed = unit_targets(
        units.label, units.score, units.offsets, units.point, torch.ones(parts), units.count
    ).float()
    cover = torch.bincount(units.point, minlength=units.count).float()  # [N]
    summed = summed * cover[:, None]  # the op divides by the cover

    views = int(units.view.max()) + 1 if len(units) else 0
    seen = torch.zeros(views, units.count)
    if units.seen is not None:
        seen = units.seen[:views].float()
    else:  # a unit over the point proves that the view shows it
        seen[units.view[units.unit], units.point] = 1.0
    found = torch.zeros(views, parts)
    found[units.view, units.label] = 1.0
    return summed / (seen.T @ found + DOUBT)


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
