"""Writes the measured parts of docs/performance.md, and its charts, from bench/results.csv.

What stands between "<!-- measured: NAME -->" and "<!-- end -->" is written; the prose is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import svg
from table import OURS, QUOTED, RESULTS, Row, losses, newest, parse, read, slower_on_two, unmeasured

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "performance.md"
CHARTS = DOCS / "performance"
NOTHING = "No full run is recorded yet."
MACHINE = "machine"


@dataclass(frozen=True)
class Chart:
    """Time over one size of an op's workload, the others held."""

    op: str
    x: str
    held: tuple[str, ...]
    title: str
    x_title: str

    @property
    def file(self) -> str:
        return f"{self.op}-{self.x}.svg"


ALL_CHARTS = (
    Chart(
        *("splat_points", "points", ("views=10", "side=512", "radius=2")),
        *("splat_points: 10 views of 512 px", "points"),
    ),
    Chart(
        *("splat_points", "views", ("side=512", "radius=2", "points=100000")),
        *("splat_points: 100,000 points, views of 512 px", "views"),
    ),
    Chart(
        *("splat_points", "side", ("views=10", "radius=2", "points=100000")),
        *("splat_points: 100,000 points, 10 views", "side of an image, pixels"),
    ),
    Chart(
        *("training_step", "shapes", ("points=2048",)),
        *("one training step: shapes of 2,048 points", "shapes"),
    ),
    Chart(
        *("kernel_map", "points", ("levels=3",)),
        *("kernel_map: every map of a U-Net of 3 levels", "points"),
    ),
)


def number(text: str) -> str:
    """Three digits that say something: 0.0123, 1.23, 12.3, 1,230."""
    value = float(text)
    if value == 0:
        return "0"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def megabytes(text: str) -> str:
    return f"{float(text) / 2**20:.2f}" if text else "-"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def threads_of(row: Row) -> str:
    return f"{row['threads']}t" if row["threads"] else "threads not said"


def beside(case: str, rows: Sequence[Row], quoted: Sequence[Row]) -> str:
    """Everybody else in one cell, what is quoted or missing said so."""
    cells: dict[str, list[str]] = {}
    for row in rows:
        if row["case"] == case and row["implementation"] != OURS:
            figure = (
                f"{number(row['median'])} ({threads_of(row)})" if row["median"] else row["note"]
            )
            cells.setdefault(row["implementation"], []).append(figure)
    for row in quoted:
        if row["case"] == case:
            figure = f"{number(row['median'])} ({threads_of(row)}, quoted)"
            cells.setdefault(row["implementation"], []).append(figure)
    return "; ".join(f"{name} {', '.join(figures)}" for name, figures in cells.items()) or "-"


def limits_section(rows: Sequence[Row]) -> str:
    found = [row for row in rows if row["case"].startswith(f"{MACHINE}[")]
    cells = [
        [parse(r["case"]).sizes["limit"], r["threads"], number(r["median"]), r["unit"]]
        for r in found
    ]
    return table(["limit", "threads", "measured", "unit"], cells)


def run_section(rows: Sequence[Row]) -> str:
    """Which runs the page shows."""
    runs = dict.fromkeys((r["commit"], r["device"], r["python"], r["torch"]) for r in rows)
    lines = [f"- commit {c}, {d}, Python {p}, torch {t}" for c, d, p, t in runs]
    others = {r["implementation"]: r["note"] for r in rows}
    versions = "; ".join(
        f"{name} {note}".removesuffix(" installed")
        if note != "not installed"
        else f"{name} ({note})"
        for name, note in sorted(others.items())
        if name not in (OURS, "machine")
    )
    return "\n".join([*lines, f"- beside: {versions}"])


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
            timed = {
                n: f"**{number(r['median'])}** [{number(r['p20'])} {number(r['p80'])}]"
                for n, r in mine.items()
            }
            lines.append(
                [
                    ", ".join(f"{k} {v}" for k, v in parse(case).sizes.items()),
                    timed.get("1", "-"),
                    timed.get("2", "-"),
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
            f"{one.peer} {number(str(one.theirs))}{' (quoted)' if one.quoted else ''}",
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
            f"{number(r['p20'])} to {number(r['p80'])}",
            r["unit"],
        ]
        for r in found
    ]
    return table(["case", "median", "20 to 80 %", "unit"], lines) if lines else NOTHING


def lines_of(chart: Chart, rows: Sequence[Row], quoted: Sequence[Row]) -> list[svg.Line]:
    """Ours, the floors, who was measured beside us, and who is quoted."""
    held = dict(pair.split("=") for pair in chart.held)
    series: dict[tuple[str, str, bool], list[tuple[float, Row]]] = {}
    for source, is_quoted in ((rows, False), (quoted, True)):
        for row in source:
            if not row["median"] or not row["case"].startswith(f"{chart.op}["):
                continue
            sizes = parse(row["case"]).sizes
            if chart.x in sizes and all(sizes.get(key) == value for key, value in held.items()):
                key = (row["implementation"], row["threads"], is_quoted)
                series.setdefault(key, []).append((float(sizes[chart.x]), row))
    found, floors = [], []
    for (name, _, is_quoted), points in series.items():
        points.sort(key=lambda point: point[0])
        curve = tuple((x, float(row["median"])) for x, row in points)
        if is_quoted:
            found.append(svg.Line(f"{name}, quoted", curve, style="hollow"))
            continue
        spans = tuple((float(row["p20"]), float(row["p80"])) for _, row in points)
        found.append(svg.Line(f"{name}, {threads_of(points[0][1])}", curve, spans))
        if name == OURS:
            floor = tuple((x, float(row["floor"])) for x, row in points)
            floors.append(svg.Line(f"floor, {threads_of(points[0][1])}", floor, style="dashed"))
    return found + floors


def charts_section(rows: Sequence[Row], quoted: Sequence[Row], folder: Path) -> str:
    """Writes the charts and returns their links; where ours has no two points there is none."""
    links = []
    for chart in ALL_CHARTS:
        drawn = lines_of(chart, rows, quoted)
        ours = [len(line.points) for line in drawn if line.name.startswith(f"{OURS}, ")]
        if max(ours, default=0) < 2:
            continue
        folder.mkdir(exist_ok=True)
        text = svg.chart(chart.title, chart.x_title, "milliseconds", drawn)
        (folder / chart.file).write_text(text, encoding="utf-8")
        links.append(f"![{chart.title}]({folder.name}/{chart.file})")
    return "\n\n".join(links) or NOTHING


def sections(rows: Sequence[Row], quoted: Sequence[Row], folder: Path) -> dict[str, str]:
    """The text of every measured part of the page."""
    if not rows:
        return dict.fromkeys(
            ("run", "limits", "charts", "cases", "losses", "memory", "pipeline"), NOTHING
        )
    return {
        "run": run_section(rows),
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


def write(page: Path = PAGE, results: Path = RESULTS, quoted: Path = QUOTED) -> None:
    rows = newest(read(results))
    others = unmeasured(rows, read(quoted))
    text = filled(page.read_text(encoding="utf-8"), sections(rows, others, CHARTS))
    page.write_text(text, encoding="utf-8")
