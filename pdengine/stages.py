"""How long each stage takes, and who is told of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

Progress = Callable[[str, int, int], None]  # stage, done, total


class Stages:
    """Times stages; call it with a stage's name for its context.

    Args:
        device: where the stages compute.
        progress: called with (stage, 0, 1) when a stage begins and (stage, 1, 1) when it ends.
    """

    def __init__(self, device: torch.device, progress: Progress | None) -> None:
        self._device, self._progress = device, progress
        self._milliseconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        self.tell(name, 0, 1)
        start = time.perf_counter()
        yield
        if self._device.type == "cuda":  # a stage is done when its kernels are
            torch.cuda.synchronize(self._device)
        self._milliseconds[name] = (time.perf_counter() - start) * 1e3
        self.tell(name, 1, 1)

    def tell(self, name: str, done: int, total: int) -> None:
        """How far the stage has come."""
        if self._progress is not None:
            self._progress(name, done, total)

    @property
    def spent(self) -> dict[str, float]:
        """Milliseconds per stage since the last taken()."""
        return dict(self._milliseconds)

    def taken(self) -> dict[str, float]:
        """The same with their total; the next prompt counts only what it runs itself."""
        spent, self._milliseconds = self._milliseconds, {}
        return {**spent, "total": sum(spent.values())}

    def next_shape(self) -> None:
        """Forget all but the loading: it is part of what the first result took."""
        kept = {k: ms for k, ms in self._milliseconds.items() if k.startswith("load ")}
        self._milliseconds = kept

    def handed_over(self) -> Stages:
        """Stages that take what these have counted; these begin anew."""
        other = Stages(self._device, self._progress)
        other._milliseconds, self._milliseconds = self._milliseconds, {}
        return other
