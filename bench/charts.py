"""The charts of docs/performance.md: which there are, and their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import svg
from table import NOTHING, OURS, Row, parse, threads_of


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
