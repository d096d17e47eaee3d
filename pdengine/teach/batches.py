"""Views in batches that fit into memory: for teachers that are large models."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

import torch

from pdengine.errors import TeacherError
from pdengine.teach.joining import joined
from pdengine.types import Detections, Views

log = logging.getLogger("pdengine.teach")

T = TypeVar("T")

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
    size = len(views) if limit is None else limit
    pieces = in_pieces(lambda some: call(views.only(some)), len(views), size, "view")
    return joined(pieces, len(views))


def in_pieces(
    call: Callable[[range], T], count: int, limit: int, what: str
) -> list[tuple[range, T]]:
    """Do some of a number of things at a time, and fewer where memory does not suffice.

    Args:
        call: does those whose numbers it gets.
        count: how many there are.
        limit: the most at a time.
        what: one of them, for the message.

    Returns:
        What was done and what came of it, in their order.

    Raises:
        TeacherError: one alone does not fit.
    """
    size = limit
    pieces: list[tuple[range, T]] = []
    first = 0
    while first < count:
        some = range(first, min(first + size, count))
        try:
            pieces.append((some, call(some)))
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            if len(some) == 1:
                why = " ".join(str(error).split())[:200]
                raise TeacherError(
                    f"memory must suffice for one {what} at a time: {why}"
                ) from error
            size = (len(some) + 1) // 2
            log.debug("out of memory at %d %ss, going on with %d", len(some), what, size)
        else:
            first = some.stop
            continue
        # Here the error and its frames, which hold the batch's tensors, are gone.
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    return pieces


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory did not suffice, on a GPU or a CPU."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(say in str(error).lower() for say in _SAID)
