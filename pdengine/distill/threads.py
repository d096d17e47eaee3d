"""Small torch operations run on one thread, and the user's setting survives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch's own operators on one thread; afterwards the user's thread count is back.

    The student's operators take tens of microseconds: on a busy machine an OpenMP barrier costs a
    thousand times that, and sums split over threads would depend on their number.  Our own kernels
    choose their threads by the work and do not notice.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
