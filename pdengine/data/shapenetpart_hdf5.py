"""ShapeNetPart as HDF5, 2,048 points a shape, in two forms.

hdf5_data of PointNet: ply_data_{train,val,test}*.h5 with data [n, 2048, 3] float32; label [n, 1] or
[n], the category's number in alphabetical order; pid [n, 2048], the dataset's number of each
point's part.  {train,val,test}_hdf5_file_list.txt names the files of a split.

shapenetpart_hdf5_2048 of An Tao, which DGCNN's successors read: {train,val,test}<n>.h5, where pid
is called seg, and <file>_id2file.json, a list of where each row is from:
"03001627/points/<id>.pts".  Its points are farthest points of the official ones, so it is another
sample of the same shapes.

Source: github.com/antao97/PointCloudDatasets, its README and dataset.py.
"""

from __future__ import annotations

import itertools
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pdengine.data.files import (
    as_text,
    is_plain,
    listing,
    make_cloud,
    read_json,
    read_lines,
    some_of,
)
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
class Form:
    """How one of the two is written.

    Attributes:
        prefix: what a file's name has before its split.
        parts: the array of part numbers.
        listed: a text file names the files of each split.
        ids: a JSON file beside each says which shape a row is.
    """

    prefix: str
    parts: str
    listed: bool
    ids: bool

    def split_of(self, name: str) -> str | None:
        """The split that a file is of; None of another file."""
        splits = "|".join(SPLITS)
        rest = r".*" if self.listed else r"\d+"
        found = re.fullmatch(rf"{self.prefix}({splits}){rest}\.h5", name)
        return None if found is None else found[1]


FORMS = (Form("ply_data_", "pid", True, False), Form("", "seg", False, True))


def form_of(place: Path) -> Form | None:
    """How the files of a folder are written; None where it holds none."""
    names = listing(place)[1]
    return next((form for form in FORMS if any(map(form.split_of, names))), None)


@dataclass(frozen=True)
class Hdf5Example(NamedExample):
    """One row of a file.

    Attributes:
        kind: its category.
        root: the dataset's folder.
        file: the file's name.
        row: of data and of the part numbers.
        form: of the file.
        id: as ShapeNet writes it, "" where nobody says.
    """

    root: Path
    file: str
    row: int
    form: Form
    id: str = ""

    @property
    def path(self) -> Path:
        """The file."""
        return self.root / self.file

    @property
    def name(self) -> str:
        """Of the category and the id; where there is none, of the file and the row."""
        part = as_text(self.file.removeprefix(self.form.prefix).removesuffix(".h5"))
        return f"{self.kind.name}_{self.id or f'{part}_{self.row}'}"

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
            numbers = file.read(self.form.parts, *file.shape("data")[:2], row=self.row)
        name = str(self.path)
        return Truth(self.kind.local(name, whole(name, numbers, self.form.parts)))


def open_hdf5_form(root: Path, split: str) -> Dataset:
    """The shapes of a split, in the files' order.

    Raises:
        LoadError: h5py is not installed, a list names what is no file name, or a file is damaged.
    """
    form = form_of(root) or FORMS[0]
    files = {s: _files(root, s, form) for s in SPLITS}
    notes = [note for s in SPLITS for note in _list_notes(root, s, form)]
    for one, other in itertools.combinations(SPLITS, 2):
        both = sorted(set(files[one]) & set(files[other]))
        notes += [f"{some_of(both)} is in {one} and in {other}"] if both else []
    found = {
        s: [e for name in files[s] for e in _examples(root, name, form, notes)]
        for s in dict.fromkeys(("train", split))
    }
    if not found[split]:
        rule = f"must hold {form.prefix}{split}*.h5"
        raise LoadError(root, rule, some_of(listing(root)[1]))
    notes += size_notes(split, found[split])
    told = _told_apart(found, notes)
    return Dataset(NAME, PROTOCOL, told[split], told["train"], tuple(notes))


def _told_apart(
    found: dict[str, list[Hdf5Example]], notes: list[str]
) -> dict[str, list[Hdf5Example]]:
    """The same shapes; those whose id is another's too are called by file and row."""
    times = Counter(e.name for examples in found.values() for e in examples if e.id)
    twice = [name for name, count in times.items() if count > 1]
    if twice:
        notes.append(f"the same id more than once, told apart by file and row: {some_of(twice)}")
    return {
        s: [replace(e, id="") if times[e.name] > 1 else e for e in examples]
        for s, examples in found.items()
    }


def _list_path(root: Path, split: str) -> Path:
    return root / f"{split}_hdf5_file_list.txt"


def _there(root: Path, split: str, form: Form) -> list[str]:
    # By number: test2 before test10.
    names = [n for n in listing(root)[1] if form.split_of(n) == split]
    return sorted(names, key=lambda name: (len(name), name))


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


def _files(root: Path, split: str, form: Form) -> list[str]:
    there, listed = _there(root, split, form), _listed(root, split) if form.listed else None
    return there if listed is None else [name for name in listed if os.path.exists(root / name)]


def _list_notes(root: Path, split: str, form: Form) -> list[str]:
    if not form.listed:
        return []
    there, listed = _there(root, split, form), _listed(root, split)
    if listed is None:
        return [f"{split}: there is no {_list_path(root, split).name}; files are taken by name"]
    absent = [name for name in listed if not os.path.exists(root / name)]
    unlisted = [name for name in there if name not in listed]
    notes = [f"{split}: listed, and not there: {some_of(absent)}"] if absent else []
    return notes + ([f"{split}: there, and not listed: {some_of(unlisted)}"] if unlisted else [])


def _examples(root: Path, file: str, form: Form, notes: list[str]) -> list[Hdf5Example]:
    path = root / file
    with open_hdf5(root, path) as content:
        count = content.shape("data")[0]
        content.shape(form.parts)  # ModelNet40 has files of the same names, without parts
        wide = len(content.shape("label")) == 2
        label = content.read("label", *((count, 1) if wide else (count,)))
    numbers = whole(str(path), np.reshape(label, -1), "label")
    outside = (numbers < 0) | (numbers >= len(CATEGORIES))
    if outside.any():
        raise LoadError(path, "label must be 0 to 15", int(numbers[outside][0]))
    ids = _ids(root, file, count, notes) if form.ids else [""] * count
    return [
        Hdf5Example(CATEGORIES[k], root, file, row, form, ids[row])
        for row, k in enumerate(numbers.tolist())
    ]


def _ids(root: Path, file: str, count: int, notes: list[str]) -> Sequence[str]:
    """The id of each row; none where the file beside it is missing or is no such list."""
    path = root / f"{file.removesuffix('.h5')}_id2file.json"
    if not os.path.exists(path):
        notes.append(f"there is no {path.name}; the shapes of {file} are called by row")
        return [""] * count
    listed = read_json(root, path)
    if not isinstance(listed, list) or len(listed) != count:
        found = len(listed) if isinstance(listed, list) else type(listed).__name__
        raise LoadError(path, f"must be a list of {count} files, as {file} has rows", found)
    return [_id(path, entry) for entry in listed]


def _id(path: Path, entry: object) -> str:
    """The id of an entry such as "03001627/points/<id>.pts"."""
    name = re.sub(r".*[/\\\\]|\.\w+$", "", entry) if isinstance(entry, str) else ""
    if not is_plain(name):
        raise LoadError(path, "each entry must be the name of a file", repr(entry)[:80])
    return name
