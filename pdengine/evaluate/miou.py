"""Mean intersection over union of a shape, in two conventions that must never be mixed."""

from __future__ import annotations

import torch
from torch import Tensor


def part_miou(predicted: Tensor, truth: Tensor) -> float:
    """Mean over the parts that the shape has of |predicted and true| / |predicted or true|.

    An unlabelled point (-1) is in no predicted part, so it counts against the part it belongs to.
    Points without a true part are left out.  A part that the shape does not have is not averaged,
    though points wrongly given to it are missing elsewhere.

    Args:
        predicted: [N] int64, -1 unlabelled.
        truth: [N] int64, -1 no true part.

    Raises:
        ValueError: the lengths differ, or no point has a true part.
    """
    predicted, truth = _checked(predicted, truth)
    if len(truth) == 0:
        raise ValueError("truth must label at least one point, got none")
    overlaps = [_overlap(predicted == part, truth == part) for part in truth.unique()]
    return float(torch.stack(overlaps).mean())


def instance_miou(predicted: Tensor, truth: Tensor, parts: int) -> float:
    """The ShapeNetPart convention for one shape: mean over all R parts of its category.

    IoU_r = |predicted = r and true = r| / |predicted = r or true = r|, and 1 where the union is
    empty: a part that the shape lacks and nobody predicted counts as perfect.  Instance mIoU is the
    mean over shapes, class mIoU the mean over the categories' means.

    Args:
        predicted: [N] int64, -1 unlabelled.
        truth: [N] int64, -1 no true part.
        parts: R.

    Raises:
        ValueError: the lengths differ, or parts is less than 1.
    """
    if parts < 1:
        raise ValueError(f"parts must be at least 1, got {parts}")
    predicted, truth = _checked(predicted, truth)
    overlaps = [_overlap(predicted == part, truth == part) for part in range(parts)]
    return float(torch.stack(overlaps).mean())


def _checked(predicted: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
    if predicted.shape != truth.shape:
        raise ValueError(f"predicted must be {list(truth.shape)}, got {list(predicted.shape)}")
    known = truth >= 0
    return predicted[known], truth[known]


def _overlap(one: Tensor, other: Tensor) -> Tensor:
    both, either = (one & other).sum().double(), (one | other).sum().double()
    return torch.where(either > 0, both / either.clamp(min=1), 1.0)
