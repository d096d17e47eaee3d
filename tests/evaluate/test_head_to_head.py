"""The head-to-head on two tiny tables."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def command() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "bench" / "head_to_head.py"
    spec = importlib.util.spec_from_file_location("head_to_head_command", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_prints_a_table_per_teacher_and_what_it_is_not(
    command: ModuleType, psb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results"
    words = ["--psb", str(psb), "--out", str(out), "--limit", "1", "--methods", "vote"]
    assert command.main([*words, "--teachers", "simulated-clean,simulated-systematic"]) == 0
    text = capsys.readouterr().out
    assert text.strip() == (out / "head_to_head.md").read_text().strip()
    for said in (
        *("These are not results on ShapeNetPart or PartNetE", "### simulated (clean)"),
        *("### simulated (systematic)", "| Table |", "parts-present", "commit"),
    ):
        assert said in text
    assert (out / "simulated-clean" / "index.html").exists()


def test_says_what_is_wrong(
    command: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--psb", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "must hold Labeled PSB" in capsys.readouterr().err
