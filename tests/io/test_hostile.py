"""Files made to hurt: each is refused with one sentence, at once and in little memory."""

from __future__ import annotations

import json
import os
import struct
import time
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pdengine.errors import LoadError
from pdengine.io import load

XYZ = "property float x\nproperty float y\nproperty float z\n"
FACE = "property list uchar int vertex_indices\n"
PCD = "FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH {}\nHEIGHT {}\nDATA {}\n"


def ply(body: bytes = b"", *, kind: str = "binary_little_endian", head: str | None = None) -> bytes:
    head = f"element vertex 1\n{XYZ}" if head is None else head
    return f"ply\nformat {kind} 1.0\n{head}end_header\n".encode() + body


def pcd(width: object, height: object, kind: str, body: bytes = b"") -> bytes:
    return PCD.format(width, height, kind).encode() + body


def glb(tree: object, binary: bytes = b"") -> bytes:
    text = (tree if isinstance(tree, str) else json.dumps(tree)).encode()
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    chunks += struct.pack("<II", len(binary), 0x004E4942) + binary
    return struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks


def scene(**changes: object) -> bytes:
    tree = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [{"byteLength": 36}],
    }
    return glb({**tree, **changes}, np.eye(3, dtype="<f4").tobytes())


def npz(name: str, data: bytes, *, compressed: bool = False) -> bytes:
    import io

    file = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", kind) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def npy(shape: str, descr: str = "'<f8'", body: bytes = b"") -> bytes:
    head = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + body


ONE = struct.pack("<3f", 1, 2, 3)
HUGE = 999_999_999_999
HOSTILE: dict[str, tuple[str, bytes, str]] = {
    # PLY
    "promises a trillion": ("a.ply", ply(ONE, head=f"element vertex {HUGE}\n{XYZ}"), "count"),
    "promises a trillion in ascii": (
        *("a.ply", ply(b"1 2 3\n", kind="ascii", head=f"element vertex {HUGE}\n{XYZ}"), "count"),
    ),
    "promises a billion": ("a.ply", ply(ONE, head=f"element vertex 1000000000\n{XYZ}"), "need at"),
    "negative count": ("a.ply", ply(head=f"element vertex -1\n{XYZ}"), "whole number"),
    "cut short": ("a.ply", ply(ONE[:-1]), "cut short"),
    "ascii cut short": ("a.ply", ply(b"1 2\n", kind="ascii"), "cut short"),
    "no vertices": ("a.ply", ply(head=f"element vertex 0\n{XYZ}"), "at least one point"),
    "no element": ("a.ply", ply(head=""), "element vertex"),
    "no z": ("a.ply", ply(head="element vertex 1\nproperty float x\n"), "x, y and z"),
    "no header end": ("a.ply", b"ply\nformat ascii 1.0\nelement vertex 1\n", "end_header"),
    "endless header": ("a.ply", b"ply\n" + b"comment x\n" * 200_000, "end_header"),
    "no format": ("a.ply", b"ply\nelement vertex 1\n" + XYZ.encode() + b"end_header\n", "format"),
    "unknown type": ("a.ply", ply(head="element vertex 1\nproperty quad x\n"), "PLY type"),
    "same property twice": ("a.ply", ply(head=f"element vertex 1\n{XYZ}{XYZ}"), "differ"),
    "same element twice": ("a.ply", ply(head=f"element vertex 1\n{XYZ}" * 2), "different names"),
    "no property": ("a.ply", ply(head=f"element a 9\nelement vertex 1\n{XYZ}"), "have a property"),
    "all NaN": ("a.ply", ply(struct.pack("<3f", *[float("nan")] * 3)), "finite point"),
    "words": ("a.ply", ply(b"one two three\n", kind="ascii"), "table of numbers"),
    "face of nobody": (
        "a.ply",
        ply(
            ONE + struct.pack("<B3i", 3, 0, 1, 2),
            head=f"element vertex 1\n{XYZ}element face 1\n{FACE}",
        ),
        r"indices must be in \[0, 1\)",
    ),
    "face before the first": (
        "a.ply",
        ply(
            ONE + struct.pack("<B3i", 3, 0, -1, 0),
            head=f"element vertex 1\n{XYZ}element face 1\n{FACE}",
        ),
        "indices must be",
    ),
    "face longer than the file": (
        "a.ply",
        ply(ONE + b"\xff" + ONE, head=f"element vertex 1\n{XYZ}element face 1\n{FACE}"),
        "fit the file",
    ),
    "list length -1": (
        "a.ply",
        ply(
            ONE + b"\xff",
            head=f"element vertex 1\n{XYZ}element face 1\nproperty list char int vertex_index\n",
        ),
        "fit the file",
    ),
    "faces without lists": (
        "a.ply",
        ply(ONE + ONE, head=f"element vertex 1\n{XYZ}element face 1\n{XYZ}"),
        "vertex_indices",
    ),
    "a face of NaN": (
        "a.ply",
        ply(
            struct.pack("<3f", *[float("nan")] * 3) + struct.pack("<B3i", 3, 0, 0, 0),
            head=f"element vertex 1\n{XYZ}element face 1\n{FACE}",
        ),
        "finite vertices",
    ),
    "half an index": (
        *("a.ply",),
        ply(
            b"0 0 0\n3 0 0.5 0\n",
            kind="ascii",
            head=f"element vertex 1\n{XYZ}element face 1\n{FACE}",
        ),
        "whole numbers",
    ),
    # PCD
    "pcd promises": ("a.pcd", pcd(2_000_000_000, 1, "binary", ONE), "need at least"),
    "pcd overflows": ("a.pcd", pcd(2_000_000_000, 2_000_000_000, "binary", ONE), "count must be"),
    "pcd width is a word": ("a.pcd", pcd("many", 1, "binary", ONE), "WIDTH"),
    "pcd without DATA": ("a.pcd", b"VERSION .7\nFIELDS x y z\n", "DATA"),
    "pcd unknown DATA": ("a.pcd", pcd(1, 1, "zip", ONE), "DATA must be"),
    "pcd no points": ("a.pcd", pcd(0, 1, "ascii"), "at least one point"),
    "pcd bomb": (
        "a.pcd",
        pcd(1, 1, "binary_compressed", struct.pack("<2I", 4, 2**32 - 1) + b"\0" * 4),
        "12 bytes",
    ),
    "pcd not LZF": (
        "a.pcd",
        pcd(1, 1, "binary_compressed", struct.pack("<2I", 4, 12) + b"\xff" * 4),
        "LZF",
    ),
    "pcd without sizes": ("a.pcd", pcd(1, 1, "binary_compressed", b"\0"), "two sizes"),
    "pcd uneven header": (
        "a.pcd",
        b"FIELDS x y z\nSIZE 4\nTYPE F F F\nDATA ascii\n",
        "equally long",
    ),
    "pcd odd type": ("a.pcd", b"FIELDS x y z\nSIZE 3 4 4\nTYPE F F F\nDATA ascii\n", "field x"),
    "pcd huge count": (
        *("a.pcd",),
        pcd(1, 1, "binary").replace(b"COUNT 1 1 1", b"COUNT 1 1 99999999999"),
        "COUNT",
    ),
    # NPZ and NPY
    "npz bomb": ("a.npz", npz("xyz.npy", bytes(200_000_000), compressed=True), "times its"),
    "npz without points": ("a.npz", npz("other.npy", npy("(1, 3)", body=bytes(24))), "named xyz"),
    "npz cut short": ("a.npz", npz("xyz.npy", npy("(1, 3)", body=bytes(24)))[:-30], "zip"),
    "npz lies": ("a.npz", npz("xyz.npy", npy(f"({HUGE}, 3)", body=bytes(24))), "as long as"),
    "npy pickle": ("a.npy", npy("(1,)", "'|O'", b"cos\nsystem\n(S'exit 1'\ntR."), "never read"),
    "npy lies": ("a.npy", npy(f"({HUGE}, 3)"), "as long as"),
    "npy negative": ("a.npy", npy("(-1, -3)", body=bytes(24)), "as long as"),
    "npy text": ("a.npy", npy("(1, 3)", "'<U9'", bytes(108)), "floats or integers"),
    "npy complex": ("a.npy", npy("(1, 3)", "'<c16'", bytes(48)), "floats or integers"),
    "npy flat": ("a.npy", npy("(3,)", body=bytes(24)), r"\[3, 3\]"),
    "npy code": ("a.npy", npy("__import__('os').abort()"), "npy header"),
    "npy deep": ("a.npy", npy("(" * 5000 + ")" * 5000), "npy header"),
    # glTF
    "glb of 22 bytes": (
        "a.glb",
        b"glTF" + struct.pack("<4I", 2, 22, 2**32 - 1, 0x4E4F534A) + b"{}",
        "fit",
    ),
    "glb cut short": ("a.glb", scene()[:-1], "whole"),
    "glb deep json": ("a.glb", glb("[" * 100_000), "JSON"),
    "glb list": ("a.glb", glb([]), "JSON object"),
    "glb version 1": ("a.glb", scene(asset={"version": "1.0"}), "version 2"),
    "glb loop": ("a.glb", scene(nodes=[{"mesh": 0, "children": [0]}]), "one parent"),
    "glb deep chain": (
        "a.glb",
        scene(nodes=[{"children": [i + 1]} for i in range(20_000)]),
        "deep",
    ),
    "glb expansion": (
        *("a.glb",),
        scene(nodes=[{"children": [i + 1, i + 1]} for i in range(40)] + [{"mesh": 0}]),
        "one parent",
    ),
    "glb node of nobody": ("a.glb", scene(nodes=[{"mesh": 7}]), "index into meshes"),
    "glb accessor bomb": (
        *("a.glb",),
        scene(accessors=[{"bufferView": 0, "componentType": 5126, "count": 2**40, "type": "VEC3"}]),
        "fit its bufferView",
    ),
    "glb accessor without bytes": (
        *("a.glb",),
        scene(accessors=[{"componentType": 5126, "count": 2**40, "type": "VEC3"}]),
        "plain array",
    ),
    "glb of lists": (
        "a.glb",
        scene(accessors=[{"bufferView": 0, "componentType": [], "type": {}, "count": 1}]),
        "plain",
    ),
    "glb view outside": (
        "a.glb",
        scene(bufferViews=[{"buffer": 0, "byteOffset": 2**50, "byteLength": 36}]),
        "end in",
    ),
    "glb negative stride": (
        "a.glb",
        scene(bufferViews=[{"buffer": 0, "byteLength": 36, "byteStride": -12}]),
        "whole",
    ),
    "glb nan matrix": (
        "a.glb",
        scene(nodes=[{"mesh": 0, "matrix": [float("nan")] * 16}]),
        "16 numbers",
    ),
    "glb draco": ("a.glb", scene(extensionsRequired=["KHR_draco_mesh_compression"]), "compressed"),
    # OBJ, OFF, STL
    "obj of nothing": ("a.obj", b"# nothing\n", "at least one point"),
    "obj of binary": ("a.obj", bytes(range(256)) * 4, "statement"),
    "obj corner 0": ("a.obj", b"v 0 0 0\nf 0 1 1\n", "from 1"),
    "obj corner far": ("a.obj", b"v 0 0 0\nf 1 1 99999999999999999999\n", "whole numbers"),
    "obj corner back": ("a.obj", b"v 0 0 0\nf -1 -2 -1\n", "before it"),
    "off promises": ("a.off", b"OFF\n999999999999 1 0\n0 0 0\n", "count must be"),
    "off cut short": ("a.off", b"OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n", "cut short"),
    "off bad face": ("a.off", b"OFF\n1 1 0\n0 0 0\n9 0 0 0\n", "as many corners"),
    "off counts": ("a.off", b"OFF\n1.5 1 0\n0 0 0\n", "whole numbers"),
    "stl lies": ("a.stl", bytes(80) + struct.pack("<I", 2**32 - 1) + bytes(50), "50 per triangle"),
    "stl empty": ("a.stl", bytes(84), "at least one point"),
    "stl half a facet": (
        "a.stl",
        b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\n",
        "facets",
    ),
    # the file itself
    "empty": ("a.ply", b"", "empty"),
    "unknown": ("a.docx", b"PK\x03\x04", "extension must be one of .*content looks like NPZ"),
    "no extension": ("cloud", b"1 2 3\n", "extension must be one of"),
    "a lying extension": ("a.ply", b"glTF" + bytes(30), "must hold PLY.*looks like GLB"),
    "compressed": ("a.ply.gz", b"\x1f\x8b\x08", "is compressed: unpack it with `gunzip a.ply.gz`"),
    "a picture": ("a.obj", b"\x89PNG\r\n", "must hold OBJ.*looks like PNG"),
    "binary text": ("a.xyz", bytes(100), "NUL"),
    "beyond float64": ("a.xyz", b"1.7e308 0 0\n-1.7e308 0 0\n-1.7e308 1e308 0\n", "extent"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_is_refused_at_once(name: str, tmp_path: Path) -> None:
    file, data, message = HOSTILE[name]
    path = tmp_path / file
    path.write_bytes(data)
    tracemalloc.start()
    start = time.perf_counter()
    with pytest.raises(LoadError, match=message) as caught:
        load(path)
    seconds, peak = time.perf_counter() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 2
    assert peak < 10 * len(data) + (64 << 20)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.rule


def test_paths_that_are_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ply")
    locked = tmp_path / "locked.ply"
    locked.write_bytes(b"ply\n")
    for path, message in (
        (tmp_path / "missing.ply", "no such file"),
        (tmp_path, "directory"),
        (tmp_path / "pipe.ply", "regular file"),
        ("a\0.ply", "NUL"),
        (tmp_path / ("x" * 300 + ".ply"), "cannot be read"),
    ):
        with pytest.raises(LoadError, match=message):
            load(path)


def test_one_mesh_placed_a_hundred_thousand_times_is_refused(tmp_path: Path) -> None:
    points = np.zeros((2000, 3), "<f4")
    nodes = 100_000
    tree = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": list(range(nodes))}],
        "nodes": [{"mesh": 0}] * nodes,
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "mode": 0}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 2000, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": points.nbytes}],
        "buffers": [{"byteLength": points.nbytes}],
    }
    (tmp_path / "a.glb").write_bytes(glb(tree, points.tobytes()))
    with pytest.raises(LoadError, match="a scene may decode"):
        load(tmp_path / "a.glb")
