"""A table before it is written: results beside each other, and what must be said below them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pdengine.errors import ScoreError
from pdengine.evaluate.bootstrap import Interval
from pdengine.evaluate.conventions import PROTOCOLS
from pdengine.evaluate.protocols import Score
from pdengine.evaluate.published import CATEGORIES, Published

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
        ScoreError: there is nothing to show, numbers of two datasets, or no such layout.
    """
    if not scores and not published:
        raise ScoreError("a table needs at least one score, got none")
    if layout not in LAYOUTS:
        raise ScoreError(f"layout must be one of {', '.join(LAYOUTS)}, got {layout}")
    datasets = sorted({one.dataset for one in published})
    if len(datasets) > 1:
        raise ScoreError(f"a table must be of one dataset, got {' and '.join(datasets)}")
    lines = [_of_score(title, score, parts) for title, score in scores.items()]
    lines += [_of_paper(one) for one in published]
    headings: dict[str, None] = {}
    for line in lines[: len(scores)] or lines:
        headings |= dict.fromkeys(name for name in line.cells if name != OVERALL)
    across = layout == "methods" or (layout == "auto" and len(headings) <= WIDEST)
    notes = [
        *_formulas(lines),
        *_samples(scores),
        *_sources(published),
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
    """How many shapes, what was left out, what the intervals are; results that share it, once."""
    samples, missing = [], []
    for title, one in scores.items():
        names = list(one.per_category)
        what = ", ".join(names) if len(names) <= WIDEST else f"{len(names)} categories"
        shapes = f"{one.shapes:,} shape{'s' * (one.shapes != 1)} of {what}"
        drawn = f"; 95 % intervals from {one.resamples:,} draws of the shapes, seed {one.seed}"
        samples.append((f"{shapes}{drawn if one.interval else ''}.", title))
        if one.left_out:
            few = ", ".join(one.left_out[:5]) + ", ..." * (len(one.left_out) > 5)
            missing.append((f"nothing to score in {few} ({len(one.left_out)} left out).", title))
    groups = [*_grouped(samples).items(), *_grouped(missing).items()]
    return [f"{_all(titles)}: {text}" for text, titles in groups]


def _sources(published: Sequence[Published]) -> list[str]:
    """Where the papers' numbers are printed, each source once."""
    groups = _grouped((one.source, one.title) for one in published)
    return [f"Source of {_all(titles)}: {source}." for source, titles in groups.items()]


def _warnings(
    lines: Sequence[Line], scores: Mapping[str, Score], published: Sequence[Published]
) -> list[str]:
    """Which numbers must not be compared, or only with care."""
    said = []
    groups = _grouped((line.protocol, line.title) for line in lines)
    if len(groups) > 1:
        listed = ". ".join(f"{name}: {_all(titles)}" for name, titles in groups.items())
        said.append(f"Warning: the protocols differ, do not compare across them. {listed}.")
    caveats = _grouped((caveat, one.title) for one in published for caveat in one.caveats)
    said += [f"Warning about {_all(titles)}: {caveat}" for caveat, titles in caveats.items()]
    if len({tuple(sorted(one.per_category)) for one in scores.values()}) > 1:
        said.append("Warning: the scores are not over the same categories.")
    if published:
        whole = CATEGORIES[published[0].dataset]
        few = _grouped(
            (f"over {len(one.per_category)} of the {whole} categories", title)
            for title, one in scores.items()
            if len(one.per_category) < whole
        )
        said += [
            f"Warning: {_all(titles)} {'is' if len(titles) == 1 else 'are'} {over}, do not "
            f"compare {'its overall value' if len(titles) == 1 else 'their overall values'} with "
            "the papers'."
            for over, titles in few.items()
        ]
    return said


def _all(titles: Sequence[str]) -> str:
    """Titles after each other; they hold commas of their own: "vote, embedded"."""
    return "; ".join(titles)


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for key, title in pairs:
        if title not in groups.setdefault(key, []):
            groups[key].append(title)
    return groups
