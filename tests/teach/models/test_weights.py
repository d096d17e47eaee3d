"""Weights: found, checked, never fetched by the way, never unpickled."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pdengine.errors import ConfigError, TeacherError
from pdengine.teach.models import weights
from pdengine.teach.models.weights import (
    CUTTER_PATH,
    Repository,
    commit_of,
    digest,
    find_weights,
)

HERE = Repository("somebody/model")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub."""
    from huggingface_hub import constants

    folder = tmp_path / "hub"
    folder.mkdir()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    return folder


def in_cache(cache: Path, model: Path) -> Path:
    """The model as a download leaves it there."""
    home = cache / "models--somebody--model"
    shutil.copytree(model, home / "snapshots" / COMMIT)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(COMMIT)
    return home / "snapshots" / COMMIT


def test_weights_of_the_cache_are_found_without_a_network(cache: Path, clipseg: Path) -> None:
    there = in_cache(cache, clipseg)
    assert find_weights("clipseg", HERE) == there


def test_a_folder_of_ones_own_goes_before_the_cache(cache: Path, clipseg: Path) -> None:
    in_cache(cache, clipseg)
    assert find_weights("clipseg", HERE, clipseg) == clipseg


def test_missing_weights_say_what_to_type(cache: Path) -> None:
    with pytest.raises(TeacherError) as caught:
        find_weights("clipseg", HERE)
    assert str(caught.value) == (
        "clipseg: its weights are not on this machine: type pdengine teachers pull clipseg (from "
        "somebody/model), or give their folder with --teacher-path DIR"
    )


def test_the_option_and_the_revision_stand_in_what_to_type(cache: Path) -> None:
    with pytest.raises(TeacherError) as caught:
        find_weights("clipseg", HERE.at("v2"))
    assert "type pdengine teachers pull clipseg --revision v2 (from" in str(caught.value)
    with pytest.raises(TeacherError) as caught:
        find_weights("clipseg+sam", HERE.at("v2"), None, CUTTER_PATH)
    said = str(caught.value)
    assert "type pdengine teachers pull clipseg+sam --cutter-revision v2 (from" in said
    assert said.endswith("give their folder with --teacher-option cutter_path=DIR")


@pytest.mark.parametrize(
    ("gone", "named"),
    [
        ("model.safetensors", r"\*.safetensors"),
        ("config.json", "config.json"),
        ("processor_config.json", "preprocessor_config.json or processor_config.json"),
        ("tokenizer.json", "tokenizer.json or vocab.json or .*"),
    ],
)
def test_a_download_that_was_cut_off_is_no_download(
    cache: Path, clipseg: Path, gone: str, named: str
) -> None:
    (in_cache(cache, clipseg) / gone).unlink()
    rule = f"its weights are here in part, without {named}: type pdengine teachers pull clipseg"
    with pytest.raises(TeacherError, match=rule):
        find_weights("clipseg", HERE)


def test_a_part_of_the_weights_is_missed(cache: Path, clipseg: Path) -> None:
    there = in_cache(cache, clipseg)
    (there / "model.safetensors").rename(there / "model-00001-of-00002.safetensors")
    places = {"one": "model-00001-of-00002.safetensors", "two": "model-00002-of-00002.safetensors"}
    index = there / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": places}))
    with pytest.raises(TeacherError, match=r"in part, without model-00002-of-00002\.safetensors: "):
        find_weights("clipseg", HERE)
    index.write_text("{")  # the library says what is wrong with it
    assert find_weights("clipseg", HERE) == there


def test_what_reads_no_words_needs_no_vocabulary(cache: Path, sam: Path) -> None:
    there = in_cache(cache, sam)
    assert find_weights("owlv2-base+sam", replace(HERE, words=False), None, CUTTER_PATH) == there


def test_a_revision_must_have_a_name() -> None:
    with pytest.raises(ConfigError, match="revision must be a commit, branch or tag, got ' '"):
        HERE.at(" ")


def test_a_pinned_commit_is_found_by_its_hash_and_another_is_not(
    cache: Path, clipseg: Path
) -> None:
    there = in_cache(cache, clipseg)
    assert find_weights("clipseg", Repository("somebody/model", COMMIT)) == there
    with pytest.raises(TeacherError, match="not on this machine"):
        find_weights("clipseg", Repository("somebody/model", COMMIT[::-1]))


def test_the_commit_is_the_name_of_the_folder_in_the_cache(cache: Path, clipseg: Path) -> None:
    assert commit_of(in_cache(cache, clipseg)) == COMMIT
    assert commit_of(clipseg) is None
    assert commit_of(clipseg / "snapshots" / "main") is None


def test_missing_gated_weights_say_so(cache: Path) -> None:
    with pytest.raises(TeacherError, match="it is gated, so first hf auth login"):
        find_weights("sam3", Repository("somebody/model", gated=True))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "must hold config.json"),
        (["model.safetensors"], "must hold config.json"),
        (["config.json"], r"must hold \*.safetensors"),
        (["config.json", "pytorch_model.bin"], "pytorch_model.bin is a pickle, which is never"),
    ],
)
def test_says_what_a_folder_lacks(tmp_path: Path, files: list[str], message: str) -> None:
    for name in files:
        (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(TeacherError, match=message):
        find_weights("clipseg", HERE, tmp_path)


def test_says_that_a_path_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(
        TeacherError, match=r"clipseg: the path to its weights must be a folder, got"
    ):
        find_weights("clipseg", HERE, tmp_path / "none")


def test_a_missing_package_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda _: None)
    assert weights.missing("transformers") == (
        'it needs transformers: pip install "pdengine[teach]"'
    )
    with pytest.raises(TeacherError, match=r'clipseg: it needs huggingface-hub: pip install "pd'):
        find_weights("clipseg", HERE)


def test_a_digest_changes_with_the_weights(tmp_path: Path, clipseg: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(clipseg, copy)
    assert digest(copy) == digest(clipseg)
    (copy / "README.md").write_text("not read")
    assert digest(copy) == digest(clipseg)
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"more": 1}))
    assert digest(copy) != digest(clipseg)


def test_a_digest_changes_with_the_library(clipseg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release may resize pictures in another way."""
    before = digest(clipseg)
    monkeypatch.setattr(weights, "version", lambda package: "5.99.0")
    assert digest(clipseg) != before


def test_weights_that_have_not_changed_are_read_once(
    clipseg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest(clipseg)
    monkeypatch.setattr(weights.hashlib, "sha256", None)
    assert digest(clipseg) == before


def test_what_is_not_pinned_says_so() -> None:
    assert str(HERE) == "somebody/model@main (not pinned)"
    assert str(Repository("somebody/model", COMMIT)) == f"somebody/model@{COMMIT}"
    assert str(HERE.at(COMMIT[:7])) == f"somebody/model@{COMMIT[:7]} (not pinned)"
    assert HERE.at(None) is HERE
