"""pdengine teachers: who there is, what their licences allow, and their weights."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pdengine.cli import main
from pdengine.errors import TeacherError
from pdengine.teach import TEACHERS, Entry, TeacherCard

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


def loaded(*, offline: bool, path: Any = None, threshold: float = 0.25, look: str = "c") -> Any:
    """A loader that declares two options."""
    raise AssertionError


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A teacher whose weights are elsewhere; what was pulled is noted."""
    pulled: dict[str, Any] = {}

    def pull(*, offline: bool, revision: str = "0123abc") -> str:
        if offline:
            raise TeacherError("far: its weights are not here; pdengine teachers pull far")
        pulled["far"] = revision
        return "fetched 1.2 GB\ninto the cache"

    entry = Entry(
        card=DETECTOR,
        load=loaded,
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
    assert said["far"]["options"] == {"threshold": 0.25, "look": "c"}
    assert said["embedded"]["options"] == {}
    assert set(said["embedded"]) == {*vars(DETECTOR), "options", "runs_here", "why_not"}


def test_the_table_asks_to_pull_where_nothing_else_is_missing(far, monkeypatch, capsys):
    reason = "type pdengine teachers pull far"
    monkeypatch.setitem(TEACHERS, "far", replace(TEACHERS["far"], why_not=lambda: reason))
    assert main(["teachers", "list"]) == 0
    (row,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("far "))
    assert row.split()[:4] == ["far", "pull", "boxes", "Some"]


def test_one_is_shown_with_its_terms_and_its_options(far, capsys):
    assert main(["teachers", "show", "far"]) == 0
    printed = capsys.readouterr().out
    for said in (
        "far: things that have a name",
        "may train others no",
        "limits not in the EU",
        "weights someone/far@0123abc",
        "here no: it needs transformers",
        "threshold 0.25 what scores less is dropped, in [0, 1]",
    ):
        assert said in words(printed)
    assert main(["teachers", "show", "far", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["options"] == {"threshold": 0.25, "look": "c"}
    assert main(["teachers", "show", "embedded"]) == 0
    assert "It takes no --teacher-option." in capsys.readouterr().out
    assert main(["teachers", "show", "farther"]) == 2
    assert "near names: far" in words(capsys.readouterr().err)


def test_pull_fetches_what_is_elsewhere(far, capsys):
    assert main(["teachers", "pull", "far"]) == 0
    assert capsys.readouterr().out == "far: fetched 1.2 GB into the cache\n"
    assert far == {"far": "0123abc"}


def test_pull_fetches_another_revision_where_one_is_named(far, capsys):
    assert main(["teachers", "pull", "far", "--revision", "v2"]) == 0
    assert far == {"far": "v2"}
    assert main(["teachers", "pull", "embedded", "--revision", "v2"]) == 2
    assert "embedded has no revision: in the package" in capsys.readouterr().err
    assert main(["teachers", "pull", "far", "--cutter-revision", "v2"]) == 2
    assert "far has no cutter revision: someone/far@0123abc" in capsys.readouterr().err


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


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["threshold"], "--teacher-option must be NAME=VALUE, got 'threshold'"),
        (["treshold=1"], "teacher far has no option 'treshold': it takes threshold, look"),
        (["threshold=high"], "teacher far: threshold must be a number, got 'high'"),
        (["threshold=nan"], "teacher far: threshold must be a number, got 'nan'"),
        (["look="], "teacher far: look must be text, got ''"),
        (["path=x"], "teacher far: path is no option, say --teacher-path"),
        (["look=a", "look=b"], "--teacher-option look must be given once, got 'look=b' too"),
    ],
)
def test_an_option_that_the_teacher_does_not_take_is_refused(far, capsys, given, message):
    options = [word for text in given for word in ("--teacher-option", text)]
    for command in (["segment", "x.ply"], ["align", "x", "-p", "a"], ["eval", "generated:1"]):
        assert main([*command, "--teacher", "far", *options]) == 2
        assert message in capsys.readouterr().err


def test_options_reach_the_teacher_as_what_they_are_and_stand_in_the_result(
    tmp_path: Path, write_tower: Any, monkeypatch: pytest.MonkeyPatch, stripes: Any
) -> None:
    told = {}

    def load(*, offline: bool, threshold: float = 0.5, look: str = "c", batch: int = 4) -> Any:
        told.update(threshold=threshold, look=look, batch=batch)
        return stripes()

    monkeypatch.setitem(TEACHERS, "embedded", replace(TEACHERS["embedded"], load=load))
    shape = str(write_tower(tmp_path / "tower.xyz", 0))
    common = ["segment", shape, "-p", "a, b", "--method", "vote", "--views", "3", "--up", "y"]
    given = ["--teacher-option", "threshold=1", "--teacher-option", "look=x=y"]
    assert main([*common, *given, "--quiet", "-o", str(tmp_path / "out")]) == 0
    assert told == {"threshold": 1.0, "look": "x=y", "batch": 4}
    said = json.loads((tmp_path / "out" / "result.json").read_text())
    assert said["config"]["teacher_options"] == {"threshold": 1.0, "look": "x=y"}
    assert said["teacher"]["weights"] == "unknown"


def test_what_asks_no_teacher_takes_no_option(capsys):
    given = ["--teacher-option", "threshold=1"]
    for words_, message in (
        (["segment", "x.ply", "--student", "s"], "--student asks no teacher"),
        (["segment", "x.ply", "--detections", "d"], "--detections must come without"),
        (["eval", "generated:1", "--teacher", "simulated-clean"], "a simulated teacher must come"),
        (["eval", "generated:1", "--teacher", "ready"], "teacher 'ready' must come without"),
    ):
        assert main([*words_, *given]) == 2
        said = words(capsys.readouterr().err)
        assert message in said
        assert "--teacher-option" in said
