"""Which predicted instances find a true one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pdengine.evaluate.shape_counts import Instances
from pdengine.evaluate.stack import Array

Ids: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Pool:
    """The instances of S shapes with R parts.

    I predictions, surest first; equal scores by shape, then in the order of its predictions.
    P pairs of a prediction and a true instance of its part that share a row, by prediction, the
    greatest IoU first, equal ones by the true instance.

    Attributes:
        shape: [I] of each prediction.
        part: [I]
        score: [I]
        prediction: [P]
        instance: [P] the true one, numbered over all shapes.
        shared: [P] rows.
        union: [P] rows.
        true: [S, R] float64, how many true instances there are.
    """

    shape: Ids
    part: Ids
    score: Array
    prediction: Ids
    instance: Ids
    shared: Ids
    union: Ids
    true: Array


def pool(of_shape: Sequence[Instances]) -> Pool:
    """All instances of a category, sorted."""
    true = np.array([[len(rows) for rows in one.true_rows] for one in of_shape], dtype=np.float64)
    first = np.cumsum(np.append(0, true.ravel())).astype(np.int64).tolist()  # of each shape's part
    predictions: list[tuple[int, int, float]] = []
    pairs: list[tuple[int, int, int, int]] = []
    for shape, one in enumerate(of_shape):
        for found in one.predicted:
            start = first[shape * true.shape[1] + found.part]
            sizes = one.true_rows[found.part]
            for index, rows in found.overlaps:
                union = found.rows + sizes[index] - rows
                pairs.append((len(predictions), start + index, rows, union))
            predictions.append((shape, found.part, found.score))
    shape_ids, part, score = np.array(predictions, dtype=np.float64).reshape(-1, 3).T
    order = np.argsort(-score, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    owner, instance, shared, union = np.array(pairs, dtype=np.int64).reshape(-1, 4).T
    sorting = np.lexsort((instance, -(shared / union), rank[owner]))
    return Pool(
        shape_ids[order].astype(np.int64),
        part[order].astype(np.int64),
        score[order],
        rank[owner][sorting],
        instance[sorting],
        shared[sorting],
        union[sorting],
        true,
    )


def match(pooled: Pool, percent: int) -> Array:
    """Which predictions find a true instance, [I] float64 of 0 and 1.

    Surest first, a prediction takes, of the true instances that none before it took, the one of
    greatest IoU, if that exceeds the threshold.  In integers, for 0.55 is no binary fraction.
    """
    enough = 100 * pooled.shared > percent * pooled.union
    prediction, instance = pooled.prediction[enough], pooled.instance[enough]
    hits = np.zeros(len(pooled.score))
    if len(np.unique(prediction)) == len(np.unique(instance)) == len(prediction):
        hits[prediction] = 1.0  # nobody competes: always so above a half, where rows have one label
        return hits
    taken: set[int] = set()
    for one, other in zip(prediction.tolist(), instance.tolist(), strict=True):
        if not hits[one] and other not in taken:
            hits[one] = 1.0
            taken.add(other)
    return hits
