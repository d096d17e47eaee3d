"""Counts one shape: the only place where an answer meets the truth."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pdengine.errors import ScoreError
from pdengine.evaluate.shape_counts import (
    BINS,
    Instances,
    PredictedInstance,
    Reliability,
    ShapeCounts,
)

__all__ = ["ShapeCounts", "count_shape", "failed_shape"]

Ids: TypeAlias = NDArray[np.int64]


def count_shape(
    predicted: Tensor,
    truth: Tensor,
    parts: int,
    *,
    scores: Tensor | None = None,
    covered: Tensor | None = None,
    instances: tuple[Tensor, Tensor, Tensor] | None = None,
    true_instances: Tensor | None = None,
) -> ShapeCounts:
    """Everything that any metric needs of one shape.

    Instances are counted where both sides are given.  A true instance is the rows of one id and
    one part: an id that two parts share is two instances.  As PartNet's evaluation does, rows of a
    true instance without a part are taken out of the predicted ones.  A predicted instance without
    rows is kept: it finds nothing, which is an error.

    Args:
        predicted: [rows] integers, the part of each row, -1 unlabelled.
        truth: [rows] integers, -1 no true part.
        parts: R, at least 1.
        scores: the confidence in the given label, [rows], or in every part, [rows, R]; in [0, 1].
        covered: [rows] bool, at least one unit covers the row.
        instances: the instance of each row [rows], -1 none; the part [I] and score [I] of each.
        true_instances: [rows] integers, equal where two rows are the same leg, -1 none.

    Raises:
        ScoreError: a shape, dtype or value is not as above; it is a ValueError too.
    """
    if parts < 1:
        raise ScoreError(f"parts must be at least 1, got {parts}")
    true = _ids("truth", truth, parts)
    answer = _ids("predicted", predicted, parts)
    _same_rows("predicted", predicted, truth)
    known = true >= 0
    given = _histogram(answer, parts)
    counted = None
    if instances is not None and true_instances is not None:
        counted = _count_instances(instances, true, true_instances, parts)
    return ShapeCounts(
        rows=len(true),
        labelled=sum(given),
        covered=None if covered is None else _count_covered(covered, truth),
        intersection=_histogram(answer[answer == true], parts),
        predicted=given,
        predicted_known=_histogram(answer[known], parts),
        truth=_histogram(true, parts),
        reliability=None if scores is None else _bin(scores, answer, true, parts),
        instances=counted,
    )


def failed_shape(truth: Tensor, parts: int, true_instances: Tensor | None = None) -> ShapeCounts:
    """A shape without an answer, scored as unlabelled and uncovered: it is never dropped.

    Args:
        truth: [rows] integers, -1 no true part.
        parts: R, at least 1.
        true_instances: see count_shape; with it no instance was found, without it none is measured.

    Raises:
        ScoreError: see count_shape.
    """
    nothing, none = torch.full(truth.shape, -1), torch.zeros(0, dtype=torch.int64)
    return count_shape(
        nothing,
        truth,
        parts,
        scores=torch.zeros(truth.shape),
        covered=torch.zeros(truth.shape, dtype=torch.bool),
        instances=(nothing, none, none.float()),
        true_instances=true_instances,
    )


def _histogram(ids: Ids, parts: int) -> tuple[int, ...]:
    """How often each of 0 .. parts - 1 occurs; -1 is not counted."""
    counts: list[int] = np.bincount(ids + 1, minlength=parts + 1)[1:].tolist()
    return tuple(counts)


def _bin(scores: Tensor, answer: Ids, true: Ids, parts: int) -> Reliability:
    sizes = [[len(true)], [len(true), parts]]
    if list(scores.shape) not in sizes:
        raise ScoreError(f"scores must be {sizes[0]} or {sizes[1]}, got {list(scores.shape)}")
    chosen = np.flatnonzero((answer >= 0) & (true >= 0))
    table = scores.detach().cpu().double().numpy()  # numpy has no bfloat16
    confidence = table[chosen] if table.ndim == 1 else table[chosen, answer[chosen]]
    # Sums of rounded probabilities end a little above 1; anything more is not a probability.
    if not np.all((confidence >= 0) & (confidence <= 1 + 1e-5)):
        worst = confidence[~((confidence >= 0) & (confidence <= 1 + 1e-5))][0]
        raise ScoreError(f"scores must be in [0, 1], got {worst}")
    confidence = np.minimum(confidence, 1.0)
    place = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    total = np.bincount(place, weights=confidence, minlength=BINS)
    right = answer[chosen] == true[chosen]
    return Reliability(
        count=_histogram(place, BINS),
        correct=_histogram(place[right], BINS),
        confidence=tuple(float(value) for value in total),
    )


def _count_covered(covered: Tensor, truth: Tensor) -> int:
    if covered.dtype != torch.bool:
        raise ScoreError(f"covered must be bool, got {covered.dtype}")
    _same_rows("covered", covered, truth)
    return int(covered.sum())


def _count_instances(
    instances: tuple[Tensor, Tensor, Tensor], true: Ids, true_instances: Tensor, parts: int
) -> Instances:
    rows, part, score = instances
    if part.ndim != 1 or part.shape != score.shape:
        sizes = f"{list(part.shape)} and {list(score.shape)}"
        raise ScoreError(f"instances must have a part and a score each, [I], got {sizes}")
    own = _ids("instances", rows, len(part))
    kind = _ids("the parts of instances", part, parts)
    there = _ids("true_instances", true_instances, None)
    _same_rows("instances", rows, true_instances)
    if len(there) != len(true):
        raise ScoreError(f"true_instances must be [{len(true)}], got [{len(there)}]")
    values = score.detach().cpu().double().numpy()
    if not np.isfinite(values).all() or (kind < 0).any():
        raise ScoreError("instances must each have a part and a finite score")

    true_rows, number = _true_instances(true, there, parts)
    own = np.where((there >= 0) & (true < 0), -1, own)  # may be called anything, see PartNet
    size = _histogram(own, len(part))
    part_of_row = np.append(kind, -1)[own]  # own is -1 where there is none
    shared = _shared(own, number, part_of_row == true, len(part))
    return Instances(
        true_rows,
        tuple(
            PredictedInstance(int(kind[i]), float(values[i]), size[i], tuple(shared[i]))
            for i in range(len(part))
        ),
    )


def _true_instances(true: Ids, there: Ids, parts: int) -> tuple[tuple[tuple[int, ...], ...], Ids]:
    """The rows of the true instances of each part, and of each row its number among them, or -1."""
    known = np.flatnonzero((true >= 0) & (there >= 0))
    names, name = np.unique(there[known], return_inverse=True)
    pairs, place, counts = np.unique(
        true[known] * len(names) + name, return_inverse=True, return_counts=True
    )
    part = pairs // max(len(names), 1)  # rising
    first = np.searchsorted(part, np.arange(parts + 1))
    number = np.full(len(true), -1)
    number[known] = place - first[true[known]]
    sizes = counts.tolist()
    return tuple(tuple(sizes[first[r] : first[r + 1]]) for r in range(parts)), number


def _shared(own: Ids, number: Ids, same_part: NDArray[Any], count: int) -> list[Any]:
    """For each predicted instance the (true instance of its part, rows shared), rising."""
    found: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    both = same_part & (own >= 0) & (number >= 0)
    width = int(number.max(initial=0)) + 1
    pairs, rows = np.unique(own[both] * width + number[both], return_counts=True)
    for pair, n in zip(pairs.tolist(), rows.tolist(), strict=True):
        found[pair // width].append((pair % width, n))
    return found


def _ids(name: str, values: Tensor, most: int | None) -> Ids:
    if values.ndim != 1 or values.is_floating_point() or values.dtype == torch.bool:
        raise ScoreError(
            f"{name} must be [rows] of integers, got {list(values.shape)} {values.dtype}"
        )
    ids: Ids = values.detach().cpu().numpy().astype(np.int64, copy=False)
    if len(ids) and (ids.min() < -1 or (most is not None and ids.max() >= most)):
        wrong = ids.min() if ids.min() < -1 else ids.max()
        limit = "at least -1" if most is None else f"in -1 .. {most - 1}"
        raise ScoreError(f"{name} must be {limit}, got {wrong}")
    return ids


def _same_rows(name: str, values: Tensor, truth: Tensor) -> None:
    if values.shape != truth.shape:
        raise ScoreError(f"{name} must be {list(truth.shape)}, got {list(values.shape)}")
