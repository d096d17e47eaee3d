"""Random choices with readable names."""

import zlib
from collections.abc import Sequence
from math import exp, log
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Dice:
    """A seeded source of design decisions; the same (category, seed) decides the same.

    Attributes:
        category: whose.
        style: the first name that was drawn by weight: every category first draws its kind.
    """

    def __init__(self, category: str, seed: int) -> None:
        self.category, self.style = category, ""
        self._rng = np.random.default_rng([zlib.crc32(category.encode()), seed])

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * float(self._rng.random())

    def log_between(self, low: float, high: float) -> float:
        """Uniform in the logarithm: half as likely twice as large, for sizes and ratios."""
        return exp(self.between(log(low), log(high)))

    def whole(self, low: int, high: int) -> int:
        """An integer, both ends included."""
        return int(self._rng.integers(low, high + 1))

    def chance(self, probability: float) -> bool:
        return float(self._rng.random()) < probability

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self._rng.integers(len(options)))]

    def weighted(self, options: dict[T, float]) -> T:
        """One key, as likely as its weight."""
        left = self.between(0.0, sum(options.values()))
        chosen = next(reversed(options))
        for option, weight in options.items():
            left -= weight
            if left <= 0:
                chosen = option
                break
        if isinstance(chosen, str):
            self.style = self.style or chosen
        return chosen
