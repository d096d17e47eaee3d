"""pdengine eval, from the command line to the files."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
import tyro

from pdengine.cli import FAILED, INTERRUPTED, OK, TERMINATED, evaluating, main
from pdengine.cli.evaluating import plan
from pdengine.cli.evaluation import Eval

FEW = ["--points", "64", "--views", "2", "--teacher", "simulated-clean", "--limit", "1"]
FILES = {
    *("shapes.csv", "summary.json", "tables.md", "tables.tex", "index.html", "about.json"),
    *("journal.jsonl", "teacher.json"),
}


def test_a_dataset_becomes_tables_and_a_page(
    psb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results"
    words = ["eval", "psb", str(psb), "--method", "vote", *FEW, "--out", str(out)]
    assert main(words) == OK
    said = capsys.readouterr()
    assert "Labeled PSB, test split, teacher simulated (clean), protocol parts-present" in said.out
    assert "The teacher is simulated" in said.out
    assert {path.name for path in out.iterdir() if path.is_file()} == FILES
    (result,) = json.loads((out / "summary.json").read_text())["results"]
    assert (result["method"], result["shapes"]) == ("vote", 1)

    assert main([*words, "--quiet"]) == OK  # a rerun measures nothing, and says nothing
    again = capsys.readouterr()
    assert (again.out, again.err) == ("", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["eval", "psb", "nowhere"], "nowhere: must hold Labeled PSB"),
        (["eval", "psb"], "psb needs the folder where it lies"),
        (["eval", "generated:1", "--method", "magic"], "methods must be of vote, partslip"),
        (["eval", "generated:1", "--seeds", "one"], "seeds must be whole numbers from 0"),
        (["eval", "generated:1", "--points", "0"], "points must be between 1"),
        (["eval", "generated:1", "--teacher", "simulated"], "a simulated teacher must be one of"),
        (["eval", "generated:1", "--protocol", "mine"], "protocol must be one of"),
        (
            ["eval", "generated:1", "--teacher", "simulated-clean", "--teacher-path", "w"],
            "a simulated teacher must come without --teacher-path",
        ),
    ],
)
def test_a_wrong_word_is_one_line(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--out", str(tmp_path / "out")]) == FAILED
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert said.count("\n") == 1
    assert message in said
    assert not (tmp_path / "out").exists()


def test_the_teachers_weights_may_lie_anywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["eval", "generated:1", "--categories", "mug", "--teacher-path", str(tmp_path / "none")]
    assert main([*words, "--out", str(tmp_path / "out"), "--quiet"]) == FAILED
    said = capsys.readouterr().err
    assert str(tmp_path / "none") in said
    assert "weights" in said


def test_a_method_may_be_said_as_segment_says_it(psb: Path, tmp_path: Path) -> None:
    words = ["eval", "psb", str(psb), "--method", "partdistill,vote", "--out", str(tmp_path)]
    command = tyro.cli(Eval, args=words[1:], config=(tyro.conf.OmitArgPrefixes,))
    assert plan(command).methods == ("partdistill-tta", "vote")


@pytest.mark.parametrize(
    ("number", "code", "how"),
    [(signal.SIGTERM, TERMINATED, "terminated"), (signal.SIGINT, INTERRUPTED, "interrupted")],
)
def test_a_signal_ends_it_and_says_how_to_go_on(
    number: int,
    code: int,
    how: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(evaluating, "evaluate", lambda *_: signal.raise_signal(number))
    before = signal.getsignal(signal.SIGTERM)
    assert main(["eval", "generated:1", "--quiet", "--out", str(tmp_path)]) == code
    assert capsys.readouterr().err == (
        f"\nstopped: the same command goes on from here\n{how}; what was written is whole\n"
    )
    assert signal.getsignal(signal.SIGTERM) is before


def test_where_parts_do_not_cover_a_shape_points_may_be_nameless(
    psb: Path, tmp_path: Path, miniatures: Any
) -> None:
    miniatures.partnete(tmp_path / "PartNetE")
    few = ["--method", "vote", "--teacher", "simulated-clean", "--quiet"]
    for words, expected in (
        (["partnete", str(tmp_path / "PartNetE"), "--limit", "1"], 0.5),
        (["partnete", str(tmp_path / "PartNetE"), "--limit", "1", "--nameless", "0"], 0),
        (["psb", str(psb), "--points", "64"], 0),
    ):
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        assert main(["eval", *words, *few, "--out", str(out)]) == 0
        settings = json.loads((out / "about.json").read_text())["settings"]
        assert settings["lift.nameless"] == expected
