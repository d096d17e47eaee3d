"""When to stop: the loss alone says it, no label is read."""

from __future__ import annotations


class Settled:
    """Watches a loss and says when it has stopped falling.

    It has settled when the mean over the last window fell by less than ratio, relative to the mean
    over the window before.  The rule is relative, so a loss and twice that loss settle at the same
    step (the released rule, 0.01 absolute, depends on the scale).

    Args:
        window: steps per mean.
        ratio: a share.
    """

    def __init__(self, window: int, ratio: float) -> None:
        self._window = window
        self._ratio = ratio
        self._losses: list[float] = []

    def __call__(self, loss: float) -> bool:
        """Take the next loss; true once it has settled."""
        self._losses.append(loss)
        window = self._window
        if len(self._losses) < 2 * window:
            return False
        before = sum(self._losses[-2 * window : -window])
        now = sum(self._losses[-window:])
        return before - now <= self._ratio * abs(before)
