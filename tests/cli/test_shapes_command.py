"""`pdengine shapes`: what it lists, makes, draws and refuses."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import trimesh
from PIL import Image

from pdengine.cli import generating, main
from pdengine.io import load, palette, read_labels
from pdengine.shapes import CATEGORIES, make, parts_of
from pdengine.types import Mesh, PointCloud


def run(*words: object) -> int:
    return main(["shapes", *(str(word) for word in words)])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_list_has_a_line_per_category(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(CATEGORIES)
    chair = next(line for line in lines if line.startswith("chair "))
    assert chair.split(maxsplit=1)[1] == "back, seat, leg, arm"


def test_a_mesh_is_the_generators_with_the_part_of_every_face(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("make", "mug", "--count", 2, "--seed", 7, "--out", tmp_path) == 0
    assert sorted(contents(tmp_path)) == ["mug_000007.ply", "mug_000008.ply"]
    assert capsys.readouterr().out.startswith("2 meshes in ")
    mug, made = load(tmp_path / "mug_000007.ply"), make("mug", 7)
    assert isinstance(mug, Mesh)
    assert (mug.vertices.numpy() == made.vertices).all()
    assert (mug.faces.numpy() == made.faces).all()
    found = read_labels(tmp_path / "mug_000007.ply")
    assert found.names == ("body", "handle")
    assert found.face_labels is not None
    assert (found.face_labels.numpy() == made.face_label).all()
    corners = found.labels[mug.faces]
    assert (corners == found.face_labels[:, None]).all()
    assert mug.colour is not None
    used = mug.faces.unique()
    painted = torch.from_numpy(palette(2)[found.labels[used].numpy()])
    assert ((mug.colour[used] * 255).round() == painted).all()


def test_a_cloud_has_its_points_its_parts_and_the_sensors_faults(tmp_path: Path) -> None:
    words = ("make", "chair", "--points", 2000, "--quiet", "--out", tmp_path)
    assert run(*words, "--seed", 1) == 0
    faults = ("--noise", 0.01, "--holes", 3, "--one-side", "--colour", "random")
    assert run(*words, *faults, "--seed", 2) == 0
    clean, faulty = (load(tmp_path / f"chair_00000{k}.ply") for k in (1, 2))
    assert isinstance(clean, PointCloud)
    assert isinstance(faulty, PointCloud)
    assert len(clean) == 2000 > len(faulty) > 500
    assert len(np.unique(faulty.colour, axis=0)) > 100 > len(np.unique(clean.colour, axis=0))
    for k, cloud in ((1, clean), (2, faulty)):
        found = read_labels(tmp_path / f"chair_00000{k}.ply")
        assert len(found.labels) == len(cloud)
        assert set(found.labels.tolist()) <= {0, 1, 2, 3}


def test_no_colour_is_no_colour(tmp_path: Path) -> None:
    for name, points in (("mesh", []), ("cloud", ["--points", 100])):
        assert run("make", "vase", "--colour", "none", *points, "-o", tmp_path / name) == 0
        path = tmp_path / name / "vase_000000.ply"
        assert b"property uchar red" not in path.read_bytes()
        assert load(path).colour is None
        assert read_labels(path).names == parts_of("vase")


def test_a_glb_has_a_named_node_for_every_part(tmp_path: Path) -> None:
    assert run("make", "chair", "--format", "glb", "--out", tmp_path) == 0
    made = make("chair", 0)
    scene = trimesh.load(tmp_path / "chair_000000.glb", process=False)
    present = [made.parts[k] for k in np.unique(made.face_label)]
    assert list(scene.geometry) == present
    for part, geometry in scene.geometry.items():
        rows = made.face_label == made.parts.index(part)
        theirs = geometry.vertices[geometry.faces]
        assert np.array_equal(theirs.astype(np.float32), made.vertices[made.faces[rows]])
        assert geometry.visual.material.name == part
    ours = load(tmp_path / "chair_000000.glb")
    assert isinstance(ours, Mesh)
    assert len(ours.faces) == len(made.faces)
    orange = scene.geometry["back"].visual.material.baseColorFactor
    assert orange[:3].tolist() == [202, 88, 0]  # the palette's #E69F00, in linear light
    data = (tmp_path / "chair_000000.glb").read_bytes()
    tree = json.loads(data[20 : 20 + int(np.frombuffer(data, "<u4", 1, 12)[0])])
    assert tree["asset"]["extras"] == {"category": "chair", "seed": 0, "parts": [*made.parts]}


def test_a_glb_cloud_has_its_points(tmp_path: Path) -> None:
    assert run("make", "fish", "--format", "glb", "--points", 300, "-o", tmp_path) == 0
    cloud = load(tmp_path / "fish_000000.glb")
    assert isinstance(cloud, PointCloud)
    assert len(cloud) == 300
    assert cloud.colour is not None


def test_all_makes_one_of_each(tmp_path: Path) -> None:
    assert run("make", "all", "--points", 50, "-o", tmp_path, "--quiet") == 0
    assert sorted(contents(tmp_path)) == [f"{name}_000000.ply" for name in sorted(CATEGORIES)]


def test_the_same_words_make_the_same_bytes(tmp_path: Path) -> None:
    faults = ("--points", 400, "--noise", 0.02, "--holes", 2, "--one-side", "--colour", "random")
    for extra in (faults, (), ("--format", "glb", "--colour", "random")):
        for name in ("one", "two"):
            assert run("make", "lamp,mug", *extra, "-o", tmp_path / name, "--quiet") == 0
    assert len(contents(tmp_path / "one")) == 4
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_shape_does_not_depend_on_how_many_are_made(tmp_path: Path) -> None:
    assert run("make", "table", "--count", 3, "-o", tmp_path / "three") == 0
    assert run("make", "table", "--seed", 2, "-o", tmp_path / "one") == 0
    three, one = contents(tmp_path / "three"), contents(tmp_path / "one")
    assert three["table_000002.ply"] == one["table_000002.ply"]


BAD: list[tuple[list[str], str]] = [
    (["make", "spoon"], "category must be all or one of airplane, "),
    (["make", "spoon"], ", got 'spoon'"),
    (["make", "chair,"], ", got ''"),
    (["make", "mug", "--count", "0"], "count must be between 1 and 1,000,000, got 0"),
    (["make", "mug", "--seed", "-1"], "seed must be between 0 and 2,147,483,646, got -1"),
    (["make", "mug", "--format", "obj"], "format must be one of ply, glb, got 'obj'"),
    (["make", "mug", "--points", "0"], "points must be between 1 and 10,000,000, got 0"),
    (["make", "mug", "--points", "9", "--noise", "1"], "noise must be in [0, 0.5], got 1.0"),
    (["make", "mug", "--points", "9", "--holes", "-1"], "holes must be between 0 and 100, got -1"),
    (["make", "mug", "--colour", "red"], "colour must be one of none, parts, random, got 'red'"),
    (["make", "mug", "--noise", "0.1"], "noise must come with points (a mesh has none), got 0.1"),
    (["make", "mug", "--holes", "1"], "holes must come with points (a mesh has none), got 1"),
    (["make", "mug", "--one-side"], "one_side must come with points (a mesh has none), got True"),
    (["sheet", "--categories", "spoon"], ", got 'spoon'"),
    (["sheet", "--count", "0"], "count must be between 1 and 100, got 0"),
    (["sheet", "--seed", "-1"], "seed must be between 0 and "),
]


@pytest.mark.parametrize(("words", "message"), BAD)
def test_a_bad_value_is_one_line_and_leaves_nothing(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words, "--out", tmp_path / "out" / "here") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert message in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("")
    assert run("make", "mug", "--out", tmp_path / "taken") == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_interrupted_leaves_whole_files_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def until_two(category: str, seed: int) -> Any:
        if seed == 2:
            raise KeyboardInterrupt
        return make(category, seed)

    monkeypatch.setattr(generating, "make", until_two)
    assert run("make", "mug", "--count", 5, "--out", tmp_path) == 130
    assert sorted(contents(tmp_path)) == ["mug_000000.ply", "mug_000001.ply"]
    assert len(read_labels(tmp_path / "mug_000001.ply").names) == 2


def test_a_sheet_shows_a_row_per_category_in_the_colours_of_its_parts(tmp_path: Path) -> None:
    words = ("sheet", "--categories", "mug,table", "--count", 3)
    assert run(*words, "-o", tmp_path / "a.png") == run(*words, "-o", tmp_path / "b.png") == 0
    data = (tmp_path / "a.png").read_bytes()
    assert data == (tmp_path / "b.png").read_bytes()
    pixels = np.array(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    height, width, _ = pixels.shape
    mugs, legend = pixels[: height // 2, width // 2 :], pixels[:, : width // 4]
    # a shaded orange body and a shaded blue handle, on white
    r, g, b = mugs.reshape(-1, 3).T
    assert ((r > 100) & (b < 30)).mean() > 0.1
    assert ((b > 100) & (r < b - 40)).mean() > 0.005
    assert ((r == 255) & (g == 255) & (b == 255)).mean() > 0.3
    for colour in palette(2)[:2].astype(int):
        assert (np.abs(legend - colour).max(-1) < 8).sum() >= 100
