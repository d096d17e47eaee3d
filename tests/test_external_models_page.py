"""docs/external-models.md: its commands and its Python run, and every example can be read."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from pdengine.cli import main
from pdengine.cli.chair_file import write_chair
from pdengine.render import read_views_file
from pdengine.shapes import make
from pdengine.teach.files import read_detections

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "external-models.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chair, rendered as the page's first line says."""
    at = tmp_path_factory.mktemp("page")
    write_chair(at / "chair.ply", 0)
    line = blocks("sh")[0].splitlines()[0]
    words = shlex.split(line)[1:]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(at)
        assert main([*words, "--quiet"]) == 0
    return at


def test_the_last_command_takes_what_the_first_example_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    Path("found.json").write_text(blocks("json")[0])
    words = shlex.split(blocks("sh")[0].splitlines()[2])[1:]
    assert main([*words, "--points", "1000", "--method", "vote", "--quiet"]) == 0
    content = json.loads(Path("chair_parts/result.json").read_text())
    assert content["units"] == 2
    assert content["config"]["render"]["size"] == [512, 512]


@pytest.mark.parametrize(
    ("number", "name", "views", "labels"),
    [
        (0, "file:coco", [0, 4], [1, 0]),
        (1, "file:coco", [0] * 4, [1] * 4),
        (2, "file:labelme", [0], [1]),
    ],
)
def test_every_example_can_be_read(
    number: int, name: str, views: list[int], labels: list[int], folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "found.json"
    path.write_text(blocks("json")[number])
    about = read_views_file(folder / "views")
    teacher = read_detections(path, about, "chair: back, seat, leg, arm")
    assert teacher.name == name
    assert teacher.detections.view.tolist() == views
    assert teacher.detections.label.tolist() == labels
    scoreless = [remark for remark in teacher.remarks if "without a score" not in remark]
    assert [remark for remark in scoreless if "a box alone" not in remark] == []


def paint(folder: Path) -> None:
    """Stands for a model: a box around each part, by the index of the pictures."""
    category, seed = folder.name.rsplit("_", 1)
    label = make(category, int(seed)).face_label
    with np.load(folder / "index.npz") as archive:
        part = np.where(archive["index"] >= 0, label[archive["index"]], -1)
    found = []
    for view, picture in enumerate(part):
        for number in set(picture[picture >= 0].tolist()):
            row, column = np.nonzero(picture == number)
            x, y = int(column.min()), int(row.min())
            box = [x, y, int(column.max()) + 1 - x, int(row.max()) + 1 - y]
            found.append({"image_id": view, "category_id": number + 1, "bbox": box, "score": 0.8})
    (folder / "found.json").write_text(json.dumps(found))


def test_three_commands_measure_a_model_outside_on_a_dataset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    draw, _, measure = (shlex.split(line)[1:] for line in blocks("sh")[1].splitlines())
    assert main([*draw, "--quiet"]) == 0
    prompts = json.loads(Path("pictures/prompts.json").read_text())
    assert prompts["mug_2000000"] == {"category": "mug", "prompt": "mug: body, handle"}
    for name in prompts:
        paint(Path("pictures") / name)
    assert main([*measure, "--points", "256", "--quiet"]) == 0
    summary = json.loads(Path("results/summary.json").read_text())
    assert [(r["method"], r["shapes"], r["failed"]) for r in summary["results"]] == [
        (method, 4, 0) for method in ("vote", "partslip", "partdistill-tta")
    ]
    assert summary["teacher"] == "detections (pictures)"


@pytest.mark.parametrize("number", range(2))
def test_a_python_block_prints_what_it_says(
    number: int,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    assert len(blocks("python")) == 2
    code = blocks("python")[number]
    promised = re.findall(r"^print\(.*\)  # (.+)$", code, re.MULTILINE)
    exec(compile(code, "docs/external-models.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == promised
