"""The shapes that are scored: checked, sorted, and ready to be drawn again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdengine.errors import ScoreError
from pdengine.evaluate.conventions import Protocol, find_protocol
from pdengine.evaluate.shape_counts import ShapeCounts
from pdengine.evaluate.stack import Array, Estimator, mean_of_known, once, stack


@dataclass(frozen=True)
class Measured:
    """One shape.

    Attributes:
        category: as the dataset writes it.
        name: no two shapes of a category have the same.
        counts: see counts.count_shape and counts.failed_shape.
    """

    category: str
    name: str
    counts: ShapeCounts


@dataclass(frozen=True)
class Sample:
    """Shapes of C categories in one protocol.

    Attributes:
        protocol: how they are scored.
        categories: those with a shape to score, in the order of the dataset.
        names: of the scored shapes of each category, sorted.
        estimators: one per category.
        left_out: "category/name" of the shapes that have nothing to score.
    """

    protocol: Protocol
    categories: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    estimators: tuple[Estimator, ...]
    left_out: tuple[str, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many shapes each category has."""
        return tuple(len(names) for names in self.names)

    @property
    def once(self) -> list[Array]:
        """The weights of the sample itself: every shape once."""
        return [once(size) for size in self.sizes]

    def values(self, weights: Sequence[Array]) -> tuple[Array, Array, list[Array]]:
        """The overall value [B], the categories' [B, C], and the parts' [B, R] of each category.

        Args:
            weights: how often each shape is drawn, [B, S] for each category.
        """
        each = [f(w) for f, w in zip(self.estimators, weights, strict=True)]
        categories = np.stack([value for value, _ in each], axis=1)
        if self.protocol.over == "categories":
            overall = mean_of_known(categories)
        else:
            sizes = np.array(self.sizes, dtype=np.float64)
            overall = categories @ sizes / sizes.sum()
        return overall, categories, [parts for _, parts in each]


def sample(
    protocol: str, shapes: Sequence[Measured], parts: Mapping[str, tuple[str, ...]]
) -> Sample:
    """Sort shapes by category and name, and set those aside that have nothing to score.

    Raises:
        ScoreError: see protocols.score.
    """
    rule = find_protocol(protocol)
    if not shapes:
        raise ScoreError("shapes must hold at least one shape, got none")
    groups: dict[str, dict[str, ShapeCounts]] = {category: {} for category in parts}
    left_out = []
    for one in shapes:
        _check(rule, one, parts)
        if one.name in groups[one.category]:
            raise ScoreError(f"shapes must be listed once, got {one.category}/{one.name} twice")
        groups[one.category][one.name] = one.counts
    for category, group in groups.items():
        for name in [name for name, counts in group.items() if rule.lacks(counts)]:
            left_out.append(f"{category}/{name}")
            del group[name]
    scored = {category: dict(sorted(group.items())) for category, group in groups.items() if group}
    if not scored:
        lacking = "a labelled row" if rule.needs == "reliability" else "a row to score"
        raise ScoreError(f"{protocol} needs a shape with {lacking}, got none of {len(shapes)}")
    return Sample(
        rule,
        tuple(scored),
        tuple(tuple(group) for group in scored.values()),
        tuple(rule.rule(stack(list(group.values()))) for group in scored.values()),
        tuple(sorted(left_out)),
    )


def _check(rule: Protocol, one: Measured, parts: Mapping[str, tuple[str, ...]]) -> None:
    where = f"{one.category}/{one.name}"
    if one.category not in parts:
        raise ScoreError(f"{where}: the category must be one of {', '.join(parts)}")
    if one.counts.parts != len(parts[one.category]):
        wanted = len(parts[one.category])
        raise ScoreError(f"{where}: counts must have {wanted} parts, got {one.counts.parts}")
    if rule.unmeasured(one.counts):
        raise ScoreError(f"{rule.name} needs {rule.needs}, and {where} has none measured")
