"""Every format: its name, its extensions, what it holds, and who reads it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from pdengine.errors import LoadError
from pdengine.io.gltf import read_glb, read_gltf
from pdengine.io.limits import read_file
from pdengine.io.npz import read_npy, read_npz
from pdengine.io.obj import read_obj
from pdengine.io.off import read_off
from pdengine.io.parsed import Parsed, build
from pdengine.io.pcd import read_pcd
from pdengine.io.ply import read_ply
from pdengine.io.stl import read_stl
from pdengine.io.text import read_text
from pdengine.types import Mesh, PointCloud


@dataclass(frozen=True)
class Format:
    """One row of the table.

    Attributes:
        name: e.g. "PLY".
        extensions: with the dot, lower case.
        holds: "points", "mesh" or "points or mesh".
        how: what is read of it.
        read: path and bytes to what the file says.
    """

    name: str
    extensions: tuple[str, ...]
    holds: str
    how: str
    read: Callable[[str, bytes], Parsed]


BOTH = "points or mesh"
FORMATS = (
    Format("PLY", (".ply",), BOTH, "ascii, little and big endian; colours, normals", read_ply),
    Format("PCD", (".pcd",), "points", "ascii, binary, compressed; colours, normals", read_pcd),
    Format(
        "text",
        (".xyz", ".txt", ".csv", ".pts", ".xyzn", ".xyzrgb"),
        "points",
        "3, 4, 6, 7 or 9 columns, or named columns; colours, normals",
        read_text,
    ),
    Format("NPZ", (".npz",), BOTH, "arrays xyz, colour, normals, faces; never pickled", read_npz),
    Format("NPY", (".npy",), "points", "one array [N, 3]; never pickled", read_npy),
    Format("OBJ", (".obj",), BOTH, "vertices, vertex colours, polygons", read_obj),
    Format("OFF", (".off", ".coff"), BOTH, "vertices, vertex colours, polygons", read_off),
    Format("STL", (".stl",), "mesh", "ascii, binary; three vertices per triangle", read_stl),
    Format("GLB", (".glb",), BOTH, "a scene, flattened; vertex colours, no textures", read_glb),
    Format("glTF", (".gltf",), BOTH, "as GLB, with files beside it", read_gltf),
)
BY_EXTENSION = {extension: f for f in FORMATS for extension in f.extensions}

# How a file of a format starts, where that is sure.
STARTS = (
    (b"ply\n", "PLY"),
    (b"ply\r", "PLY"),
    (b"glTF", "GLB"),
    (b"\x93NUMPY", "NPY"),
    (b"PK\x03\x04", "NPZ"),
    (b"# .PCD", "PCD"),
    (b"OFF\n", "OFF"),
    (b"OFF\r", "OFF"),
    (b"COFF", "OFF"),
    (b"LASF", "LAS"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "gzip"),
)


def load(path: str | os.PathLike[str]) -> PointCloud | Mesh:
    """Read a file: a Mesh where it has faces, else a PointCloud.

    The extension says the format, see FORMATS.  Coordinates keep the file's precision: world is
    float32 where the file stores float32, else float64, bit for bit.  Rows that are not finite stay
    in world and are left out of xyz.

    Raises:
        LoadError: for every file that is not a sound shape of its format.
    """
    name = os.fspath(path)
    return parse(name, read_file(name))


def parse(name: str, data: bytes) -> PointCloud | Mesh:
    """The shape that the bytes of a file hold, see load; its name says the format."""
    extension = os.path.splitext(name)[1].lower()
    looks = next((kind for start, kind in STARTS if data.startswith(start)), None)
    if looks == "gzip":
        raise LoadError(name, f"is compressed: unpack it with `gunzip {os.path.basename(name)}`")
    form = BY_EXTENSION.get(extension)
    if form is None:
        hint = "" if looks is None else f", its content looks like {looks}"
        known = ", ".join(BY_EXTENSION)
        raise LoadError(name, f"the extension must be one of {known}", (extension or "none") + hint)
    if looks is not None and looks != form.name:
        rule = f"a {extension} file must hold {form.name}"
        raise LoadError(name, rule, f"content that looks like {looks}")
    try:
        return build(name, form.read(name, data))
    except LoadError:
        raise
    except MemoryError as error:
        raise LoadError(
            name, "must fit the memory of this machine", f"{len(data)} bytes"
        ) from error
