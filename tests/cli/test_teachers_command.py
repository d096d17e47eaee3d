"""pdengine teachers: who there is, what their licences allow, and their weights."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pdengine.cli import main
from pdengine.errors import TeacherError
from pdengine.teach import TEACHERS, TeacherCard

DETECTOR = TeacherCard(
    name="far",
    kind="boxes",
    about="things that have a name",
    licence="Some Licence 2.0",
    limits="not in the EU",
    trains_others="no",
    extra="teach",
    weights="someone/far@0123abc",
)


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A teacher whose weights are elsewhere; what was pulled is noted."""
    pulled: dict[str, Any] = {}

    def pull(*, offline: bool) -> str:
        if offline:
            raise TeacherError("far: its weights are not here; pdengine teachers pull far")
        pulled["far"] = True
        return "fetched 1.2 GB\ninto the cache"

    entry = replace(
        TEACHERS["embedded"],
        card=DETECTOR,
        why_not=lambda: 'it needs transformers; pip install "pdengine[teach]"',
        pull=pull,
    )
    monkeypatch.setitem(TEACHERS, "far", entry)
    return pulled


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_table_says_what_each_is_for_and_what_to_type(far, capsys):
    assert main(["teachers", "list"]) == 0
    printed = words(capsys.readouterr().out)
    for text in ("Some Licence 2.0", "not in the EU", "no: it needs transformers", "Apache-2.0"):
        assert text in printed
    assert "pip install" in printed


def test_the_same_as_json(far, capsys):
    assert main(["teachers", "list", "--json"]) == 0
    said = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert said["far"]["trains_others"] == "no"
    assert said["far"]["weights"] == "someone/far@0123abc"
    assert (said["far"]["runs_here"], said["far"]["why_not"]) == (
        False,
        'it needs transformers; pip install "pdengine[teach]"',
    )
    assert (said["embedded"]["runs_here"], said["embedded"]["why_not"]) == (True, None)
    assert set(said["embedded"]) == {*vars(DETECTOR), "runs_here", "why_not"}


def test_pull_fetches_what_is_elsewhere(far, capsys):
    assert main(["teachers", "pull", "far"]) == 0
    assert capsys.readouterr().out == "far: fetched 1.2 GB into the cache\n"
    assert far == {"far": True}


def test_pull_offline_only_looks(far, capsys):
    assert main(["teachers", "pull", "far", "--offline"]) == 2
    assert "error: far: its weights are not here" in capsys.readouterr().err
    assert far == {}


def test_what_is_in_the_package_is_not_fetched(capsys):
    assert main(["teachers", "pull", "embedded"]) == 0
    assert capsys.readouterr().out == "embedded: already in the package\n"
    assert main(["teachers", "pull", "nobody"]) == 2
    assert "teacher must be one of `pdengine teachers list`" in capsys.readouterr().err


def test_segment_tells_the_teacher_that_it_is_offline(
    tmp_path: Path, write_tower: Any, monkeypatch: pytest.MonkeyPatch, stripes: Any
) -> None:
    told = []

    def load(*, offline: bool) -> Any:
        told.append(offline)
        return stripes()

    entry = replace(TEACHERS["embedded"], load=load)
    monkeypatch.setitem(TEACHERS, "embedded", entry)
    shape = str(write_tower(tmp_path / "tower.xyz", 0))
    common = ["segment", shape, "-p", "a, b", "--method", "vote", "--views", "3", "--up", "y"]
    common += ["--quiet", "-o", str(tmp_path / "out")]
    assert main(common) == 0
    assert main([*common, "--offline", "--teacher-timeout", "60"]) == 0
    assert told == [False, True]
    config = json.loads((tmp_path / "out" / "result.json").read_text())["config"]
    assert (config["offline"], config["teacher_timeout"]) == (True, 60.0)


def test_segment_asks_once_with_a_cache(
    tmp_path: Path, write_tower: Any, monkeypatch: pytest.MonkeyPatch, stripes: Any
) -> None:
    teacher = stripes()
    entry = replace(TEACHERS["embedded"], load=lambda **_: teacher)
    monkeypatch.setitem(TEACHERS, "embedded", entry)
    shape = str(write_tower(tmp_path / "tower.xyz", 0))
    common = ["segment", shape, "-p", "a, b", "--method", "vote", "--views", "3", "--up", "y"]
    common += ["--quiet", "--cache", str(tmp_path / "cache")]
    for out in ("one", "two"):
        assert main([*common, "-o", str(tmp_path / out)]) == 0
    assert teacher.calls == 1
    (tmp_path / "file").write_text("")
    assert main([*common[:-1], str(tmp_path / "file"), "-o", str(tmp_path / "x")]) == 2
