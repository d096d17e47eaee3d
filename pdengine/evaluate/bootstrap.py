"""Draws shapes again, within their categories: how far a number could have been off."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from pdengine.errors import ScoreError
from pdengine.evaluate.sample import Sample
from pdengine.evaluate.stack import Array

Interval: TypeAlias = tuple[float, float] | None

AT_ONCE = 128  # resamples: 3 MB of weights for 2,874 shapes


def resample(samples: Sequence[Sample], resamples: int, seed: int) -> list[tuple[Array, Array]]:
    """The overall values [B] and the categories' [B, C] of each sample, on the same draws.

    Args:
        samples: of the same shapes; two of them make a paired comparison.
        resamples: B, may be 0.
        seed: of the draws; a category's do not depend on which others there are.

    Raises:
        ScoreError: resamples or the seed is negative.
    """
    if resamples < 0 or seed < 0:
        raise ScoreError(f"resamples and seed must be at least 0, got {resamples} and {seed}")
    first = samples[0]
    streams = [
        np.random.default_rng([seed, zlib.crc32(category.encode())])
        for category in first.categories
    ]
    found: list[list[tuple[Array, Array]]] = [[] for _ in samples]
    for start in range(0, resamples, AT_ONCE):
        count = min(AT_ONCE, resamples - start)
        weights = [_draw(s, count, n) for s, n in zip(streams, first.sizes, strict=True)]
        for values, one in zip(found, samples, strict=True):
            values.append(one.values(weights)[:2])
    width = len(first.categories)
    empty = (np.zeros(0), np.zeros((0, width)))
    return [
        (
            np.concatenate([v[0] for v in [empty, *values]]),
            np.concatenate([v[1] for v in [empty, *values]]),
        )
        for values in found
    ]


def interval(values: Array, shapes: int) -> Interval:
    """From the 2.5th to the 97.5th percentile of the values [B] that are known.

    Args:
        values: of the resamples.
        shapes: of the largest category; drawing from one shape says nothing, so that gives None.
    """
    known = values[~np.isnan(values)]
    if shapes < 2 or not len(known):
        return None
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def _draw(stream: np.random.Generator, count: int, shapes: int) -> Array:
    """How often each shape is drawn when as many are drawn as there are: [count, shapes]."""
    chosen = stream.integers(0, shapes, (count, shapes)) + np.arange(count)[:, None] * shapes
    drawn = np.bincount(chosen.ravel(), minlength=count * shapes)
    return drawn.reshape(count, shapes).astype(np.float64)
