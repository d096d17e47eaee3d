"""`pdengine data`: what it lists, what it finds, and the number it leaves with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pdengine.cli import main
from pdengine.data import KINDS


def run(*words: object) -> int:
    return main(["data", *(str(word) for word in words)])


def test_list_names_every_kind_with_its_layout(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    said = capsys.readouterr().out
    for kind in KINDS:
        assert f"{kind.name}  {kind.title}" in said
        assert kind.layout[0].split()[0] in said
    lines = said.splitlines()
    for word in ("layout", "splits", "to be had", "terms"):
        assert sum(line.startswith(f"{word} ") for line in lines) == len(KINDS)
    assert max(map(len, lines)) <= 120


def test_a_complete_dataset_leaves_with_0(
    tmp_path: Path, miniatures: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    miniatures.labelled_clouds(tmp_path)
    assert run("check", tmp_path) == 0
    said = capsys.readouterr()
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert lines[0] == f"{tmp_path.name} (folder) in {tmp_path}"
    assert "chair back, seat, leg, armrest 2" in lines
    assert "splits test 4" in lines
    assert "size 200 points or triangles, in 4 shapes" in lines
    assert lines[-1] == "verdict complete"
    assert "notes" not in said.out
    assert said.err.startswith("read ")
    assert run("check", tmp_path, "--quiet") == 0
    assert capsys.readouterr().err == ""


def test_an_incomplete_one_leaves_with_1_and_says_where_the_rest_is(
    tmp_path: Path, miniatures: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    miniatures.shapenetpart_text(tmp_path)
    path = next(tmp_path.rglob("03001627/*.txt"))
    path.write_text("0 0 0 0 0 1 99\n")
    assert run("check", tmp_path, "--deep", "--quiet") == 1
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "Chair back, seat, leg, armrest 2 2 1 3,753" in lines
    assert "Table - 0 0 0 5,271" in lines
    assert "notes test: 4 of the official 2,874 shapes" in lines
    assert any(line.startswith(f"damaged Chair_{path.stem}:") for line in lines)
    assert any("shapenet.org" in line for line in lines)
    assert lines[-1] == "verdict usable, not complete"


def test_what_was_not_read_is_said(
    tmp_path: Path, miniatures: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    miniatures.labelled_clouds(tmp_path)
    for k in range(20):
        (tmp_path / "mug" / f"{k}.ply").write_bytes((tmp_path / "mug" / "scan1.ply").read_bytes())
    assert run("check", tmp_path, "--quiet") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.endswith("complete, as far as 20 shapes show (--deep reads all)")


def test_one_shape_of_one_size_is_said_so(
    tmp_path: Path, miniatures: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    miniatures.labelled_clouds(tmp_path)
    for path in sorted(tmp_path.rglob("*.ply"))[1:]:
        path.unlink()
    run("check", tmp_path, "--quiet")
    assert re.search(r"size +[\d,]+ points or triangles, in 1 shape +\n", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "must hold a dataset of one of the kinds psb, partnete, partdistill, shapenetpart"),
        (("--kind", "psb"), "must hold Labeled PSB: <Category>/<id>.off"),
        (("--kind", "scannet"), "kind must be one of psb, "),
    ],
)
def test_no_dataset_leaves_with_2(
    words: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", tmp_path, *words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[-1].startswith("error: ")
    assert message in said.err


def test_names_from_a_folder_cannot_write_on_the_terminal(
    tmp_path: Path, miniatures: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "\x1b[31m[bold]data"
    miniatures.labelled_clouds(folder)
    (folder / "mug").rename(folder / "\x1b[31m[red]mug")
    run("check", folder, "--quiet")
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "[red]mug" in said
