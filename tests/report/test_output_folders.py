"""A run that ends without an answer leaves no empty folder behind, and nothing else goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdengine.errors import SaveError
from pdengine.report import output_folders


def test_folders_are_there_and_stay(tmp_path: Path) -> None:
    with output_folders(tmp_path / "a" / "b", tmp_path / "c"):
        assert (tmp_path / "a" / "b").is_dir()
    assert (tmp_path / "a" / "b").is_dir()
    assert (tmp_path / "c").is_dir()


def test_what_was_made_and_is_empty_goes(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    with pytest.raises(KeyboardInterrupt), output_folders(tmp_path / "a", tmp_path / "a" / "b"):
        raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt), output_folders(tmp_path / "old" / "a"):
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.rglob("*")] == ["old"]


def test_what_was_written_or_was_there_stays(tmp_path: Path) -> None:
    def fail() -> None:
        (tmp_path / "new" / "student").touch()
        raise SaveError("full")

    (tmp_path / "old").mkdir()
    with pytest.raises(SaveError), output_folders(tmp_path / "old", tmp_path / "new" / "in"):
        fail()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["new", "old", "student"]


def test_one_that_cannot_be_made_takes_the_others_with_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folders = output_folders(tmp_path / "a", tmp_path / "file" / "x")
    with pytest.raises(SaveError, match="file/x: cannot be made"):
        folders.__enter__()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
