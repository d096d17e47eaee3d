"""Whether one method beats another on the same shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdengine.errors import ScoreError
from pdengine.evaluate.bootstrap import Interval, interval, resample
from pdengine.evaluate.conventions import PROTOCOLS, find_protocol
from pdengine.evaluate.sample import Measured, sample
from pdengine.wording import counted


@dataclass(frozen=True)
class Difference:
    """Method a minus method b, in one protocol.

    Attributes:
        protocol: a name of PROTOCOLS.
        overall: a's score minus b's.
        interval: 95 %, over shapes; None without resamples, or where no category has two shapes.
        per_category: the same of each category.
        category_intervals: None where a category has one shape.
        shapes: how many both were scored on.
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
    shapes: int
    resamples: int
    seed: int

    def __post_init__(self) -> None:
        find_protocol(self.protocol)

    @property
    def better(self) -> str | None:
        """ "a" or "b" where the interval leaves no room for the other, else None."""
        if self.interval is None or self.interval[0] <= 0 <= self.interval[1]:
            return None
        return "a" if (self.overall > 0) == (PROTOCOLS[self.protocol].better == "higher") else "b"

    def __str__(self) -> str:
        said = {"a": "a is better", "b": "b is better", None: "neither is shown to be better"}
        between = (
            ""
            if self.interval is None
            else " [{:+.1f}, {:+.1f}]".format(*(100 * end for end in self.interval))
        )
        return (
            f"{self.protocol}: a - b {100 * self.overall:+.1f}{between} points, "
            f"{said[self.better]} on these {counted(self.shapes, 'shape')}"
        )


def difference(
    protocol: str,
    a: Sequence[Measured],
    b: Sequence[Measured],
    parts: Mapping[str, tuple[str, ...]],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Difference:
    """The score of a minus that of b, drawing the same shapes for both.

    Shapes are hard or easy for both alike; drawing them together takes that out, so this interval
    is narrower than the two scores' own, and the one to decide by.

    Args:
        protocol: a name of PROTOCOLS.
        a: what one method answered.
        b: what the other answered, on the same shapes and rows.
        parts: the part names of each category.
        resamples: how many times the shapes are drawn; 0 gives no interval.
        seed: of the draws.

    Raises:
        ScoreError: see protocols.score; or a and b are not of the same shapes.
    """
    _check_same(a, b)
    one, other = sample(protocol, a, parts), sample(protocol, b, parts)
    if one.names != other.names:
        odd = sorted(set(one.left_out) ^ set(other.left_out))
        raise ScoreError(
            f"a and b must have something to score in the same shapes, not in {odd[0]}"
        )
    (mine, my_categories, _), (theirs, their_categories, _) = (
        found.values(found.once) for found in (one, other)
    )
    (drawn_a, drawn_categories_a), (drawn_b, drawn_categories_b) = resample(
        [one, other], resamples, seed
    )
    gaps, drawn = my_categories - their_categories, drawn_categories_a - drawn_categories_b
    known = [c for c in range(len(one.categories)) if not np.isnan(gaps[0, c])]
    if not known:
        raise ScoreError(f"{protocol} needs a part that a shape has, got none")
    return Difference(
        protocol=protocol,
        overall=float(mine[0] - theirs[0]),
        interval=interval(drawn_a - drawn_b, max(one.sizes)),
        per_category={one.categories[c]: float(gaps[0, c]) for c in known},
        category_intervals={one.categories[c]: interval(drawn[:, c], one.sizes[c]) for c in known},
        shapes=sum(one.sizes),
        resamples=resamples,
        seed=seed,
    )


def _check_same(a: Sequence[Measured], b: Sequence[Measured]) -> None:
    """Both saw the same shapes, and the same truth in them."""
    one, other = ({f"{m.category}/{m.name}": m.counts for m in side} for side in (a, b))
    odd = sorted(set(one) ^ set(other))
    if odd:
        few = ", ".join(odd[:5]) + ", ..." * (len(odd) > 5)
        raise ScoreError(f"a and b must be of the same shapes, only one has {few}")
    for name, counts in one.items():
        if (counts.rows, counts.truth) != (other[name].rows, other[name].truth):
            raise ScoreError(f"a and b must be scored against the same labels, not so in {name}")
