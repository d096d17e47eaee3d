"""The command: what it writes, what it says, and the number it leaves with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import trimesh

from pdengine.cli import joined, main, one_line
from pdengine.cli.commands import COMMANDS
from pdengine.io import read_labels
from pdengine.pipeline import Engine
from pdengine.teach import TEACHERS, Proposal
from pdengine.types import PartList, Views

FAST = ["--points", "400", "--views", "2", "--up", "y"]


@pytest.fixture
def cloud(tmp_path: Path, write_tower: Callable[[Path, int], Path]) -> Path:
    return write_tower(tmp_path / "tower.xyz", 0)


def run(*words: object) -> int:
    return main([str(word) for word in words])


def test_instances_and_a_glb_where_they_are_asked_for(
    cloud: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ("segment", cloud, "--parts", "tower: top, foot", "--out", out, *FAST)
    assert run(*words, "--instances", "--glb") == 0
    assert "instances" in capsys.readouterr().out.splitlines()[1]
    content = json.loads((out / "result.json").read_text())
    assert content["files"]["glb"] == "tower_parts.glb"
    listed = content["instances"]
    assert listed[0]["name"] == "top_0"
    labels = read_labels(out / "tower_parts.ply")
    assert labels.instances is not None
    counts = torch.bincount(labels.instances[labels.instances >= 0])
    assert [instance["points"] for instance in listed] == counts.tolist()
    for part in content["parts"]:
        mine = [i["points"] for i in listed if i["part"] == part["name"]]
        assert (part["instances"], part["loose"]) == (len(mine), part["points"] - sum(mine))
    scene = trimesh.load_scene(out / "tower_parts.glb")
    assert {i["name"] for i in listed} <= set(scene.graph.nodes_geometry)
    assert sum(len(points.vertices) for points in scene.geometry.values()) == 300

    assert run(*words, "--quiet") == 0
    content = json.loads((out / "result.json").read_text())
    assert (content["instances"], content["parts"][0]["instances"]) == (None, None)
    assert read_labels(out / "tower_parts.ply").instances is None


def test_segment_writes_three_files(
    cloud: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run("segment", cloud, "--parts", "tower: top, foot", "--out", out, *FAST) == 0
    names = ["report.html", "result.json", "tower_parts.ply"]
    assert sorted(path.name for path in out.iterdir()) == names
    said = capsys.readouterr()
    for word in ("top", "foot", "share", "mean score", *names):
        assert word in said.out
    stages = [line.split()[0] for line in said.err.splitlines()]
    assert stages[0] == "load"
    assert stages[-1] == "report"

    content = json.loads((out / "result.json").read_text())
    assert content["input"]["rows"] == 300
    assert content["config"]["points"] == 400
    assert content["timings_ms"]["load"] > 0
    assert content["timings_ms"]["total"] == pytest.approx(
        sum(ms for stage, ms in content["timings_ms"].items() if stage != "total"), abs=0.1
    )
    labels = read_labels(out / "tower_parts.ply")
    assert labels.names == ("top", "foot")
    assert torch.bincount(labels.labels, minlength=2).tolist() == [
        part["points"] for part in content["parts"]
    ]
    # the tower's top is the top: y is the second column of the file
    rows = [float(line.split()[1]) for line in cloud.read_text().splitlines()]
    high, low = torch.tensor(rows) > 2.6, torch.tensor(rows) < 0.4
    assert (labels.labels[high] == 0).double().mean() > 0.9
    assert (labels.labels[low] == 1).double().mean() > 0.9


def test_the_folder_is_named_after_the_shape(
    cloud: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("segment", cloud.name, "-p", "a, b", "--method", "vote", "--quiet", *FAST) == 0
    assert (tmp_path / "tower_parts" / "report.html").exists()


def test_quiet_says_nothing(
    cloud: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("segment", cloud, "-p", "a, b", "-o", tmp_path / "o", "--method", "vote", "--quiet")
    assert run(*words, *FAST) == 0
    said = capsys.readouterr()
    assert said.out == said.err == ""


@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 3)])
def test_nothing_found_is_a_warning_or_three(
    strict: list[str], code: int, cloud: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ("segment", cloud, "-p", "a, b", "-o", out, "--teacher", "blind", *FAST, *strict)
    assert run(*words) == code
    assert "warning: no part was found" in capsys.readouterr().err
    assert json.loads((out / "result.json").read_text())["unlabelled"]["points"] == 300
    assert set(read_labels(out / "tower_parts.ply").labels.tolist()) == {-1}


BAD: list[tuple[list[str], str]] = [
    (["--views", "0"], "views must be between 1 and 1000, got 0"),
    (["--points", "-1"], "points must be between 1 and 2^31 - 1, got -1"),
    (["--method", "x"], "method must be one of partdistill, partslip, vote, got 'x'"),
    (
        ["--method", "vote", "--student", "s.safetensors"],
        "method must be partdistill with a student, got 'vote'",
    ),
    (
        ["--student", "s.safetensors", "--teacher-timeout", "3"],
        "--student asks no teacher: it must come without --teacher-timeout",
    ),
    (["--student", "s.safetensors", "--cache", "c"], "it must come without --cache"),
    (["--student", "s.safetensors", "--nameless", "0.5"], "it must come without --nameless"),
    (["--nameless", "2"], "nameless must be in [0, 1], got 2"),
    (["--views-from", "v"], "--views-from must come with --detections"),
    (["--up", "w"], "up must be one of auto, x, y, z, -x, -y, -z, got 'w'"),
    (["--up", "-w"], "got '-w'"),
    (["--seed", "-1"], "seed must be between 0"),
    (["--device", "tpu"], "device must be one of auto, cpu, cuda, got 'tpu'"),
    *([] if torch.cuda.is_available() else [(["--device", "cuda"], "must be auto or cpu here")]),
    (["--teacher", "dino"], "near names: grounding-dino-tiny, grounding-dino-base; got 'dino'"),
    (["--parts", ""], "a part list must name at least one part"),
    (["--parts", "a, a"], "part names must differ"),
    (["--parts", "a, ../b"], ".."),
]


@pytest.mark.parametrize(("words", "message"), BAD)
def test_a_bad_value_is_one_line_and_leaves_nothing(
    words: list[str],
    message: str,
    cloud: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    parts = [] if "--parts" in words else ["--parts", "a, b"]
    assert run("segment", cloud, *parts, "--out", out, *words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert message in said.err
    assert not out.exists()


def test_a_missing_file_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("segment", tmp_path / "no.ply", "-p", "a, b", "-o", tmp_path / "out") == 2
    assert capsys.readouterr().err.endswith("no.ply: there is no such file\n")
    assert not (tmp_path / "out").exists()


def test_a_folder_is_shown_the_door_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("segment", tmp_path, "--parts", "chair: seat") == 2
    rule = "must be one file; `pdengine align` labels the shapes of a folder together"
    assert capsys.readouterr().err == f"error: {tmp_path}: {rule}\n"


def test_a_broken_file_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.ply").write_bytes(b"ply\nformat ascii 1.0\nelement vertex 9\nend_header\n")
    assert run("segment", tmp_path / "bad.ply", "-p", "a, b", "-o", tmp_path / "out") == 2
    error = capsys.readouterr().err
    assert "bad.ply" in error
    assert error.strip().splitlines()[-1].startswith("error: ")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_one_line(
    cloud: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("")
    assert run("segment", cloud, "-p", "a, b", "-o", tmp_path / "taken", *FAST) == 2
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize("method", ["vote", "partdistill", "partslip"])
def test_without_parts_the_teacher_names_the_category(
    method: str,
    cloud: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    stripes: Any,
) -> None:
    class Knowing(stripes):  # type: ignore[misc]
        def propose(self, views: Views) -> tuple[Proposal, ...]:
            return (
                Proposal("tower", 0.4, PartList(("top", "foot"), "tower")),
                Proposal("chair", 0.35, PartList(("back",), "chair")),
                Proposal("mug", 0.25, PartList(("body",), "mug")),
            )

    knowing = replace(TEACHERS["embedded"], load=lambda **_: Knowing())
    monkeypatch.setitem(TEACHERS, "embedded", knowing)
    out = tmp_path / "out"
    assert run("segment", cloud, "--out", out, "--method", method, *FAST) == 0
    said = capsys.readouterr()
    assert "category  tower, 0.40 sure (not given)" in said.out
    guess = "the category is a guess: tower 0.40, chair 0.35; say --parts to decide"
    assert f"warning: {guess}" in said.err
    content = json.loads((out / "result.json").read_text())
    assert content["category"] == "tower"
    assert [part["name"] for part in content["parts"]] == ["top", "foot"]
    assert content["proposed"] == {
        "category": "tower",
        "probability": 0.4,
        "others": [["chair", 0.35], ["mug", 0.25]],
    }
    assert content["warnings"][0] == guess
    assert content["timings_ms"]["propose"] > 0
    assert "The category was not given" in (out / "report.html").read_text()

    asked = ("segment", cloud, "--parts", "tower: top, foot", "--out", tmp_path / "asked")
    assert run(*asked, "--method", method, *FAST) == 0
    assert "not given" not in capsys.readouterr().out
    guessed, typed = (read_labels(d / "tower_parts.ply").labels for d in (out, tmp_path / "asked"))
    assert torch.equal(guessed, typed)


def test_interrupted_is_130(cloud: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(**_: Any) -> Any:
        raise KeyboardInterrupt

    stopping = replace(TEACHERS["embedded"], load=stop)
    monkeypatch.setitem(TEACHERS, "embedded", stopping)
    assert run("segment", cloud, "-p", "a, b", "-o", tmp_path / "o", *FAST) == 130
    assert not (tmp_path / "o").exists()


def test_what_was_stopped_leaves_no_empty_folder(
    cloud: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Engine, "segment", stop)
    there = tmp_path / "there"
    there.mkdir()
    for out in (there, there / "a" / "b"):
        assert run("segment", cloud, "-p", "a, b", "-o", out, *FAST) == 130
        assert list(there.iterdir()) == []


def test_demo_makes_its_own_chair(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("demo", "--out", tmp_path) == 0
    content = json.loads((tmp_path / "result.json").read_text())
    assert content["input"]["kind"] == "mesh"
    assert content["category"] == "chair"
    assert [part["name"] for part in content["parts"]] == ["back", "seat", "leg", "arm"]
    assert (tmp_path / "chair.ply").exists()
    assert str(tmp_path / "report.html") in capsys.readouterr().out.replace("\n", "")


def test_formats_lists_every_reader(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("formats") == 0
    said = capsys.readouterr().out
    for extension in (".ply", ".pcd", ".xyz", ".npz", ".obj", ".stl", ".glb", ".off"):
        assert extension in said


def test_up_may_be_negative() -> None:
    assert joined(["--up", "-z", "--strict"]) == ["--up=-z", "--strict"]
    assert joined(["--up", "--strict"]) == ["--up", "--strict"]


def test_messages_carry_no_control_characters() -> None:
    assert one_line("a\nb\x1b[31m") == "a b [31m"


def command(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    code = "import sys; from pdengine.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        cwd="/",
        env=environment,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "code", "where", "said"),
    [
        (["--version"], 0, "stdout", "pdengine "),
        (["--help"], 0, "stdout", "segment"),
        ([], 0, "stdout", "segment"),
        (["segment", "--help"], 0, "stdout", "--parts"),
        (["segment", "nowhere.ply", "--parts", "a, b"], 2, "stderr", "error: nowhere.ply"),
        (["segment", "nowhere.ply"], 2, "stderr", "error: nowhere.ply"),
        (["segment", "x.ply", "-p", "a", "--views", "many"], 2, "stderr", "--views"),
        (["nonsense"], 2, "stderr", "nonsense"),
        (["segment", "x.ply", "-p", "a", "--nonsense"], 2, "stderr", "nonsense"),
    ],
)
def test_exit_codes(words: list[str], code: int, where: str, said: str) -> None:
    done = command(*words)
    assert done.returncode == code, done.stderr
    assert said in getattr(done, where)
    assert "Traceback" not in done.stderr


def test_help_has_a_line_per_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    lines = capsys.readouterr().out.splitlines()
    first = next(k for k, line in enumerate(lines) if "• demo" in line)
    named = [re.search(r"• (\w+) ", line) for line in lines[first : first + len(COMMANDS)]]
    assert [found and found[1] for found in named] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_is_all_that_there_is_to_say(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(name, "--help") == 0
    said = capsys.readouterr().out
    assert "(default: None)" not in said
    assert "(default: False)" not in said
    paragraphs = (COMMANDS[name].__doc__ or "").split("\n\n")
    assert " ".join(paragraphs[-1].split()) in " ".join(said.split())


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_help_is_quick_and_loads_no_torch(word: str) -> None:
    code = (
        "import sys; from pdengine.cli import main; code = main(); "
        "sys.exit(9 if 'torch' in sys.modules else code)"
    )
    times = []
    for _ in range(3):
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", code, word], capture_output=True, check=False, cwd="/"
        )
        times.append(time.perf_counter() - start)
        assert done.returncode == 0
    assert min(times) < 0.6
