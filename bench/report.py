"""Writes the measured parts of docs/performance.md, and its charts, from bench/results.csv.

What stands between "<!-- measured: NAME -->" and "<!-- end -->" is written; the prose is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import aims
from charts import charts_section
from table import (
    MACHINE,
    NOTHING,
    ONE,
    OURS,
    QUOTED,
    RESULTS,
    Row,
    losses,
    newest,
    number,
    ours_beside,
    parse,
    read,
    same_run,
    samples,
    slower_on_two,
    threads_of,
    unmeasured,
)

BENCH = Path(__file__).resolve().parent
DOCS = BENCH.parent / "docs"
PAGE = DOCS / "performance.md"
CHARTS = DOCS / "performance"


def megabytes(text: str) -> str:
    return f"{float(text) / 2**20:.2f}" if text else "-"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def beside(case: str, rows: Sequence[Row], quoted: Sequence[Row]) -> str:
    """Everybody else in one cell; what is quoted, missing or of another run said so."""
    cells: dict[str, list[str]] = {}
    notes = {}
    for row in rows:
        if row["case"] == case and row["implementation"] != OURS:
            figure = row["note"]
            if row["median"]:
                mine = ours_beside(rows, case, row["threads"])
                old = f"at {row['commit']}" if mine and not same_run(mine, row) else ""
                about = ", ".join(filter(None, (threads_of(row), samples(row), old)))
                figure = f"{number(row['median'])} ({about})"
                notes[row["implementation"]] = version_and_note(row)[1]
            cells.setdefault(row["implementation"], []).append(figure)
    for row in quoted:
        if row["case"] == case:
            figure = f"{number(row['median'])} ({threads_of(row)}, quoted)"
            cells.setdefault(row["implementation"], []).append(figure)
    told = [
        f"{name} {', '.join(figures)}" + (f", {notes[name]}" if notes.get(name) else "")
        for name, figures in cells.items()
    ]
    return "; ".join(told) or "-"


def version_and_note(row: Row) -> tuple[str, str]:
    """Which version of a peer was timed, and what a reader of its time has to know."""
    version, _, note = row["note"].partition("; ")
    return version, note


def timed(row: Row) -> str:
    """A median and its spread; one sample has none."""
    few = samples(row)
    span = "" if few == ONE else f" [{number(row['p20'])} {number(row['p80'])}]"
    return f"**{number(row['median'])}**{span}" + (f" ({few})" if few else "")


def limits_section(rows: Sequence[Row]) -> str:
    found = [row for row in rows if row["case"].startswith(f"{MACHINE}[")]
    cells = [
        [parse(r["case"]).sizes["limit"], r["threads"], number(r["median"]), r["unit"]]
        for r in found
    ]
    return table(["limit", "threads", "measured", "unit"], cells)


def run_section(rows: Sequence[Row]) -> str:
    """Which runs the page shows, and which ops are newer than they are."""
    told = ("commit", "device", "python", "torch", "command")
    runs = dict.fromkeys(tuple(row[key] for key in told) for row in rows)
    found = [f"- commit {c}, {d}, Python {p}, torch {t}: `{by}`" for c, d, p, t, by in runs]
    others = {
        r["implementation"]: version_and_note(r)[0]
        for r in rows
        if r["implementation"] not in (OURS, MACHINE)
    }
    versions = "; ".join(
        f"{name} ({version})" if version.startswith("not ") else f"{name} {version}".strip()
        for name, version in sorted(others.items())
    )
    missing = sorted(all_ops() - {parse(r["case"]).op for r in rows if "[" in r["case"]})
    newer = [f"- not timed yet: {', '.join(missing)}"] if missing else []
    return "\n".join([*found, f"- beside: {versions}", *newer])


def all_ops() -> set[str]:
    """Every op that has a benchmark."""
    return {path.stem.removeprefix("bench_") for path in BENCH.glob("bench_*.py")}


def cases_section(rows: Sequence[Row], quoted: Sequence[Row]) -> str:
    """A table for each op: ours on one and two threads, the share of the floor, everybody else."""
    ours = [r for r in rows if r["implementation"] == OURS and r["floor"] and r["median"]]
    ops = dict.fromkeys(parse(row["case"]).op for row in ours)
    head = [
        "workload",
        "1 thread, ms",
        "2 threads, ms",
        "floor, ms",
        "share",
        "limit",
        "others, ms",
    ]
    parts = []
    for op in ops:
        lines = []
        for case in dict.fromkeys(r["case"] for r in ours if parse(r["case"]).op == op):
            mine = {row["threads"]: row for row in ours if row["case"] == case}
            one = mine.get("1") or next(iter(mine.values()))
            times = {n: timed(r) for n, r in mine.items()}
            lines.append(
                [
                    ", ".join(f"{k} {v}" for k, v in parse(case).sizes.items()),
                    times.get("1", "-"),
                    times.get("2", "-"),
                    number(one["floor"]),
                    f"{100 * float(one['share']):.0f} %",
                    one["limit"],
                    beside(case, rows, quoted),
                ]
            )
        parts.append(f"### {op}\n\n{table(head, lines)}")
    return "\n\n".join(parts)


def losses_section(rows: Sequence[Row], quoted: Sequence[Row]) -> str:
    found = losses(rows, quoted)
    lines = [
        [
            f"`{one.case}`",
            one.threads or "not said",
            number(str(one.ours)),
            f"{one.peer} {number(str(one.theirs))}" + (f" ({one.note})" if one.note else ""),
            f"{one.times:.2f}",
        ]
        for one in found
    ]
    head = ["workload", "threads", "ours, ms", "faster, ms", "times"]
    first = table(head, lines) if lines else "No measured or quoted peer is faster in any case."
    slower = slower_on_two(rows)
    cells = [
        [
            f"`{one['case']}`",
            *(number(row[what]) for what in ("median", "minimum") for row in (one, two)),
        ]
        for one, two in slower
    ]
    second = "Two threads are never slower than one."
    if cells:
        second = (
            "Slower on two threads than on one. Where the least time on two is lower, others held"
            " a core:\n\n"
        ) + table(["workload", "1 thread, ms", "2 threads, ms", "least on 1", "least on 2"], cells)
    return f"{first}\n\n{second}"


def memory_section(rows: Sequence[Row]) -> str:
    found = [row for row in rows if row["implementation"] == OURS and row["peak_bytes"]]
    lines = [
        [f"`{r['case']}`", megabytes(r["peak_bytes"]), megabytes(r["most_bytes"])] for r in found
    ]
    return table(["workload", "peak, MiB", "bound, MiB"], lines)


def pipeline_section(rows: Sequence[Row]) -> str:
    found = [
        r for r in rows if r["implementation"] == OURS and not r["floor"] and "[" not in r["case"]
    ]
    lines = [
        [
            f"`{r['case']}`",
            number(r["median"]),
            "-" if samples(r) == ONE else f"{number(r['p20'])} to {number(r['p80'])}",
            r["unit"],
            r["rounds"],
        ]
        for r in found
    ]
    return table(["case", "median", "20 to 80 %", "unit", "samples"], lines) if lines else NOTHING


def sections(rows: Sequence[Row], quoted: Sequence[Row], folder: Path) -> dict[str, str]:
    """The text of every measured part of the page."""
    if not rows:
        return dict.fromkeys(
            ("run", "aims", "limits", "charts", "losses", "cases", "memory", "pipeline"), NOTHING
        )
    return {
        "run": run_section(rows),
        "aims": table(aims.HEAD, aims.lines(rows, quoted)),
        "limits": limits_section(rows),
        "charts": charts_section(rows, quoted, folder),
        "cases": cases_section(rows, quoted),
        "losses": losses_section(rows, quoted),
        "memory": memory_section(rows),
        "pipeline": pipeline_section(rows),
    }


def filled(page: str, parts: dict[str, str]) -> str:
    """The page with every measured part replaced.

    Raises:
        ValueError: the page lacks the place of a part.
    """
    for name, text in parts.items():
        place = re.compile(rf"(<!-- measured: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not place.search(page):
            raise ValueError(f"the page has no place for {name!r}")
        page = place.sub(lambda found, text=text: f"{found[1]}\n{text}\n\n{found[2]}", page)
    return page


def write(page: Path = PAGE, results: Path = RESULTS, quoted: Path = QUOTED) -> str:
    """Write the page and its charts; the machine that they show, "" where none timed every op."""
    rows = newest(read(results))
    others = unmeasured(rows, read(quoted))
    text = filled(page.read_text(encoding="utf-8"), sections(rows, others, CHARTS))
    page.write_text(text, encoding="utf-8")
    return rows[0]["device"] if rows else ""
