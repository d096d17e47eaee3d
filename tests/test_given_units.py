"""Units are the waist of the hourglass: whoever makes them, the engine goes on from there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import pytest
import torch

import pdengine as pde
from pdengine.cli import FAILED, OK, main
from pdengine.errors import ConfigError, PartError, ShapeError, TeacherError
from pdengine.io import cloud_from_arrays
from pdengine.pipeline import Engine
from pdengine.teach import parse_parts
from pdengine.types import PointCloud, Units

PARTS = "tower: top, bottom"


def line(points: int = 4) -> PointCloud:
    """Points at 0, 1, 2, ... on the y axis."""
    xyz = torch.zeros(points, 3)
    xyz[:, 1] = torch.arange(points)
    return cloud_from_arrays(xyz)


def units_of(*said: tuple[int, float, list[int]], count: int = 4) -> Units:
    """(label, score, points) of each."""
    sizes = [len(points) for _, _, points in said]
    return Units(
        label=torch.tensor([label for label, _, _ in said], dtype=torch.int64),
        score=torch.tensor([score for _, score, _ in said]),
        offsets=torch.tensor([0, *sizes], dtype=torch.int64).cumsum(0),
        point=torch.tensor([p for _, _, points in said for p in points], dtype=torch.int64),
        view=torch.arange(len(said)),
        count=count,
    )


GOOD = units_of((0, 0.9, [2, 3]), (1, 0.6, [0, 1, 2]))


def test_the_surest_unit_wins_and_nobody_is_asked() -> None:
    def teacher(views: Any, parts: Any) -> Any:
        raise AssertionError("nobody asks")

    engine = Engine(pde.EngineConfig(mode="vote"), teacher=teacher).set_shape(line())
    said = engine.set_units(PARTS, GOOD, "a friend").segment(PARTS)
    assert said.labels.tolist() == [1, 1, 0, 0]
    assert said.meta["teacher"] == "a friend"
    assert said.meta["views"] == 0
    assert engine.trace is not None
    assert len(engine.trace.views) == 0
    with pytest.raises(TeacherError, match="nobody asks"):
        engine.segment("tower: door")  # of other parts nothing was said


def test_a_unit_may_say_none_of_them() -> None:
    units = units_of((0, 0.9, [2, 3]), (2, 0.6, [0, 1]))
    said = pde.segment(line(), PARTS, units=units, mode="vote")
    assert said.labels.tolist() == [-1, -1, 0, 0]


def test_no_units_leave_everything_unlabelled_and_say_so() -> None:
    said = pde.segment(line(), PARTS, units=units_of())
    assert said.labels.tolist() == [-1] * 4
    assert "no part was found" in said.warnings[0]


@pytest.mark.parametrize("mode", ["vote", "tta", "partslip"])
def test_an_engine_s_own_units_given_back_give_the_same_labels(mode: str, stripes: Any) -> None:
    dice = torch.Generator().manual_seed(0)
    xyz = torch.rand(300, 3, generator=dice)
    config = pde.EngineConfig(mode=mode, up="y", instances=True)
    asked = Engine(config, teacher=stripes()).set_shape(xyz)
    first = asked.segment(PARTS)
    units = asked.teach(parse_parts(PARTS)).units
    second = Engine(config).set_shape(xyz).set_units(PARTS, units).segment(PARTS)
    assert torch.equal(first.labels, second.labels)
    assert torch.equal(first.scores, second.scores)
    blind = replace(units, seen=None)
    if mode == "partslip":
        with pytest.raises(TeacherError, match="units that say which views show each point"):
            pde.segment(xyz, PARTS, units=blind, mode=mode)
    else:
        assert pde.segment(xyz, PARTS, units=blind, mode=mode, instances=True).found


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"count": 5}, "count must be the number of points that are labelled, 4, got 5"),
        ({"label": torch.tensor([0, 3])}, "label must be in [0, 2], got [3]"),
        ({"label": torch.tensor([0])}, "score must be [1] torch.float32, got [2] torch.float32"),
        ({"score": torch.tensor([0.5, float("nan")])}, "score must be in [0, 1], got [nan]"),
        ({"point": torch.tensor([2, 3, 0, 1, 4])}, "point must be in [0, 3], got [4]"),
        ({"point": torch.tensor([3, 2, 0, 1, 2])}, "point must be ascending inside a unit"),
        ({"offsets": torch.tensor([0, 2, 4])}, "offsets must begin with 0 and end with 5"),
        ({"offsets": torch.tensor([0, 5, 5])}, "every unit must hold a point"),
        ({"view": torch.tensor([0, -1])}, "view must be at least 0"),
        ({"view": torch.tensor([0.0, 1.0])}, "view must be [2] torch.int64"),
        ({"seen": torch.ones(1, 4, dtype=torch.bool)}, "seen must be [2 views or more, 4] bool"),
    ],
)
def test_units_of_something_else_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(TeacherError) as caught:
        Engine().set_shape(line()).set_units(PARTS, replace(GOOD, **wrong))
    assert message in str(caught.value)


def test_units_come_after_the_shape_with_names_and_alone(stripes: Any) -> None:
    with pytest.raises(ShapeError, match="call set_shape first"):
        Engine().set_units(PARTS, GOOD)
    with pytest.raises(PartError, match="units need the part names"):
        pde.segment(line(), units=GOOD)
    with pytest.raises(ConfigError, match="units must come without a teacher"):
        pde.segment(line(), PARTS, units=GOOD, teacher=stripes())


# PartDistill's file, from the command line.


def written(folder: Path) -> Path:
    path = folder / "preprocess.h5"
    with h5py.File(path, "w") as file:
        file["xyz"] = line().world.numpy()
        file["gt_semantic_seg"] = [0, 0, 0, 0]
        file["cls_bbox"] = [[0.0, 1.0]]
        confidence = torch.zeros(4, 2, 2)
        confidence[2:, 0, 0] = 0.9
        confidence[:3, 1, 1] = 0.6
        file["conf_bbox"] = confidence.numpy()
    return path


def test_segment_takes_points_and_answers_from_one_file(tmp_path: Path) -> None:
    words = ["segment", str(written(tmp_path)), "--parts", PARTS, "--method", "vote", "--quiet"]
    assert main([*words, "--out", str(tmp_path / "out")]) == OK
    said = json.loads((tmp_path / "out" / "result.json").read_text())
    assert [part["points"] for part in said["parts"]] == [2, 2]
    assert said["teacher"]["name"] == "GLIP boxes of preprocess.h5"
    assert (said["views"], said["units"], said["config"]["teacher"]) == (0, 2, "ready")
    assert "No view was drawn" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "needs --parts"),
        (["--parts", "top"], "cls_bbox must be below 1, for the prompt asks for top, got 1"),
        (["--parts", PARTS, "--teacher", "embedded-boxes"], "leave out --detections and --teacher"),
        (["--parts", PARTS, "--method", "partslip"], "which views show each point"),
        (["--parts", PARTS, "--nameless", "0.5"], "--nameless needs to know what each view shows"),
    ],
)
def test_what_the_file_leaves_no_room_for_is_one_line(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path)
    code = main(["segment", str(path), *words, "--out", str(tmp_path / "out"), "--quiet"])
    assert code == FAILED
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert said.count("\n") == 1
    assert message in said
