"""pdengine align, and segment with what it wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import trimesh

from pdengine.cli import main
from pdengine.io import read_labels

FAST = ["--points", "400", "--views", "2", "--up", "y", "--quiet"]
NAMES = "tower: top, bottom"


@pytest.fixture
def folder(towers: list[Path]) -> Path:
    return towers[0].parent


def run(*words: object) -> int:
    return main([str(word) for word in words])


def test_weights_that_are_missing_are_said_once_and_not_of_every_shape(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    student = tmp_path / "tower.safetensors"
    far = ["--teacher", "clipseg", "--teacher-path", tmp_path / "nowhere"]
    assert run("align", folder, "--parts", NAMES, "--out", student, *far, *FAST) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("error: clipseg: the path to its weights must be a folder, got")


def test_align_writes_a_student_and_labels_and_the_student_segments(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    student, labels = tmp_path / "tower.safetensors", tmp_path / "tower_labels"
    (folder / "broken.ply").write_text("ply")
    assert run("align", folder, "--parts", NAMES, "--out", student, *FAST) == 0
    assert student.stat().st_size > 1000
    content = json.loads((labels / "collection.json").read_text())
    assert [shape["name"] for shape in content["shapes"]] == ["tower0", "tower1", "tower2"]
    assert [failure["name"] for failure in content["failures"]] == ["broken.ply"]
    assert content["cached_units"] == 0
    aligned = read_labels(labels / "tower0_parts.ply")
    assert tuple(aligned.names) == ("top", "bottom")

    out = tmp_path / "out"
    shape = folder / "tower0.xyz"
    assert run("segment", shape, "--student", student, "--out", out, "--quiet") == 0
    answer = json.loads((out / "result.json").read_text())
    assert answer["mode"] == "pre"
    assert answer["meta"]["student"]["shapes"] == 3
    said = read_labels(out / "tower0_parts.ply").labels
    assert (said == aligned.labels).float().mean() > 0.8
    assert "instances" not in answer
    assert not (out / "tower0_parts.glb").exists()

    words = ("--out", out, "--instances", "--glb")
    assert run("segment", shape, "--student", student, *words) == 0
    assert "instances" in capsys.readouterr().out.splitlines()[0]
    answer = json.loads((out / "result.json").read_text())
    assert {i["name"] for i in answer["instances"]} >= {"top_0", "bottom_0"}
    found = read_labels(out / "tower0_parts.ply").instances
    assert found is not None
    assert int(found.max()) + 1 == len(answer["instances"])
    assert "top_0" in trimesh.load_scene(out / "tower0_parts.glb").graph.nodes_geometry


def test_align_numbers_the_things_too_and_asks_the_teacher_no_more(
    folder: Path, tmp_path: Path
) -> None:
    words = ["align", folder, "--parts", NAMES, "--out", tmp_path / "s.safetensors", *FAST]
    assert run(*words) == 0
    labels = tmp_path / "s_labels"
    assert read_labels(labels / "tower0_parts.ply").instances is None
    assert run(*words, "--instances") == 0
    content = json.loads((labels / "collection.json").read_text())
    assert content["cached_units"] == 3
    assert content["shapes"][0]["instances"][0]["name"] == "top_0"
    assert read_labels(labels / "tower0_parts.ply").instances is not None


def test_a_second_run_uses_what_the_teacher_said(folder: Path, tmp_path: Path) -> None:
    student = tmp_path / "s.safetensors"
    words = ["align", folder, "--parts", NAMES, "--out", student, *FAST]
    assert run(*words) == 0
    first = student.read_bytes()
    assert run(*words) == 0
    content = json.loads((tmp_path / "s_labels" / "collection.json").read_text())
    assert content["cached_units"] == 3
    assert student.read_bytes() == first


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--parts", "tower: top, roof"], "parts must be top, bottom, got top, roof"),
        (["--parts", "house: top, bottom"], "category must be tower, got house"),
    ],
)
def test_a_student_for_something_else_is_refused(
    words: list[str], message: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    student = tmp_path / "s.safetensors"
    assert run("align", folder, "--parts", NAMES, "--out", student, *FAST) == 0
    assert run("segment", folder / "tower0.xyz", "--student", student, *words) == 2
    assert message in capsys.readouterr().err


def test_segment_needs_names_or_a_student_where_the_teacher_proposes_none(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("segment", folder / "tower0.xyz", "--out", tmp_path / "out", "--quiet") == 2
    error = "error: segment needs --parts, or a --student that brings its own: teacher stripes"
    assert capsys.readouterr().err.startswith(error)
    assert not (tmp_path / "out").exists()


def test_align_needs_names(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("align", folder) == 2
    assert "--parts" in capsys.readouterr().err


def test_a_folder_without_a_shape_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("align", tmp_path, "--parts", NAMES, "--out", tmp_path / "s.safetensors") == 2
    assert "a folder must hold a file that ends with" in capsys.readouterr().err
