"""PLY: ascii, little and big endian; any order of properties, any extra property or element."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.errors import LoadError
from pdengine.io.parsed import Parsed, Polygons, unit_colour
from pdengine.io.ply_body import Rows, read_elements
from pdengine.io.ply_header import Element, PlyHeader, read_header
from pdengine.io.text import whole

Array = NDArray[Any]
logger = logging.getLogger("pdengine.io")

COLOURS = (
    ("red", "green", "blue"),
    ("r", "g", "b"),
    ("diffuse_red", "diffuse_green", "diffuse_blue"),
)
NORMALS = (("nx", "ny", "nz"), ("normal_x", "normal_y", "normal_z"))
FACE_LISTS = ("vertex_indices", "vertex_index")


def read_ply(path: str, data: bytes) -> Parsed:
    """The vertices with their colours and normals, and the faces where there are any.

    Coordinates keep the file's float or double; ascii and integer ones become float64.

    Raises:
        LoadError: it is not a PLY file, or its body is not what its header promises.
    """
    header = read_header(path, data)
    elements = {element.name: element for element in header.elements}
    vertex = elements.get("vertex")
    if vertex is None:
        raise LoadError(
            path, "a PLY file must have an element vertex", ", ".join(elements) or "none"
        )
    missing = {"x", "y", "z"} - {p.name for p in vertex.properties if p.count_type is None}
    if missing:
        raise LoadError(path, "a PLY vertex must have x, y and z", _names(vertex))
    if vertex.count == 0:
        raise LoadError(path, "a shape must have at least one point, got 0")
    if "tristrips" in elements:
        logger.warning("%s: triangle strips are not read, the vertices are a cloud", path)
    face = elements.get("face")
    has_faces = face is not None and face.count > 0
    wanted = {"vertex", "face"} if has_faces else {"vertex"}
    rows = read_elements(path, data, header, wanted)
    scalars = rows["vertex"].scalars
    return Parsed(
        world=_world(scalars, ascii_body=header.order == "="),
        colour=_colour(scalars, vertex),
        normals=_columns(scalars, NORMALS),
        polygons=_polygons(path, rows["face"], face) if has_faces and face is not None else None,
    )


def read_scalars(path: str, data: bytes) -> tuple[PlyHeader, dict[str, Rows]]:
    """Everything in the file, as written.

    Raises:
        LoadError: as read_ply.
    """
    header = read_header(path, data)
    return header, read_elements(path, data, header, {e.name for e in header.elements})


def _names(element: Element) -> str:
    return ", ".join(p.name for p in element.properties) or "none"


def _world(scalars: dict[str, Array], ascii_body: bool) -> Array:
    columns = [scalars[name] for name in "xyz"]
    single = not ascii_body and all(c.dtype.kind == "f" and c.itemsize == 4 for c in columns)
    world = np.empty((len(columns[0]), 3), np.float32 if single else np.float64)
    for i, column in enumerate(columns):
        world[:, i] = column
    return world


def _columns(scalars: dict[str, Array], choices: tuple[tuple[str, ...], ...]) -> Array | None:
    for names in choices:
        if set(names) <= set(scalars):
            return np.stack([scalars[name] for name in names], axis=1)
    return None


def _colour(scalars: dict[str, Array], vertex: Element) -> Array | None:
    values = _columns(scalars, COLOURS)
    if values is None:
        return None
    declared = {p.name: p.type for p in vertex.properties}
    names = next(names for names in COLOURS if set(names) <= set(scalars))
    return unit_colour(values, declared[names[0]])


def _polygons(path: str, rows: Rows, face: Element) -> Polygons:
    name = next((name for name in FACE_LISTS if name in rows.lists), None)
    if name is None:
        raise LoadError(path, "a PLY face must have a list vertex_indices", _names(face))
    found = rows.lists[name]
    corners = found.corners
    if corners.dtype.kind == "f":
        corners = whole(path, corners, "vertex_indices")
    elif corners.dtype.itemsize == 8 and corners.dtype.kind == "u":
        corners = np.minimum(corners, np.uint64(2**62))
    return Polygons(corners.astype(np.int64), found.sizes)
