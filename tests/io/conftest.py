"""Small sound files of every format, made without the readers under test."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

# A tetrahedron: four vertices and four triangles that a hand can check.
VERTICES = np.array([[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]], np.float64)
FACES = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]], np.int64)
COLOURS = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [51, 51, 51]], np.uint8)


def lines(*rows: object) -> bytes:
    return ("\n".join(str(row) for row in rows) + "\n").encode()


def words(row: np.ndarray) -> str:
    return " ".join(repr(value) for value in row.tolist())


def ply(encoding: str) -> bytes:
    head = lines(
        *("ply", f"format {encoding} 1.0", "comment a tetrahedron", "element vertex 4"),
        *("property float x", "property float y", "property float z"),
        *("property uchar red", "property uchar green", "property uchar blue"),
        *("element face 4", "property list uchar int vertex_indices", "end_header"),
    )
    if encoding == "ascii":
        rows = [f"{words(v)} {words(c)}" for v, c in zip(VERTICES, COLOURS, strict=True)]
        return head + lines(*rows, *(f"3 {words(f)}" for f in FACES))
    order = "<" if "little" in encoding else ">"
    body = b"".join(
        struct.pack(order + "3f3B", *v, *c) for v, c in zip(VERTICES, COLOURS, strict=True)
    )
    return head + body + b"".join(struct.pack(order + "B3i", 3, *f) for f in FACES)


def pcd(encoding: str) -> bytes:
    head = lines(
        *("# .PCD v.7", "VERSION .7", "FIELDS x y z rgb", "SIZE 4 4 4 4", "TYPE F F F U"),
        *("COUNT 1 1 1 1", "WIDTH 4", "HEIGHT 1", "VIEWPOINT 0 0 0 1 0 0 0", "POINTS 4"),
        f"DATA {encoding}",
    )
    packed = [int(r) << 16 | int(g) << 8 | int(b) for r, g, b in COLOURS]
    if encoding == "ascii":
        return head + lines(*(f"{words(v)} {p}" for v, p in zip(VERTICES, packed, strict=True)))
    if encoding == "binary":
        rows = zip(VERTICES, packed, strict=True)
        return head + b"".join(struct.pack("<3fI", *v, p) for v, p in rows)
    columns = VERTICES.T.astype("<f4").tobytes() + np.array(packed, "<u4").tobytes()
    stored = lzf_literals(columns)
    return head + struct.pack("<2I", len(stored), len(columns)) + stored


def lzf_literals(data: bytes) -> bytes:
    """LZF that compresses nothing."""
    runs = [data[i : i + 32] for i in range(0, len(data), 32)]
    return b"".join(bytes([len(run) - 1]) + run for run in runs)


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def stl() -> bytes:
    rows = [struct.pack("<12fH", 0, 0, 0, *VERTICES[face].ravel(), 0) for face in FACES]
    return b"binary".ljust(80) + struct.pack("<I", len(FACES)) + b"".join(rows)


def stl_ascii() -> bytes:
    rows: list[str] = ["solid a"]
    for face in FACES:
        corners = [f"vertex {words(v)}" for v in VERTICES[face]]
        rows += ["facet normal 0 0 1", "outer loop", *corners, "endloop", "endfacet"]
    return lines(*rows, "endsolid a")


def gltf_tree() -> dict:
    return {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5123, "count": 12, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 48},
            {"buffer": 0, "byteOffset": 48, "byteLength": 24},
        ],
        "buffers": [{"byteLength": 72}],
    }


GLTF_BINARY = VERTICES.astype("<f4").tobytes() + FACES.astype("<u2").tobytes()


def glb(tree: dict, binary: bytes = GLTF_BINARY) -> bytes:
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    chunks += struct.pack("<II", len(binary), 0x004E4942) + binary
    return struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks


def sound_files() -> dict[str, bytes]:
    """File name -> content, one per format and encoding."""
    off = lines("OFF", "4 4 0", *map(words, VERTICES), *(f"3 {words(f)}" for f in FACES))
    obj = lines(*(f"v {words(v)}" for v in VERTICES), *(f"f {words(f + 1)}" for f in FACES))
    return {
        "ascii.ply": ply("ascii"),
        "little.ply": ply("binary_little_endian"),
        "big.ply": ply("binary_big_endian"),
        "ascii.pcd": pcd("ascii"),
        "binary.pcd": pcd("binary"),
        "compressed.pcd": pcd("binary_compressed"),
        "points.xyz": lines(*map(words, VERTICES)),
        "mesh.npz": npz(vertices=VERTICES, faces=FACES),
        "points.npy": npy(VERTICES),
        "mesh.obj": obj,
        "mesh.off": off,
        "binary.stl": stl(),
        "ascii.stl": stl_ascii(),
        "scene.glb": glb(gltf_tree()),
    }


@pytest.fixture
def sound() -> dict[str, bytes]:
    return sound_files()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Write bytes under a name in a fresh folder."""

    def run(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return run
