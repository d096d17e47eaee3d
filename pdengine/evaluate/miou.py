"""Mean intersection over union of one shape, in two conventions that must never be mixed."""

from __future__ import annotations

from torch import Tensor

from pdengine.errors import ScoreError
from pdengine.evaluate.conventions import Rule
from pdengine.evaluate.counts import count_shape
from pdengine.evaluate.overlap import all_parts, present_parts
from pdengine.evaluate.stack import once, stack


def part_miou(predicted: Tensor, truth: Tensor) -> float:
    """Mean over the parts that the shape has of |predicted and true| / |predicted or true|.

    An unlabelled point (-1) is in no predicted part, so it counts against the part it belongs to.
    Points without a true part are left out.  A part that the shape does not have is not averaged,
    though points wrongly given to it are missing elsewhere.  Protocol "parts-present".

    Args:
        predicted: [N] int64, -1 unlabelled.
        truth: [N] int64, -1 no true part.

    Raises:
        ScoreError: the lengths differ, or no point has a true part; it is a ValueError too.
    """
    most = max((int(ids.max()) for ids in (predicted, truth) if ids.numel()), default=-1)
    return _of_one(present_parts, predicted, truth, max(most + 1, 1))


def instance_miou(predicted: Tensor, truth: Tensor, parts: int) -> float:
    """The ShapeNetPart convention for one shape: mean over all R parts of its category.

    IoU_r = |predicted = r and true = r| / |predicted = r or true = r|, and 1 where the union is
    empty: a part that the shape lacks and nobody predicted counts as perfect.  Protocols
    "shapenetpart-instance" (mean over shapes) and "shapenetpart-class" (over categories' means).

    Args:
        predicted: [N] int64, -1 unlabelled.
        truth: [N] int64, -1 no true part.
        parts: R.

    Raises:
        ScoreError: the lengths differ, a label is not below parts, parts is less than 1, or no
            point has a true part; it is a ValueError too.
    """
    return _of_one(all_parts, predicted, truth, parts)


def _of_one(rule: Rule, predicted: Tensor, truth: Tensor, parts: int) -> float:
    counts = count_shape(predicted, truth, parts)
    if not any(counts.truth):
        raise ScoreError("truth must label at least one point, got none")
    value, _ = rule(stack([counts]))(once(1))
    return float(value[0])
