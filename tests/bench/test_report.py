"""The page and its charts."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import charts
import pytest
import report
import svg
from table import COLUMNS, NOTHING, QUOTED, newest, read, unmeasured

CURVE = svg.Line("ours, 1t", ((1, 0.5), (10, 2.0)), ((0.4, 0.6), (1.5, 2.5)))
FLOOR = svg.Line("floor & co", ((1, 0.1), (10, 1.0)), style="dashed")


def test_ticks_are_round_and_hold_the_range() -> None:
    assert svg.ticks(0.3, 30) == [0.1, 1, 10, 100]
    assert svg.ticks(2_048, 1_000_000) == [1_000, 10_000, 100_000, 1_000_000]
    assert svg.ticks(1, 20) == [1, 2, 5, 10, 20]
    assert svg.ticks(3, 3) == [2, 5]


def test_labels_keep_their_distance() -> None:
    assert svg.spaced([10, 12, 100], 15) == [10, 25, 100]
    assert svg.spaced([12, 10], 15) == [25, 10]
    assert svg.spaced([5, 5, 5], 10) == [5, 15, 25]


def test_a_number_has_three_digits() -> None:
    assert [report.number(x) for x in ("0.01234", "1.234", "12.34", "1234.5")] == [
        *("0.0123", "1.23", "12.3", "1,234")
    ]


def test_a_chart_is_well_formed_and_always_the_same() -> None:
    text = svg.chart("Time & floor", "points", "ms", [CURVE, FLOOR])
    assert text == svg.chart("Time & floor", "points", "ms", [CURVE, FLOOR])
    root = ElementTree.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    words = [item.text for item in root.iter(f"{space}text")]
    assert {"Time & floor", "points", "ms", "ours, 1t", "floor & co"} <= set(words)
    assert len(list(root.iter(f"{space}circle"))) == 2  # a floor has no marks
    dashed = [item for item in root.iter(f"{space}path") if item.get("stroke-dasharray")]
    assert len(dashed) == 1


def test_a_chart_says_what_it_cannot_draw() -> None:
    for lines in ([], [svg.Line("zero", ((1, 0.0),))]):
        with pytest.raises(ValueError, match="a chart needs a point, and every value positive"):
            svg.chart("t", "x", "y", lines)


def row(points: int, who: str, threads: str, median: str, **more: str) -> dict[str, str]:
    case = f"splat_points[views=10 side=512 radius=2 points={points}]"
    told = {"case": case, "implementation": who, "threads": threads, "median": median}
    told |= {"p20": median, "p80": median, "minimum": median, "unit": "ms"}
    told |= {"commit": "abc", "device": "here", "command": "python bench/run.py"}
    return {**dict.fromkeys(COLUMNS, ""), **told, **more}


def rows() -> list[dict[str, str]]:
    found = []
    for points, scale in ((1_000, 1), (10_000, 10)):
        ours = {"floor": str(scale), "limit": "copy", "share": "0.5"}
        memory = {"peak_bytes": "1048576", "most_bytes": "2097152"}
        found += [
            row(points, "ours", "1", str(2 * scale), **ours),
            row(points, "ours", "2", str(3 * scale), **ours, **memory),
            row(points, "numba", "1", str(1.5 * scale), note="0.1"),
            row(points, "cc3d", "", "", note="not installed"),
        ]
    limit = {"case": "machine[limit=copy]", "implementation": "machine", "unit": "GB/s"}
    return [*found, row(0, "machine", "1", "33", **limit)]


def test_the_page_holds_what_the_rows_say(tmp_path: Path) -> None:
    parts = report.sections(rows(), [], tmp_path)
    assert "| copy | 1 | 33 | GB/s |" in parts["limits"]
    assert "numba 1.5 (1t); cc3d not installed" in parts["cases"]
    assert "**2** [2 2] | **3** [3 3] | 1 | 50 % | copy" in parts["cases"]
    assert "numba 1.5 | 1.33" in parts["losses"]
    assert "points=1000]` | 2 | 3 | 2 | 3 |" in parts["losses"]
    assert "| 1.00 | 2.00 |" in parts["memory"]
    assert "splat_points-points.svg" in parts["charts"]
    drawn = (tmp_path / "splat_points-points.svg").read_text()
    assert "floor, 1t" in drawn
    assert sorted(path.name for path in tmp_path.iterdir()) == ["splat_points-points.svg"]


def test_the_page_says_how_few_samples_there_were_and_of_which_commit(tmp_path: Path) -> None:
    ours = {"floor": "1", "limit": "copy", "share": "0.5"}
    few = [
        row(1_000, "ours", "1", "2", rounds="3", **ours),
        row(1_000, "ours", "2", "2", rounds="1", **ours),
        row(1_000, "numba", "1", "9", rounds="1"),
        row(1_000, "torch", "1", "8", commit="old", rounds="7", note="2.1; a flat scatter"),
    ]
    found = report.sections(few, [], tmp_path)["cases"]
    assert "| **2** [2 2] (3 samples) | **2** (1 sample) |" in found
    assert "numba 9 (1t, 1 sample); torch 8 (1t, at old), a flat scatter |" in found
    slow = report.pipeline_section([few[1] | {"case": "segment", "floor": ""}])
    assert "| `segment` | 2 | - | ms | 1 |" in slow


def test_an_op_without_a_row_is_named(tmp_path: Path) -> None:
    run = report.sections(rows(), [], tmp_path)["run"]
    assert "- commit abc, here, Python , torch : `python bench/run.py`" in run
    assert "- beside: cc3d (not installed); numba 0.1" in run
    missing = run.splitlines()[-1].removeprefix("- not timed yet: ").split(", ")
    assert missing == sorted(report.all_ops() - {"splat_points"})
    assert "farthest_points" in missing


def test_a_chart_without_ours_is_not_drawn(tmp_path: Path) -> None:
    quoted = [row(points, "Warp 1.19", "", "36") for points in (2_048, 16_384)]
    assert charts.charts_section([], quoted, tmp_path) == NOTHING
    assert list(tmp_path.iterdir()) == []


def test_only_the_marked_parts_of_the_page_change() -> None:
    page = "# Mine\n<!-- measured: run -->\nold\n<!-- end -->\nprose\n"
    filled = report.filled(page, {"run": r"new \1"})
    assert filled == "# Mine\n<!-- measured: run -->\n\nnew \\1\n\n<!-- end -->\nprose\n"
    assert report.filled(filled, {"run": r"new \1"}) == filled
    with pytest.raises(ValueError, match="the page has no place for 'limits'"):
        report.filled(page, {"limits": ""})


def test_the_page_in_the_tree_is_what_the_rows_say(tmp_path: Path) -> None:
    page = report.PAGE.read_text(encoding="utf-8")
    shown = newest(read())
    parts = report.sections(shown, unmeasured(shown, read(QUOTED)), tmp_path)
    linked = parts["charts"].replace(f"({tmp_path.name}/", f"({report.CHARTS.name}/")
    assert report.filled(page, parts | {"charts": linked}) == page
    for chart in tmp_path.iterdir():
        assert chart.read_text() == (report.CHARTS / chart.name).read_text(), chart.name
    assert len(list(tmp_path.iterdir())) == len(charts.ALL_CHARTS)
    assert report.filled(page, report.sections(rows(), [], tmp_path)) != page
