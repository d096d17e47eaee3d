"""Files that come together, or not at all."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from pdengine.errors import SaveError
from pdengine.io.folder import write_folder


def digests(files: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


OLD = {"a": b"1", "b": b"2", "last": b"3"}
NEW = {"a": b"10", "c": b"20", "last": b"30"}


def test_a_folder_is_made_and_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "er"
    write_folder(folder, OLD, "last", {})
    assert content(folder) == OLD
    (folder / "mine").write_bytes(b"4")
    write_folder(folder, NEW, "last", digests(OLD))
    assert content(folder) == NEW | {"mine": b"4"}  # b was ours, and is no more


@pytest.mark.parametrize("name", ["a", "last"])
def test_a_file_of_somebody_else_is_not_overwritten(name: str, tmp_path: Path) -> None:
    write_folder(tmp_path, OLD, "last", {})
    (tmp_path / name).write_bytes(b"changed")
    before = content(tmp_path)
    with pytest.raises(SaveError, match=f"{name}: is not overwritten, for pdengine did not write"):
        write_folder(tmp_path, NEW, "last", digests(OLD))
    assert content(tmp_path) == before


def test_a_changed_file_that_is_not_written_again_stays(tmp_path: Path) -> None:
    write_folder(tmp_path, OLD, "last", {})
    (tmp_path / "b").write_bytes(b"painted over")
    write_folder(tmp_path, NEW, "last", digests(OLD))
    assert content(tmp_path) == NEW | {"b": b"painted over"}


def test_a_link_that_leads_nowhere_is_somebody_elses(tmp_path: Path) -> None:
    os.symlink(tmp_path / "nowhere", tmp_path / "a")
    with pytest.raises(SaveError, match="a: is not overwritten"):
        write_folder(tmp_path, OLD, "last", {})
    assert not (tmp_path / "nowhere").exists()


def test_what_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        if path.name == "last":
            raise OSError(28, "No space left on device")
        path.write_bytes(content)

    (tmp_path / "old").mkdir()
    write_folder(tmp_path / "old", OLD, "last", {})
    monkeypatch.setattr("pdengine.io.folder._write", full)
    for name in ("old", "new"):
        with pytest.raises(SaveError, match=f"{name}: cannot be written, No space left on device"):
            write_folder(tmp_path / name, NEW, "last", digests(OLD))
    assert content(tmp_path / "old") == OLD
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SaveError, match="file: cannot be written"):
        write_folder(tmp_path / "file", OLD, "last", {})
    assert (tmp_path / "file").read_bytes() == b""
