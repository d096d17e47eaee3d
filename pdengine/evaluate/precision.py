"""Average precision of instances, pooled over the shapes of a category, per part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from pdengine.evaluate.matching import Ids, Pool, match, pool
from pdengine.evaluate.stack import Array, Estimator, Stack, mean_of_known

# Given the recall and the best precision at that recall or above, [B, G] each, the area [B].
Area: TypeAlias = Callable[[Array, Array], Array]

# For one part: the predictions that find a true instance, and all of them, up to the last such.
# Each as the shape of each prediction, surest first, and the last of each of the curve's G points.
Curve: TypeAlias = tuple[tuple[Ids, Ids], tuple[Ids, Ids]]


def all_points(recall: Array, best: Array) -> Array:
    """The area under the best precision at each recall or above (Pascal VOC since 2010)."""
    area: Array = (np.diff(recall, axis=1, prepend=0.0) * best).sum(1)
    return area


def hundred_and_one_points(recall: Array, best: Array) -> Array:
    """The mean of the best precision at the recalls 0, 0.01, ... 1, as PartNet and PartSLIP do.

    Precision is 1 at recall 0, whatever was found, so any prediction at all earns 1 / 101.
    """
    passed = np.floor(100 * recall + 1e-9)  # a recall of 0.29 must reach 29 points
    total: Array = 1 + (np.diff(passed, axis=1, prepend=0.0) * best).sum(1)
    return total / 101


def average_precision(
    shapes: Stack, thresholds: Sequence[int], area: Area = all_points
) -> Estimator:
    """Mean over thresholds of the average precision of each part; mean over parts.

    Predictions of a part are pooled over shapes and sorted by score.  Those of equal score enter
    the curve together, so their order does not matter.  A part that no shape has is not averaged;
    one that was never predicted has 0.

    Args:
        shapes: all with instances.
        thresholds: percent of IoU that a match must exceed.
        area: what is made of the curve.
    """
    pooled = pool([one.instances for one in shapes.counts if one.instances is not None])
    found = [match(pooled, threshold) for threshold in thresholds]
    parts = range(pooled.true.shape[1])
    curves = [[_curve(pooled, hits, part) for part in parts] for hits in found]
    anything = [_predictions(pooled, part) for part in parts]

    def estimate(weights: Array) -> tuple[Array, Array]:
        true, said = weights @ pooled.true, [weights @ of_shape for of_shape in anything]
        values = [
            [_area(curve, weights, true[:, r], said[r], area) for r, curve in enumerate(row)]
            for row in curves
        ]
        of_part = np.mean(values, axis=0).T
        return mean_of_known(of_part), of_part

    return estimate


def _curve(pooled: Pool, hits: Array, part: int) -> Curve:
    """One point for each score at which a true instance was found.

    The others cannot hold the best precision at any recall: they only add what is wrong.
    """
    chosen = np.flatnonzero(pooled.part == part)
    score, shape, hit = pooled.score[chosen], pooled.shape[chosen], hits[chosen] > 0
    level = np.cumsum(np.append(0, score[1:] != score[:-1]))[: len(chosen)]  # equal scores together
    kept = np.unique(level[hit])
    point = np.searchsorted(kept, level)
    before = point < len(kept)  # what follows the last hit changes nothing
    points = np.arange(len(kept))
    last = [np.searchsorted(point[rows], points, side="right") - 1 for rows in (hit, before)]
    return (shape[hit], last[0]), (shape[before], last[1])


def _predictions(pooled: Pool, part: int) -> Array:
    """How many predictions of the part each shape has."""
    of_part = pooled.shape[pooled.part == part]
    return np.bincount(of_part, minlength=len(pooled.true)).astype(np.float64)


def _area(curve: Curve, weights: Array, true: Array, said: Array, area: Area) -> Array:
    """[B]: 0 where nothing was predicted, NaN where there is nothing to find."""
    # Along rows: adding up along columns takes numpy eight times as long.
    found, every = (
        np.cumsum(weights[:, shapes], axis=1)[:, last] for shapes, last in curve
    )  # [B, G]
    precision = found / np.maximum(every, 1)  # where nothing was drawn, nothing was found
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    recall = found / np.maximum(true, 1)[:, None]
    return np.where(true > 0, np.where(said > 0, area(recall, best), 0.0), np.nan)
