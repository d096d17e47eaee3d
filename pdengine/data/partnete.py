"""PartNetE, the benchmark of PartSLIP: coloured clouds with semantic and instance labels.

data/<split>/<Category>/<id>/ holds pc.ply and label.npy, a pickled dict of semantic_seg [rows] and
instance_seg [rows], both -1 where there is none; PartNetE_meta.json lists each category's part
names in label order.  split/<split>.txt lists the models.  Copies that have <split>/ beside
PartNetE_meta.json, without data/ around it, are read too.

Source: Liu et al., PartSLIP (CVPR 2023), from PartNet and PartNet-Mobility.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pdengine.data.files import (
    as_text,
    inside,
    is_archive,
    is_plain,
    listing,
    natural,
    read_inside,
    read_json,
    read_lines,
    some_of,
)
from pdengine.data.pickled import read_arrays
from pdengine.data.protocol import Dataset, Truth
from pdengine.errors import LoadError
from pdengine.io import load
from pdengine.io.limits import LIMITS
from pdengine.io.ply_header import read_header
from pdengine.io.text import whole
from pdengine.types import PointCloud

META = "PartNetE_meta.json"
SIZES = {"test": 1906, "few_shot": 360}
CATEGORIES, PARTS = 45, 103
LIST_NAMES = {"test": "test.txt", "few_shot": "few-shot.txt"}


@dataclass(frozen=True)
class PartNetEExample:
    """One model.

    Attributes:
        root: the dataset's folder.
        folder: of its files.
        category: as the dataset writes it, e.g. "StorageFurniture".
        parts: names in label order, as the dataset writes them.
    """

    root: Path
    folder: Path
    category: str
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """Of the category and the id."""
        return f"{self.category}_{as_text(self.folder.name)}"

    @property
    def prompt(self) -> str:
        """What a user would type, e.g. "storage furniture: door, drawer, handle"."""
        return f"{spoken(self.category)}: {', '.join(self.parts)}"

    def files(self) -> tuple[Path, ...]:
        """Its points and its labels."""
        return self.folder / "pc.ply", self.folder / "label.npy"

    def shape(self) -> PointCloud:
        """The points with their colours."""
        shape = load(inside(self.root, self.folder / "pc.ply"))
        if not isinstance(shape, PointCloud):
            raise LoadError(self.folder / "pc.ply", "must be a cloud, got a mesh")
        return shape

    def truth(self) -> Truth:
        """A part and an instance per row of pc.ply."""
        path = self.folder / "label.npy"
        rows = self._rows()
        names = ("semantic_seg", "instance_seg")
        found = read_arrays(str(path), read_inside(self.root, path), names)
        part, instance = (
            _column(str(path), name, values, rows)
            for name, values in zip(names, found, strict=True)
        )
        outside = (part < -1) | (part >= len(self.parts))
        if outside.any():
            rule = f"semantic_seg of {self.category} must be -1 to {len(self.parts) - 1}"
            raise LoadError(path, rule, int(part[outside][0]))
        if (instance < -1).any():
            raise LoadError(path, "instance_seg must be -1 or more", int(instance.min()))
        return Truth(torch.from_numpy(part), torch.from_numpy(instance))

    def _rows(self) -> int:
        """The rows of pc.ply, from its header alone."""
        path = inside(self.root, self.folder / "pc.ply")
        with open(path, "rb") as file:
            header = read_header(path, file.read(LIMITS.header_bytes))
        return sum(element.count for element in header.elements if element.name == "vertex")


def _column(path: str, name: str, values: NDArray[Any], rows: int) -> NDArray[np.int64]:
    if values.shape != (rows,):
        raise LoadError(path, f"{name} must be [{rows}], as pc.ply has rows", list(values.shape))
    return whole(path, values, name)


def spoken(category: str) -> str:
    """StorageFurniture -> storage furniture, USB -> usb."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", category).lower()


def open_partnete(root: Path, split: str) -> Dataset:
    """Every model of the split's folder; few_shot, where it is there, is the unlabelled training.

    Raises:
        LoadError: the table of names or the split's folder cannot be read.
    """
    meta = _read_meta(root)
    examples, notes = _examples(root, split, meta)
    if not examples:
        raise LoadError(_top(root, split), "must hold <Category>/<id>/pc.ply", _there(root, split))
    train = examples if split == "few_shot" else _examples(root, "few_shot", meta)[0]
    names = sum(len(parts) for parts in meta.values())
    if (len(meta), names) != (CATEGORIES, PARTS):
        counts = f"{len(meta)} categories and {names} parts"
        notes.append(f"{META} has {counts}, the official one {CATEGORIES} and {PARTS}")
    if len(examples) != SIZES[split]:
        notes.append(f"{split}: {len(examples):,} of the official {SIZES[split]:,} shapes")
    return Dataset("PartNetE", "partnete", examples, train, tuple(notes), nameless=True)


def _read_meta(root: Path) -> dict[str, tuple[str, ...]]:
    path = root / META
    listed = read_json(root, path)
    rule = "must be {category: [part names]}"
    if not isinstance(listed, dict) or not listed:
        raise LoadError(path, rule, type(listed).__name__)
    for category, parts in listed.items():
        named = isinstance(parts, list) and all(isinstance(p, str) and p for p in parts)
        if not is_plain(category) or not named or not parts or len(set(parts)) < len(parts):
            raise LoadError(path, rule, f"{category!r}: {parts!r}"[:80])
    return {category: tuple(parts) for category, parts in listed.items()}


def _top(root: Path, split: str) -> Path:
    """The folder of a split."""
    usual, flat = root / "data" / split, root / split
    return flat if os.path.isdir(flat) and not os.path.isdir(usual) else usual


def _there(root: Path, split: str) -> str:
    """What there is where no model of a split is."""
    top = _top(root, split)
    if os.path.isdir(top):
        return some_of(listing(top)[0]) or "an empty folder"
    beside = (top.parent, root)
    packed = [n for place in beside if os.path.isdir(place) for n in listing(place)[1]]
    packed = [name for name in dict.fromkeys(packed) if is_archive(name)]
    return "no such folder" + (f"; unpack {some_of(packed)} first" if packed else "")


def _examples(
    root: Path, split: str, meta: dict[str, tuple[str, ...]]
) -> tuple[list[PartNetEExample], list[str]]:
    top = _top(root, split)
    if not os.path.isdir(top):
        return [], [f"{split}: there is no folder data/{split}"]
    found, notes = [], []
    there = listing(top)[0]
    for category in meta:
        if category not in there:
            place = top.relative_to(root).as_posix()
            notes.append(f"{split}: there is no folder {place}/{category}")
            continue
        for name in listing(top / category)[0]:
            found.append(PartNetEExample(root, top / category / name, category, meta[category]))
    unknown = [category for category in there if category not in meta]
    if unknown:
        notes.append(f"{split}: folders that {META} does not name: {some_of(unknown)}")
    notes += _list_notes(root, split, {example.folder.name for example in found})
    for file in ("pc.ply", "label.npy"):
        without = [e.name for e in found if not os.path.exists(e.folder / file)]
        if without:
            notes.append(f"{split}: folders without {file}: {some_of(without)}")
        found = [e for e in found if e.name not in set(without)]
    return found, notes


def _list_notes(root: Path, split: str, ids: set[str]) -> list[str]:
    """Whether the list of models says what the folder holds; a line's last word is the id."""
    path = root / "split" / LIST_NAMES[split]
    if not os.path.exists(path):
        return [f"{split}: there is no split/{path.name} to compare with"]
    listed = [re.split(r"[\s/,]+", line)[-1] for line in read_lines(root, path)]
    absent = sorted(set(listed) - ids, key=natural)
    unlisted = sorted(ids - set(listed), key=natural)
    notes = []
    if absent:
        notes.append(f"{split}: listed, and not there: {some_of(absent)}")
    if unlisted:
        notes.append(f"{split}: there, and not listed: {some_of(unlisted)}")
    twice = [name for name, times in Counter(listed).items() if times > 1]
    if twice:
        notes.append(f"{split}: listed more than once: {some_of(twice)}")
    return notes
