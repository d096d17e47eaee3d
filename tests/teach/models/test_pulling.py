"""Weights fetched: only numbers and words, and every failure says what to type."""

from __future__ import annotations

import contextlib
import importlib
import re
import shlex
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pdengine.errors import TeacherError
from pdengine.teach.models.pulling import pull_weights
from pdengine.teach.models.weights import Repository

COMMIT = "0123456789abcdef0123456789abcdef01234567"
MAIN = Repository("somebody/model")
PINNED = Repository("somebody/model", COMMIT)


class Hub:
    """Stands for the hub: what it lists, what a download gives, or what it raises."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.listed = ["config.json", "model.safetensors", "pytorch_model.bin"]
        self.here: Path | None = None
        self.error: Exception | None = None
        self.asked: list[dict[str, Any]] = []

    def model_info(self, repository: str, *, revision: str) -> SimpleNamespace:
        if self.error is not None:
            raise self.error
        return SimpleNamespace(siblings=[SimpleNamespace(rfilename=f) for f in self.listed])

    def snapshot_download(self, repository: str, **options: Any) -> str:
        from huggingface_hub.errors import LocalEntryNotFoundError

        if options.pop("local_files_only", False):
            if self.here is not None:
                return str(self.here)
            raise LocalEntryNotFoundError("nothing here")
        self.asked.append({"repository": repository, **options})
        return str(self.folder)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, clipseg: Path) -> Hub:
    import huggingface_hub

    stand_in = Hub(clipseg)
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: stand_in)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", stand_in.snapshot_download)
    return stand_in


def hub_error(kind: str) -> Exception:
    from huggingface_hub import errors

    answer = SimpleNamespace(headers={}, request=None)  # of httpx or httpx2, by the hub's version
    return getattr(errors, kind)("no", response=answer)  # type: ignore[no-any-return]


def test_numbers_and_words_are_fetched_and_no_code(hub: Hub) -> None:
    assert pull_weights("clipseg", PINNED) == f"somebody/model@{COMMIT}, in {hub.folder}"
    assert hub.asked == [
        {
            "repository": "somebody/model",
            "revision": COMMIT,
            "allow_patterns": ["*.safetensors", "*.json", "*.txt", "*.model"],
            "ignore_patterns": ["*/*"],
        }
    ]


def test_the_commit_that_was_fetched_is_said(hub: Hub, tmp_path: Path) -> None:
    hub.folder = tmp_path / "snapshots" / COMMIT
    hub.folder.mkdir(parents=True)
    for name in ("config.json", "model.safetensors"):
        (hub.folder / name).write_bytes(b"{}")
    assert pull_weights("clipseg", MAIN) == f"somebody/model at commit {COMMIT}, in {hub.folder}"


def test_pickles_alone_are_refused_before_anything_is_fetched(hub: Hub) -> None:
    hub.listed = ["config.json", "pytorch_model.bin", "onnx/model.safetensors"]
    with pytest.raises(TeacherError) as caught:
        pull_weights("clipseg", PINNED)
    assert str(caught.value) == (
        f"clipseg: somebody/model at {COMMIT} holds no *.safetensors but pytorch_model.bin, a "
        "pickle, which is never read: give another --revision"
    )
    assert hub.asked == []


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("GatedRepoError", "somebody/model is gated: accept its terms at https://.* hf auth login"),
        ("RepositoryNotFoundError", "somebody/model does not exist, or is private"),
        ("RevisionNotFoundError", "somebody/model has no revision main, see https://.*/commits"),
    ],
)
def test_a_refusal_of_the_hub_says_what_to_do(hub: Hub, kind: str, message: str) -> None:
    hub.error = hub_error(kind)
    with pytest.raises(TeacherError, match=message):
        pull_weights("clipseg", MAIN)


def test_without_a_network_it_says_how_to_carry_the_weights(hub: Hub) -> None:
    hub.error = ConnectionError("no route\nto it")
    with pytest.raises(TeacherError) as caught:
        pull_weights("clipseg", PINNED, option="cutter_path")
    assert str(caught.value) == (
        "clipseg: somebody/model could not be fetched: ConnectionError: no route; where there is "
        "no way to huggingface.co, type hf download somebody/model --revision "
        f'{COMMIT} --include "*.safetensors" --include "*.json" --include "*.txt" --include '
        '"*.model" --local-dir DIR on another machine, copy DIR, and give it with --teacher-option '
        "cutter_path=DIR"
    )
    gated = Repository("somebody/model", COMMIT, gated=True)
    with pytest.raises(TeacherError, match="--local-dir DIR, after hf auth login, on another mac"):
        pull_weights("clipseg", gated)


def asked_by(command: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a line `hf download ...` asks the hub for."""
    from huggingface_hub.cli import download

    asked: dict[str, Any] = {}
    monkeypatch.setattr(
        download, "snapshot_download", lambda **options: asked.update(options) or "here"
    )
    monkeypatch.setattr(sys, "argv", shlex.split(command))
    with contextlib.suppress(SystemExit):
        importlib.import_module("huggingface_hub.cli.hf").main()
    return asked


def test_what_is_to_be_typed_elsewhere_fetches_the_weights(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client takes one pattern an --include; what stands behind would be names of files."""
    hub.error = ConnectionError("no")
    with pytest.raises(TeacherError) as caught:
        pull_weights("clipseg", PINNED)
    said = re.search("type (hf download .*) on another machine", str(caught.value))
    assert said is not None
    page = Path(__file__).parents[3] / "docs" / "models.md"
    (line,) = re.findall("^hf download .*$", page.read_text(encoding="utf-8"), re.MULTILINE)
    for command in (said[1], line):
        asked = asked_by(command, monkeypatch)
        assert set(asked["allow_patterns"]) >= {"*.safetensors", "*.json", "*.txt"}
        assert len(asked["revision"]) == 40
        assert asked["local_dir"]


def test_where_the_environment_forbids_it_that_is_said(hub: Hub) -> None:
    from huggingface_hub.errors import OfflineModeIsEnabled

    hub.error = OfflineModeIsEnabled("no")
    with pytest.raises(TeacherError, match="HF_HUB_OFFLINE is set; unset it, or type hf download"):
        pull_weights("clipseg", PINNED)


def test_offline_looks_and_fetches_nothing(hub: Hub) -> None:
    with pytest.raises(TeacherError, match="not on this machine"):
        pull_weights("clipseg", MAIN, offline=True)
    assert hub.asked == []


def test_a_commit_that_is_here_is_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clipseg: Path
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    there = tmp_path / "models--somebody--model" / "snapshots" / COMMIT
    shutil.copytree(clipseg, there)  # and the network is refused, see conftest
    said = f"somebody/model at commit {COMMIT}, in {there}"
    assert pull_weights("clipseg", PINNED) == said
    assert pull_weights("clipseg", PINNED, offline=True) == said


def test_a_download_that_was_cut_off_is_fetched_again(
    hub: Hub, tmp_path: Path, clipseg: Path
) -> None:
    hub.here = tmp_path / "snapshots" / COMMIT
    shutil.copytree(clipseg, hub.here)
    pull_weights("clipseg", PINNED)
    assert hub.asked == []
    (hub.here / "tokenizer.json").unlink()
    pull_weights("clipseg", PINNED)
    assert [one["revision"] for one in hub.asked] == [COMMIT]
    with pytest.raises(TeacherError, match=r"in part, without tokenizer\.json or .*: type pdeng"):
        pull_weights("clipseg", PINNED, offline=True)
