"""Backward distillation: the student tells which units to believe."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from pdengine.kernels.unit_agreement import unit_agreement
from pdengine.types import Units


def rescore(units: Units, prediction: Tensor, form: str = "published") -> Units:
    """Score each unit by the share of its points on which the student agrees.

    Args:
        units: the units, scores as the teacher gave them.
        prediction: [N] int64, the student's part per point.
        form: "published" replaces the score by the agreement.  A box around a thin part holds
            mostly other points, so this takes weight from whole parts, and they vanish.
            "relative" multiplies the score by the agreement over its mean among the units of the
            same part: a unit loses against its peers, a part never against another.

    Source: PartDistill (CVPR 2024), section on backward distillation.
    """
    agreement = unit_agreement(units.label, units.offsets, units.point, prediction)
    if form == "published":
        return replace(units, score=agreement)
    parts = int(units.label.max()) + 1 if len(units) else 0
    total = torch.zeros(parts).index_add_(0, units.label, agreement)
    count = torch.bincount(units.label, minlength=parts)
    mean = (total / count.clamp(min=1))[units.label]
    # Where the student agrees with no unit of a part it cannot rank them: the scores stay.
    ratio = torch.where(mean > 0, agreement / mean.clamp(min=1e-6), 1.0)
    return replace(units, score=(units.score * ratio).clamp(0, 1))
