"""Backward distillation: the student tells which units to believe."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from pdengine.distill.sums import summed
from pdengine.kernels.unit_agreement import unit_agreement
from pdengine.types import Units


def rescore(units: Units, probability: Tensor, form: str = "published") -> Units:
    """Score each unit by how far the student agrees with it.

    Args:
        units: the units, scores as the teacher gave them.
        probability: [N, R] float32, the student's probability of each part of each point.
        form: "published" replaces the score by the share of the unit's points that the student
            gives to its part.  A box around a thin part holds mostly other points, so this takes
            weight from whole parts, and they vanish.
            "soft" replaces it by the mean probability of the part over the unit's points.
            "relative" multiplies the score by the agreement over its mean among the units of the
            same part: a unit loses against its peers, a part never against another.

    Source: PartDistill (CVPR 2024), section on backward distillation.
    """
    if form == "soft":
        said = probability[units.point, units.label[units.unit]].double()
        total = summed(said, units.unit, len(units))
        return replace(units, score=(total / units.offsets.diff().clamp(min=1)).float())
    agreement = unit_agreement(units.label, units.offsets, units.point, probability.argmax(1))
    if form == "published":
        return replace(units, score=agreement)
    parts = probability.shape[1]
    total = summed(agreement, units.label, parts)
    count = torch.bincount(units.label, minlength=parts)
    mean = (total / count.clamp(min=1))[units.label]
    # Where the student agrees with no unit of a part it cannot rank them: the scores stay.
    ratio = torch.where(mean > 0, agreement / mean.clamp(min=1e-6), 1.0)
    return replace(units, score=(units.score * ratio).clamp(0, 1))
