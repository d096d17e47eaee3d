"""How much is covered and labelled, and whether confidences mean what they say."""

from __future__ import annotations

import numpy as np

from pdengine.evaluate.stack import Array, Estimator, Stack, divide, weighted_mean


def covered(shapes: Stack) -> Estimator:
    """Per shape the share of rows that at least one unit covers; mean over shapes."""
    return _share(shapes, [one.covered or 0 for one in shapes.counts])


def labelled(shapes: Stack) -> Estimator:
    """Per shape the share of rows that were given a part; mean over shapes."""
    return _share(shapes, [one.labelled for one in shapes.counts])


def calibration_error(shapes: Stack) -> Estimator:
    """Bins pooled over shapes: sum over bins of |correct - confidence|, over all their rows."""
    bins = [one.reliability for one in shapes.counts]
    count, gap = (
        np.array([list(values) for values in table], dtype=np.float64)
        for table in (
            [one.count for one in bins if one],
            [np.subtract(one.correct, one.confidence) for one in bins if one],
        )
    )

    def estimate(weights: Array) -> tuple[Array, Array]:
        rows = (weights @ count).sum(1)
        return divide(np.abs(weights @ gap).sum(1), rows), _no_parts(weights, shapes)

    return estimate


def _share(shapes: Stack, rows: list[int]) -> Estimator:
    every = np.array([one.rows for one in shapes.counts], dtype=np.float64)
    share = divide(np.array(rows, dtype=np.float64), every)
    return lambda weights: (weighted_mean(weights, share), _no_parts(weights, shapes))


def _no_parts(weights: Array, shapes: Stack) -> Array:
    return np.full((len(weights), shapes.truth.shape[1]), np.nan)
