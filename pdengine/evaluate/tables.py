"""Tables in the papers' layout, as Markdown, LaTeX and CSV.

They take Scores and Published numbers alone, which carry their protocol, and always print it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

from pdengine.errors import ScoreError
from pdengine.evaluate.grid import INTERVALS, MISSING, Cell, Grid, make_grid
from pdengine.evaluate.protocols import Score
from pdengine.evaluate.published import Published

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: "\\" + sign for sign in "&%$#_{}"},
}


def markdown(
    scores: Mapping[str, Score],
    published: Sequence[Published] = (),
    *,
    parts: bool = False,
    layout: str = "auto",
    intervals: str = "range",
) -> str:
    """A table for a README, the notes below it.

    Args:
        scores: title -> score.
        published: what to put beside them, see published.published_results.
        parts: a cell per part instead of per category.
        layout: "methods" has one row per result, as the papers, "categories" one column; "auto"
            takes the first for up to 16 categories.
        intervals: "range" for [a, b], "plus-minus" for half its width, or "none".

    Raises:
        ScoreError: there is nothing to show, published is of two datasets, or there is no such
            layout or intervals.
    """
    grid = make_grid(scores, published, parts=parts, layout=layout)
    rows = [[markdown_text(text) for text in row] for row in _rows(grid, intervals, "±")]
    width = len(rows[0])
    rule = (
        "|---|---" + "|---:" * (width - 2) if grid.across else "|---" + "|---:" * (width - 1)
    ) + "|"
    lines = [f"| {' | '.join(row)} |" for row in rows]
    notes = [f"- {markdown_text(note)}" for note in grid.notes]
    return "\n".join([lines[0], rule, *lines[1:], "", *notes, ""])


def latex(
    scores: Mapping[str, Score],
    published: Sequence[Published] = (),
    *,
    parts: bool = False,
    layout: str = "auto",
    intervals: str = "plus-minus",
    notes: Sequence[str] = (),
) -> str:
    """A tabular for booktabs, the notes below it; arguments and errors as markdown's.

    It is drawn smaller where it is wider than the text, which needs graphicx.  notes are further
    sentences to stand below it.
    """
    grid = make_grid(scores, published, parts=parts, layout=layout)
    plain = _rows(grid, intervals, "±")
    rows = [[_latex_text(text) for text in row] for row in plain]
    columns = ("ll" if grid.across else "lr") + "r" * (len(rows[0]) - 2)
    body = [" & ".join(row) + r" \\" for row in rows]
    if not grid.across:  # the overall row stands apart from the categories'
        body.insert(-1, r"\midrule")
    elif scores and published:  # as the papers' numbers do from ours
        body.insert(1 + len(scores), r"\midrule")
    half = ["± is half the width of an interval."] if intervals == "plus-minus" else []
    said = [*grid.notes, *(half if any("±" in cell for row in plain for cell in row) else [])]
    below = [rf"{_latex_text(note)}\par" for note in (*said, *notes)]
    return "\n".join(
        [
            r"\noindent\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            body[0],
            r"\midrule",
            *body[1:],
            r"\bottomrule",
            r"\end{tabular}}",
            "",
            r"{\footnotesize",
            *below,
            "}",
            "",
        ]
    )


def csv_table(
    scores: Mapping[str, Score], published: Sequence[Published] = (), *, parts: bool = False
) -> str:
    """One line per number, in full precision: title, protocol, of, percent, low, high.

    Raises:
        ScoreError: there is nothing to show.
    """
    grid = make_grid(scores, published, parts=parts)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["result", "protocol", "of", "percent", "low", "high"])
    for line in grid.lines:
        for heading, cell in line.cells.items():
            if cell.value is not None:
                low, high = cell.interval or ("", "")
                writer.writerow([line.title, line.protocol, heading, cell.value, low, high])
    return text.getvalue()


def _rows(grid: Grid, intervals: str, sign: str) -> list[list[str]]:
    """The header and the rows, as text."""
    if intervals not in INTERVALS:
        raise ScoreError(f"intervals must be one of {', '.join(INTERVALS)}, got {intervals}")
    table = [["result", "protocol", *grid.headings]]
    for line in grid.lines:
        cells = [line.cells.get(heading, Cell()) for heading in grid.headings]
        table.append([line.title, line.protocol, *(_cell(c, intervals, sign) for c in cells)])
    return table if grid.across else [list(row) for row in zip(*table, strict=True)]


def _cell(cell: Cell, intervals: str, sign: str) -> str:
    if cell.value is None:
        return MISSING
    value = f"{cell.value:.1f}"
    if cell.interval is None or intervals == "none":
        return value
    low, high = cell.interval
    if intervals == "plus-minus":
        return f"{value} {sign} {(high - low) / 2:.1f}"
    return f"{value} [{low:.1f}, {high:.1f}]"


def markdown_text(text: str) -> str:
    """Text that a Markdown reader shows as it is, in one line."""
    return re.sub(r"([\\|*_`<])", r"\\\1", " ".join(text.split()))


def _latex_text(text: str) -> str:
    escaped = "".join(_LATEX.get(sign, sign) for sign in text)
    return (
        escaped.replace("±", r"$\pm$").replace("<", "$<$").replace(">", "$>$").replace("|", "$|$")
    )
