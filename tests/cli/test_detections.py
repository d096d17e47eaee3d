"""A chair goes out as pictures, a model that makes no mistake answers, and its labels come back."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pdengine.cli import main
from pdengine.io import read_labels
from pdengine.shapes import make

SEED = 0
PARTS = "chair: back, seat, leg, arm"


def load_answers() -> Any:
    path = Path(__file__).with_name("answers.py")
    spec = importlib.util.spec_from_file_location("answers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


answers = load_answers()


def run(*words: object) -> int:
    return main([str(word) for word in words])


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Any]:
    """The chair's file, the folder of its views, and the part behind every pixel."""
    folder = tmp_path_factory.mktemp("chair")
    words = ("shapes", "make", "chair", "--seed", SEED, "--out", folder, "--colour", "none")
    assert run(*words, "--quiet") == 0
    shape, views = next(folder.glob("*.ply")), folder / "views"
    words = ("render", shape, "--out", views, "--size", "180x200", "--up", "y", "--quiet")
    assert run(*words, "--points", 60_000) == 0
    return shape, views, answers.painted(views, make("chair", SEED).face_label)


def right(out: Path) -> float:
    """The share of the surface with its own part."""
    chair = make("chair", SEED)
    said = read_labels(next(out.glob("*.ply"))).face_labels
    assert said is not None
    a, b, c = chair.vertices[chair.faces].astype(float).transpose(1, 0, 2)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    return float(area[said.numpy() == chair.face_label].sum() / area.sum())


FORMATS: dict[str, tuple[str, Callable[[Path, Any], Path]]] = {
    "glip": ("file:coco", lambda at, parts: answers.write_glip(at / "glip_pred", parts)),
    "boxes": ("file:coco", lambda at, parts: answers.write_coco(at / "c.json", parts, runs=False)),
    "runs": ("file:coco", lambda at, parts: answers.write_coco(at / "c.json", parts, runs=True)),
    "labelme": ("file:labelme", lambda at, parts: answers.write_labelme(at / "drawn", parts)),
    "maps": ("file:masks", lambda at, parts: answers.write_maps(at / "maps", parts)),
    "binary": ("file:masks", lambda at, parts: answers.write_binary(at / "masks", parts)),
}


@pytest.mark.parametrize("form", FORMATS)
def test_the_truth_comes_back_in_every_format(
    form: str, rendered: tuple[Path, Path, Any], tmp_path: Path
) -> None:
    shape, views, parts = rendered
    teacher, write = FORMATS[form]
    method = "partdistill" if form in ("glip", "maps") else "vote"
    detections, out = write(tmp_path, parts), tmp_path / "out"
    words = ("segment", shape, "--parts", PARTS, "--detections", detections, "--out", out)
    assert run(*words, "--views-from", views, "--points", 3000, "--method", method, "--quiet") == 0
    assert right(out) > 0.9
    content = json.loads((out / "result.json").read_text())
    assert content["teacher"]["name"] == teacher
    assert content["config"]["render"]["size"] == [200, 180]
    assert content["up"] == "y"


@pytest.fixture
def tower(tmp_path: Path, write_tower: Callable[[Path, int], Path]) -> tuple[Path, Path]:
    """A cloud, and the folder of its views with an empty answer."""
    cloud, views = write_tower(tmp_path / "tower.xyz", 0), tmp_path / "views"
    assert (
        run("render", cloud, "-o", views, "--views", 3, "--size", 32, "--up", "z", "--quiet") == 0
    )
    (views / "pred.json").write_text("[]")
    return cloud, views


def test_the_views_lie_beside_the_detections(
    tower: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud, views = tower
    box = {"image_id": 0, "category_id": 2, "bbox": [0, 0, 16, 20]}
    (views / "pred.json").write_text(json.dumps([box, {**box, "image_id": 3}]))
    for detections in (views, views / "pred.json"):
        out = tmp_path / f"out_{detections.name}"
        words = ("segment", cloud, "-p", "top, foot", "--detections", detections, "-o", out)
        assert run(*words, "--method", "vote", "--quiet") == 0
        said = capsys.readouterr().err
        assert "warning: " in said
        assert "pred.json" in said or detections == views
        assert "detections in pictures that are no view, left out: 1" in said
        assert "detections without a score, taken as 1: 1" in said
        content = json.loads((out / "result.json").read_text())
        assert (content["up"], content["views"], content["units"]) == ("z", 3, 1)
        assert content["config"]["teacher"] == content["teacher"]["name"] == "file:coco"


def test_what_no_box_holds_may_be_nameless(tower: tuple[Path, Path], tmp_path: Path) -> None:
    """A prompt of one part: who is told of boxes alone calls everything a foot."""
    cloud, views = tower
    half = [
        {"image_id": k, "category_id": 1, "bbox": [0, 0, 32, 16], "score": 0.9} for k in range(3)
    ]
    (views / "pred.json").write_text(json.dumps(half))
    shares = []
    for nameless in ("0", "0.5"):
        out = tmp_path / f"out{nameless}"
        words = ("segment", cloud, "-p", "foot", "--detections", views, "-o", out)
        assert run(*words, "--method", "vote", "--nameless", nameless, "--quiet") == 0
        labels = read_labels(next(out.glob("*.ply"))).labels
        shares.append(float((labels == 0).float().mean()))
    assert shares[0] == 1
    assert 0.1 < shares[1] < 0.9


WRONG: list[tuple[list[str], str]] = [
    ([], "segment needs --parts: detections do not say what a shape is"),
    (["-p", "a", "--views", "4"], "views must be 3, as in"),
    (["-p", "a", "--up", "x"], "up must be 'z', as in"),
    (["-p", "a", "--seed", "5"], "seed must be 0, as in"),
    (["-p", "a", "--teacher", "blind"], "--detections must come without --teacher"),
    (["-p", "a", "--student", "s"], "--student asks no teacher: it must come without --detections"),
    (["-p", "a", "--views-from", "nowhere"], "nowhere: there is no such file"),
]


@pytest.mark.parametrize(("words", "message"), WRONG)
def test_what_does_not_fit_is_one_line(
    words: list[str],
    message: str,
    tower: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cloud, views = tower
    out = tmp_path / "out"
    assert run("segment", cloud, "--detections", views, "-o", out, *words) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert message in error
    assert not out.exists()


def test_the_views_of_another_shape_are_refused(
    tower: tuple[Path, Path],
    tmp_path: Path,
    write_tower: Callable[[Path, int], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, views = tower
    other = write_tower(tmp_path / "other.xyz", 1)
    assert run("segment", other, "-p", "a", "--detections", views, "-o", tmp_path / "out") == 2
    error = capsys.readouterr().err
    assert "other.xyz: must be the shape of" in error
    assert "tower.xyz with SHA-256" in error


def test_detections_without_views_are_refused(
    tower: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud, _ = tower
    (tmp_path / "lonely").mkdir()
    (tmp_path / "lonely" / "pred.json").write_text("[]")
    assert run("segment", cloud, "-p", "a", "--detections", tmp_path / "lonely") == 2
    assert "must lie beside the views.json of `pdengine render`" in capsys.readouterr().err
    assert run("segment", cloud, "-p", "a", "--views-from", tmp_path) == 2
    assert "must come with --detections" in capsys.readouterr().err
    assert run("segment", cloud, "-p", "a", "--ignore-unknown") == 2
    assert "must come with --detections" in capsys.readouterr().err
