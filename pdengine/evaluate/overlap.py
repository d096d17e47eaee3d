"""Intersection over union in the conventions of the papers, which must never be mixed."""

from __future__ import annotations

import numpy as np

from pdengine.evaluate.stack import (
    Array,
    Estimator,
    Stack,
    divide,
    mean_of_known,
    weighted_mean,
)


def overlap(given: Array, truth: Array, intersection: Array) -> Array:
    """|given and true| / |given or true| of each shape and part, NaN where neither has a row."""
    return divide(intersection, given + truth - intersection)


def all_parts(shapes: Stack) -> Estimator:
    """Per shape the mean IoU over all R parts, 1 where nobody has the part; mean over shapes."""
    iou = overlap(shapes.predicted_known, shapes.truth, shapes.intersection)
    return _over_shapes(np.where(np.isnan(iou), 1.0, iou))


def present_parts(shapes: Stack) -> Estimator:
    """Per shape the mean IoU over the parts that it has; mean over shapes."""
    iou = overlap(shapes.predicted_known, shapes.truth, shapes.intersection)
    return _over_shapes(np.where(shapes.truth > 0, iou, np.nan))


def parts_first(shapes: Stack) -> Estimator:
    """Per part the mean IoU over the shapes that have it, all rows counted; mean over parts."""
    iou = overlap(shapes.predicted, shapes.truth, shapes.intersection)
    return _over_parts(np.where(shapes.truth > 0, iou, np.nan))


def parts_first_known(shapes: Stack) -> Estimator:
    """As parts_first, but rows without a true part are left out."""
    iou = overlap(shapes.predicted_known, shapes.truth, shapes.intersection)
    return _over_parts(np.where(shapes.truth > 0, iou, np.nan))


def _over_shapes(iou: Array) -> Estimator:
    of_shape = mean_of_known(iou)
    return lambda weights: (weighted_mean(weights, of_shape), weighted_mean(weights, iou))


def _over_parts(iou: Array) -> Estimator:
    def estimate(weights: Array) -> tuple[Array, Array]:
        of_part = weighted_mean(weights, iou)
        return mean_of_known(of_part), of_part

    return estimate
