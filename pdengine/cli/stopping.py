"""SIGTERM and Ctrl-C end a command as an exception does, also where a library swallows it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

# Seconds until a stop that was swallowed is raised again.  An import swallows one now and then: of
# twenty SIGTERM within the first five seconds one was lost, and the command ran to its end.
AGAIN_S = 0.3


class Terminated(KeyboardInterrupt):
    """SIGTERM, as a batch system sends it: everything ends as after Ctrl-C."""


@contextmanager
def stopped_by_signals() -> Iterator[Callable[[], None]]:
    """Raise Terminated on SIGTERM and KeyboardInterrupt on Ctrl-C, again until somebody sees it.

    Whoever handles it says so, in its except clause, by calling what this hands out.  Only the main
    thread may.  Ctrl-C that is ignored, or somebody else's, stays so.
    """
    told: list[type[KeyboardInterrupt]] = []
    if threading.current_thread() is not threading.main_thread():
        yield told.clear
        return
    stops: dict[int, type[KeyboardInterrupt]] = {signal.SIGTERM: Terminated}
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        stops[signal.SIGINT] = KeyboardInterrupt

    def stop(number: int, frame: FrameType | None) -> None:
        told.append(stops[number])
        if signal.SIGALRM not in before:  # until now an alarm was somebody else's
            before[signal.SIGALRM] = signal.signal(signal.SIGALRM, again)
        signal.setitimer(signal.ITIMER_REAL, AGAIN_S, AGAIN_S)
        raise told[-1]

    def again(number: int, frame: FrameType | None) -> None:
        if told and not _on_its_way(sys.exc_info()[1]):
            raise told[-1]

    before: dict[int, Any] = {}
    before |= {number: signal.signal(number, stop) for number in stops}
    try:
        yield told.clear
    finally:
        told.clear()
        if signal.SIGALRM in before:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _on_its_way(error: BaseException | None) -> bool:
    """Whether what is being handled, here or further out, comes of a stop: somebody cleans up."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None
