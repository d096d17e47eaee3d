"""A folder of labelled PLY and NPZ files: one's own data, and what pdengine itself writes.

A PLY has scalar_part at every point, or at every face of a mesh, and its part names in comments, as
`pdengine segment` and `pdengine shapes make` write it, and perhaps scalar_instance; colours that
are those of the labels are not shown to anybody.  An NPZ holds xyz [rows, 3] and part [rows], or
also faces [F, 3] and part [F]; it may hold instance, as long as part, and names, an array of text.
parts.json, {category: [names]}, names the parts of files that do not.

A file's category is the name of its sub-folder.  That of a file in the folder itself is what its
name starts with: chair_000007.ply and chair_parts.ply are chairs.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pdengine.data.files import as_text, inside, listing, read_json, some_of
from pdengine.data.protocol import Dataset, Truth
from pdengine.errors import LoadError
from pdengine.io.formats import parse
from pdengine.io.limits import LIMITS, read_file
from pdengine.io.npz import open_npz
from pdengine.io.ply_header import read_header
from pdengine.io.save import is_painted, labels_in, part_names
from pdengine.io.text import whole
from pdengine.types import Mesh, Shape

NAMES = "parts.json"
PROTOCOL = "parts-present"
EXTENSIONS = (".ply", ".npz")
NOT_SHAPES = (".json", ".md", ".html", ".png", ".jpg")  # what lies beside shapes, see result.json


@dataclass(frozen=True)
class LabelledFile:
    """One file.

    Attributes:
        name: of the category and the file.
        root: the dataset's folder.
        path: the file.
        category: see above.
        listed: the part names that parts.json gives, or none.
    """

    name: str
    root: Path
    path: Path
    category: str
    listed: tuple[str, ...] = ()

    @property
    def prompt(self) -> str:
        """What a user would type."""
        return f"{self.category}: {', '.join(self.parts)}"

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The names that the file gives, else those of parts.json.

        Raises:
            LoadError: there are none, or the file is damaged.
        """
        path = inside(self.root, self.path)
        if _is_npz(path):
            return self._named(path, _npz_names(path, read_file(path)))
        with open(path, "rb") as file:  # its header alone
            return self._named(path, _ply_names(path, file.read(LIMITS.header_bytes)))

    def _named(self, path: str, found: tuple[str, ...]) -> tuple[str, ...]:
        names = found or self.listed
        if not names:
            rule = f"must name its parts, or {NAMES} must name those of {self.category!r}"
            raise LoadError(path, rule)
        return names

    def files(self) -> tuple[Path, ...]:
        """Its file."""
        return (self.path,)

    def shape(self) -> Shape:
        """The points, or the mesh; without the colours of the labels, which would give them away.

        `pdengine segment` paints what it writes, and the teacher looks at colours.
        """
        path = inside(self.root, self.path)
        data = read_file(path)
        shape = parse(path, data)
        painted = not _is_npz(path) and is_painted(path, data)
        return replace(shape, colour=None) if painted else shape

    def truth(self) -> Truth:
        """A part per row, or per triangle of a mesh."""
        path = inside(self.root, self.path)
        data = read_file(path)
        shape = parse(path, data)
        names_in, truth_in = (_npz_names, _npz_truth) if _is_npz(path) else (_ply_names, _ply_truth)
        parts, truth = self._named(path, names_in(path, data)), truth_in(path, data, shape)
        rows = len(shape.faces) if isinstance(shape, Mesh) else len(shape.world)
        for what, values in (("part", truth.part), ("instance", truth.instance)):
            if values is not None and values.shape != (rows,):
                raise LoadError(path, f"{what} must be [{rows}]", list(values.shape))
        for what, values, end in (
            ("part", truth.part, len(parts)),
            ("instance", truth.instance, None),
        ):
            _check_range(path, what, values, end)
        return truth


def _check_range(path: str, what: str, values: Tensor | None, end: int | None) -> None:
    if values is None or len(values) == 0:
        return
    low, high = int(values.min()), int(values.max())
    if low < -1 or (end is not None and high >= end):
        rule = f"{what} must be -1 or more" if end is None else f"{what} must be -1 to {end - 1}"
        raise LoadError(path, rule, low if low < -1 else high)


def _is_npz(path: str) -> bool:
    return path.lower().endswith(".npz")


def _ply_names(path: str, data: bytes) -> tuple[str, ...]:
    return part_names(read_header(path, data).comments)


def _ply_truth(path: str, data: bytes, shape: Shape) -> Truth:
    found = labels_in(path, data)
    if not isinstance(shape, Mesh):
        return Truth(found.labels, found.instances)
    if found.face_labels is None:
        raise LoadError(path, "the faces of a labelled mesh must have scalar_part")
    own = found.face_instances
    return Truth(found.face_labels[shape.polygon], None if own is None else own[shape.polygon])


def _npz_names(path: str, data: bytes) -> tuple[str, ...]:
    with open_npz(path, data) as archive:
        names = archive.read("names", "U") if "names" in archive.names else np.empty(0, "U1")
    return tuple(str(name) for name in np.reshape(names, -1))


def _npz_truth(path: str, data: bytes, shape: Shape) -> Truth:
    with open_npz(path, data) as archive:
        if "part" not in archive.names:
            listed = ", ".join(sorted(archive.names))[:100] or "none"
            raise LoadError(path, "a labelled npz must hold an array part", listed)
        names = [name for name in ("part", "instance") if name in archive.names]
        found = [torch.from_numpy(whole(path, archive.read(name), name)) for name in names]
    return Truth(*found)


def open_labelled_files(root: Path, category: str | None = None) -> Dataset:
    """Every labelled file of the folder and of its sub-folders.

    Args:
        root: the folder.
        category: of the files that lie in the folder itself; None takes it from their names.

    Raises:
        LoadError: there is no such file, or parts.json is damaged.
    """
    folders, _ = listing(root)
    listed = _read_names(root)
    files, other = _files(root)
    paths = [(path, category or _prefix(path)) for path in files]
    for folder in folders:
        files, odd = _files(root / folder)
        paths += [(path, folder) for path in files]
        other += odd
    if not paths:
        raise LoadError(root, "must hold labelled .ply or .npz files, alone or in sub-folders")
    examples: dict[str, LabelledFile] = {}
    for path, found in paths:
        kind, stem = as_text(found), as_text(path.stem)
        name = stem if stem.startswith(f"{kind}_") else f"{kind}_{stem}"
        while name in examples:  # a.ply beside a.npz
            name += "_"
        examples[name] = LabelledFile(name, root, path, kind, listed.get(kind, ()))
    notes = [f"neither .ply nor .npz: {some_of(other)}"] if other else []
    return Dataset(
        as_text(root.resolve().name), PROTOCOL, list(examples.values()), (), tuple(notes)
    )


def _files(folder: Path) -> tuple[list[Path], list[str]]:
    """The labelled files, and the names of the others."""
    names = listing(folder)[1]
    mine = [name for name in names if name.lower().endswith(EXTENSIONS)]
    return [folder / name for name in mine], [
        name for name in names if not name.lower().endswith((*EXTENSIONS, *NOT_SHAPES))
    ]


def _prefix(path: Path) -> str:
    """chair_000007 -> chair, chair_parts -> chair, chair -> chair."""
    return re.sub(r"(_parts|[_-]?\d+)+$", "", path.stem) or path.stem


def _read_names(root: Path) -> dict[str, tuple[str, ...]]:
    path = root / NAMES
    if not os.path.exists(path):
        return {}
    listed = read_json(root, path)
    if not isinstance(listed, dict) or not all(
        isinstance(names, list) and names and all(isinstance(n, str) and n for n in names)
        for names in listed.values()
    ):
        raise LoadError(path, "must be {category: [names]}", repr(listed)[:80])
    return {category: tuple(names) for category, names in listed.items()}
