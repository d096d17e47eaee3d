"""Views in batches that fit into memory: for teachers that are large models."""

from __future__ import annotations

import logging
from collections.abc import Callable

import torch

from pdengine.errors import TeacherError
from pdengine.teach.joining import Piece, joined
from pdengine.types import Detections, Views

log = logging.getLogger("pdengine.teach")

# How torch's CPU allocators say it on Linux, macOS and Windows; CUDA has its own error.
_SAID = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory")


def in_batches(
    call: Callable[[Views], Detections], views: Views, limit: int | None = None
) -> Detections:
    """Ask for some views at a time, for fewer where memory does not suffice.

    A batch that does not fit is asked again in two halves, and all that follow are no larger.

    Args:
        call: answers for the views that it gets, each by itself.
        views: V of them, at least one.
        limit: the most views in a batch; None tries all at once.

    Raises:
        TeacherError: one view alone does not fit.
    """
    size = len(views) if limit is None else min(limit, len(views))
    pieces: list[Piece] = []
    first = 0
    while first < len(views):
        some = range(first, min(first + size, len(views)))
        try:
            pieces.append((some, call(views.only(some))))
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            if len(some) == 1:
                why = " ".join(str(error).split())[:200]
                raise TeacherError(f"memory must suffice for one view at a time: {why}") from error
            size = (len(some) + 1) // 2
            log.debug("out of memory at %d views, going on with %d", len(some), size)
        else:
            first = some.stop
            continue
        # Here the error and its frames, which hold the batch's tensors, are gone.
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    return joined(pieces, len(views))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory did not suffice, on a GPU or a CPU."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(say in str(error).lower() for say in _SAID)
