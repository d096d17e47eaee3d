"""The library's own words while it loads, kept back."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import Any


class _Quiet:
    """Loading without the library's warnings and bars: what matters is raised here.

    Both are settings of the whole process, so the first to come notes them and the last to leave
    puts them back, on whichever thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before = (0, False, False)

    def __enter__(self) -> None:
        from transformers import logging

        utils = _hub_bars()

        with self._lock:
            if not self._inside:
                bars = logging.is_progress_bar_enabled(), utils.are_progress_bars_disabled()
                self._before = (logging.get_verbosity(), *bars)
                logging.set_verbosity_error()
                logging.disable_progress_bar()
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        from transformers import logging

        utils = _hub_bars()

        with self._lock:
            self._inside -= 1
            if self._inside:
                return
            verbosity, theirs, off = self._before
            logging.set_verbosity(verbosity)
            if theirs:
                logging.enable_progress_bar()  # and those of the hub
            if off:
                utils.disable_progress_bars()
            elif not theirs:
                utils.enable_progress_bars()


def _hub_bars() -> Any:
    """The hub client's switches for its bars, which it exports in no way that types know."""
    return import_module("huggingface_hub.utils")


quiet = _Quiet()
