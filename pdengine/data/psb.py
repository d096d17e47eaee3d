"""Labeled PSB, packed: the Princeton mesh segmentation benchmark with Kalogerakis's labels.

psb_published reads it as its authors give it away.  Packed, a folder holds manifest.json, a list of
{id, category, parts}, and mesh/<Category>_<id>.npz with quantised vertices (q uint16, lo, s), f
faces and face_label: vertices = lo + q / 65535 * s.  Up axes are not consistent between meshes.

Source: Chen et al. (SIGGRAPH 2009); labels of Kalogerakis, Hertzmann and Singh (SIGGRAPH 2010).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pdengine.data.files import read_inside, read_json
from pdengine.data.protocol import Truth
from pdengine.errors import LoadError
from pdengine.io.npz import open_npz
from pdengine.types import Mesh

NAME = "Labeled PSB"
# Names that read badly as prompts.
RENAMED = {
    "Chair": {"support": "seat", "backsupport": "backrest"},
    "Table": {"support": "tabletop"},
    "Glasses": {"skeleton": "frame"},
}


@dataclass(frozen=True)
class PsbExample:
    """One line of the manifest.

    Attributes:
        path: the mesh's file.
        category: as the benchmark writes it, e.g. "Chair".
        parts: names that read as prompts, in label order.
    """

    path: Path
    category: str
    parts: tuple[str, ...]

    @property
    def prompt(self) -> str:
        """What a user would type, e.g. "chair: arm, backrest, leg, seat"."""
        return f"{self.category.lower()}: {', '.join(self.parts)}"

    @property
    def name(self) -> str:
        """For listings."""
        return self.path.stem

    def files(self) -> tuple[Path, ...]:
        """Its file."""
        return (self.path,)

    def shape(self) -> Mesh:
        """The mesh, see read_psb."""
        return read_psb(self)[0]

    def truth(self) -> Truth:
        """A part per triangle, see read_psb."""
        return read_psb(self)[1]


def read_manifest(folder: str | os.PathLike[str]) -> list[PsbExample]:
    """Every shape that the folder's manifest lists, in its order.

    Raises:
        LoadError: there is no manifest, or it is not a list of {id, category, parts}.
    """
    path = Path(folder) / "manifest.json"
    try:
        listed = read_json(Path(folder), path)
    except LoadError as error:
        rule = f"the manifest must be readable: {error.rule}"
        raise LoadError(path, rule, error.value) from error
    if not isinstance(listed, list):
        raise LoadError(path, "the manifest must be a list", type(listed).__name__)
    return [_entry(path, item) for item in listed]


def read_psb(entry: PsbExample) -> tuple[Mesh, Truth]:
    """The mesh and its labels.

    Raises:
        LoadError: the file is missing, damaged, or its arrays do not fit together.
    """
    names = ("q", "lo", "s", "f", "face_label")
    try:
        path, root = str(entry.path), entry.path.parent.parent
        with open_npz(path, read_inside(root, entry.path)) as archive:
            missing = [name for name in names if name not in archive.names]
            if missing:
                raise LoadError(path, f"there must be an array {missing[0]}")
            arrays: dict[str, Any] = {name: archive.read(name) for name in names}
    except LoadError as error:
        rule = f"a mesh must be an npz file with {', '.join(names)}"
        raise LoadError(entry.path, rule, error.rule) from error
    q, faces, label = arrays["q"], arrays["f"], arrays["face_label"]
    if q.ndim != 2 or q.shape[1] != 3:
        raise LoadError(entry.path, "q must be [vertices, 3]", q.shape)
    if faces.ndim != 2 or faces.shape[1] != 3:
        raise LoadError(entry.path, "f must be [faces, 3]", faces.shape)
    if label.shape != faces.shape[:1]:
        raise LoadError(entry.path, f"face_label must be [{len(faces)}]", label.shape)
    if faces.size and not (faces.min() >= 0 and int(faces.max()) < len(q)):
        raise LoadError(entry.path, f"f must be in [0, {len(q)})", f"{faces.min()} {faces.max()}")
    if label.size and not (label.min() >= -1 and int(label.max()) < len(entry.parts)):
        rule = f"face_label must be in [-1, {len(entry.parts)})"
        raise LoadError(entry.path, rule, f"{label.min()} {label.max()}")
    vertices = arrays["lo"] + q.astype(np.float64) / 65535 * arrays["s"]
    mesh = Mesh(
        vertices=torch.from_numpy(vertices),
        faces=torch.from_numpy(faces.astype(np.int64)),
        polygon=torch.arange(len(faces)),
    )
    return mesh, Truth(torch.from_numpy(label.astype(np.int64)))


def _entry(path: Path, item: Any) -> PsbExample:
    rule = "each entry must hold id, category and parts"
    try:
        category, parts = str(item["category"]), [str(part) for part in item["parts"]]
        name = f"{category}_{item['id']}.npz"
    except (KeyError, TypeError) as error:
        raise LoadError(path, rule, item) from error
    if not parts or Path(name).name != name:
        raise LoadError(path, rule, item)
    return PsbExample(path.parent / "mesh" / name, category, spoken_parts(category, parts))


def spoken_parts(category: str, parts: Sequence[str]) -> tuple[str, ...]:
    """The benchmark's names of parts as names that read as prompts."""
    renamed = RENAMED.get(category, {})
    return tuple(renamed.get(part, part) for part in parts)
