"""Scores: a number, its interval, and the name of the protocol that it is worth nothing without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdengine.errors import ScoreError
from pdengine.evaluate.bootstrap import Interval, interval, resample
from pdengine.evaluate.conventions import PROTOCOLS, Protocol, find_protocol
from pdengine.evaluate.sample import Measured, Sample, sample

__all__ = ["PROTOCOLS", "Measured", "Protocol", "Score", "find_protocol", "score"]


@dataclass(frozen=True)
class Score:
    """How good the answers are, in one protocol.

    Attributes:
        protocol: a name of PROTOCOLS.
        overall: what the protocol's formula says, a fraction.
        interval: 95 %, over shapes; None without resamples, or where no category has two shapes.
        per_category: in the order of the dataset; a category without a value is not in it.
        category_intervals: None where a category has one shape.
        per_part: (category, part) -> value; a part that no shape has is not in it.
        shapes: how many were scored, failed ones included.
        category_shapes: how many of each category.
        left_out: "category/name" of shapes that have nothing to score, e.g. no true part.
        resamples: of the intervals.
        seed: of the resamples.

    Raises:
        ScoreError: there is no such protocol.
    """

    protocol: str
    overall: float
    interval: Interval
    per_category: dict[str, float]
    category_intervals: dict[str, Interval]
    per_part: dict[tuple[str, str], float]
    shapes: int
    category_shapes: dict[str, int]
    left_out: tuple[str, ...] = ()
    resamples: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        find_protocol(self.protocol)


def score(
    protocol: str,
    shapes: Sequence[Measured],
    parts: Mapping[str, tuple[str, ...]],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Score:
    """Score shapes in one protocol, with an interval over shapes.

    The interval is the percentile bootstrap: shapes are drawn with replacement within their
    category, as many as there are.  It says what other shapes of the same kinds could have given;
    it knows nothing of other seeds or categories.  The order of the shapes does not matter.

    Args:
        protocol: a name of PROTOCOLS.
        shapes: all that were measured, failed ones too (counts.failed_shape).
        parts: the part names of each category.
        resamples: how many times the shapes are drawn; 0 gives no interval.
        seed: of the draws.

    Raises:
        ScoreError: there is no such protocol or nothing to score, a shape is listed twice or does
            not have its category's parts, or what the protocol needs was not measured.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
    """
    found = sample(protocol, shapes, parts)
    overall, categories, part_values = found.values(found.once)
    if np.isnan(overall[0]):
        raise ScoreError(f"{protocol} needs a part that a shape has, got none")
    ((drawn, drawn_categories),) = resample([found], resamples, seed)
    names = [name for c, name in enumerate(found.categories) if not np.isnan(categories[0, c])]
    place = {name: found.categories.index(name) for name in names}
    return Score(
        protocol=protocol,
        overall=float(overall[0]),
        interval=interval(drawn, max(found.sizes)),
        per_category={name: float(categories[0, place[name]]) for name in names},
        category_intervals={
            name: interval(drawn_categories[:, place[name]], found.sizes[place[name]])
            for name in names
        },
        per_part=_per_part(found, [values[0] for values in part_values], parts),
        shapes=sum(found.sizes),
        category_shapes=dict(zip(found.categories, found.sizes, strict=True)),
        left_out=found.left_out,
        resamples=resamples,
        seed=seed,
    )


def _per_part(
    found: Sample, values: Sequence[np.ndarray], parts: Mapping[str, tuple[str, ...]]
) -> dict[tuple[str, str], float]:
    return {
        (category, part): float(value)
        for category, of_category in zip(found.categories, values, strict=True)
        for part, value in zip(parts[category], of_category, strict=True)
        if not np.isnan(value)
    }
