from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pdengine.errors import LoadError, SaveError
from pdengine.io import cloud_from_arrays, hex_colour, load, mesh_from_arrays, palette, read_labels
from pdengine.types import Instances, Mesh, PointCloud, Segmentation, Shape

NAMES = ("back", 'Rücken\n"x"')


def answer(shape: Shape, labels: list[int], faces: list[int] | None = None) -> Segmentation:
    scores = torch.rand(len(labels), len(NAMES), generator=torch.Generator().manual_seed(0))
    label = torch.tensor(labels)
    face = None if faces is None else torch.tensor(faces)
    return Segmentation(label, scores, NAMES, shape, "vote", label, face)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_come_back_bit_for_bit(dtype: type, tmp_path: Path) -> None:
    world = np.array(
        [[466123.1251, 6784321.5009, 95.25], [np.nan, np.inf, -np.inf], [1e-40, -0.0, 1e30]], dtype
    )
    segmentation = answer(cloud_from_arrays(world), [1, -1, 0])
    segmentation.save(str(tmp_path / "a.ply"))
    cloud = load(tmp_path / "a.ply")
    assert isinstance(cloud, PointCloud)
    assert cloud.world.numpy().tobytes() == world.tobytes()
    assert cloud.world.numpy().dtype == dtype
    assert cloud.rows.tolist() == [0, 2]
    assert cloud.colour is not None
    assert torch.allclose(cloud.colour * 255, torch.from_numpy(palette(2)[[1, 0]]).float())
    found = read_labels(tmp_path / "a.ply")
    assert found.labels.tolist() == [1, -1, 0]
    assert found.names == NAMES
    assert found.face_labels is None
    assert found.scores is not None
    assert found.scores.tolist() == [segmentation.scores[0, 1], 0, segmentation.scores[2, 0]]


def numbered(instance: list[int], part: list[int], faces: list[int] | None = None) -> Instances:
    own = torch.tensor(instance)
    count = len(part)
    none = torch.zeros(count, 3, dtype=torch.float64)
    points = torch.bincount(own[own >= 0], minlength=count)
    of_faces = None if faces is None else torch.tensor(faces)
    return Instances(own, torch.tensor(part), torch.ones(count), points, none, none, of_faces)


def test_instances_are_a_scalar_of_their_own(tmp_path: Path) -> None:
    cloud = answer(cloud_from_arrays(np.eye(3)), [1, -1, 0])
    replace(cloud, instances=numbered([1, -1, 0], [0, 1])).save(str(tmp_path / "a.ply"))
    header = (tmp_path / "a.ply").read_bytes().split(b"end_header")[0]
    assert b"property int scalar_instance\nproperty float scalar_score\n" in header
    found = read_labels(tmp_path / "a.ply")
    assert found.instances is not None
    assert found.instances.tolist() == [1, -1, 0]
    assert found.face_instances is None

    cloud.save(str(tmp_path / "a.ply"))
    assert b"scalar_instance" not in (tmp_path / "a.ply").read_bytes()
    assert read_labels(tmp_path / "a.ply").instances is None


def test_the_faces_of_a_mesh_have_instances(tmp_path: Path) -> None:
    mesh = mesh_from_arrays(np.eye(3), np.array([[0, 1, 2], [2, 1, 0]]))
    found = numbered([0, 0, 1], [0, 0], [0, 1])
    replace(answer(mesh, [0, 0, 0], [0, 0]), instances=found).save(str(tmp_path / "a.ply"))
    back = read_labels(tmp_path / "a.ply")
    assert back.instances is not None
    assert back.face_instances is not None
    assert (back.instances.tolist(), back.face_instances.tolist()) == ([0, 0, 1], [0, 1])


@pytest.mark.parametrize("exact", [True, False])
def test_a_mesh_comes_back_with_its_faces(exact: bool, tmp_path: Path) -> None:
    vertices = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]) * (0.5 if exact else 0.1)
    mesh = mesh_from_arrays(vertices, np.array([[0, 1, 2], [0, 2, 3]]))
    answer(mesh, [0, 0, 1, -1], [0, 1]).save(str(tmp_path / "a.ply"))
    text = (tmp_path / "a.ply").read_bytes()
    assert (b"property float x" if exact else b"property double x") in text
    back = load(tmp_path / "a.ply")
    assert isinstance(back, Mesh)
    assert torch.equal(back.vertices, mesh.vertices)
    assert torch.equal(back.faces, mesh.faces)
    found = read_labels(tmp_path / "a.ply")
    assert found.face_labels is not None
    assert found.face_labels.tolist() == [0, 1]


def test_the_header_is_what_other_programs_expect(tmp_path: Path) -> None:
    answer(cloud_from_arrays(np.zeros((1, 3))), [0]).save(str(tmp_path / "a.ply"))
    head = (tmp_path / "a.ply").read_bytes().split(b"end_header\n")[0].decode("ascii")
    assert head.splitlines() == [
        *("ply", "format binary_little_endian 1.0", "comment written by pdengine"),
        *('comment part 0 "back"', 'comment part 1 "R\\u00fccken\\n\\"x\\""', "element vertex 1"),
        *(f"property double {axis}" for axis in "xyz"),
        *(f"property uchar {channel}" for channel in ("red", "green", "blue")),
        *("property int scalar_part", "property float scalar_score"),
    ]


def test_labels_are_read_after_a_program_made_them_floats(tmp_path: Path) -> None:
    head = "ply\nformat ascii 1.0\nelement vertex 2\n"
    head += "".join(f"property float {n}\n" for n in ("x", "y", "z", "scalar_part"))
    path = tmp_path / "a.ply"
    path.write_text(head + "end_header\n0 0 0 -1.0\n1 0 0 2.0\n")
    assert read_labels(path).labels.tolist() == [-1, 2]
    path.write_text(head + "end_header\n0 0 0 0.5\n1 0 0 2.0\n")
    with pytest.raises(LoadError, match="whole numbers"):
        read_labels(path)
    path.write_text((head + "end_header\n0 0 0 0\n1 0 0 2\n").replace("scalar_part", "q"))
    with pytest.raises(LoadError, match="scalar_part"):
        read_labels(path)


def test_an_old_file_stays_when_the_disk_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ply"
    path.write_bytes(b"old")
    path.chmod(0o640)
    segmentation = answer(cloud_from_arrays(np.zeros((1, 3))), [0])

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("fsync", "replace"):
        monkeypatch.setattr(os, name, fail)
        with pytest.raises(SaveError, match=r"a\.ply.*No space left"):
            segmentation.save(str(path))
        monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.ply"]
    segmentation.save(str(path))
    assert read_labels(path).labels.tolist() == [0]
    assert path.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["a.ply"]


def test_paths_that_cannot_be_written(tmp_path: Path) -> None:
    segmentation = answer(cloud_from_arrays(np.zeros((1, 3))), [0])
    folder = tmp_path / "folder.ply"
    folder.mkdir()
    for path in (tmp_path, folder, tmp_path / "none" / "a.ply", "a\0.ply"):
        with pytest.raises(SaveError, match="cannot be written"):
            segmentation.save(str(path))
    for name in ("a.obj", "a"):  # no file says it is what it is not
        with pytest.raises(SaveError, match=rf"{name}': cannot be written, the extension"):
            segmentation.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == [folder]
    with pytest.raises(SaveError, match="one per row, 1, got 2"):
        answer(cloud_from_arrays(np.zeros((1, 3))), [0, 0]).save(str(tmp_path / "a.ply"))


def test_parts_have_colours_of_their_own() -> None:
    assert hex_colour(0) == "#E69F00"
    assert hex_colour(-1) == "#969696"
    assert len({hex_colour(part) for part in range(-1, 60)}) == 61
    assert palette(2)[-1].tolist() == [0x96] * 3
