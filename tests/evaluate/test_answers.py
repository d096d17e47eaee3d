"""What was said before is measured as it is: ready units, and files of a model outside."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import numpy as np
import pytest
import torch

from pdengine.cli import FAILED, OK, main
from pdengine.data import Dataset, GeneratedExample, generated_shapes, open_dataset
from pdengine.errors import ConfigError, LoadError
from pdengine.evaluate.answer_folder import answer_folder
from pdengine.evaluate.methods import alone, look
from pdengine.evaluate.rows import Row
from pdengine.evaluate.subject import Experiment, subject_of
from pdengine.lift import sample_outside
from pdengine.render import pictures
from pdengine.shapes import make

STUDENTS = "partdistill-tta,partdistill-pre,partdistill-collection"
SHAPES = ["mug_2000000", "mug_2000001"]


def rows(out: Path) -> list[Row]:
    lines = (out / "journal.jsonl").read_text().splitlines()[1:]
    return [Row.from_json(json.loads(line)) for line in lines]


def run(*words: object) -> int:
    one = ["--workers", "1"] if words[0] == "eval" else []
    return main([*map(str, words), *one, "--quiet"])


# Ready units.


def test_every_method_takes_the_units_that_the_dataset_comes_with(
    tmp_path: Path, miniatures: Any
) -> None:
    miniatures.partdistill(tmp_path / "pd", {"train": {"Lamp": 1}, "test": {"Lamp": 1, "Mug": 2}})
    out = tmp_path / "out"
    words = ("eval", "partdistill", tmp_path / "pd", "--teacher", "ready", "--out", out)
    assert run(*words, "--method", STUDENTS, "--categories", "Lamp") == OK
    found = rows(out)
    assert len(found) == 4  # the vote beside
    for row in found:
        assert row.error is None
        assert row.teacher == "ready (GLIP boxes of preprocess.h5)"
        assert row.up is None  # no view was drawn
        assert row.seconds["look"] < 1
        assert row.counts["predicted"][2:] == [0, 0]  # a lamp's prompt names two of its four parts
        assert row.counts["labelled"] == row.counts["rows"] == 200
    about = json.loads((out / "about.json").read_text())
    assert about["teacher"]["name"] == "ready (GLIP boxes of preprocess.h5)"
    assert about["teacher"]["simulated"] is False
    assert not list((out / "teacher").iterdir())  # nobody was asked


def test_the_vote_is_the_hand_counted_one(tmp_path: Path, miniatures: Any) -> None:
    miniatures.partdistill(tmp_path / "pd", {"test": {"Mug": 1}})
    (example,) = open_dataset("partdistill", tmp_path / "pd").examples
    with h5py.File(next((tmp_path / "pd").rglob("preprocess.h5"))) as file:
        label, sure = file["cls_bbox"][0].astype(int), file["conf_bbox"][()].max(2)
    votes = np.stack([sure[:, label == part].sum(1) for part in (0, 1)], axis=1)
    experiment = Experiment("ready", source="somebody")
    subject = subject_of(example, experiment, 0)
    (said,) = alone(look(subject, experiment, 0, None), ["vote"])
    covered = votes.sum(1) > 0
    assert covered.any()
    assert said.covered is not None
    assert said.covered.tolist() == covered.tolist()
    assert (said.labels.numpy() == votes.argmax(1))[covered].all()


def test_a_file_that_is_damaged_is_a_listed_failure(tmp_path: Path, miniatures: Any) -> None:
    miniatures.partdistill(tmp_path / "pd", {"test": {"Mug": 2}})
    with h5py.File(min((tmp_path / "pd").rglob("preprocess.h5")), "r+") as file:
        file["cls_bbox"][0, 0] = 7
    out = tmp_path / "out"
    words = ("eval", "partdistill", tmp_path / "pd", "--teacher", "ready", "--method", "vote")
    assert run(*words, "--out", out) == OK
    errors = sorted(str(row.error) for row in rows(out))
    assert errors[1] == "None"
    assert "cls_bbox must be in [0, 2)" in errors[0]
    assert [row.counts["labelled"] for row in rows(out) if row.error] == [0]


def test_a_part_that_was_not_asked_for_is_never_none_of_them(
    tmp_path: Path, miniatures: Any
) -> None:
    """Of a lamp's four parts the prompt names two; the label 2 must not read as the rest."""
    miniatures.partdistill(tmp_path, {"test": {"Lamp": 1}})
    path = next(tmp_path.rglob("preprocess.h5"))
    with h5py.File(path, "r+") as file:
        wide = np.pad(file["conf_bbox"][()], ((0, 0), (0, 0), (0, 2)))
        del file["conf_bbox"]
        file["conf_bbox"] = wide
        file["cls_bbox"][0, 0] = 2
    (example,) = open_dataset("partdistill", tmp_path).examples
    with pytest.raises(LoadError, match="must be below 2, for the prompt asks for base, lampshade"):
        example.units()  # type: ignore[attr-defined]


# Files of a model outside.


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two mugs, drawn as docs/external-models.md says."""
    folder = tmp_path_factory.mktemp("outside") / "pictures"
    words = ("data", "render", "generated:2", "--categories", "mug", "--views", 3, "--size", 96)
    assert run(*words, "--up", "y", "--out", folder) == OK
    return folder


def box_of(mask: np.ndarray) -> list[float]:
    row, column = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    x, y = column[0], row[0]
    return [float(v) for v in (x, y, column[-1] + 1 - x, row[-1] + 1 - y)]


def paint(folder: Path) -> list[dict[str, Any]]:
    """A model that makes no mistake: a box around each part, by the index of the pictures."""
    label = make("mug", int(folder.name.removeprefix("mug_"))).face_label
    with np.load(folder / "index.npz") as archive:
        index = archive["index"]
    part = np.where(index >= 0, label[index], -1)
    return [
        {"image_id": v, "category_id": r + 1, "bbox": box_of(part[v] == r), "score": 0.9}
        for v in range(len(part))
        for r in (0, 1)
        if (part[v] == r).any()
    ]


LAYOUTS = {
    "beside the pictures": lambda at, name: at / name / "found.json",
    "a file a shape": lambda at, name: at / f"{name}.json",
    "as PartSLIP": lambda at, name: at / "mug" / name[4:] / "glip_pred" / "pred.json",
}


def answers(drawn: Path, at: Path, layout: str, names: list[str] = SHAPES) -> Path:
    for name in names:
        path = LAYOUTS[layout](at, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(paint(drawn / name)))
    return at


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_answers_are_found_in_every_layout(layout: str, drawn: Path, tmp_path: Path) -> None:
    folder = answers(drawn, tmp_path / "found", layout)
    found = answer_folder(folder, generated_mugs(), drawn, False)
    for example in generated_mugs():
        teacher, views = found.read(example, example.shape())
        assert teacher.detections.label.tolist() == [
            one["category_id"] - 1 for one in paint(drawn / example.name)
        ]
        assert views.shape == example.name


def generated_mugs() -> list[GeneratedExample]:
    return [e for e in generated_shapes(2) if e.category == "mug"]


def test_the_engine_sees_what_was_drawn(drawn: Path, tmp_path: Path) -> None:
    folder = answers(drawn, tmp_path / "found", "a file a shape")
    outside = answer_folder(folder, generated_mugs(), drawn, False)
    experiment = Experiment("detections", points=300, answers=outside)
    subject = subject_of(generated_mugs()[0], experiment, 1)
    looked = look(subject, experiment, 1, None)  # another seed than that of the pictures
    assert looked.error is None
    (said,) = alone(looked, ["vote"])
    trace = looked.engine.trace
    assert trace is not None
    pngs = pictures.colour_pictures(trace.views)
    assert [(drawn / SHAPES[0] / f"view_{v:02}.png").read_bytes() for v in range(3)] == list(pngs)
    own = sample_outside(subject.own, 300, 1)  # type: ignore[arg-type]
    assert torch.equal(subject.shape.xyz, own.cloud.xyz)
    right = (said.labels == subject.truth.part).float().mean()
    assert right > 0.8  # boxes around the true parts


def test_three_commands_measure_a_model_outside(drawn: Path, tmp_path: Path) -> None:
    folder = answers(drawn, tmp_path / "found", "a file a shape", SHAPES[:1])
    out = tmp_path / "out"
    words = ("eval", "generated:2", "--categories", "mug", "--detections", folder)
    words = (*words, "--views-from", drawn, "--points", 128, "--out", out)
    assert run(*words, "--method", "vote,partslip,partdistill-collection") == OK
    found = {(row.shape, row.method): row for row in rows(out)}
    assert len(found) == 6
    for (shape, method), row in found.items():
        assert row.teacher == "detections (found)"
        if shape == SHAPES[0]:
            assert row.error is None
            assert row.up == (None if method.endswith("collection") else "y")
            assert sum(row.counts["intersection"]) > 0
        else:  # it has no answer: listed, and scored as unlabelled
            assert "must hold an answer for mug_2000001" in str(row.error)
            assert row.counts["labelled"] == 0
    before = len(rows(out))
    assert run(*words, "--method", "vote") == OK  # nothing is measured again
    assert len(rows(out)) == before


def test_changed_answers_are_another_setting(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = answers(drawn, tmp_path / "found", "a file a shape", SHAPES[:1])
    words = ("eval", "generated:1", "--categories", "mug", "--detections", folder)
    words = (*words, "--views-from", drawn, "--points", 64, "--method", "vote")
    assert run(*words, "--out", tmp_path / "out") == OK
    (folder / "mug_2000000.json").write_text("[]")
    assert run(*words, "--out", tmp_path / "out") == FAILED
    assert "detections must be" in capsys.readouterr().err
    assert run(*words, "--out", tmp_path / "new") == OK
    (row,) = rows(tmp_path / "new")
    assert (row.error, row.counts["labelled"]) == (None, 0)  # it found nothing


def test_views_of_another_shape_are_refused(drawn: Path, tmp_path: Path) -> None:
    folder = answers(drawn, tmp_path / "found", "a file a shape")
    found = answer_folder(folder, generated_mugs(), drawn, False)
    one, other = generated_mugs()
    with pytest.raises(LoadError, match=r"mug_2000000: must be the shape of .*views.json"):
        found.read(one, other.shape())


def test_a_folder_of_nothing_is_refused(drawn: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="detections must be a folder with an answer per shape"):
        answer_folder(tmp_path / "nowhere", generated_mugs(), None, False)
    with pytest.raises(ConfigError, match="detections must be of a shape of the dataset"):
        answer_folder(drawn, generated_mugs(), None, False)  # pictures alone


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("generated:1 --teacher ready", "needs a dataset that comes with answers"),
        ("generated:1 --teacher ready --nameless 0.5", "must come without --nameless"),
        ("generated:1 --teacher detections", "must come with --detections"),
        ("generated:1 --views-from .", "must come with --detections"),
        ("generated:1 --detections . --views 3", "--detections must come without --views"),
        ("generated:1 --detections . --teacher blip", "--detections must come without --teacher"),
    ],
)
def test_what_contradicts_itself_is_one_line(
    words: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("eval", *words.split(), "--out", tmp_path / "out") == FAILED
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert said.count("\n") == 1
    assert message in said
    assert not (tmp_path / "out").exists()


def test_partslip_needs_to_know_what_was_seen(
    tmp_path: Path, miniatures: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    miniatures.partdistill(tmp_path / "pd", {"test": {"Mug": 1}})
    words = ("eval", "partdistill", tmp_path / "pd", "--teacher", "ready", "--method", "partslip")
    assert run(*words, "--out", tmp_path / "out") == FAILED
    assert "partslip needs to know which views show each point" in capsys.readouterr().err


def test_a_shape_that_cannot_be_drawn_costs_no_other(
    odd: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    shapes = [odd.Odd("mug", 2_000_001, "unreadable"), *odd.mugs(1)]
    made = Dataset("Odd shapes", "parts-present", shapes)
    monkeypatch.setattr("pdengine.cli.rendering_datasets.open_dataset", lambda *_: made)
    words = ("data", "render", "generated:1", "--views", 2, "--size", 32, "--up", "y")
    assert run(*words, "--out", tmp_path / "out") == FAILED
    assert "warning: not drawn: odd_unreadable: mug.txt" in capsys.readouterr().err
    told = tmp_path / "out" / "prompts.json"
    mug = {"category": "mug", "prompt": "mug: body, handle"}
    assert json.loads(told.read_text()) == {"mug_2000000": mug}  # what was drawn
    told.write_text('{"earlier": {}}')
    assert run(*words, "--out", tmp_path / "out", "--limit", 2) == FAILED
    assert json.loads(told.read_text()) == {"earlier": {}, "mug_2000000": mug}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "mug_2000000", "prompts.json",
    ]  # fmt: skip
