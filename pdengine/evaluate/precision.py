"""Average precision of instances, pooled over the shapes of a category, per part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pdengine.evaluate.matching import Ids, Pool, match, pool
from pdengine.evaluate.stack import Array, Estimator, Stack, mean_of_known

# Of the hits of each draw, surest first, [B, H] each: how often each was drawn, how many hits there
# are down to its score, and the best precision there or further down; then how many true instances
# there are, [B]; gives the area [B].
Area: TypeAlias = Callable[[Array, Array, Array, Array], Array]


def all_points(drawn: Array, found: Array, best: Array, true: Array) -> Array:
    """The area under the best precision at each recall or above (Pascal VOC since 2010)."""
    area: Array = np.einsum("bh,bh->b", drawn, best) / np.maximum(true, 1)
    return area


def hundred_and_one_points(drawn: Array, found: Array, best: Array, true: Array) -> Array:
    """The mean of the best precision at the recalls 0, 0.01, ... 1, as PartNet and PartSLIP do.

    Precision is 1 at recall 0, whatever was found, so any prediction at all earns 1 / 101.
    """
    recall = found / np.maximum(true, 1)[:, None]
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
    found = [match(pooled, threshold) > 0 for threshold in thresholds]
    ranks = [_rank(pooled, found, part) for part in range(pooled.true.shape[1])]

    def estimate(weights: Array) -> tuple[Array, Array]:
        true = weights @ pooled.true
        values = [_areas(rank, weights, true[:, r], area) for r, rank in enumerate(ranks)]
        of_part = np.stack(values, axis=1)
        return mean_of_known(of_part), of_part

    return estimate


@dataclass(frozen=True)
class _Rank:
    """The I predictions of one part, surest first.

    Attributes:
        shape: [I] whose each is.
        end: [I] the last prediction of the same score.
        hits: per threshold the [H] predictions that find a true instance, rising.
    """

    shape: Ids
    end: Ids
    hits: tuple[Ids, ...]


def _rank(pooled: Pool, found: Sequence[NDArray[np.bool_]], part: int) -> _Rank:
    chosen = np.flatnonzero(pooled.part == part)
    falling = -pooled.score[chosen]
    end = np.searchsorted(falling, falling, side="right") - 1
    hits = tuple(np.flatnonzero(one[chosen]) for one in found)
    return _Rank(pooled.shape[chosen], end, hits)


def _areas(rank: _Rank, weights: Array, true: Array, area: Area) -> Array:
    """[B]: the mean over thresholds; 0 where nothing was predicted, NaN with nothing to find."""
    # Along rows: adding up along columns takes numpy eight times as long.
    every = np.cumsum(weights.take(rank.shape, axis=1), axis=1)  # [B, I]
    values = [_area(rank, hits, weights, every, true, area) for hits in rank.hits]
    said = every[:, -1] > 0 if len(rank.shape) else np.zeros(len(weights), dtype=bool)
    return np.where(true > 0, np.where(said, np.mean(values, axis=0), 0.0), np.nan)


def _area(rank: _Rank, hits: Ids, weights: Array, every: Array, true: Array, area: Area) -> Array:
    """[B]: precision is looked at where a true instance was found.

    The other places cannot hold the best precision at any recall: they only add what is wrong.
    """
    drawn = weights.take(rank.shape[hits], axis=1)
    found = np.cumsum(drawn, axis=1)  # [B, H]
    end = rank.end[hits]
    last = np.searchsorted(end, end, side="right") - 1  # the last hit of the same score
    if not np.array_equal(last, np.arange(len(hits))):
        found = found.take(last, axis=1)
    total = every.take(end, axis=1)
    precision = found / np.maximum(total, 1, out=total)  # where nothing was drawn, nothing is found
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    return area(drawn, found, best, true)
