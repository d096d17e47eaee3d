"""A labelled PLY that CloudCompare, MeshLab and Blender open, and its way back."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pdengine.errors import LoadError, SaveError
from pdengine.io.limits import read_file
from pdengine.io.palette import palette
from pdengine.io.ply import read_scalars
from pdengine.types import Mesh, Segmentation

Array = NDArray[Any]

PLY_TYPES = {"f4": "float", "f8": "double", "u1": "uchar", "i4": "int"}


def save_ply(segmentation: Segmentation, path: str | os.PathLike[str]) -> None:
    """Write the user's rows, in their order, with a colour and two or three scalars each.

    Binary little endian.  Vertices are x y z in the user's own bits (a mesh is written as float
    where that loses nothing, else as double), red green blue by palette, scalar_part and
    scalar_score, the probability of that part, and where instances were asked for scalar_instance,
    -1 none.  The prefix scalar_ makes CloudCompare load them unasked; it turns every PLY type into
    its own floats, so scalar_part can be the int32 that other programs keep whole.  A mesh has its
    triangles too, each with its colour, scalar_part and scalar_instance.  Comments carry the part
    names as JSON strings.

    The file is complete under a temporary name in the same folder before it takes the place of an
    old one.

    Raises:
        SaveError: the file cannot be written; an old one stays.
    """
    shape = segmentation.shape
    is_mesh = isinstance(shape, Mesh)
    world = (shape.vertices if isinstance(shape, Mesh) else shape.world).numpy()
    if is_mesh and _fits_single(world):
        world = world.astype(np.float32)
    colours = palette(len(segmentation.names))
    labels = segmentation.labels.numpy()
    scores = segmentation.scores.numpy()
    if len(labels) != len(world):
        raise SaveError(f"labels must be one per row, {len(world)}, got {len(labels)}")

    vertex = [(name, f"<{world.dtype.kind}{world.dtype.itemsize}") for name in "xyz"]
    found = segmentation.instances
    fields = painted() + ([] if found is None else [("scalar_instance", "<i4")])
    rows = np.empty(len(world), [*vertex, *fields, ("scalar_score", "<f4")])
    for i, name in enumerate("xyz"):
        rows[name] = world[:, i]
    _paint(rows, labels, colours)
    best = np.take_along_axis(scores, np.maximum(labels, 0)[:, None], axis=1)[:, 0]
    rows["scalar_score"] = np.where(labels >= 0, best, 0)
    if found is not None:
        rows["scalar_instance"] = found.instance.numpy()

    faces = None
    if isinstance(shape, Mesh):
        corners = shape.faces.numpy()
        faces = triangles(corners, fields)
        face_labels = segmentation.face_labels
        _paint(
            faces,
            np.full(len(corners), -1) if face_labels is None else face_labels.numpy(),
            colours,
        )
        if found is not None:
            of_faces = found.face_instance
            faces["scalar_instance"] = -1 if of_faces is None else of_faces.numpy()
    replace_file(path, ply_blocks(rows, faces, segmentation.names))


def triangles(corners: Array, fields: Sequence[tuple[str, str]]) -> Array:
    """Rows for the faces of a labelled PLY: corners [F, 3] filled in, the other fields to come."""
    faces = np.empty(len(corners), [("n", "u1"), ("corner", "<i4", 3), *fields])
    faces["n"] = 3
    faces["corner"] = corners
    return faces


def ply_blocks(rows: Array, faces: Array | None, names: Sequence[str]) -> list[Any]:
    """A labelled PLY as blocks of bytes: every field of the rows becomes a property of its name."""
    lines = ["ply", "format binary_little_endian 1.0", "comment written by pdengine"]
    lines += [f"comment part {i} {json.dumps(name)}" for i, name in enumerate(names)]
    lines += _header("vertex", rows)
    lines += [] if faces is None else _header("face", faces)
    text = ("\n".join([*lines, "end_header"]) + "\n").encode("ascii")
    return [text, rows.data, *([] if faces is None else [faces.data])]


def _fits_single(world: Array) -> bool:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.array_equal(world.astype(np.float32).astype(np.float64), world, equal_nan=True)


def painted() -> list[tuple[str, str]]:
    return [("red", "u1"), ("green", "u1"), ("blue", "u1"), ("scalar_part", "<i4")]


def _paint(rows: Array, labels: Array, colours: Array) -> None:
    rgb = colours[labels]  # -1 is the last row, grey
    for i, name in enumerate(("red", "green", "blue")):
        rows[name] = rgb[:, i]
    rows["scalar_part"] = labels


def _header(element: str, rows: Array) -> list[str]:
    lines = [f"element {element} {len(rows)}"]
    for name in rows.dtype.names or ():
        if name == "corner":
            lines.append("property list uchar int vertex_indices")
        elif name != "n":
            lines.append(f"property {PLY_TYPES[rows.dtype[name].str[1:]]} {name}")
    return lines


def replace_file(path: str | os.PathLike[str], blocks: Sequence[Any]) -> None:
    """Write blocks of bytes under a temporary name, then give them the name.

    Raises:
        SaveError: that failed; the temporary file is gone and an old file is as it was.
    """
    name = os.fspath(path)
    # A link keeps pointing where it does: the file behind it is replaced.
    final = os.path.realpath(name) if "\0" not in name else name
    part = os.path.join(os.path.dirname(final), f".pdengine-{secrets.token_hex(6)}.part")
    try:
        if os.path.isdir(final):
            raise IsADirectoryError(21, "it is a directory")
        with open(part, "xb") as file:
            for block in blocks:
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(final):
            os.chmod(part, os.stat(final).st_mode & 0o7777)
        os.replace(part, final)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SaveError(f"{name!r}: cannot be written, {reason}") from error
    finally:
        with contextlib.suppress(OSError, ValueError):
            os.unlink(part)


class Labels(NamedTuple):
    """What a labelled PLY says.

    Attributes:
        labels: [rows] int64, -1 unlabelled.
        scores: [rows] float32, or None where the file has none.
        names: the part names, as far as the comments carry them.
        face_labels: [F] int64, or None.
        instances: [rows] int64, -1 none, or None where the file has none.
        face_instances: [F] int64, or None.
    """

    labels: Tensor
    scores: Tensor | None
    names: tuple[str, ...]
    face_labels: Tensor | None
    instances: Tensor | None = None
    face_instances: Tensor | None = None


def read_labels(path: str | os.PathLike[str]) -> Labels:
    """Read back what save_ply wrote, also after a program has saved the scalars as floats.

    Raises:
        LoadError: it is no PLY file, or its vertices have no scalar_part.
    """
    name = os.fspath(path)
    return labels_in(name, read_file(name))


def labels_in(name: str, data: bytes) -> Labels:
    """The labels that the bytes of a file hold, see read_labels."""
    header, rows = read_scalars(name, data)
    vertex = rows["vertex"].scalars if "vertex" in rows else {}
    if "scalar_part" not in vertex:
        raise LoadError(name, "a labelled PLY must have vertices with scalar_part", list(vertex))
    scores = vertex.get("scalar_score")
    face = rows["face"].scalars if "face" in rows else {}
    labels = _whole(name, "scalar_part", vertex)
    assert labels is not None
    return Labels(
        labels,
        None if scores is None else torch.from_numpy(scores.astype(np.float32)),
        part_names(header.comments),
        _whole(name, "scalar_part", face),
        _whole(name, "scalar_instance", vertex),
        _whole(name, "scalar_instance", face),
    )


def is_painted(name: str, data: bytes) -> bool:
    """Whether every vertex of a labelled PLY has the colour of its label, as save_ply paints it.

    Args:
        name: the file, for messages.
        data: its bytes.

    Raises:
        LoadError: it is no PLY file.
    """
    header, rows = read_scalars(name, data)
    vertex = rows["vertex"].scalars if "vertex" in rows else {}
    if not {"red", "green", "blue", "scalar_part"} <= set(vertex):
        return False
    labels = _whole(name, "scalar_part", vertex)
    assert labels is not None
    parts = len(part_names(header.comments))
    if len(labels) == 0 or int(labels.min()) < -1 or int(labels.max()) >= parts:
        return False
    rgb = np.stack([vertex[channel] for channel in ("red", "green", "blue")], axis=1)
    return bool((rgb == palette(parts)[labels.numpy()]).all())


def _whole(path: str, field: str, scalars: Mapping[str, Array]) -> Tensor | None:
    values = scalars.get(field)
    if values is None:
        return None
    with np.errstate(invalid="ignore"):
        labels = values.astype(np.int64)
    if not np.array_equal(labels, values):
        raise LoadError(path, f"{field} must be whole numbers")
    return torch.from_numpy(labels)


def part_names(comments: Sequence[str]) -> tuple[str, ...]:
    """The names that the comments of a labelled PLY carry."""
    found: list[str] = []
    for comment in comments:
        words = comment.split(" ", 2)
        if len(words) == 3 and words[:2] == ["part", str(len(found))]:
            with contextlib.suppress(ValueError):
                found.append(str(json.loads(words[2])))
    return tuple(found)
