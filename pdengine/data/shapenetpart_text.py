"""ShapeNetPart as text: <synset>/<id>.txt with a point per line, and lists of ids per split.

A line is x y z nx ny nz label, all written as floats; the label is the dataset's number of the
part.  synsetoffset2category.txt names the 16 synsets.  The lists are
train_test_split/shuffled_{train,val,test}_file_list.json, of "shape_data/<synset>/<id>".
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from pdengine.data.files import listing, make_cloud, read_inside, read_lines, some_of
from pdengine.data.protocol import Dataset, Truth
from pdengine.data.shapenetpart_lists import There, choose, list_notes, read_lists
from pdengine.data.shapenetpart_names import (
    BY_SYNSET,
    CATEGORIES,
    NAME,
    PROTOCOL,
    Category,
    NamedExample,
    size_notes,
)
from pdengine.errors import LoadError
from pdengine.io.text import table, whole
from pdengine.types import PointCloud

NAMES = "synsetoffset2category.txt"


@dataclass(frozen=True)
class TextExample(NamedExample):
    """One file.

    Attributes:
        kind: its category.
        root: the dataset's folder.
        id: as the lists write it, e.g. "1a04e3eab45ca15dd86060f189eb133".
    """

    root: Path
    id: str

    @property
    def path(self) -> Path:
        """The file."""
        return self.root / self.kind.synset / f"{self.id}.txt"

    @property
    def name(self) -> str:
        """Of the category and the id: some ids are in two categories."""
        return f"{self.kind.name}_{self.id}"

    def files(self) -> tuple[Path, ...]:
        """Its file."""
        return (self.path,)

    def shape(self) -> PointCloud:
        """The points with their normals."""
        rows = self._rows()
        return make_cloud(str(self.path), rows[:, :3], normals=rows[:, 3:6])

    def truth(self) -> Truth:
        """A part per line of the file."""
        name = str(self.path)
        return Truth(self.kind.local(name, whole(name, self._rows()[:, 6], "labels")))

    def _rows(self) -> NDArray[Any]:
        name = str(self.path)
        rows = table(name, read_inside(self.root, self.path), "a shape")
        if len(rows) == 0 or rows.shape[1] != 7:
            raise LoadError(name, "a line must be x y z nx ny nz label", f"{rows.shape[1]} columns")
        return rows


def open_text(root: Path, split: str) -> Dataset:
    """The shapes of a split that are there, in its list's order.

    Raises:
        LoadError: the split's list cannot be read, or is no list of shapes; or it is the older
            release, which has other files.
    """
    _check_release(root)
    there: There = {category.synset: _files(root, category) for category in CATEGORIES}
    lists = read_lists(root, required=split)
    examples, train = (
        [TextExample(BY_SYNSET[synset], root, name) for synset, name in choose(lists, s, there)]
        for s in (split, "train")
    )
    notes = [*_name_notes(root), *list_notes(lists, there), *size_notes(split, examples)]
    return Dataset(NAME, PROTOCOL, examples, train, tuple(notes))


def _check_release(root: Path) -> None:
    """An older release without normals has <synset>/points/<id>.pts, and the same lists."""
    for category in CATEGORIES:
        if os.path.isdir(root / category.synset / "points"):
            rule = "must be the release with normals, <synset>/<id>.txt"
            raise LoadError(root, rule, f"{category.synset}/points, of the one without")


def _files(root: Path, category: Category) -> set[str]:
    """The ids that a category's folder holds; none where there is no folder."""
    folder = root / category.synset
    if not os.path.isdir(folder):
        return set()
    return {name[:-4] for name in listing(folder)[1] if name.endswith(".txt")}


def _name_notes(root: Path) -> list[str]:
    """Whether the dataset's own table of names says what ours does."""
    if not os.path.exists(root / NAMES):
        return [f"there is no {NAMES}; the official names are used"]
    rows = [tuple(line.split()) for line in read_lines(root, root / NAMES)]
    ours = {(category.name, category.synset) for category in CATEGORIES}
    odd = [" ".join(row) for row in rows if row not in ours]
    odd += [" ".join(row) + " (missing)" for row in sorted(ours - set(rows))]
    return [f"{NAMES} differs from the official one: {some_of(odd)}"] if odd else []
