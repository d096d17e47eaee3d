"""Small torch operations run on one thread, and every thread's own setting survives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock, Thread
from typing import TypeVar

import torch

T = TypeVar("T")

_setting = Lock()


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch's own operators on one thread; afterwards the caller's thread count is back.

    The student's operators take tens of microseconds: on a busy machine an OpenMP barrier costs a
    thousand times that, and sums split over threads would depend on their number.  Our own kernels
    choose their threads by the work and do not notice.  Threads may be in here side by side.
    """
    with _setting:
        before = torch.get_num_threads()
    if before == 1:
        yield
        return
    _set_here(1)
    try:
        yield
    finally:
        _set_here(before)


def _set_here(count: int) -> None:
    """torch.set_num_threads of the calling thread alone; 0.1 ms.

    The count is each thread's own, but torch has a thread begin with what any thread set last: one
    that began while another is in one_thread would stay with 1.  So that is put back, and as the
    setter's own changes too, by a thread that ends.
    """
    with _setting:
        begin_with = _elsewhere(torch.get_num_threads)
        torch.set_num_threads(count)
        _elsewhere(partial(torch.set_num_threads, begin_with))


def _elsewhere(call: Callable[[], T]) -> T:
    """What a new thread gets from a call."""
    found: list[T] = []
    thread = Thread(target=lambda: found.append(call()))
    thread.start()
    thread.join()
    return found[0]
