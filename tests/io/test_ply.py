from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pdengine.io import load
from pdengine.types import Mesh, PointCloud

Write = Callable[[str, bytes], Path]
HEAD = "ply\nformat {} 1.0\n"


def text(*rows: str) -> bytes:
    return ("\n".join(rows) + "\n").encode()


def test_two_points_and_their_colours(write: Write) -> None:
    data = text(
        *("ply", "format ascii 1.0", "element vertex 2", "property float x", "property float y"),
        *("property float z", "property uchar red", "property uchar green", "property uchar blue"),
        *("end_header", "0 0 0 255 0 0", "2 0 0 0 0 51"),
    )
    cloud = load(write("a.ply", data))
    assert isinstance(cloud, PointCloud)
    assert cloud.world.dtype == torch.float64
    assert cloud.world.tolist() == [[0, 0, 0], [2, 0, 0]]
    assert cloud.xyz.tolist() == [[-1, 0, 0], [1, 0, 0]]
    assert cloud.origin.tolist() == [1, 0, 0]
    assert cloud.scale == 1
    assert cloud.colour is not None
    assert torch.allclose(cloud.colour, torch.tensor([[1, 0, 0], [0, 0, 0.2]]))


@pytest.mark.parametrize("name", ["ascii.ply", "little.ply", "big.ply"])
def test_the_same_mesh_in_every_encoding(name: str, sound: dict[str, bytes], write: Write) -> None:
    mesh = load(write(name, sound[name]))
    assert isinstance(mesh, Mesh)
    assert mesh.vertices.tolist() == [[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]]
    assert mesh.faces.tolist() == [[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]]
    assert mesh.polygon.tolist() == [0, 1, 2, 3]
    assert mesh.colour is not None
    assert torch.allclose(mesh.colour[3], torch.full((3,), 0.2))


@pytest.mark.parametrize("order", ["<", ">"])
def test_any_order_of_properties_and_extra_ones(order: str, write: Write) -> None:
    name = "binary_little_endian" if order == "<" else "binary_big_endian"
    head = text(
        *(
            "ply",
            f"format {name} 1.0",
            "obj_info x",
            "element camera 1",
            "property list int float k",
        ),
        *("element vertex 2", "property double z", "property short quality"),
        *(
            "property list uchar ushort tags",
            "property double x",
            "property double y",
            "end_header",
        ),
    )
    body = struct.pack(order + "i3f", 3, 1, 2, 3)
    body += struct.pack(order + "dhB2Hdd", 3.5, 7, 2, 1, 2, 1.5, 2.5)
    body += struct.pack(order + "dhBdd", 6.5, 7, 0, 4.5, 5.5)
    cloud = load(write("a.ply", head + body))
    assert isinstance(cloud, PointCloud)
    assert cloud.world.tolist() == [[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]


@pytest.mark.parametrize("encoding", ["ascii", "binary_little_endian"])
def test_polygons_become_fans_that_know_their_polygon(encoding: str, write: Write) -> None:
    head = text(
        *("ply", f"format {encoding} 1.0", "element vertex 5", "property int x", "property int y"),
        *("property int z", "element face 3", "property uchar flag"),
        *("property list uchar uint vertex_index", "end_header"),
    )
    points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 2, 0)]
    faces = [(0, 1, 2), (0, 1, 2, 3, 4), (0, 2, 3, 4)]
    if encoding == "ascii":
        body = text(*(" ".join(map(str, p)) for p in points))
        body += text(*(" ".join(map(str, (9, len(f), *f))) for f in faces))
    else:
        body = b"".join(struct.pack("<3i", *p) for p in points)
        body += b"".join(struct.pack(f"<BB{len(f)}I", 9, len(f), *f) for f in faces)
    mesh = load(write("a.ply", head + body))
    assert isinstance(mesh, Mesh)
    fans = [[0, 1, 2], [0, 1, 2], [0, 2, 3], [0, 3, 4], [0, 2, 3], [0, 3, 4]]
    assert mesh.faces.tolist() == fans
    assert mesh.polygon.tolist() == [0, 1, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("kind", "code", "values", "first"),
    [
        ("uchar", "B", (255, 51, 0), 1.0),
        ("ushort", "H", (65535, 13107, 0), 1.0),
        ("ushort", "H", (255, 51, 0), 1.0),  # 8 bits in 16
        ("float", "f", (1.0, 0.2, 0.0), 1.0),
        ("float", "f", (255.0, 51.0, 0.0), 1.0),
    ],
)
def test_colours_of_every_type(
    kind: str, code: str, values: tuple[float, ...], first: float, write: Write
) -> None:
    head = text(
        *("ply", "format binary_little_endian 1.0", "element vertex 1", "property float x"),
        *("property float y", "property float z", f"property {kind} red"),
        *(f"property {kind} green", f"property {kind} blue", "end_header"),
    )
    cloud = load(write("a.ply", head + struct.pack("<3f3" + code, 0, 0, 0, *values)))
    assert isinstance(cloud, PointCloud)
    assert cloud.colour is not None
    assert cloud.colour[0].tolist() == pytest.approx([first, 0.2, 0.0])


def test_normals_become_unit_vectors(write: Write) -> None:
    head = "ply\nformat ascii 1.0\nelement vertex 2\n"
    head += "".join(f"property double {n}\n" for n in ("nx", "ny", "nz", "x", "y", "z"))
    good = load(write("a.ply", (head + "end_header\n0 0 5 0 0 0\n0 -2 0 1 0 0\n").encode()))
    assert isinstance(good, PointCloud)
    assert good.normals is not None
    assert good.normals.tolist() == [[0, 0, 1], [0, -1, 0]]
    lost = load(write("b.ply", (head + "end_header\n0 0 0 0 0 0\n0 -2 0 1 0 0\n").encode()))
    assert isinstance(lost, PointCloud)
    assert lost.normals is None


def test_windows_and_classic_mac_line_ends(sound: dict[str, bytes], write: Write) -> None:
    for end in (b"\r\n", b"\r"):
        mesh = load(write("a.ply", sound["ascii.ply"].replace(b"\n", end)))
        assert isinstance(mesh, Mesh)
        assert len(mesh.faces) == 4


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    world=st.sampled_from(["<f4", ">f4", "<f8", ">f8"]).flatmap(
        lambda t: arrays(t, st.tuples(st.integers(1, 9), st.just(3)))
    )
)
def test_coordinates_come_back_bit_for_bit(world: np.ndarray, tmp_path: Path) -> None:
    finite = np.isfinite(world).all(1)
    if not finite.any() or np.abs(world[finite].astype(np.float64)).max() > 1e300:
        return
    name = "little" if world.dtype.str[0] == "<" else "big"
    kind = "float" if world.dtype.itemsize == 4 else "double"
    head = HEAD.format(f"binary_{name}_endian") + f"element vertex {len(world)}\n"
    head += "".join(f"property {kind} {a}\n" for a in "xyz") + "end_header\n"
    (tmp_path / "a.ply").write_bytes(head.encode() + world.tobytes())
    cloud = load(tmp_path / "a.ply")
    assert isinstance(cloud, PointCloud)
    native = world.astype(world.dtype.newbyteorder("="))
    assert cloud.world.numpy().tobytes() == native.tobytes()
    assert cloud.rows.tolist() == np.flatnonzero(finite).tolist()
