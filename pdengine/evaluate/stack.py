"""The counts of one category as arrays, and means that resample its shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pdengine.evaluate.shape_counts import ShapeCounts

Array: TypeAlias = NDArray[np.float64]

# Given how often each shape is drawn, [B, S] (all 1 for the sample itself), the value of the
# category [B] and of each of its parts [B, R]; NaN where there is nothing to average.
Estimator: TypeAlias = Callable[[Array], tuple[Array, Array]]


@dataclass(frozen=True)
class Stack:
    """S shapes of one category with R parts.

    Attributes:
        counts: one per shape.
        intersection: [S, R] float64, and so predicted, predicted_known and truth: ShapeCounts.
    """

    counts: tuple[ShapeCounts, ...]
    intersection: Array
    predicted: Array
    predicted_known: Array
    truth: Array


def stack(counts: Sequence[ShapeCounts]) -> Stack:
    """The counts of shapes that have the same parts."""

    def table(name: str) -> Array:
        return np.array([getattr(one, name) for one in counts], dtype=np.float64)

    return Stack(
        tuple(counts),
        table("intersection"),
        table("predicted"),
        table("predicted_known"),
        table("truth"),
    )


def once(shapes: int) -> Array:
    """The weights of the sample itself, [1, S]: every shape drawn once."""
    return np.ones((1, shapes))


def divide(one: Array, other: Array) -> Array:
    """one / other, NaN where other is 0."""
    quotient: Array = np.divide(one, other, out=np.full(np.shape(one), np.nan), where=other != 0)
    return quotient


def mean_of_known(values: Array) -> Array:
    """The mean over the last axis of what is not NaN; NaN where nothing is known."""
    known = ~np.isnan(values)
    return divide(np.where(known, values, 0.0).sum(-1), known.sum(-1).astype(np.float64))


def weighted_mean(weights: Array, values: Array) -> Array:
    """The mean over drawn shapes of what is not NaN.

    Args:
        weights: [B, S] how often each shape is drawn.
        values: [S] or [S, R].

    Returns:
        [B] or [B, R], NaN where no drawn shape has a value.
    """
    known = ~np.isnan(values)
    return divide(weights @ np.where(known, values, 0.0), weights @ known.astype(np.float64))
