"""pdengine render: what it writes, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pdengine.cli import main
from pdengine.io import load, sample_mesh, surface_of
from pdengine.render import read_views_file, render
from pdengine.types import Mesh

SMALL = ["--views", "3", "--size", "48x32", "--up", "y"]


@pytest.fixture
def cloud(tmp_path: Path, write_tower: Callable[[Path, int], Path]) -> Path:
    """300 points, of which one is nowhere."""
    path = write_tower(tmp_path / "tower.xyz", 0)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:5], "nan 0 0", *lines[5:]]))
    return path


def run(*words: object) -> int:
    return main([str(word) for word in words])


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def index_of(folder: Path) -> np.ndarray:
    with np.load(folder / "index.npz") as archive:
        index: np.ndarray = archive["index"]
    return index


def test_a_cloud_goes_out(cloud: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "views"
    assert run("render", cloud, "--out", out, *SMALL, "--depth", "--normals") == 0
    said = capsys.readouterr()
    assert said.out == f"3 views of 48 x 32 px, y up, in {out}\n"
    stages = [line.split()[0] for line in said.err.splitlines()]
    assert stages == ["load", "sample", "render", "write"]
    kinds = [f"{what}_{v:02}.png" for what in ("depth", "normals", "view") for v in range(3)]
    assert sorted(content(out)) == sorted([*kinds, "index.npz", "views.json"])
    about = read_views_file(out)
    assert about.render.size == (32, 48)
    assert about.render.radius_px is not None
    assert about.index_of == "rows"
    about.check_shape(cloud)

    shape = load(cloud)
    assert not isinstance(shape, Mesh)
    assert about.scale == shape.scale
    views = render(surface_of(shape, shape), about.cameras, about.render)
    for view, name in enumerate(about.images):
        with Image.open(out / name) as image:
            assert image.size == (48, 32)
            assert image.mode == "RGB"
            drawn = (views.images[view] * 255).round().byte().numpy()
            assert np.array_equal(np.asarray(image), drawn)
    rows = torch.cat([shape.rows, torch.tensor([-1])])
    assert np.array_equal(index_of(out), rows[views.index.long()].numpy())
    assert 5 not in index_of(out)  # the row without a place


@pytest.mark.parametrize("meshes", ["points", "triangles"])
def test_the_index_of_a_mesh_names_its_triangles(meshes: str, psb: Path, tmp_path: Path) -> None:
    mesh = next((psb / "mesh").glob("*.npz"))
    out = tmp_path / "views"
    words = ("render", mesh, "--out", out, *SMALL, "--meshes", meshes, "--points", 5000)
    assert run(*words, "--quiet") == 0
    about, shape = read_views_file(out), load(mesh)
    assert isinstance(shape, Mesh)
    assert about.index_of == "triangles"
    sampled = sample_mesh(shape, 5000, 0)
    surface = sampled.cloud if meshes == "points" else surface_of(shape, sampled.cloud)
    views = render(surface, about.cameras, about.render)
    face = sampled.face if meshes == "points" else torch.arange(len(shape.faces))
    expected = torch.where(views.index >= 0, face[views.index.long().clamp(min=0)], -1)
    assert np.array_equal(index_of(out), expected.numpy())


def test_the_same_words_write_the_same_bytes(cloud: Path, tmp_path: Path) -> None:
    for out in ("a", "b"):
        assert run("render", cloud, "--out", tmp_path / out, *SMALL, "--depth", "--quiet") == 0
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_a_second_run_replaces_the_first_and_nothing_else(cloud: Path, tmp_path: Path) -> None:
    out = tmp_path / "views"
    assert run("render", cloud, "--out", out, *SMALL, "--depth", "--quiet") == 0
    (out / "pred.json").write_text("[]")
    assert run("render", cloud, "--out", out, *SMALL, "--views", 2, "--quiet") == 0
    names = ["index.npz", "pred.json", "view_00.png", "view_01.png", "views.json"]
    assert sorted(content(out)) == names


def test_a_picture_that_somebody_changed_is_not_lost(
    cloud: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "views"
    assert run("render", cloud, "--out", out, *SMALL, "--quiet") == 0
    (out / "view_01.png").write_bytes(b"painted by hand")
    before = content(out)
    assert run("render", cloud, "--out", out, *SMALL, "--quiet") == 2
    assert "view_01.png: is not overwritten" in capsys.readouterr().err
    assert content(out) == before


def test_the_folder_is_named_after_the_shape_and_up_asks_the_teacher(
    cloud: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("render", cloud.name, "--size", 32, "--views", 1, "--quiet") == 0
    assert read_views_file(tmp_path / "tower_views").up == "y"  # stripes has no opinion


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--size", "0"], "size must be 16 to 4096 px"),
        (["--size", "64x"], "size must be like 224, or 640x480 (width x height), got '64x'"),
        (["--size", "64.5"], "got '64.5'"),
        (["--views", "0"], "views must be between 1 and 1000"),
        (["--up", "w"], "up must be one of auto, x"),
        (["--meshes", "lines"], "meshes must be one of points, triangles"),
        (["--points", "0"], "surface_points must be at least 1"),
    ],
)
def test_a_bad_value_is_one_line_and_leaves_nothing(
    words: list[str],
    message: str,
    cloud: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("render", cloud, "--out", tmp_path / "views", *words) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert not (tmp_path / "views").exists()
