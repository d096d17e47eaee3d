"""NPZ and NPY: named arrays, never an object."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.errors import LoadError
from pdengine.io.limits import LIMITS, check_decoded
from pdengine.io.parsed import Parsed, Polygons, unit_colour
from pdengine.io.text import whole

Array = NDArray[Any]

POINTS = ("xyz", "points", "vertices", "pos", "coords")
COLOURS = ("colour", "colours", "color", "colors", "rgb")
NORMALS = ("normals", "normal")
FACES = ("faces", "triangles")
QUANTISED = ("q", "lo", "s", "f")


class NpzArchive:
    """The arrays of an open NPZ, each read when it is asked for.

    Attributes:
        names: of the arrays.
    """

    def __init__(self, path: str, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
        self._path, self._archive = path, archive
        self._members = {m.filename.removesuffix(".npy"): m for m in members}
        self.names = frozenset(self._members)

    def read(self, name: str, kinds: str = "fiu") -> Array:
        """One array, its declared size checked before it is decoded.

        Args:
            name: one of names.
            kinds: numpy's letters of the types that it may have.

        Raises:
            LoadError: it has another type, or is not as long as it says.
        """
        member = self._members[name]
        check_decoded(self._path, f"array {name}", member.file_size, member.compress_size)
        with self._archive.open(member) as file:
            text = file.read(member.file_size)
        return _array(self._path, text, f"array {name}", kinds)


@contextmanager
def open_npz(path: str, data: bytes) -> Iterator[NpzArchive]:
    """Open an archive of arrays.

    Raises:
        LoadError: it is no sound archive, or says that it decodes to more than the limits.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > LIMITS.members:
                raise LoadError(path, f"an npz may hold {LIMITS.members} arrays", len(members))
            check_decoded(path, "an npz", sum(m.file_size for m in members), len(data))
            yield NpzArchive(path, archive, members)
    except LoadError:
        raise
    except Exception as error:  # zipfile and zlib raise seven kinds, one of them plain Exception
        raise LoadError(path, "an npz must be a sound zip archive", error) from error


def read_npz(path: str, data: bytes) -> Parsed:
    """The first array of each of POINTS, COLOURS, NORMALS and FACES, or a QUANTISED mesh.

    Faces are [F, 3] triangles, or [F, corners] polygons.  A quantised mesh holds q uint16
    [vertices, 3], lo [3], s [3] or a number, and f [F, 3]: vertices = lo + q / 65535 * s.

    Raises:
        LoadError: it is not an archive of arrays, or an array has a wrong shape or type.
    """
    kinds = (POINTS, COLOURS, NORMALS, FACES)
    found: dict[tuple[str, ...], Array] = {}
    with open_npz(path, data) as archive:
        names = archive.names
        quantised = names.issuperset(QUANTISED) and names.isdisjoint(POINTS)
        for kind in [(name,) for name in QUANTISED] if quantised else kinds:
            name = next((name for name in kind if name in names), None)
            if name is not None:
                found[kind] = archive.read(name)
    if quantised:
        return _parsed(path, _dequantised(path, *(found[(name,)] for name in QUANTISED)))
    if POINTS not in found:
        rule = f"an npz must hold an array named {', '.join(POINTS[:-1])} or {POINTS[-1]}"
        raise LoadError(path, rule, ", ".join(sorted(names))[:100] or "none")
    return _parsed(path, found)


def read_npy(path: str, data: bytes) -> Parsed:
    """An array [rows, 3]: x y z.

    Raises:
        LoadError: it is not such an array.
    """
    found: dict[tuple[str, ...], Array] = {POINTS: _array(path, data, "the array")}
    return _parsed(path, found)


def _array(path: str, data: bytes, what: str, kinds: str = "fiu") -> Array:
    """Parse an array whose bytes are all here: an object or a lying shape cannot allocate."""
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }
        if version not in read:
            raise ValueError(f"version {version}")
        shape, fortran, dtype = read[version](file)
    except Exception as error:  # a damaged header fails in numpy's tokenizer and parser
        found = " ".join(str(error).split())[:100]
        raise LoadError(path, f"{what} must have an npy header", found) from error
    if dtype.hasobject:
        raise LoadError(path, f"{what} must hold numbers: pickled objects are never read", dtype)
    wide = dtype.itemsize > (8 if dtype.kind in "fiu" else LIMITS.header_bytes)
    if dtype.kind not in kinds or wide or dtype.subdtype is not None:
        wanted = "text" if kinds == "U" else "floats or integers of at most 64 bits"
        raise LoadError(path, f"{what} must hold {wanted}", dtype)
    ok = all(isinstance(n, int) and n >= 0 for n in shape)
    left = len(data) - file.tell()
    if not ok or math.prod(shape) * dtype.itemsize != left:
        rule = f"{what} must be as long as its shape {shape} says"
        raise LoadError(path, rule, f"{left} bytes of {dtype}")
    values = np.frombuffer(data, dtype, math.prod(shape), file.tell())
    return values.reshape(shape, order="F" if fortran else "C")


def _dequantised(
    path: str, q: Array, lo: Array, s: Array, f: Array
) -> dict[tuple[str, ...], Array]:
    if q.dtype != np.uint16 or q.ndim != 2 or q.shape[1] != 3:
        raise LoadError(path, "array q must be uint16 [vertices, 3]", f"{q.dtype} {q.shape}")
    for name, array in (("lo", lo), ("s", s)):
        if array.shape not in ((3,), (), (1,)):
            raise LoadError(path, f"array {name} must be [3] or a number", list(array.shape))
    return {POINTS: lo + q.astype(np.float64) / 65535 * s, FACES: f}


def _parsed(path: str, found: dict[tuple[str, ...], Array]) -> Parsed:
    world = found[POINTS]
    for kind in (POINTS, COLOURS, NORMALS):
        if kind in found:
            shape = found[kind].shape
            wide = shape[1:] == (3,) or (kind is COLOURS and shape[1:] == (4,))
            if not wide or shape[0] != len(world):
                raise LoadError(path, f"array {kind[0]} must be [{len(world)}, 3]", list(shape))
    single = world.dtype.kind == "f" and world.dtype.itemsize <= 4
    colour = found.get(COLOURS)
    if colour is not None:
        declared = f"{colour.dtype.kind}{colour.dtype.itemsize}"
        colour = unit_colour(colour[:, :3], declared)
    return Parsed(
        world=world.astype(np.float32 if single else np.float64),
        colour=colour,
        normals=found.get(NORMALS),
        polygons=_polygons(path, found[FACES]) if FACES in found else None,
    )


def _polygons(path: str, faces: Array) -> Polygons:
    if faces.ndim != 2 or (len(faces) and faces.shape[1] < 3):
        raise LoadError(path, "array faces must be [F, 3] or wider", list(faces.shape))
    if faces.dtype.kind == "f":
        faces = whole(path, faces, "faces")
    elif faces.dtype == np.uint64:
        faces = np.minimum(faces, np.uint64(2**62))
    sizes = np.full(len(faces), faces.shape[1], np.int64)
    return Polygons(faces.astype(np.int64).reshape(-1), sizes)
