"""A table before it is written: results beside each other, and what must be said below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pdengine.errors import ScoreError
from pdengine.evaluate.bootstrap import Interval
from pdengine.evaluate.conventions import PROTOCOLS
from pdengine.evaluate.protocols import Score
from pdengine.evaluate.published import Published

INTERVALS = ("range", "plus-minus", "none")
LAYOUTS = ("auto", "methods", "categories")
WIDEST = 16  # categories beside each other: ShapeNetPart has them all in one row, as the papers do
MISSING = "-"
OVERALL = "overall"


@dataclass(frozen=True)
class Cell:
    """A percentage, and its interval if there is one; None where a method has no such number."""

    value: float | None = None
    interval: Interval = None


@dataclass(frozen=True)
class Line:
    """One result: its title, its protocol, and a cell under each heading that it has."""

    title: str
    protocol: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Grid:
    """What a table shows.

    Attributes:
        lines: one per result.
        headings: of the cells, the overall last.
        across: the headings run across, one row per result; else one column per result.
        notes: what the numbers mean and which must not be compared.
    """

    lines: tuple[Line, ...]
    headings: tuple[str, ...]
    across: bool
    notes: tuple[str, ...]


def make_grid(
    scores: Mapping[str, Score],
    published: Sequence[Published] = (),
    *,
    parts: bool = False,
    layout: str = "auto",
) -> Grid:
    """Results beside the papers'.

    Args:
        scores: title -> score.
        published: see published.published_results.
        parts: a cell per part instead of per category.
        layout: "methods" has one row per result, "categories" one column; "auto" takes the first
            while it fits.

    Raises:
        ScoreError: there is nothing to show, or the layout does not exist.
    """
    if not scores and not published:
        raise ScoreError("a table needs at least one score, got none")
    if layout not in LAYOUTS:
        raise ScoreError(f"layout must be one of {', '.join(LAYOUTS)}, got {layout}")
    lines = [_of_score(title, score, parts) for title, score in scores.items()]
    lines += [_of_paper(one) for one in published]
    headings: dict[str, None] = {}
    for line in lines[: len(scores)] or lines:
        headings |= dict.fromkeys(name for name in line.cells if name != OVERALL)
    across = layout == "methods" or (layout == "auto" and len(headings) <= WIDEST)
    notes = [
        *_formulas(lines),
        *_catches(published),
        *_samples(scores),
        *_warnings(lines, scores, published),
    ]
    return Grid(tuple(lines), (*headings, OVERALL), across, tuple(notes))


def _of_score(title: str, score: Score, parts: bool) -> Line:
    cells = {
        name: Cell(100 * value, _percent(score.category_intervals.get(name)))
        for name, value in score.per_category.items()
    }
    if parts:
        cells = {f"{c}: {p}": Cell(100 * value) for (c, p), value in score.per_part.items()}
    cells[OVERALL] = Cell(100 * score.overall, _percent(score.interval))
    return Line(title, score.protocol, cells)


def _of_paper(one: Published) -> Line:
    cells = {name: Cell(value) for name, value in one.per_category.items()}
    return Line(one.title, one.protocol, {**cells, OVERALL: Cell(one.overall)})


def _percent(interval: Interval) -> Interval:
    return None if interval is None else (100 * interval[0], 100 * interval[1])


def _formulas(lines: Sequence[Line]) -> list[str]:
    """What each protocol is."""
    named = [PROTOCOLS[name] for name in dict.fromkeys(line.protocol for line in lines)]
    return [
        f"{one.name}, percent: {one.formula} ({one.source})."
        + (" Lower is better." if one.better == "lower" else "")
        for one in named
    ]


def _samples(scores: Mapping[str, Score]) -> list[str]:
    """How many shapes, what was left out, what the intervals are."""
    said = []
    for title, one in scores.items():
        shapes = f"{one.shapes:,} shape{'s' * (one.shapes != 1)}"
        drawn = f"; 95 % intervals from {one.resamples:,} draws of shapes, seed {one.seed}"
        said.append(
            f"{title}: {shapes} of {', '.join(one.category_shapes)}{drawn * bool(one.resamples)}."
        )
        if one.left_out:
            few = ", ".join(one.left_out[:5]) + ", ..." * (len(one.left_out) > 5)
            said.append(f"{title}: {len(one.left_out)} left out, nothing to score: {few}.")
    return said


def _catches(published: Sequence[Published]) -> list[str]:
    return [f"{one.title}: {' '.join([one.source + '.', *one.caveats])}" for one in published]


def _warnings(
    lines: Sequence[Line], scores: Mapping[str, Score], published: Sequence[Published]
) -> list[str]:
    """Which numbers must not be compared."""
    groups: dict[str, list[str]] = {}
    for line in lines:
        groups.setdefault(line.protocol, []).append(line.title)
    said = []
    if len(groups) > 1:
        listed = "; ".join(f"{name}: {', '.join(titles)}" for name, titles in groups.items())
        said.append(f"Warning: protocols differ, do not compare across them. {listed}.")
    chosen = [one.title for one in published if one.caveats]
    if scores and chosen:
        said.append(f"Warning: read the caveats before comparing with {', '.join(chosen)}.")
    kinds = {tuple(sorted(one.per_category)) for one in scores.values()}
    if len(kinds) > 1:
        said.append("Warning: the scores are not over the same categories.")
    return said
