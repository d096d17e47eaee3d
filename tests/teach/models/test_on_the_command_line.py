"""A published model, random and small, through segment, align and eval, with options."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pdengine.cli import main
from pdengine.cli.chair_file import write_chair
from pdengine.teach.models import catalogue

REPOSITORY = catalogue.OWLV2_BASE.repository
QUICK = ["--views", "2", "--up", "y", "--points", "200", "--quiet"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owlv2: Path) -> Path:
    """A folder with a chair and phrases, and the model in the hub's cache under our commit."""
    home = tmp_path / "models--google--owlv2-base-patch16-ensemble" / "snapshots"
    shutil.copytree(owlv2, home / REPOSITORY.revision)
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    write_chair(Path("chair.ply"), 0)
    phrases = {"chair": {"back": ["a backrest", "what one leans on"], "seat": ["a seat"]}}
    Path("phrases.json").write_text(json.dumps(phrases))
    return tmp_path


def asked(*options: str) -> list[str]:
    words = [word for option in options for word in ("--teacher-option", option)]
    return ["--teacher", "owlv2-base", *words, *QUICK]


def segmented(out: str, *options: str) -> dict[str, Any]:
    words = ["segment", "chair.ply", "-p", "chair: back, seat", "--method", "vote", "-o", out]
    assert main([*words, "--cache", "cache", *asked(*options)]) == 0
    said: dict[str, Any] = json.loads(Path(out, "result.json").read_text())
    return said


def test_a_result_says_the_commit_and_the_options_and_they_tell_answers_apart(here: Path) -> None:
    first = segmented("first", "threshold=0", "phrases=phrases.json")
    assert first["teacher"]["weights"] == f"{REPOSITORY.id}@{REPOSITORY.revision}"
    assert first["config"]["teacher_options"] == {"threshold": 0.0, "phrases": "phrases.json"}
    assert first["units"] > 0
    assert len(list(Path("cache").iterdir())) == 1
    segmented("again", "phrases=phrases.json", "threshold=0.0")
    assert len(list(Path("cache").iterdir())) == 1  # the same question, the same answer
    segmented("other words", "threshold=0")
    none = segmented("none", "threshold=1", "phrases=phrases.json")
    assert len(list(Path("cache").iterdir())) == 3
    assert none["units"] == 0


def test_a_part_without_a_phrase_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["segment", "chair.ply", "-p", "chair: back, leg", *asked("phrases=phrases.json")]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "phrases.json must have phrases for every part, none for 'leg' of 'chair'" in said


def test_a_collection_is_taught_with_options(here: Path) -> None:
    words = ["align", "chair.ply", "-p", "chair: back, seat", "-o", "student.safetensors"]
    assert main([*words, *asked("threshold=0")]) == 0
    said = json.loads(Path("student_labels/collection.json").read_text())
    assert said["about"]["teacher_weights"] == f"{REPOSITORY.id}@{REPOSITORY.revision}"
