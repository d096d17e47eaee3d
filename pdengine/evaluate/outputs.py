"""The files of an evaluation: one row per shape, the tables, the numbers, and where they are from.

Everything is made from the journal's rows, so a second method or a rerun writes them anew.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from pdengine.data.files import as_text
from pdengine.evaluate.about import about
from pdengine.evaluate.plan import Plan
from pdengine.evaluate.protocols import Score, find_protocol
from pdengine.evaluate.published import Published, published_results
from pdengine.evaluate.results import Result, one_score, over_seeds, results
from pdengine.evaluate.rows import STAGES, Row
from pdengine.evaluate.run import Evaluated
from pdengine.evaluate.tables import latex, markdown, markdown_text
from pdengine.io import replace_file

COLUMNS = (
    *("dataset", "split", "category", "shape", "method", "teacher", "seed", "protocol", "score"),
    *("rows", "labelled", "covered", "error", *(f"{s}_seconds" for s in STAGES), "peak_mib"),
    "answer",
)


UNTAUGHT = ("category", "shape", "seed", "error")


def write(found: Evaluated) -> list[Result]:
    """Write shapes.csv, summary.json, tables.md, tables.tex and about.json.

    Raises:
        ScoreError: there is nothing to score, or what the protocol needs was not measured.
        SaveError: a file cannot be written.
    """
    protocol, out = found.plan.scored_in, found.plan.out
    numbers = results(found.rows, found.parts, protocol)
    said = about(found)
    files = {
        "shapes.csv": shapes_csv(found.rows, found.parts, protocol, partial(_answer, found.plan)),
        "summary.json": _json(summary(found, numbers)),
        "tables.md": tables_markdown(found, numbers),
        "tables.tex": tables_latex(found, numbers),
        "about.json": _json(said),
    }
    for name, text in files.items():
        replace_file(out / name, [as_text(text).encode()])
    return numbers


def _answer(plan: Plan, row: Row) -> str:
    """Where the labels of a row lie in the folder; "" where there are none."""
    path = plan.setup.labels(row.shape, row.method, row.seed)
    return str(path.relative_to(plan.out)) if row.error is None and path.exists() else ""


def shapes_csv(
    rows: Sequence[Row],
    parts: dict[str, tuple[str, ...]],
    protocol: str,
    answer: Callable[[Row], str] = lambda row: "",
) -> str:
    """One line per shape, method and seed; an empty cell is a number that was not measured.

    Args:
        rows: what is listed, in this order.
        parts: the part names of each category.
        protocol: of the scores.
        answer: where the labels of a row lie.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in rows:
        value = one_score(row, parts, protocol)
        counts = row.counts
        table.writerow(
            [
                *(row.dataset, row.split, row.category, row.shape, row.method, row.teacher),
                *(row.seed, protocol, "" if value is None else f"{value:.6f}"),
                *(counts["rows"], counts["labelled"]),
                *("" if counts["covered"] is None else counts["covered"], row.error or ""),
                *(f"{row.seconds[stage]:.4f}" if stage in row.seconds else "" for stage in STAGES),
                *(row.peak_mib, answer(row)),
            ]
        )
    return text.getvalue()


def summary(found: Evaluated, numbers: Sequence[Result]) -> dict[str, Any]:
    """What summary.json holds: fractions, never without the protocol's name."""
    return {
        "schema": 1,
        "dataset": found.plan.dataset.name,
        "split": found.plan.split,
        "protocol": found.plan.scored_in,
        "teacher": found.teacher.name,
        "left_out_categories": list(found.unknown),
        "results": [_result(number) for number in numbers],
        "over_seeds": {
            method: {"mean": mean, "deviation": deviation}
            for method, (mean, deviation) in over_seeds(numbers).items()
        },
        "failed": failures(found.rows),
        "untaught": [dict(zip(UNTAUGHT, one, strict=True)) for one in found.untaught],
    }


def failures(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Every shape that has no answer, with its reason."""
    names = ("category", "shape", "method", "seed", "error")
    return [{name: getattr(row, name) for name in names} for row in rows if row.error is not None]


def tables_markdown(found: Evaluated, numbers: Sequence[Result]) -> str:
    """Tables for people."""
    protocol = find_protocol(found.plan.scored_in)
    lines = [
        f"# {markdown_text(heading(found))}",
        "",
        f"{protocol.name}: percent, {protocol.better} is better; in brackets 95 % over shapes.",
        "",
        markdown(_scores(numbers), _published(found)),
        *_without_papers(found),
        "## Against the vote, seconds, memory",
        "",
        "Mean seconds per shape and stage over the shapes that have an answer, wall time on one "
        "thread, without loading a model, and the most memory that a worker held. A student that "
        "was aligned beforehand only labels here. An answer of the teacher's that was kept counts "
        "with the time that it took, and not at all where nobody knows it.",
        "",
        f"| method | over the vote | shapes | failed | {' | '.join(STAGES)} | MiB |",
        "|---" + "|---:" * (4 + len(STAGES)) + "|",
        *(_cost(number) for number in numbers),
        "",
    ]
    if found.unknown:
        names = markdown_text(", ".join(found.unknown))
        lines += [f"Left out, the teacher does not know their parts: {names}.", ""]
    if found.plan.dataset.notes:
        lines += [*(f"- {markdown_text(note)}" for note in found.plan.dataset.notes), ""]
    failed = failures(found.rows)
    if failed:
        lines += ["## Failed, scored as unlabelled", ""]
        said = (f"{f['shape']}, {f['method']}, seed {f['seed']}: {f['error']}" for f in failed)
        lines += [f"- {markdown_text(line)}" for line in said]
        lines.append("")
    if found.untaught:
        lines += ["## To be learned from, and could not be", ""]
        said = (f"{shape}, seed {seed}: {error}" for _, shape, seed, error in found.untaught)
        lines += [f"- {markdown_text(line)}" for line in said]
        lines.append("")
    return "\n".join(lines)


def tables_latex(found: Evaluated, numbers: Sequence[Result]) -> str:
    """The table for a paper."""
    head = f"% {heading(found)}\n% \\usepackage{{booktabs,graphicx}}\n"
    return head + latex(_scores(numbers), _published(found), notes=_shortfalls(found, numbers))


def _shortfalls(found: Evaluated, numbers: Sequence[Result]) -> list[str]:
    """What a number must not be printed without: what was not measured, and what failed."""
    dataset = found.plan.dataset
    said = [f"{dataset.name}, {note}." for note in dataset.notes]
    said += [
        f"{number.title}: {number.failed} of {number.score.shapes:,} shapes have no answer and are "
        "scored as unlabelled."
        for number in numbers
        if number.failed
    ]
    if found.unknown:
        said.append(f"Left out, the teacher does not know their parts: {', '.join(found.unknown)}.")
    return [" ".join(one.split()) for one in said]  # a file's name may hold line breaks


def heading(found: Evaluated) -> str:
    """What was measured, with whom, in which protocol."""
    plan = found.plan
    said = (
        f"{plan.dataset.name}, {plan.split} split, teacher {found.teacher.name}, "
        f"protocol {plan.scored_in}"
    )
    return " ".join(said.split())  # a folder's name may hold line breaks, which end a comment


def _published(found: Evaluated) -> tuple[Published, ...]:
    """Numbers of papers; never beside a simulated teacher's or a choice of shapes.

    Beside some of the categories stand theirs alone: an overall value is over all of them.
    """
    plan = found.plan
    if plan.experiment.simulated or plan.limit is not None:
        return ()
    papers = _papers(found)
    if set(found.parts) == {example.category for example in plan.dataset.examples}:
        return papers
    papers = tuple(replace(paper, overall=None) for paper in papers)
    return tuple(paper for paper in papers if set(paper.per_category) & set(found.parts))


def _papers(found: Evaluated) -> tuple[Published, ...]:
    """All that papers say of this benchmark in this protocol."""
    dataset = found.plan.dataset
    return published_results(dataset.benchmark or dataset.name, found.plan.scored_in)


def _without_papers(found: Evaluated) -> list[str]:
    """Why there is none, where there would be."""
    plan = found.plan
    if _published(found) or not _papers(found):
        return []
    if plan.experiment.simulated:
        why = "a simulated teacher reads the labels"
    elif plan.limit is not None:
        why = f"--limit {plan.limit} measures a choice of the shapes"
    else:
        why = "they have none for the measured categories alone"
    return [f"The papers' numbers are left out: {why}.", ""]


def _scores(numbers: Sequence[Result]) -> dict[str, Score]:
    return {number.title: number.score for number in numbers}


def _cost(number: Result) -> str:
    gain = ""
    if number.over_vote is not None:
        gain = f"{100 * number.over_vote.overall:+.1f}"
        if number.over_vote.interval is not None:
            gain += " [{:+.1f}, {:+.1f}]".format(*(100 * v for v in number.over_vote.interval))
    seconds = " | ".join(f"{s:.3f}" if s is not None else "-" for s in number.seconds.values())
    shapes = f"{number.score.shapes} | {number.failed}"
    return (
        f"| {markdown_text(number.title)} | {gain} | {shapes} | {seconds} | {number.peak_mib:.0f} |"
    )


def _result(number: Result) -> dict[str, Any]:
    score, over = number.score, number.over_vote
    return {
        "method": number.method,
        "title": number.title,
        "seed": number.seed,
        "protocol": score.protocol,
        "score": score.overall,
        "interval": score.interval,
        "shapes": score.shapes,
        "failed": number.failed,
        "nothing_to_score": list(score.left_out),
        "over_vote": None if over is None else {"score": over.overall, "interval": over.interval},
        "per_category": {
            category: {
                "score": value,
                "interval": score.category_intervals[category],
                "shapes": score.category_shapes[category],
            }
            for category, value in score.per_category.items()
        },
        "per_part": [
            {"category": category, "part": part, "score": value}
            for (category, part), value in score.per_part.items()
        ],
        "also": dict(number.also),
        "seconds_per_shape": dict(number.seconds),
        "peak_mib": number.peak_mib,
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, default=list) + "\n"
