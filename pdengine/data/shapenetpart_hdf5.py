"""ShapeNetPart as HDF5: ply_data_{train,val,test}*.h5 of PointNet, 2,048 points a shape.

data [n, 2048, 3] float32; label [n, 1] or [n], the category's number in alphabetical order; pid
[n, 2048], the dataset's number of each point's part.  {train,val,test}_hdf5_file_list.txt names the
files of a split.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pdengine.data.files import as_text, is_plain, listing, make_cloud, read_lines, some_of
from pdengine.data.hdf5 import ANY, open_hdf5
from pdengine.data.protocol import Dataset, Truth
from pdengine.data.shapenetpart_names import (
    CATEGORIES,
    NAME,
    PROTOCOL,
    SPLITS,
    NamedExample,
    size_notes,
)
from pdengine.errors import LoadError
from pdengine.io.text import whole
from pdengine.types import PointCloud


@dataclass(frozen=True)
class Hdf5Example(NamedExample):
    """One row of a file.

    Attributes:
        kind: its category.
        root: the dataset's folder.
        file: the file's name.
        row: of data and pid.
    """

    root: Path
    file: str
    row: int

    @property
    def path(self) -> Path:
        """The file."""
        return self.root / self.file

    @property
    def name(self) -> str:
        """E.g. "Chair_test0_17": the files have no ids."""
        part = as_text(self.file.removeprefix("ply_data_").removesuffix(".h5"))
        return f"{self.kind.name}_{part}_{self.row}"

    def files(self) -> tuple[Path, ...]:
        """Its file."""
        return (self.path,)

    def shape(self) -> PointCloud:
        """The points."""
        with open_hdf5(self.root, self.path) as file:
            xyz = file.read("data", ANY, ANY, 3, row=self.row)
        return make_cloud(str(self.path), xyz)

    def truth(self) -> Truth:
        """A part per point."""
        with open_hdf5(self.root, self.path) as file:
            numbers = file.read("pid", *file.shape("data")[:2], row=self.row)
        name = str(self.path)
        return Truth(self.kind.local(name, whole(name, numbers, "pid")))


def open_hdf5_form(root: Path, split: str) -> Dataset:
    """The shapes of a split, in the files' order.

    Raises:
        LoadError: h5py is not installed, a list names what is no file name, or a file is damaged.
    """
    files = {s: _files(root, s) for s in SPLITS}
    notes = [note for s in SPLITS for note in _list_notes(root, s)]
    for one, other in itertools.combinations(SPLITS, 2):
        both = sorted(set(files[one]) & set(files[other]))
        notes += [f"{some_of(both)} is in {one} and in {other}"] if both else []
    found = {s: [e for name in files[s] for e in _examples(root, name)] for s in {"train", split}}
    if not found[split]:
        raise LoadError(root, f"must hold ply_data_{split}*.h5", some_of(listing(root)[1]))
    notes += size_notes(split, found[split])
    return Dataset(NAME, PROTOCOL, found[split], found["train"], tuple(notes))


def _list_path(root: Path, split: str) -> Path:
    return root / f"{split}_hdf5_file_list.txt"


def _there(root: Path, split: str) -> list[str]:
    names = listing(root)[1]
    return [n for n in names if n.startswith(f"ply_data_{split}") and n.endswith(".h5")]


def _listed(root: Path, split: str) -> list[str] | None:
    """What the list of a split names, or None where there is no list."""
    path = _list_path(root, split)
    if not os.path.exists(path):
        return None
    names = [line.removeprefix("./").removeprefix("hdf5_data/") for line in read_lines(root, path)]
    for name in names:
        if not is_plain(name) or not name.endswith(".h5"):
            raise LoadError(path, "each line must be the name of an .h5 file", repr(name)[:80])
    return list(dict.fromkeys(names))


def _files(root: Path, split: str) -> list[str]:
    there, listed = _there(root, split), _listed(root, split)
    return there if listed is None else [name for name in listed if os.path.exists(root / name)]


def _list_notes(root: Path, split: str) -> list[str]:
    there, listed = _there(root, split), _listed(root, split)
    if listed is None:
        return [f"{split}: there is no {_list_path(root, split).name}; files are taken by name"]
    absent = [name for name in listed if not os.path.exists(root / name)]
    unlisted = [name for name in there if name not in listed]
    notes = [f"{split}: listed, and not there: {some_of(absent)}"] if absent else []
    return notes + ([f"{split}: there, and not listed: {some_of(unlisted)}"] if unlisted else [])


def _examples(root: Path, file: str) -> list[Hdf5Example]:
    path = root / file
    with open_hdf5(root, path) as content:
        count = content.shape("data")[0]
        content.shape("pid")  # ModelNet40 has files of the same names, without parts
        wide = len(content.shape("label")) == 2
        label = content.read("label", *((count, 1) if wide else (count,)))
    numbers = whole(str(path), np.reshape(label, -1), "label")
    outside = (numbers < 0) | (numbers >= len(CATEGORIES))
    if outside.any():
        raise LoadError(path, "label must be 0 to 15", int(numbers[outside][0]))
    return [Hdf5Example(CATEGORIES[k], root, file, row) for row, k in enumerate(numbers.tolist())]
