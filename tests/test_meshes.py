"""Meshes as they come: every face gets a label, seen or not, and --meshes triangles draws them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import pdengine as pde
from pdengine.cli import main
from pdengine.config import DistillConfig, EngineConfig, RenderConfig, with_options
from pdengine.io import read_labels
from pdengine.kernels._dispatch import taken
from pdengine.types import Mesh, PartList, PixelScores, Views

CONFIG = EngineConfig(
    up="y",
    points=2_000,
    render=RenderConfig(views=4, size=(64, 64), surface_points=20_000),
    distill=DistillConfig(anchors=512, steps=10, rounds=1),
)
CORNERS = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
SIDES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]


def odd_mesh() -> str:
    """An OBJ of 24 triangles with an area and 3 without, in groups that may be empty.

    A box of squares, numbered from the end of the file; in it a box that no view sees, every
    triangle with corners of its own; a point, an edge and a needle; a vertex that nobody uses.
    """
    lines = ["o odd", "g empty", "g"]
    lines += [f"v {x} {y} {z}" for x, y, z in CORNERS]
    lines += ["g outside"]
    lines += ["f " + " ".join(str(corner - 8) for corner in side) for side in SIDES]
    lines += ["g empty too", "g inside"]
    for a, b, c, d in SIDES:
        for triangle in ((a, b, c), (a, c, d)):
            places = [0.3 * np.array(CORNERS[corner]) for corner in triangle]
            lines += [f"v {x} {y} {z}" for x, y, z in places] + ["f -3 -2 -1"]
    lines += ["g without area", "f 1 1 1", "f 1 2 2", "v 0 -1 1", "f 2 -1 6", "v 50 50 50"]
    return "\n".join(lines) + "\n"


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    path = tmp_path / "odd.obj"
    path.write_text(odd_mesh())
    return path


def halves(views: Views, parts: PartList) -> PixelScores:
    """The left of a picture is the first part, the right the second."""
    left = torch.arange(views.index.shape[2]) < views.index.shape[2] // 2
    score = torch.stack([left, ~left])[None, :, None] & (views.index >= 0)[:, None]
    return PixelScores(score.float() * 0.9)


def test_the_odd_mesh_is_read_whole(odd: Path) -> None:
    mesh = pde.load(odd)
    assert isinstance(mesh, Mesh)
    assert mesh.polygon.tolist() == [k // 2 for k in range(12)] + list(range(6, 21))
    a, b, c = mesh.vertices[mesh.faces].unbind(1)
    area = torch.linalg.cross(b - a, c - a).norm(dim=1)
    assert (area > 0).tolist() == [True] * 24 + [False] * 3
    assert mesh.faces[-1].tolist() == [1, 44, 5]


@pytest.mark.parametrize("mode", ["vote", "tta"])
@pytest.mark.parametrize("meshes", ["points", "triangles"])
def test_every_face_gets_a_label(meshes: str, mode: str, odd: Path) -> None:
    config = with_options(CONFIG, meshes=meshes, mode=mode)
    result = pde.segment(odd, "left, right", teacher=halves, config=config)
    assert result.face_labels is not None
    assert result.face_labels.shape == (27,)
    assert result.face_labels.min() >= 0
    assert result.labels.min() >= 0


def test_triangles_are_drawn_where_they_are_asked_for_and_every_face_is_saved(
    odd: Path, tmp_path: Path
) -> None:
    taken.pop("raster_triangles", None)
    words = [
        "segment",
        str(odd),
        "--parts",
        "chair: back, seat, leg, arm",
        "--views",
        "3",
        "--up",
        "y",
    ]
    assert main([*words, "--out", str(tmp_path / "a"), "--points", "500", "--quiet"]) == 0
    assert "raster_triangles" not in taken
    assert main([*words, "--meshes", "triangles", "--out", str(tmp_path / "b")]) == 0
    assert "raster_triangles" in taken
    for folder in ("a", "b"):
        saved = read_labels(tmp_path / folder / "odd_parts.ply")
        assert saved.face_labels is not None
        assert saved.face_labels.shape == (27,)
        assert saved.face_labels.min() >= 0
