"""The files of an evaluation: numbers that can be checked by hand, and never without a protocol."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from pdengine.errors import ScoreError
from pdengine.evaluate.counts import count_shape, failed_shape
from pdengine.evaluate.gallery import picks, write_gallery
from pdengine.evaluate.outputs import shapes_csv, summary, tables_latex, tables_markdown, write
from pdengine.evaluate.results import one_score, over_seeds, results
from pdengine.evaluate.rows import Row
from pdengine.evaluate.run import Evaluated
from pdengine.evaluate.tasks import About

PARTS = {"Cup": ("body", "handle")}
TRUTH = torch.tensor([0, 0, 0, 1])


def row(shape: str, labels: list[int] | None, method: str = "vote", seed: int = 0) -> Row:
    if labels is None:
        counts, error = failed_shape(TRUTH, 2), "it broke"
    else:
        counts, error = count_shape(torch.tensor(labels), TRUTH, 2), None
    return Row(
        *("Odd", "test", "Cup", shape, method, "embedded", seed, counts.to_row(), error),
        seconds={"look": 0.5, "carry": 0.25},
        peak_mib=100.0,
    )


# cup a: body 3 of 3, handle 1 of 1; cup b: body 3 of 4, handle 0 of 1; cup c failed
ROWS = [
    *(row("a", [0, 0, 0, 1]), row("b", [0, 0, 0, 0]), row("c", None)),
    *(row(shape, [0, 0, 0, 1], "partdistill-tta") for shape in "abc"),
]


@pytest.fixture
def found(tmp_path: Path, odd: ModuleType) -> Callable[..., Evaluated]:
    def make(rows: list[Row], **more: Any) -> Evaluated:
        plan = odd.small_plan(tmp_path, **more)
        about = About(plan.experiment.said, "Apache-2.0", ("Cup",))
        return Evaluated(plan, tuple(rows), PARTS, about, ("Sofa",))

    return make


def test_scores_by_hand() -> None:
    vote, tta = results(ROWS, PARTS, "parts-present", resamples=50)
    assert vote.score.overall == pytest.approx((1 + 3 / 8 + 0) / 3)
    assert (vote.failed, vote.over_vote) == (1, None)
    assert vote.seconds == {"look": 0.5, "teacher": None, "align": None, "carry": 0.25}
    assert tta.score.overall == 1
    assert tta.over_vote is not None
    assert tta.over_vote.overall == pytest.approx(1 - vote.score.overall)
    assert [one_score(r, PARTS, "parts-present") for r in ROWS[:3]] == [1, 0.375, 0]


def test_seeds_are_scored_one_by_one_and_then_together() -> None:
    again = [row(s, [0, 0, 0, 0], seed=1) for s in "abc"]
    numbers = results([*ROWS, *again], PARTS, "parts-present", resamples=0)
    titles = [number.title for number in numbers]
    assert titles == [
        *("vote, embedded, seed 0", "partdistill-tta, embedded, seed 0", "vote, embedded, seed 1"),
    ]
    mean, deviation = over_seeds(numbers)["vote"]
    assert mean == pytest.approx((11 / 24 + 9 / 24) / 2)
    assert deviation == pytest.approx(2 / 24 / 2**0.5)
    assert over_seeds(numbers)["partdistill-tta"] == (1, None)


def test_a_shape_without_a_true_part_has_no_score_and_an_empty_cell() -> None:
    nothing = count_shape(torch.zeros(4).long(), torch.full((4,), -1), 2)
    bare = replace(ROWS[0], counts=nothing.to_row())
    assert one_score(bare, PARTS, "parts-present") is None
    (line,) = csv.DictReader(io.StringIO(shapes_csv([bare], PARTS, "parts-present")))
    assert line["score"] == ""


def test_the_csv_holds_one_line_per_shape_and_method() -> None:
    hostile = replace(ROWS[2], shape='c,"\n', error='a "reason",\nof two lines')
    lines = list(
        csv.DictReader(io.StringIO(shapes_csv([*ROWS[:2], hostile], PARTS, "parts-present")))
    )
    assert [line["score"] for line in lines] == ["1.000000", "0.375000", "0.000000"]
    assert lines[2]["shape"] == hostile.shape
    assert lines[2]["error"] == hostile.error
    assert {line["protocol"] for line in lines} == {"parts-present"}
    assert lines[0]["look_seconds"] == "0.5000"


def test_a_shape_that_failed_at_once_makes_no_method_quick() -> None:
    slow = [replace(r, seconds={"look": 1.0, "teacher": 3.0}) for r in ROWS[:2]]
    (vote,) = results([*slow, replace(ROWS[2], seconds={})], PARTS, "parts-present", resamples=0)
    assert vote.failed == 1
    assert vote.seconds == {"look": 1.0, "teacher": 3.0, "align": None, "carry": None}
    (line,) = csv.DictReader(io.StringIO(shapes_csv([slow[0]], PARTS, "parts-present")))
    assert (line["teacher_seconds"], line["align_seconds"]) == ("3.0000", "")


def test_no_name_leaves_its_line(found: Callable[..., Evaluated]) -> None:
    hostile = replace(ROWS[2], shape="c|\n# d", error="one\n\\input{two}")
    whole = found([*ROWS[:2], hostile], examples=None)
    dataset = replace(whole.plan.dataset, name="my\n\\input{shapes}")
    whole = replace(whole, plan=replace(whole.plan, dataset=dataset))
    numbers = results(whole.rows, PARTS, "parts-present", resamples=0)
    text = tables_markdown(whole, numbers)
    assert "- c\\| # d, vote, seed 0: one \\\\input{two}" in text.splitlines()
    first, second, third, *_ = tables_latex(whole, numbers).splitlines()
    assert first.startswith("% my \\input{shapes}, test split")
    assert second == r"% \usepackage{booktabs,graphicx}"
    assert third.startswith(r"\noindent\resizebox")


def test_tables_name_protocol_teacher_and_failures(found: Callable[..., Evaluated]) -> None:
    whole = found(ROWS, teacher="embedded")
    numbers = results(ROWS, PARTS, "parts-present", resamples=50)
    text = tables_markdown(whole, numbers)
    for said in (
        *("protocol parts-present", "teacher embedded", "partdistill-tta, embedded"),
        *("c, vote, seed 0: it broke", "does not know their parts: Sofa", "+54.2"),
    ):
        assert said in text
    paper = tables_latex(whole, numbers)
    for said in (
        *("parts-present", "does not know their parts: Sofa."),
        r"vote, embedded: 1 of 3 shapes have no answer and are scored as unlabelled.\par",
    ):
        assert said in paper
    assert "partdistill-tta, embedded: 0" not in paper
    noted = replace(whole.plan.dataset, notes=("test: 3 of the official 2,874\nshapes",))
    few = replace(whole, plan=replace(whole.plan, dataset=noted))
    assert "Odd shapes, test: 3 of the official 2,874 shapes." in tables_latex(few, numbers)
    content = summary(whole, numbers)
    assert content["protocol"] == "parts-present"
    assert content["failed"] == [
        {"category": "Cup", "shape": "c", "method": "vote", "seed": 0, "error": "it broke"}
    ]
    assert json.loads(json.dumps(content))["results"][1]["over_vote"]["score"] == pytest.approx(
        13 / 24
    )


def beside(
    found: Callable[..., Evaluated], measured: tuple[str, ...], benchmark: str = "", **more: Any
) -> str:
    """tables.md of a dataset of chairs and bottles, of which these categories were measured."""
    rows = [replace(r, category=c, shape=f"{c} {r.shape}") for c in measured for r in ROWS]
    whole = found(rows, **{"teacher": "embedded"} | more)
    every = [SimpleNamespace(category=name) for name in ("Bottle", "Chair")]
    name = "Their files" if benchmark else "PartNetE"
    dataset = replace(whole.plan.dataset, name=name, examples=every, benchmark=benchmark)
    plan = replace(whole.plan, dataset=dataset, protocol="partnete")
    parts = dict.fromkeys(measured, PARTS["Cup"])
    numbers = results(rows, parts, "partnete", resamples=0)
    return tables_markdown(replace(whole, plan=plan, parts=parts), numbers)


THEIRS = "| PartDistill TTA (GLIP, points) | partnete | 77.4 | 74.1 | 39.9 |"


def test_numbers_of_papers_stand_beside_those_that_compare(
    found: Callable[..., Evaluated],
) -> None:
    text = beside(found, ("Bottle", "Chair"))
    assert THEIRS in text
    assert "| PartSLIP (zero-shot) | partnete | - | - | 27.2 |" in text
    assert "do not compare their overall values with the papers'." in text
    assert THEIRS in beside(found, ("Bottle", "Chair"), benchmark="PartNetE")


def test_beside_some_categories_stand_the_papers_numbers_of_these(
    found: Callable[..., Evaluated],
) -> None:
    text = beside(found, ("Chair",))
    assert "| PartDistill TTA (GLIP, points) | partnete | 74.1 | - |" in text
    assert "39.9" not in text
    assert "| PartSLIP" not in text  # whose numbers per category we do not know


def test_where_no_paper_compares_the_tables_say_why(found: Callable[..., Evaluated]) -> None:
    for more, why in (
        ({"limit": 2}, "--limit 2 measures a choice of the shapes"),
        ({"teacher": "simulated-clean"}, "a simulated teacher reads the labels"),
    ):
        text = beside(found, ("Bottle", "Chair"), **more)  # type: ignore[arg-type]
        assert f"The papers' numbers are left out: {why}." in text
        assert "39.9" not in text
    numbers = results(ROWS, PARTS, "parts-present", resamples=0)
    assert "papers" not in tables_markdown(found(ROWS, teacher="embedded"), numbers)


def test_a_simulated_teacher_is_called_so_in_every_file(tmp_path: Path, odd: ModuleType) -> None:
    done = odd.run_small(tmp_path, methods=("partdistill-tta",))
    numbers = write(done)
    page = write_gallery(done, numbers).read_text()
    assert "The teacher is simulated." in page
    for name in ("shapes.csv", "summary.json", "tables.md", "tables.tex", "about.json"):
        assert "simulated (systematic)" in (tmp_path / name).read_text(), name
    said = json.loads((tmp_path / "about.json").read_text())
    assert said["teacher"]["simulated"] is True
    assert said["protocol"]["name"] == "parts-present"
    assert said["prompts"] == {"mug": "mug: body, handle"}
    assert said["machine"]["cores"] >= 1


def test_a_score_can_be_computed_from_the_answer_that_the_csv_names(
    tmp_path: Path, odd: ModuleType
) -> None:
    mast = odd.Mast(1)
    done = odd.run_small(tmp_path, examples=[mast], methods=("vote",))
    write(done)
    (line,) = csv.DictReader(io.StringIO((tmp_path / "shapes.csv").read_text()))
    labels, truth = np.load(tmp_path / line["answer"]), mast.truth().part.numpy()
    labels = labels[truth >= 0]
    truth = truth[truth >= 0]
    overlap = [((labels == k) & (truth == k)).sum() for k in (0, 1)]
    union = [((labels == k) | (truth == k)).sum() for k in (0, 1)]
    assert float(line["score"]) == pytest.approx(
        (overlap[0] / union[0] + overlap[1] / union[1]) / 2, abs=1e-6
    )


def test_the_page_shows_the_best_and_the_worst_and_fetches_nothing(
    tmp_path: Path, odd: ModuleType
) -> None:
    strange = replace(odd.Mast(5), category='<b>&"mast', parts=("<i>pole", "plate"))
    strange = replace(strange, prompt="mast: <i>pole, plate")
    done = odd.run_small(tmp_path, examples=[strange, *odd.mugs(4)], methods=("partdistill-tta",))
    page = write_gallery(done, write(done)).read_text()
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)\s*=|url\((?!data:image/png)", page)
    assert "<b>&" not in page
    assert "<i>pole" not in page
    chosen = picks(done)["mug"]["partdistill-tta"]
    assert [pick.rank for pick in chosen] == ["best", "median", "worst"]
    assert chosen[0].score >= chosen[1].score >= chosen[2].score
    assert page.count("background-image: url(data:image/png") == 3 * 4  # truth, vote, tta
    assert len(page) < 200_000


def test_one_shape_is_shown_once(found: Callable[..., Evaluated]) -> None:
    (pick,) = picks(found(ROWS[:1]))["Cup"]["vote"]
    assert pick.rank == "best"
    of_two = picks(found(ROWS[:2]))["Cup"]["vote"]
    assert [pick.rank for pick in of_two] == ["best", "worst"]  # and no median


def test_a_shape_that_cannot_be_drawn_is_left_blank(tmp_path: Path, odd: ModuleType) -> None:
    done = odd.run_small(tmp_path, methods=("vote",))
    for file in (tmp_path / "labels").iterdir():
        file.write_bytes(b"not labels")
    page = write_gallery(done, write(done)).read_text()
    assert "no picture" in page


def test_what_a_protocol_needs_and_nobody_measured_is_an_error(
    found: Callable[..., Evaluated],
) -> None:
    with pytest.raises(ScoreError, match="instance"):
        write(found(ROWS, protocol="instance-ap50"))


def test_the_example_of_the_manual_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # where the example leaves its folder
    page = Path(__file__).resolve().parents[2] / "docs" / "evaluation.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    exec(compile(code, str(page), "exec"), {"__name__": "__main__"})
    protocol, value = capsys.readouterr().out.split()
    assert protocol == "parts-present"
    assert 0.2 < float(value) <= 1
