"""The page: everything on it, nothing from outside, and nobody's text taken for markup."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from pdengine.instances import boxed
from pdengine.report import Summary, summarise
from pdengine.report.page import percent, render_page, sureness
from pdengine.teach import Skipped

FILES = {"shape": "chair_parts.ply", "result": "result.json", "report": "report.html"}
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "{{ 7 * 7 }} & </title>",
    "'; background:url(evil)",
)


def page(run: SimpleNamespace) -> str:
    summary = summarise(run.result, run.trace)
    return render_page(run.result, run.trace, summary, run.config, run.source, FILES)


class Reader(HTMLParser):
    """Tags, attributes and text as a browser takes them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_parts_table_counts_instances_where_they_were_asked_for(make: Any) -> None:
    run = make()
    assert "<th>instances</th>" not in page(run)
    labels = run.result.labels
    part = torch.tensor([0, 1, 2, 2, 3])
    instance = torch.tensor([0, 1, 2, 4])[labels]
    instance[labels.eq(2).nonzero()[:7, 0]] = 3
    found = boxed(instance, part, torch.ones(5), run.trace.cloud.world)
    run.result = replace(run.result, instances=found)
    html = page(run)
    assert "<th>instances</th>" in html
    rows = re.findall(r"</span>(\w+)</td>\s*<td>(\d+)</td>\s*<td>([\d,]+)</td>", html)
    assert rows == [
        ("back", "1", "400"), ("seat", "1", "400"), ("leg", "2", "1,600"), ("arm", "1", "800")
    ]  # fmt: skip


def test_the_page_is_one_well_formed_file(run: SimpleNamespace) -> None:
    html = page(run)
    reader = Reader(html)
    assert reader.open == []
    assert len(html) < 3_000_000
    headings = [
        "Result", "Parts", "What the teacher saw", "The votes", "Where to look twice",
        "Alignment", "Time", "Settings and versions",
    ]  # fmt: skip
    assert [text for text in reader.texts if text in headings] == headings
    # four sides three times, and one picture per view
    assert reader.tags.count("img") == 4 * 3 + len(run.trace.views)


def test_nothing_comes_from_outside(run: SimpleNamespace) -> None:
    html = page(run)
    assert not re.search(r"https?:|//[a-z]|@import|url\(", re.sub(r"base64,[\w+/=]+", "", html))
    reader = Reader(html)
    assert not {"script", "link", "iframe", "object", "embed"} & set(reader.tags)
    sources = [value for name, value in reader.attributes if name in ("src", "href")]
    assert sources
    assert all(value.startswith("data:image/png;base64,") for value in sources)
    assert not [name for name, _ in reader.attributes if name.startswith("on")]


@pytest.mark.parametrize("kind", ["boxes", "masks", "pixels"])
def test_hostile_names_stay_text(make: Any, kind: str) -> None:
    run = make(kind, names=HOSTILE)
    run.source = type(run.source)("<b>x.ply")
    reader = Reader(page(run))
    assert "script" not in reader.tags
    assert not [name for name, _ in reader.attributes if name.startswith("on")]
    styles = [value for name, value in reader.attributes if name == "style"]
    assert not [style for style in styles if "url" in style]
    for name in HOSTILE:
        assert name in reader.texts
    assert "<b>x.ply" in reader.texts


def test_warnings_stand_above_the_result(make: Any) -> None:
    html = page(make())
    assert html.index("never seen in any view: wheel") < html.index("<h2>Result</h2>")


def test_a_simulated_teacher_is_called_simulated(make: Any) -> None:
    run = make()
    assert "The teacher is simulated" not in page(run)
    run.result.meta["teacher"] = "simulated (clean)"
    assert "The teacher is simulated" in page(run)


def test_a_skipped_view_says_why(make: Any) -> None:
    run = make()
    run.trace.skipped = (Skipped(1, "ValueError: <b>boom"),)
    texts = Reader(page(run)).texts
    assert "View 2: skipped, ValueError: <b>boom" in texts
    assert [text for text in texts if text.startswith("View 1:") and "skipped" not in text]


def test_a_category_that_was_not_given_is_one_line(make: Any) -> None:
    run = make()
    assert "not given" not in page(run)
    run.result.meta["proposed"] = {
        "category": "chair",
        "probability": 0.98,
        "others": [["<i>table</i>", 0.012], ["mug", 0.001]],
    }
    (line,) = [text for text in Reader(page(run)).texts if "not given" in text]
    assert line.endswith("guess: chair 0.98, <i>table</i> 0.01")


def test_the_rescoring_step_is_marked(make: Any) -> None:
    run = make()
    assert "re-scored" in page(run)
    run.trace.rescored_at = None
    assert "re-scored" not in page(run)


@pytest.mark.parametrize(
    ("form", "said"),
    [("published", "became the share of its points"), ("relative", "against the other units")],
)
def test_the_page_says_which_rescoring_was_done(make: Any, form: str, said: str) -> None:
    run = make()
    run.config = replace(run.config, distill=replace(run.config.distill, backward=form))
    text = " ".join(Reader(page(run)).texts)
    assert ("became the share" in text) == (form == "published")
    assert said in text


def test_nothing_found_is_a_page_too(make: Any) -> None:
    html = page(make(found=False))
    assert "0 of 4" in html
    assert "not found" in html
    assert "There was nothing to align the student on" in html


def test_one_point_is_a_page_too(make: Any) -> None:
    run = make(per_box=1)
    assert "of 8 points" in page(run)


@pytest.mark.parametrize(
    ("total", "what", "said"),
    [
        (1, "points", "1 point"),
        (1, "points sampled by area", "1 point sampled by area"),
        (10_000, "points sampled by area", "10,000 points sampled by area"),
    ],
)
def test_how_many_points_were_counted(total: int, what: str, said: str) -> None:
    assert Summary((), what, total, 0, 0, None).said_total == said


def test_many_parts_and_views_stay_bounded(make: Any) -> None:
    names = tuple(f"part {i}" for i in range(40))
    html = page(make(names=names, views=30))
    assert "6 more views are not shown" in html
    assert len(html) < 3_000_000


def test_boxes_carry_label_and_score(make: Any) -> None:
    run = make("boxes")
    html = page(run)
    assert html.count("<rect ") == len(run.trace.detections.label)
    assert re.search(r">seat 0\.\d\d</text>", html)


def test_a_page_takes_less_than_a_second(make: Any) -> None:
    run = make("pixels", size=224, views=10, per_box=1250)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # threads that wait for a busy core spend CPU time too
    times = []
    for _ in range(3):
        start = time.process_time()
        html = page(run)
        times.append(time.process_time() - start)
    torch.set_num_threads(threads)
    assert min(times) < 1
    assert len(html) < 3_000_000


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (0.004, "< 1 %"), (0.427, "43 %"), (0.996, "> 99 %"), (1, "100 %")],
)
def test_percent_never_rounds_something_to_nothing(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.0, "0.00"), (0.41, "0.41"), (0.9731, "0.97"), (0.997, "> 0.99"), (1.0, "1.00")],
)
def test_what_is_not_certain_is_never_one(probability: float, text: str) -> None:
    assert sureness(probability) == text
