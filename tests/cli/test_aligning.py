"""pdengine align, and segment with what it wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from pdengine.cli import main
from pdengine.io import read_labels
from pdengine.teach import TEACHERS
from pdengine.types import PartList, PixelScores, Views

FAST = ["--points", "400", "--views", "2", "--up", "y", "--quiet"]
NAMES = "tower: top, bottom"


class Stripes:
    """Calls the upper half of every image the first part, the lower half the last."""

    name = "stripes"

    def __call__(self, views: Views, parts: PartList) -> PixelScores:
        H, W = views.size
        score = torch.zeros(len(views), len(parts), H, W)
        score[:, 0, : H // 2] = 0.9
        score[:, -1, H // 2 :] = 0.9
        return PixelScores(score * (views.index >= 0)[:, None])


@pytest.fixture(autouse=True)
def stripes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TEACHERS, "embedded", Stripes)


@pytest.fixture
def towers(tmp_path: Path) -> Path:
    folder = tmp_path / "towers"
    folder.mkdir()
    for seed in range(3):
        dice = torch.Generator().manual_seed(seed)
        points = torch.rand(300, 3, generator=dice) * torch.tensor([1.0, 3.0, 1.0])
        points[points[:, 1] > 1.5] *= torch.tensor([0.3, 1.0, 0.3])  # a spire on a block
        text = "\n".join(" ".join(f"{v:.5f}" for v in p) for p in points.tolist())
        (folder / f"tower{seed}.xyz").write_text(text)
    return folder


def run(*words: object) -> int:
    return main([str(word) for word in words])


def test_align_writes_a_student_and_labels_and_the_student_segments(
    towers: Path, tmp_path: Path
) -> None:
    student, labels = tmp_path / "tower.safetensors", tmp_path / "tower_labels"
    (towers / "broken.ply").write_text("ply")
    assert run("align", towers, "--parts", NAMES, "--out", student, *FAST) == 0
    assert student.stat().st_size > 1000
    content = json.loads((labels / "collection.json").read_text())
    assert [shape["name"] for shape in content["shapes"]] == ["tower0", "tower1", "tower2"]
    assert [failure["name"] for failure in content["failures"]] == ["broken.ply"]
    assert content["cached_units"] == 0
    aligned = read_labels(labels / "tower0_parts.ply")
    assert tuple(aligned.names) == ("top", "bottom")

    out = tmp_path / "out"
    shape = towers / "tower0.xyz"
    assert run("segment", shape, "--student", student, "--out", out, "--quiet") == 0
    answer = json.loads((out / "result.json").read_text())
    assert answer["mode"] == "pre"
    assert answer["meta"]["student"]["shapes"] == 3
    said = read_labels(out / "tower0_parts.ply").labels
    assert (said == aligned.labels).float().mean() > 0.8


def test_a_second_run_uses_what_the_teacher_said(towers: Path, tmp_path: Path) -> None:
    student = tmp_path / "s.safetensors"
    words = ["align", towers, "--parts", NAMES, "--out", student, *FAST]
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
    words: list[str], message: str, towers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    student = tmp_path / "s.safetensors"
    assert run("align", towers, "--parts", NAMES, "--out", student, *FAST) == 0
    assert run("segment", towers / "tower0.xyz", "--student", student, *words) == 2
    assert message in capsys.readouterr().err


def test_segment_needs_names_or_a_student(towers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("segment", towers / "tower0.xyz") == 2
    assert "segment needs --parts, or a --student" in capsys.readouterr().err


def test_a_folder_without_a_shape_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("align", tmp_path, "--parts", NAMES, "--out", tmp_path / "s.safetensors") == 2
    assert "a folder must hold a file that ends with" in capsys.readouterr().err
