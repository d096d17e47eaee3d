"""The runner: every shape has its row, whatever happens to it or to the run."""

from __future__ import annotations

import json
import multiprocessing
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pdengine.data import GeneratedExample
from pdengine.errors import ConfigError, ScoreError, TeacherError
from pdengine.evaluate.plan import spread
from pdengine.evaluate.rows import Row
from pdengine.evaluate.run import evaluate
from pdengine.evaluate.work import read_labels


def plain(rows: Any) -> list[Row]:
    """Rows without what differs from run to run: times and memory."""
    kept = [replace(row, seconds={}, peak_mib=0.0) for row in rows]
    return sorted(kept, key=lambda row: (row.shape, row.method, row.seed))


def journal(out: Path) -> list[Row]:
    lines = (out / "journal.jsonl").read_text().splitlines()[1:]
    return [Row.from_json(json.loads(line)) for line in lines]


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_every_shape_has_a_row_of_every_method_and_the_vote_beside(
    tmp_path: Path, odd: ModuleType
) -> None:
    found = odd.run_small(tmp_path)
    methods = ["partdistill-collection", "partdistill-pre", "partdistill-tta", "vote"]
    shapes = [f"mug_{2_000_000 + k}" for k in range(3)]
    assert [(r.shape, r.method) for r in plain(found.rows)] == [
        (shape, method) for shape in shapes for method in methods
    ]
    assert {row.error for row in found.rows} == {None}
    assert {row.teacher for row in found.rows} == {"simulated (systematic)"}
    assert all(row.counts["rows"] == 96 for row in found.rows)
    assert all(row.peak_mib > 1 for row in found.rows)
    assert plain(journal(tmp_path)) == plain(found.rows)


def test_neither_workers_nor_order_nor_a_second_method_change_a_row(
    tmp_path: Path, odd: ModuleType
) -> None:
    examples = odd.mugs(3)
    one = odd.run_small(tmp_path / "one", examples=examples, workers=1)
    odd.run_small(tmp_path / "two", examples=examples, workers=3, methods=("vote",))
    two = odd.run_small(tmp_path / "two", examples=examples, workers=3)
    assert plain(one.rows) == plain(two.rows)


def test_a_run_that_was_killed_many_times_ends_as_if_it_never_was(
    tmp_path: Path, odd: ModuleType
) -> None:
    whole = odd.run_small(tmp_path / "whole")
    dice = np.random.default_rng(0)
    context = multiprocessing.get_context("forkserver")
    path = tmp_path / "torn" / "journal.jsonl"
    counts = [0]
    for more in (0, 1, 2, 3):  # once it has so many rows more, at a random moment
        process = context.Process(target=odd.run_small, args=(tmp_path / "torn",))
        process.start()
        while process.is_alive() and lines(path) <= counts[-1] + more:
            time.sleep(0.005)
        time.sleep(float(dice.uniform(0, 0.2)))
        process.kill()
        process.join()
        counts.append(lines(path))
    again = odd.run_small(tmp_path / "torn")
    assert counts == sorted(counts)  # nothing is lost
    assert plain(again.rows) == plain(whole.rows)
    assert len(journal(tmp_path / "torn")) == len(whole.rows)  # nothing is doubled
    for row in whole.rows:
        files = [
            odd.small_plan(tmp_path / name).setup.labels(row.shape, row.method, row.seed)
            for name in ("whole", "torn")
        ]
        assert read_labels(files[0]).equal(read_labels(files[1]))


def test_what_goes_wrong_with_a_shape_costs_that_shape_alone(
    tmp_path: Path, odd: ModuleType
) -> None:
    wrong = {
        "killed": "the worker process ended, by SIGKILL, out of memory perhaps",
        "segfault": "the worker process ended, by SIGSEGV",
        "unreadable": "mug.txt: every line must have 7 numbers, got cat",
        "bug": "ZeroDivisionError: in a reader",
    }
    good = odd.mugs(2)
    examples = [*good, *(odd.Odd("mug", 2_000_001, how) for how in wrong)]
    found = odd.run_small(
        tmp_path, examples=examples, methods=("partdistill-tta", "partdistill-collection"),
        workers=3,
    )  # fmt: skip
    assert len(found.rows) == 3 * len(examples)
    for row in found.rows:
        how = row.shape.removeprefix("odd_")
        assert row.error == wrong.get(how)
        if how in wrong:  # scored as unlabelled, with every part, for its labels cannot be read
            assert row.counts["truth"] == [1, 1]
            assert row.counts["labelled"] == 0
    # The collection is what the good ones alone would have been, on the same student.
    assert all(row.counts["labelled"] == 96 for row in found.rows if row.error is None)


def test_a_shape_that_hangs_is_given_up(tmp_path: Path, odd: ModuleType) -> None:
    examples = [odd.Odd("mug", 2_000_001, "hangs")]
    found = odd.run_small(tmp_path, examples=examples, timeout=1.0)
    assert {row.method for row in found.rows} > {"vote", "partdistill-collection"}
    assert {row.error for row in found.rows if row.method != "partdistill-pre"} == {
        "it took longer than 1 s a shape"
    }


def test_a_failed_shape_whose_labels_can_be_read_keeps_its_truth(
    tmp_path: Path, odd: ModuleType
) -> None:
    strange = replace(odd.Mast(1), parts=("pole", "pole"), prompt="mast: pole, pole")
    found = odd.run_small(tmp_path, examples=[strange], methods=("vote",))
    (row,) = found.rows
    assert row.error is not None
    assert "part names must differ" in row.error
    assert row.counts["truth"] == [60, 60]


def test_a_cloud_is_labelled_on_its_own_rows(tmp_path: Path, odd: ModuleType) -> None:
    found = odd.run_small(tmp_path, examples=[odd.Mast(1), odd.Mast(2)], teacher="simulated-clean")
    for row in found.rows:
        assert row.error is None
        assert row.counts["rows"] == 121
        assert row.counts["labelled"] == 120  # not the row that is no number
        assert row.counts["truth"] == [60, 60]
    labels = read_labels(
        odd.small_plan(tmp_path, examples=[odd.Mast(1), odd.Mast(2)], teacher="simulated-clean")
        .setup.labels("mast_1", "vote", 0)
    )  # fmt: skip
    assert labels.shape == (121,)
    assert labels[60] == -1


def test_a_train_split_teaches_and_is_not_measured(tmp_path: Path, odd: ModuleType) -> None:
    train = [GeneratedExample("mug", 2_000_100 + k) for k in range(5)]
    plan = odd.small_plan(
        tmp_path, methods=("partdistill-pre",), train=train, train_shapes=2, seeds=(4,)
    )
    found = evaluate(plan)
    assert {row.shape for row in found.rows} == {example.name for example in plan.dataset.examples}
    assert len(list((tmp_path / "units").glob("*.safetensors"))) == 2 + 3
    assert len(list((tmp_path / "students").glob("*.safetensors"))) == 1
    (fold,) = plan.folds("mug", plan.dataset.examples)
    assert [example.name for example in fold.learned] == ["mug_2000100", "mug_2000102"]


def test_without_a_train_split_each_half_is_labelled_by_the_student_of_the_other(
    tmp_path: Path, odd: ModuleType
) -> None:
    a, b, c = odd.mugs(3)
    even, odd_half = odd.small_plan(tmp_path).folds("mug", (a, b, c))
    assert (even.learned, even.labelled) == ((a, c), (b,))
    assert (odd_half.learned, odd_half.labelled) == ((b,), (a, c))


def test_one_shape_alone_has_no_other_to_learn_from(tmp_path: Path, odd: ModuleType) -> None:
    found = odd.run_small(tmp_path, examples=odd.mugs(1), methods=("partdistill-pre",))
    assert {(row.method, row.error) for row in found.rows} == {
        ("vote", None),
        ("partdistill-pre", "there is no shape to learn from"),
    }


def test_a_rerun_measures_nothing_again(tmp_path: Path, odd: ModuleType) -> None:
    first = odd.run_small(tmp_path)
    told: list[str] = []
    again = evaluate(odd.small_plan(tmp_path), lambda stage, done, total: told.append(stage))
    assert again.rows == first.rows  # times and memory too: they were read
    assert told == []


def test_what_the_teacher_said_serves_the_next_method(tmp_path: Path, odd: ModuleType) -> None:
    config = replace(odd.FAST, up="y")
    more = {"examples": odd.mugs(2), "teacher": "embedded", "config": config}
    vote = odd.run_small(tmp_path, methods=("vote",), **more)
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "teacher").iterdir()}
    assert len(kept) == 2
    assert {row.up for row in vote.rows} == {"y"}
    both = odd.run_small(tmp_path, methods=("partslip", "partdistill-collection"), **more)
    assert {row.error for row in both.rows} == {None}
    assert len(both.rows) == 6
    again = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "teacher").iterdir()}
    assert again == kept


def test_a_kept_answer_has_the_time_that_it_took(tmp_path: Path, odd: ModuleType) -> None:
    """A method that is added later, and a second seed, ask nobody: that is not a quick teacher."""
    named = {"category": "mug", "parts": ("body", "handle"), "prompt": "mug: body, handle"}
    more = {
        "examples": [replace(odd.Mast(1), **named)],
        "teacher": "embedded",
        "config": replace(odd.FAST, up="y"),
    }
    (vote,) = odd.run_small(tmp_path, methods=("vote",), **more).rows
    assert vote.seconds["teacher"] > 0
    both = odd.run_small(tmp_path, methods=("partslip",), **more).rows
    later = next(row for row in both if row.method == "partslip")
    assert later.seconds["teacher"] == vote.seconds["teacher"]
    again = odd.run_small(tmp_path, methods=("vote",), seeds=(1,), **more).rows
    (other,) = [row for row in again if row.seed == 1]
    assert "teacher" not in other.seconds  # the same rows, so the same views: nobody was asked
    assert set(other.seconds) == {"look", "align", "carry"}


def test_instances_are_counted_where_the_dataset_has_them(tmp_path: Path, odd: ModuleType) -> None:
    found = odd.run_small(
        tmp_path,
        examples=[odd.Mast(1), odd.Mast(2)],
        teacher="simulated-clean",
        config=replace(odd.FAST, instances=True),
    )
    assert {row.error for row in found.rows} == {None}
    spent = {row.method: row.seconds["align"] for row in found.rows if row.shape == "mast_1"}
    assert spent["vote"] > 0  # every mode pays for the superpoints, not the first alone
    assert spent["partdistill-tta"] > spent["vote"]
    for row in found.rows:
        assert row.counts["instances"]["true_rows"] == [[60], [60]], row.method
        assert row.counts["instances"]["predicted"], row.method


def test_spread_takes_evenly() -> None:
    assert spread("abcdefgh", 3) == ("a", "c", "f")
    assert spread("ab", 20) == ("a", "b")
    assert spread("", 20) == ()


def test_only_known_categories_are_measured_and_the_others_are_named(
    tmp_path: Path, odd: ModuleType
) -> None:
    examples = [*odd.mugs(1), odd.Mast(1)]
    plan = odd.small_plan(
        tmp_path, examples=examples, methods=("vote",), teacher="embedded",
        config=replace(odd.FAST, up="y"),
    )  # fmt: skip
    found = evaluate(plan)
    assert [row.shape for row in found.rows] == ["mug_2000000"]
    assert found.unknown == ("Mast",)
    asked = evaluate(replace(plan, categories=("Mast",)))
    (row,) = [row for row in asked.rows if row.category == "Mast"]
    assert row.error is not None  # asked for by name, it is scored as unlabelled


def test_says_what_is_wrong(tmp_path: Path, odd: ModuleType) -> None:
    for wrong, kind, message in (
        ({"methods": ("sorcery",)}, ConfigError, "methods must be of vote, partslip, partd"),
        ({"methods": ()}, ConfigError, "got none"),
        ({"categories": ("cat",)}, ConfigError, "categories must be of mug, got cat"),
        ({"limit": 0}, ConfigError, "limit must be at least 1, got 0"),
        ({"workers": 0}, ConfigError, "workers must be at least 1, got 0"),
        ({"seeds": ()}, ConfigError, "seeds must be at least 1, got 0"),
        ({"timeout": 0.0}, ConfigError, "timeout must be more than 0 s, got 0"),
        ({"protocol": "mine"}, ScoreError, "protocol must be one of"),
        ({"examples": []}, ConfigError, "the test split must hold a shape, got none"),
        ({"teacher": "simulated-drunk"}, ConfigError, "must be one of simulated-systematic"),
    ):
        with pytest.raises(kind, match=message):
            odd.small_plan(tmp_path, **wrong)
    with pytest.raises(TeacherError, match="teacher must be one of `pdengine teachers list`"):
        odd.run_small(tmp_path / "a", teacher="owl")
    with pytest.raises(ConfigError, match="must know a category, got none of Mast"):
        odd.run_small(tmp_path / "b", teacher="embedded", examples=[odd.Mast(1)])
    # No shape was measured there yet, so the misspelt teacher binds nobody.
    odd.run_small(tmp_path / "a", examples=odd.mugs(1), methods=("vote",))
    with pytest.raises(ConfigError, match=r"shapes must be '1 and 0, .* got '2 and 0, "):
        odd.run_small(tmp_path / "a", examples=odd.mugs(2), methods=("vote",))
    with pytest.raises(ConfigError, match="train_shapes must be 20 as in the rows"):
        odd.run_small(tmp_path / "a", examples=odd.mugs(1), methods=("vote",), train_shapes=3)
