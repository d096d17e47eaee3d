"""A stop is never lost: what swallows it is told again."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable

import pytest

from pdengine.cli.stopping import AGAIN_S, Terminated, stopped_by_signals


def wait(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("number", "kind"), [(signal.SIGTERM, Terminated), (signal.SIGINT, KeyboardInterrupt)]
)
def test_a_stop_that_is_swallowed_comes_again(number: int, kind: type[BaseException]) -> None:
    swallowed: list[type[BaseException]] = []

    def swallow() -> None:
        for _ in range(2):  # as an import does it, twice
            try:
                if not swallowed:
                    signal.raise_signal(number)
                wait(60)
            except KeyboardInterrupt as stop:
                swallowed.append(type(stop))
        wait(60)

    with pytest.raises(kind), stopped_by_signals():
        swallow()
    assert swallowed == [kind, kind]


def test_cleaning_up_is_not_disturbed() -> None:
    cleaned: list[bool] = []

    def clean_up() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            try:  # an error of its own, handled
                raise OSError("gone")
            except OSError:
                wait(3 * AGAIN_S)
            wait(3 * AGAIN_S)
            cleaned.append(True)

    with pytest.raises(Terminated), stopped_by_signals():
        clean_up()
    assert cleaned


def test_a_stop_that_is_handled_does_not_come_again() -> None:
    with stopped_by_signals() as handled:
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            wait(2 * AGAIN_S)
            handled()
        wait(3 * AGAIN_S)


def test_afterwards_all_is_as_it_was() -> None:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
    before = [signal.getsignal(number) for number in numbers]
    with pytest.raises(Terminated), stopped_by_signals():
        signal.raise_signal(signal.SIGTERM)
    assert [signal.getsignal(number) for number in numbers] == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_ctrl_c_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell starts jobs with &
    try:
        with stopped_by_signals():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_leaves_the_signals_alone() -> None:
    seen: list[Callable[..., object] | int | None] = []

    def run() -> None:
        with stopped_by_signals():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGTERM)]
