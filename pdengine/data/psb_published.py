"""Labeled PSB as its authors give it away: <Category>/<id>.off, with <id>_labels.txt beside it.

A label file has a line with a part's name and a line with the numbers of its faces, from 1, for
each part that the shape has.  A face that no part lists has none.

Source: LabeledDB_new of Kalogerakis, Hertzmann and Singh (SIGGRAPH 2010).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from pdengine.data.files import as_text, inside, listing, read_lines, some_of
from pdengine.data.labelled_files import PROTOCOL
from pdengine.data.protocol import Dataset, Truth
from pdengine.data.psb import NAME, spoken_parts
from pdengine.errors import LoadError
from pdengine.io import load
from pdengine.types import Mesh

FOLDER = "LabeledDB_new"
LABELS = "_labels.txt"
SIZE = 380  # 20 shapes of each category
CATEGORIES = (
    *("Airplane", "Ant", "Armadillo", "Bearing", "Bird", "Bust", "Chair", "Cup", "Fish", "FourLeg"),
    *("Glasses", "Hand", "Human", "Mech", "Octopus", "Plier", "Table", "Teddy", "Vase"),
)


@dataclass(frozen=True)
class PublishedPsbExample:
    """One mesh.

    Attributes:
        root: the dataset's folder.
        path: the .off file.
        category: the name of its folder.
        listed: the part names of all shapes of the category, as the label files write them, sorted.
    """

    root: Path
    path: Path
    category: str
    listed: tuple[str, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """Names that read as prompts, in label order."""
        return spoken_parts(self.category, self.listed)

    @property
    def prompt(self) -> str:
        """What a user would type, e.g. "chair: arm, backrest, leg, seat"."""
        return f"{self.category.lower()}: {', '.join(self.parts)}"

    @property
    def name(self) -> str:
        """Of the category and the number."""
        return f"{self.category}_{as_text(self.path.stem)}"

    @property
    def label_path(self) -> Path:
        """The file of its labels."""
        return self.path.with_name(f"{self.path.stem}{LABELS}")

    def files(self) -> tuple[Path, ...]:
        """The mesh and its labels."""
        return self.path, self.label_path

    def shape(self) -> Mesh:
        """The mesh."""
        mesh = load(inside(self.root, self.path))
        if not isinstance(mesh, Mesh):
            raise LoadError(self.path, "must be a mesh, got a cloud")
        return mesh

    def truth(self) -> Truth:
        """A part per triangle."""
        polygon = self.shape().polygon
        part = np.full(int(polygon.max()) + 1, -1, np.int64)
        path = self.label_path
        for name, faces in _parts_in(path, read_lines(self.root, path)):
            if name not in self.listed:
                raise LoadError(path, f"a part must be one of {', '.join(self.listed)}", name)
            if faces.min(initial=1) < 1 or faces.max(initial=1) > len(part):
                rule = f"the faces of {name} must be 1 to {len(part)}"
                raise LoadError(path, rule, f"{faces.min()} to {faces.max()}")
            label = self.listed.index(name)
            taken = faces[(part[faces - 1] >= 0) & (part[faces - 1] != label)]
            if len(taken):
                other = self.listed[part[taken[0] - 1]]
                raise LoadError(path, "a face must be of one part", f"{taken[0]}: {other}, {name}")
            part[faces - 1] = label
        return Truth(torch.from_numpy(part)[polygon])


def is_published(place: Path) -> bool:
    """The folder holds meshes with their label files."""
    return any(_labelled(place, category) for category in CATEGORIES)


def open_published(root: Path) -> Dataset:
    """Every mesh that has labels, the categories in alphabetical order.

    The part names of a category are those of all its label files, so these are looked through.

    Raises:
        LoadError: the folder cannot be listed.
    """
    examples: list[PublishedPsbExample] = []
    without: list[str] = []
    for category in CATEGORIES:
        labelled = _labelled(root, category)
        names = tuple(sorted(set().union(*(_names(root, path) for path in labelled.values()))))
        for stem in _stems(root, category, ".off"):
            path = root / category / f"{stem}.off"
            if stem in labelled:
                examples.append(PublishedPsbExample(root, path, category, names))
            else:
                without.append(f"{category}/{path.name}")
    notes = [f"meshes without {LABELS}: {some_of(without)}"] if without else []
    if len(examples) != SIZE:
        notes.append(f"test: {len(examples):,} of the official {SIZE} shapes")
    return Dataset(NAME, PROTOCOL, examples, (), tuple(notes))


def _stems(root: Path, category: str, end: str) -> list[str]:
    """What a category's files of this ending are called before it."""
    folder = root / category
    there = listing(folder)[1] if os.path.isdir(folder) else []
    stems = [name.removesuffix(end) for name in there if name.endswith(end)]
    return sorted(stems, key=lambda stem: (len(stem), stem))  # 9 before 10


def _labelled(root: Path, category: str) -> dict[str, Path]:
    """The label files of the meshes that have one."""
    meshes = set(_stems(root, category, ".off"))
    stems = [stem for stem in _stems(root, category, LABELS) if stem in meshes]
    return {stem: root / category / f"{stem}{LABELS}" for stem in stems}


def _names(root: Path, path: Path) -> set[str]:
    """The parts that a label file names; none of one that cannot be read, which truth() reports."""
    try:
        return {line for line in read_lines(root, path) if not _is_number(line.split(None, 1)[0])}
    except LoadError:
        return set()


def _parts_in(path: Path, lines: list[str]) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """The name and the faces of each part that a label file lists."""
    name = None
    for line in lines:
        words = line.split()
        if not _is_number(words[0]):
            name = line
            continue
        if name is None or not all(map(_is_number, words)):
            rule = "a line must name a part, or list the faces of the one above it"
            raise LoadError(path, rule, repr(line)[:60])
        yield name, np.array(words, dtype=np.int64)


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 10
