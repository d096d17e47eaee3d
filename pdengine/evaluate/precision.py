"""Average precision of instances, pooled over the shapes of a category, per part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from pdengine.evaluate.shape_counts import Instances, PredictedInstance
from pdengine.evaluate.stack import Array, Estimator, Stack, divide, mean_of_known

# Given the recall and the best precision at that recall or above, [B, G] each, the area [B].
Area: TypeAlias = Callable[[Array, Array], Array]


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
    of_shape = [one.instances for one in shapes.counts]
    parts = range(shapes.truth.shape[1])
    curves = [[_pool(of_shape, part, t) for part in parts] for t in thresholds]
    true = np.array(
        [[len(rows) for rows in one.true_rows] for one in of_shape if one], dtype=np.float64
    )

    def estimate(weights: Array) -> tuple[Array, Array]:
        total = weights @ true  # [B, R]
        each = [
            np.stack(
                [_average(curve, weights, total[:, part], area) for part, curve in enumerate(row)],
                1,
            )
            for row in curves
        ]
        of_part = np.mean(each, axis=0)
        return mean_of_known(of_part), of_part

    return estimate


@dataclass(frozen=True)
class Curve:
    """The predictions of one part, surest first.

    Attributes:
        shape: [I] which shape each is of.
        found: [I] float64, 1 where it matched a true instance.
        last: [G] the last of each run of equal scores.
    """

    shape: np.ndarray[tuple[int], np.dtype[np.int64]]
    found: Array
    last: np.ndarray[tuple[int], np.dtype[np.int64]]


def _average(curve: Curve, weights: Array, total: Array, area: Area) -> Array:
    """[B]: the area, 0 where nothing was predicted, NaN where there is nothing to find."""
    drawn = weights[:, curve.shape]
    found = np.cumsum(drawn * curve.found, axis=1)[:, curve.last]
    every = np.cumsum(drawn, axis=1)[:, curve.last]
    recall = divide(found, np.broadcast_to(total[:, None], found.shape))
    precision = np.divide(found, every, out=np.zeros_like(found), where=every > 0)
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    value = np.where(every[:, -1:].sum(1) > 0, area(recall, best), 0.0)
    return np.where(total > 0, value, np.nan)


def _pool(of_shape: Sequence[Instances | None], part: int, threshold: int) -> Curve:
    entries = [
        (-one.score, index, found)
        for index, instances in enumerate(of_shape)
        if instances is not None
        for one, found in match(instances, part, threshold)
    ]
    entries.sort()
    score = np.array([entry[0] for entry in entries])
    return Curve(
        np.array([entry[1] for entry in entries], dtype=np.int64),
        np.array([entry[2] for entry in entries], dtype=np.float64),
        np.flatnonzero(np.append(score[1:] != score[:-1], True))
        if len(score)
        else np.zeros(0, int),
    )


def match(instances: Instances, part: int, threshold: int) -> list[tuple[PredictedInstance, bool]]:
    """The predictions of a part, surest first, and whether each finds a true instance.

    A prediction takes, of the true instances that no surer one took, the one of greatest IoU, if
    that exceeds the threshold.  Equal scores go in the order of the predictions, equal IoUs to the
    lower true instance.

    Args:
        instances: of one shape.
        part: which.
        threshold: percent.
    """
    sizes = instances.true_rows[part]
    taken: set[int] = set()
    answers = []
    for one in sorted((p for p in instances.predicted if p.part == part), key=lambda p: -p.score):
        free = [(i, rows) for i, rows in one.overlaps if i not in taken]
        best = max(free, key=partial(_iou, one.rows, sizes), default=None)
        found = best is not None and _exceeds(one.rows, sizes, best, threshold)
        if best is not None and found:
            taken.add(best[0])
        answers.append((one, found))
    return answers


def _iou(rows: int, sizes: tuple[int, ...], pair: tuple[int, int]) -> float:
    index, shared = pair
    return shared / (rows + sizes[index] - shared)


def _exceeds(rows: int, sizes: tuple[int, ...], pair: tuple[int, int], percent: int) -> bool:
    """In integers, for 0.55 is no binary fraction."""
    index, shared = pair
    return 100 * shared > percent * (rows + sizes[index] - shared)
