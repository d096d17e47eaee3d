"""One answer from the answers for some of the views, and the other way round."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from pdengine.errors import TeacherError
from pdengine.types import Boxes, Detections, Masks, PixelScores

Piece = tuple[Sequence[int], Detections]  # which views were asked, what was said of them


def joined(pieces: Sequence[Piece], count: int) -> Detections:
    """One answer for all views.

    Args:
        pieces: at least one; all of one kind, for the same parts and image size, on one device.
        count: how many views there are; of those in no piece nothing is said.

    Raises:
        TeacherError: the pieces are of several kinds.
    """
    first = pieces[0][1]
    if len(pieces) == 1 and len(pieces[0][0]) == count:
        return first
    kinds = sorted({type(piece).__name__ for _, piece in pieces})
    if len(kinds) > 1:
        raise TeacherError(f"the answers for all views must be of one kind, got {', '.join(kinds)}")
    if isinstance(first, PixelScores):
        score = first.score.new_zeros(count, *first.score.shape[1:])
        for views, piece in pieces:
            assert isinstance(piece, PixelScores)
            score[list(views)] = piece.score
        return PixelScores(score)
    tensors = {
        name: torch.cat([getattr(piece, name) for _, piece in pieces])
        for name in ("box" if isinstance(first, Boxes) else "mask", "label", "score")
    }
    view = torch.cat([_placed(getattr(piece, "view"), views) for views, piece in pieces])  # noqa: B009
    return type(first)(view=view, **tensors)


def _placed(view: Tensor, views: Sequence[int]) -> Tensor:
    return torch.tensor(list(views), dtype=torch.int64, device=view.device)[view]


def of_view(detections: Detections, view: int) -> Detections:
    """What was said of one view, as the answer for that view alone."""
    if isinstance(detections, PixelScores):
        return PixelScores(detections.score[view : view + 1])
    mine = detections.view == view
    at, label, score = detections.view[mine] - view, detections.label[mine], detections.score[mine]
    if isinstance(detections, Boxes):
        return Boxes(detections.box[mine], at, label, score)
    return Masks(detections.mask[mine], at, label, score)


def apart(answer: object, count: int) -> list[Detections] | None:
    """An answer view by view; None where it is not of the form that could be taken apart.

    Nothing else is checked: each of them may still be wrong.
    """
    if isinstance(answer, PixelScores):
        score = answer.score
        if not isinstance(score, Tensor) or score.ndim != 4 or len(score) != count:
            return None
    elif isinstance(answer, (Boxes, Masks)):
        regions = answer.box if isinstance(answer, Boxes) else answer.mask
        rows = (regions, answer.view, answer.label, answer.score)
        if not all(isinstance(row, Tensor) and row.ndim for row in rows):
            return None
        view = answer.view
        if len({len(row) for row in rows}) > 1 or view.dtype != torch.int64 or view.ndim != 1:
            return None
        if bool(((view < 0) | (view >= count)).any()):
            return None
    else:
        return None
    return [of_view(answer, view) for view in range(count)]
