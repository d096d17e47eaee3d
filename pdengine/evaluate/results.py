"""From rows to numbers: every method's score in the protocol, and how far it is from the vote."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pdengine.config import METHODS
from pdengine.errors import ScoreError
from pdengine.evaluate.paired import Difference, difference
from pdengine.evaluate.protocols import Measured, Score, score
from pdengine.evaluate.rows import STAGES, Row
from pdengine.evaluate.shape_counts import ShapeCounts

ALSO = ("coverage", "labelled", "calibration-error", "instance-ap50")
Parts = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Result:
    """One method and seed.

    Attributes:
        title: for tables; a simulated teacher is named so.
        method: of METHODS.
        seed: of everything random.
        score: in the protocol.
        over_vote: the score minus the vote's on the same shapes, or None for the vote itself.
        also: other protocols' overall values, where they were measured.
        failed: shapes that have no answer.
        seconds: the mean per stage over the shapes that have an answer and were timed; None where
            there is none.
        peak_mib: the most that a worker held.
    """

    title: str
    method: str
    seed: int
    score: Score
    over_vote: Difference | None
    also: Mapping[str, float]
    failed: int
    seconds: Mapping[str, float | None]
    peak_mib: float


def results(
    rows: Sequence[Row], parts: Parts, protocol: str, resamples: int = 1000
) -> list[Result]:
    """Every method and seed of the rows.

    Raises:
        ScoreError: there is nothing to score, or what the protocol needs was not measured.
    """
    groups: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.method, row.seed), []).append(row)
    several = len({seed for _, seed in groups}) > 1
    methods = list(METHODS)
    found = []
    for method, seed in sorted(groups, key=lambda key: (key[1], methods.index(key[0]))):
        group = groups[method, seed]
        shapes = measured(group)
        vote = groups.get(("vote", seed))
        over = None
        if vote is not None and method != "vote":
            names = {row.shape for row in group}
            same = measured([row for row in vote if row.shape in names])
            if len(same) == len(shapes):
                over = difference(protocol, shapes, same, parts, resamples=resamples)
        found.append(
            Result(
                title=f"{method}, {group[0].teacher}" + (f", seed {seed}" if several else ""),
                method=method,
                seed=seed,
                score=score(protocol, shapes, parts, resamples=resamples),
                over_vote=over,
                also=_also(shapes, parts, protocol),
                failed=sum(row.error is not None for row in group),
                seconds=_seconds(group),
                peak_mib=max(row.peak_mib for row in group),
            )
        )
    return found


def measured(rows: Sequence[Row]) -> list[Measured]:
    """What the protocols take."""
    return [Measured(r.category, r.shape, ShapeCounts.from_row(r.counts)) for r in rows]


def one_score(row: Row, parts: Parts, protocol: str) -> float | None:
    """A single shape's value; None where it has nothing to score."""
    try:
        return score(protocol, measured([row]), parts, resamples=0).overall
    except ScoreError:
        return None


def over_seeds(found: Sequence[Result]) -> dict[str, tuple[float, float | None]]:
    """Mean and standard deviation over seeds of each method; None of one seed."""
    groups: dict[str, list[float]] = {}
    for result in found:
        groups.setdefault(result.method, []).append(result.score.overall)
    return {
        method: (statistics.mean(v), statistics.stdev(v) if len(v) > 1 else None)
        for method, v in groups.items()
    }


def _seconds(rows: Sequence[Row]) -> dict[str, float | None]:
    """A shape that failed at once must not make a method look quick."""
    answered = [row.seconds for row in rows if row.error is None]
    known = {stage: [spent[stage] for spent in answered if stage in spent] for stage in STAGES}
    return {stage: statistics.mean(times) if times else None for stage, times in known.items()}


def _also(shapes: Sequence[Measured], parts: Parts, protocol: str) -> dict[str, float]:
    values = {}
    for name in ALSO:
        if name == protocol:
            continue
        try:
            values[name] = score(name, shapes, parts, resamples=0).overall
        except ScoreError:  # not measured: a student without a teacher covers nothing
            continue
    return values
