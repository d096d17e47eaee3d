"""Non-maximum suppression, so that torchvision is not needed for it."""

from __future__ import annotations

import torch
from torch import Tensor


def iou(one: Tensor, other: Tensor) -> Tensor:
    """Intersection over union of boxes.

    Args:
        one: [A, 4] float32, XYXY.
        other: [B, 4] float32, XYXY.

    Returns:
        [A, B] float32; 0 where both have no area.
    """
    low = torch.maximum(one[:, None, :2], other[None, :, :2])
    high = torch.minimum(one[:, None, 2:], other[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    area = (one[:, 2:] - one[:, :2]).prod(-1)[:, None] + (other[:, 2:] - other[:, :2]).prod(-1)
    union = area - shared
    return torch.where(union > 0, shared / union, torch.zeros_like(union))


def suppress(box: Tensor, score: Tensor, group: Tensor, limit: float) -> Tensor:
    """The boxes that stay when a better box of the same group hides those it overlaps.

    Best first; a box falls when its intersection over union with one that stayed is more than the
    limit.  Equal scores go by the lower index.

    Args:
        box: [B, 4] float32, XYXY.
        score: [B] float32.
        group: [B] int64, e.g. one per view and part: groups do not see each other.
        limit: in [0, 1].

    Returns:
        [kept] int64, ascending.
    """
    kept: list[Tensor] = []
    for number in group.unique().tolist():
        (left,) = (group == number).nonzero(as_tuple=True)
        left = left[score[left].sort(descending=True, stable=True).indices]
        while len(left):
            kept.append(left[0])
            left = left[1:][iou(box[left[:1]], box[left[1:]])[0] <= limit]
    if not kept:
        return group.new_zeros(0)
    return torch.stack(kept).sort().values
