"""A GLB opens elsewhere with a named node per part or thing, where the user's shape is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import trimesh

from pdengine.errors import SaveError
from pdengine.io import cloud_from_arrays, load, mesh_from_arrays, palette
from pdengine.types import Instances, Mesh, PointCloud, Segmentation, Shape

NAMES = ("back", "leg")


def answer(shape: Shape, labels: list[int], faces: list[int] | None = None) -> Segmentation:
    label = torch.tensor(labels)
    scores = torch.ones(len(labels), len(NAMES))
    face = None if faces is None else torch.tensor(faces)
    return Segmentation(label, scores, NAMES, shape, "vote", label, face)


def numbered(rows: list[int], part: list[int], faces: list[int] | None = None) -> Instances:
    none = torch.zeros(len(part), 3, dtype=torch.float64)
    count = torch.ones(len(part), dtype=torch.int64)
    of_faces = None if faces is None else torch.tensor(faces)
    score = torch.ones(len(part))
    return Instances(torch.tensor(rows), torch.tensor(part), score, count, none, none, of_faces)


def nodes(path: Path) -> dict[str, Any]:
    """What trimesh finds: the geometry of each node, moved to where the node is."""
    scene = trimesh.load_scene(path)
    found = {}
    for name in scene.graph.nodes_geometry:
        transform, geometry = scene.graph[name]
        found[name] = scene.geometry[geometry].copy()
        found[name].apply_transform(transform)
    return found


def squares() -> Mesh:
    """Three squares of two triangles in a row."""
    vertices = [[x + k, y, 0] for k in (0, 2, 4) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
    faces = [[k + a for a in corners] for k in (0, 4, 8) for corners in ((0, 1, 2), (0, 2, 3))]
    return mesh_from_arrays(np.array(vertices, np.float64), np.array(faces))


def test_a_mesh_has_a_node_per_part_in_its_colour(tmp_path: Path) -> None:
    answer(squares(), [0] * 12, [0, 0, 1, 1, 1, -1]).save(str(tmp_path / "a.glb"))
    found = nodes(tmp_path / "a.glb")
    assert {name: len(mesh.faces) for name, mesh in found.items()} == {
        "back": 2,
        "leg": 3,
        "unlabelled": 1,
    }
    assert found["back"].bounds.tolist() == [[0, 0, 0], [1, 1, 0]]
    assert found["leg"].bounds.tolist() == [[2, 0, 0], [5, 1, 0]]
    for name, colour in zip(("back", "leg", "unlabelled"), palette(2), strict=True):
        share = colour / 255
        linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        factor = found[name].visual.material.baseColorFactor
        assert np.abs(np.asarray(factor[:3], float) - np.rint(linear * 255)).max() <= 1


def test_with_instances_every_thing_has_its_node(tmp_path: Path) -> None:
    found = numbered([0] * 12, [0, 1, 1], [0, 0, 2, 2, 1, -1])
    result = replace(answer(squares(), [0] * 12, [0, 0, 1, 1, 1, 1]), instances=found)
    result.save(str(tmp_path / "a.GLB"))
    written = nodes(tmp_path / "a.GLB")
    # The last triangle is leg, but of no instance: a speck.
    assert {name: len(mesh.faces) for name, mesh in written.items()} == {
        "back_0": 2,
        "leg_0": 1,
        "leg_1": 2,
        "leg": 1,
    }
    assert written["leg_1"].bounds[:, 0].tolist() == [2, 3]
    assert sum(len(mesh.faces) for mesh in written.values()) == 6


def test_a_cloud_is_points_and_what_is_not_finite_is_left_out(tmp_path: Path) -> None:
    world = np.array([[0, 0, 0], [1, 2, 3], [np.nan, 0, 0], [4, 5, 6]], np.float32)
    found = numbered([0, 1, -1, -1], [1, 1])
    result = replace(answer(cloud_from_arrays(world), [1, 1, -1, -1]), instances=found)
    result.save(str(tmp_path / "a.glb"))
    written = nodes(tmp_path / "a.glb")
    assert {name: cloud.vertices.tolist() for name, cloud in written.items()} == {
        "leg_0": [[0, 0, 0]],
        "leg_1": [[1, 2, 3]],
        "unlabelled": [[4, 5, 6]],
    }
    back = load(tmp_path / "a.glb")
    assert isinstance(back, PointCloud)
    assert back.world.tolist() == [[0, 0, 0], [1, 2, 3], [4, 5, 6]]


def test_a_triangle_with_a_corner_at_infinity_is_left_out(tmp_path: Path) -> None:
    mesh = squares()
    mesh.vertices[1, 1] = torch.inf
    answer(mesh, [0] * 12, [-1, 0, 1, 1, 1, 1]).save(str(tmp_path / "a.glb"))
    written = nodes(tmp_path / "a.glb")
    assert {name: len(mesh.faces) for name, mesh in written.items()} == {"back": 1, "leg": 4}


def test_coordinates_far_from_the_origin_are_not_rounded_away(tmp_path: Path) -> None:
    """A map's coordinates have more digits than float32 holds: half a metre, there."""
    near = np.random.default_rng(0).random((50, 3))
    world = near + np.array([466123.125, 6784321.5, 95.25])
    answer(cloud_from_arrays(world), [0] * 50).save(str(tmp_path / "a.glb"))
    written = nodes(tmp_path / "a.glb")["back"].vertices
    assert np.abs(written - world).max() < 1e-6
    answer(cloud_from_arrays(near), [0] * 50).save(str(tmp_path / "b.glb"))
    assert b"translation" not in (tmp_path / "b.glb").read_bytes()
    assert np.array_equal(nodes(tmp_path / "b.glb")["back"].vertices, near.astype(np.float32))


def test_a_part_may_be_called_unlabelled(tmp_path: Path) -> None:
    result = replace(answer(squares(), [0] * 12, [0, 0, 0, 0, 0, -1]), names=("unlabelled", "x"))
    result.save(str(tmp_path / "a.glb"))
    written = nodes(tmp_path / "a.glb")
    assert {n: len(m.faces) for n, m in written.items()} == {"unlabelled": 5, "unlabelled_": 1}


def test_the_file_follows_the_format_and_names_its_parts(tmp_path: Path) -> None:
    answer(squares(), [0] * 12, [0, 0, 1, 1, 1, -1]).save(str(tmp_path / "a.glb"))
    data = (tmp_path / "a.glb").read_bytes()
    magic, version, length, size, kind = np.frombuffer(data, "<u4", 5).tolist()
    assert (magic, version, length, kind) == (0x46546C67, 2, len(data), 0x4E4F534A)
    tree = json.loads(data[20 : 20 + size])
    assert tree["asset"]["extras"] == {"parts": ["back", "leg"]}
    assert [node["name"] for node in tree["nodes"]] == ["back", "leg", "unlabelled"]
    for view, accessor in zip(tree["bufferViews"], tree["accessors"], strict=True):
        assert view["byteOffset"] % 4 == 0
        width = {"SCALAR": 1, "VEC3": 3}[accessor["type"]]
        assert view["byteLength"] == 4 * width * accessor["count"]
    assert tree["buffers"][0]["byteLength"] == sum(v["byteLength"] for v in tree["bufferViews"])


def test_says_what_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="must have face_labels, got None"):
        answer(squares(), [0] * 12).save(str(tmp_path / "a.glb"))
    with pytest.raises(SaveError, match="one per row or face, 6, got 2"):
        answer(squares(), [0] * 12, [0, 1]).save(str(tmp_path / "a.glb"))
    with pytest.raises(SaveError, match=r"missing.a\.glb': cannot be written"):
        answer(squares(), [0] * 12, [0] * 6).save(str(tmp_path / "missing" / "a.glb"))
    assert not list(tmp_path.iterdir())
