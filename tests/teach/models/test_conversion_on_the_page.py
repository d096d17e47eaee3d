"""docs/models.md: what it says to type for files that are never read makes files that are."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from pdengine.errors import TeacherError
from pdengine.teach.models.catalogue import CLIPSEG
from pdengine.teach.models.loaders import clipseg as load
from pdengine.teach.models.segment_anything import SegmentAnything

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "models.md").read_text()


def block(word: str) -> str:
    """The code between fences that holds a word."""
    (found,) = (code for code in PAGE.split("```")[1::2] if word in code)
    return found


def test_a_bin_becomes_safetensors(
    clipseg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "DIR"
    shutil.copytree(clipseg, folder)
    whole = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(whole, folder / "pytorch_model.bin")
    with pytest.raises(TeacherError, match=r"is a pickle, which is never read: docs/models\.md"):
        load(CLIPSEG, path=folder)
    monkeypatch.chdir(tmp_path)
    exec(compile(block("pytorch_model.bin"), "docs/models.md", "exec"), {})
    one, other = (load(CLIPSEG, path=place) for place in (clipseg, folder))
    for mine, theirs in zip(*(weights(teacher) for teacher in (one, other)), strict=True):
        assert torch.equal(mine, theirs)


def weights(teacher: Any) -> list[torch.Tensor]:
    return list(teacher._model._model.state_dict().values())


def test_the_authors_file_becomes_safetensors(
    segment_anything: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(block("sam_model_registry"), "docs/models.md", "exec"), {})
    SegmentAnything("found", tmp_path / "sam")
