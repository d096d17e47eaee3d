from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh

from pdengine.errors import LoadError
from pdengine.io import load
from pdengine.types import Mesh, PointCloud

Write = Callable[[str, bytes], Path]
TETRAHEDRON = [[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]]
FACES = [[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]]


def mesh_of(path: Path) -> Mesh:
    mesh = load(path)
    assert isinstance(mesh, Mesh)
    return mesh


@pytest.mark.parametrize("name", ["mesh.obj", "mesh.off", "mesh.npz", "scene.glb"])
def test_the_tetrahedron(name: str, sound: dict[str, bytes], write: Write) -> None:
    mesh = mesh_of(write(name, sound[name]))
    assert mesh.vertices.dtype == torch.float64
    assert mesh.vertices.tolist() == TETRAHEDRON
    assert mesh.faces.tolist() == FACES


@pytest.mark.parametrize("name", ["binary.stl", "ascii.stl"])
def test_stl_is_a_soup_in_file_order(name: str, sound: dict[str, bytes], write: Write) -> None:
    mesh = mesh_of(write(name, sound[name]))
    assert mesh.faces.tolist() == np.arange(12).reshape(4, 3).tolist()
    assert mesh.vertices.tolist() == [TETRAHEDRON[i] for face in FACES for i in face]


def test_obj_keeps_the_order_of_vertices_that_textures_would_split(write: Write) -> None:
    text = (
        "mtllib a.mtl\nv 0 0 0 1 0 0\nv 1 0 0 0 1 0\nv 1 1 0 0 0 1\nv 0 1 0 1 1 1\n"
        "vt 0 0\nvt 1 1\nvn 0 0 1\nusemtl b\nf 1/1/1 2/2/1 3/1/1 4/2/1\n"
        "usemtl a\nf -4//1 -2//1 \\\n-1//1\n"
    )
    mesh = mesh_of(write("a.obj", text.encode()))
    assert mesh.vertices.tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3], [0, 2, 3]]
    assert mesh.polygon.tolist() == [0, 0, 1]
    assert mesh.colour is not None
    assert mesh.colour.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]


def test_files_without_faces_are_clouds(write: Write) -> None:
    for name, text in (("a.obj", "v 0 0 0\nv 1 0 0\n"), ("a.off", "OFF 2 0 0\n0 0 0\n1 0 0\n")):
        cloud = load(write(name, text.encode()))
        assert isinstance(cloud, PointCloud)
        assert len(cloud) == 2


def test_off_with_colours_comments_and_polygons(write: Write) -> None:
    text = (
        "COFF # corners\n4 2 0\n0 0 0 255 0 0 255\n1 0 0 0 255 0 255\n1 1 0 0 0 255 255\n"
        "0 1 0 0 0 0 255\n\n4 0 1 2 3 0.5 0.5 0.5\n3 0 1 2\n"
    )
    mesh = mesh_of(write("a.off", text.encode()))
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3], [0, 1, 2]]
    assert mesh.polygon.tolist() == [0, 0, 1]
    assert mesh.colour is not None
    assert mesh.colour[1].tolist() == [0, 1, 0]
    assert len(mesh_of(write("b.off", b"OFF3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n")).faces) == 1


@pytest.mark.parametrize("kind", ["obj", "off", "stl", "glb", "ply"])
def test_agrees_with_trimesh(kind: str, tmp_path: Path) -> None:
    ball = trimesh.creation.icosphere(subdivisions=2)
    ball.apply_transform(trimesh.transformations.rotation_matrix(0.3, [1, 2, 3]))
    path = tmp_path / f"ball.{kind}"
    ball.export(path)
    truth = trimesh.load_mesh(path, process=False)
    mesh = mesh_of(path)
    assert np.array_equal(mesh.vertices.numpy(), truth.vertices)
    assert np.array_equal(mesh.faces.numpy(), truth.faces)


def test_a_scene_is_flattened_with_its_transforms(tmp_path: Path) -> None:
    scene = trimesh.Scene()
    box = trimesh.creation.box()
    turn = trimesh.transformations.rotation_matrix(0.3, [1, 2, 3], [0.1, 0, 0])
    node = scene.add_geometry(box, transform=turn, node_name="a")
    shift = trimesh.transformations.translation_matrix([5, 6, 7])
    scene.add_geometry(trimesh.creation.icosphere(), transform=shift, parent_node_name=node)
    scene.add_geometry(box, transform=np.diag([2.0, 3, -4, 1]), node_name="c")
    scene.export(tmp_path / "a.glb")
    mesh = mesh_of(tmp_path / "a.glb")
    truth = trimesh.load_scene(tmp_path / "a.glb", process=False).to_mesh()
    ours = mesh.vertices[mesh.faces].numpy().reshape(-1, 9)
    theirs = truth.triangles.reshape(-1, 9)
    assert ours.shape == theirs.shape
    # trimesh turns the triangles of a mirrored part around and orders the parts by name.
    centres = [np.sort(t.reshape(-1, 3, 3).mean(1).round(5), axis=0) for t in (ours, theirs)]
    assert np.allclose(*centres, atol=2e-5)


def gltf(sound: dict[str, bytes]) -> tuple[dict, bytes]:
    data = sound["scene.glb"]
    size = int.from_bytes(data[12:16], "little")
    return json.loads(data[20 : 20 + size]), data[28 + size :]


def test_gltf_with_its_buffer_inside_or_beside(sound: dict[str, bytes], write: Write) -> None:
    tree, binary = gltf(sound)
    tree["buffers"][0]["uri"] = (
        "data:application/octet-stream;base64," + base64.b64encode(binary).decode()
    )
    assert mesh_of(write("a.gltf", json.dumps(tree).encode())).faces.tolist() == FACES
    write("the buffer.bin", binary)
    tree["buffers"][0]["uri"] = "the%20buffer.bin"
    assert mesh_of(write("b.gltf", json.dumps(tree).encode())).vertices.tolist() == TETRAHEDRON


def test_strips_and_fans_turn_the_same_way(sound: dict[str, bytes], write: Write) -> None:
    tree, binary = gltf(sound)
    tree["buffers"][0]["uri"] = "data:;base64," + base64.b64encode(binary).decode()
    del tree["meshes"][0]["primitives"][0]["indices"]
    for mode, faces in ((5, [[0, 1, 2], [1, 3, 2]]), (6, [[0, 1, 2], [0, 2, 3]])):
        tree["meshes"][0]["primitives"][0]["mode"] = mode
        assert mesh_of(write("a.gltf", json.dumps(tree).encode())).faces.tolist() == faces
    tree["meshes"][0]["primitives"][0]["mode"] = 0
    cloud = load(write("a.gltf", json.dumps(tree).encode()))
    assert isinstance(cloud, PointCloud)
    assert cloud.world.dtype == torch.float32


@pytest.mark.parametrize(
    "uri",
    [
        *("../secret.bin", "%2e%2e/secret.bin", "/etc/passwd", "file:///etc/passwd", "link.bin"),
        *("http://127.0.0.1/a", "..\\secret.bin", "data:;base64,!!", "data:,abc", "missing.bin"),
    ],
)
def test_a_buffer_is_never_read_from_outside_the_folder(
    uri: str, sound: dict[str, bytes], tmp_path: Path
) -> None:
    tree, binary = gltf(sound)
    (tmp_path / "secret.bin").write_bytes(binary)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    tree["buffers"][0]["uri"] = uri
    (folder / "a.gltf").write_text(json.dumps(tree))
    with pytest.raises(LoadError):
        load(folder / "a.gltf")


def test_a_quantised_mesh_is_read_from_npz(tmp_path: Path) -> None:
    file = tmp_path / "tetrahedron.npz"
    q = np.array([[0, 0, 0], [65535, 0, 0], [0, 65535, 0], [0, 0, 65535]], np.uint16)
    faces = np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]], np.int32)
    np.savez(file, q=q, lo=np.array([-1.0, 0, 2]), s=np.array([2.0, 1, 4]), f=faces)
    mesh = load(file)
    assert isinstance(mesh, Mesh)
    assert mesh.vertices.tolist() == [[-1, 0, 2], [1, 0, 2], [-1, 1, 2], [-1, 0, 6]]
    assert mesh.faces.tolist() == faces.tolist()

    np.savez(file, q=q.astype(np.int64), lo=0.0, s=1.0, f=faces)
    with pytest.raises(LoadError, match="array q must be uint16"):
        load(file)
    np.savez(file, q=q, lo=np.zeros(2), s=1.0, f=faces)
    with pytest.raises(LoadError, match=r"array lo must be \[3\] or a number, got \[2\]"):
        load(file)
    np.savez(file, q=q, lo=0.0, s=1.0, f=faces + 1)
    with pytest.raises(LoadError):
        load(file)
