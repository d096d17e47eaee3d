"""PartDistill's own files: points, labels and what its teacher said, in one HDF5 file a shape.

<synset>/<id>/extracted/preprocess.h5 holds xyz [n, 3], gt_semantic_seg [n] (the dataset's numbers),
cls_bbox [1, K], the part that each box of each view names, and conf_bbox [n, K, R], how sure the
box is of each part at each point that it holds, 0 at all others.  Its released loader calls the
same file aggregated_v2.h5.

Source: Umam et al., PartDistill (CVPR 2024), data_format.md and the loss of the released code.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pdengine.data.files import as_text, listing, make_cloud, some_of
from pdengine.data.hdf5 import ANY, open_hdf5
from pdengine.data.protocol import Dataset, Truth
from pdengine.data.shapenetpart_lists import choose, list_notes, read_lists
from pdengine.data.shapenetpart_names import (
    BY_SYNSET,
    CATEGORIES,
    PROTOCOL,
    SPLITS,
    NamedExample,
    size_notes,
)
from pdengine.data.shapenetpart_names import NAME as BENCHMARK
from pdengine.errors import LoadError
from pdengine.io.text import whole
from pdengine.types import PointCloud, Units

NAME = "ShapeNetPart with PartDistill's units"
FILES = ("preprocess.h5", "aggregated_v2.h5")
SOURCE = f"GLIP boxes of {FILES[0]}"


@dataclass(frozen=True)
class PartDistillExample(NamedExample):
    """One file.

    Attributes:
        kind: its category.
        root: the dataset's folder.
        path: the file.
    """

    root: Path
    path: Path

    @property
    def name(self) -> str:
        """Of the category and the id."""
        return f"{self.kind.name}_{as_text(self.path.parent.parent.name)}"

    def files(self) -> tuple[Path, ...]:
        """Its file."""
        return (self.path,)

    def shape(self) -> PointCloud:
        """The points."""
        with open_hdf5(self.root, self.path) as file:
            return make_cloud(str(self.path), file.read("xyz", ANY, 3))

    def truth(self) -> Truth:
        """A part per point."""
        with open_hdf5(self.root, self.path) as file:
            numbers = file.read("gt_semantic_seg", *file.shape("xyz")[:1])
        name = str(self.path)
        return Truth(self.kind.local(name, whole(name, numbers, "gt_semantic_seg")))

    def units(self) -> Units:
        """What PartDistill's teacher said of the names of the prompt, see ready_units.

        Raises:
            LoadError: as ready_units, or a box names a part that the prompt does not ask for.
        """
        asked = self.kind.parts[: len(self.kind.prompts)]
        return _of_asked(self.path, _units(self.root, self.path), asked)


def ready_cloud(path: str | os.PathLike[str]) -> PointCloud:
    """The points of a file, those that its units are about.

    Raises:
        LoadError: the file is damaged.
    """
    place = Path(path)
    with open_hdf5(Path(os.path.realpath(place)).parent, place) as file:
        return make_cloud(str(place), file.read("xyz", ANY, 3))


def ready_units(path: str | os.PathLike[str], asked: Sequence[str] = ()) -> Units:
    """The knowledge units of a file: one per box of every view.

    As in the released loss, a point lies in a box where the largest of its R confidences is
    positive.  There a box has a score per point; a unit has one, the mean over its points, which is
    the same wherever a box is equally sure of all its points.  Boxes without a point are left out.
    The file does not say which view a box is from: each is taken as a view of its own.

    Args:
        path: a preprocess.h5.
        asked: the part names that the labels index; without them any label will do.

    Returns:
        Units over the finite rows of xyz, the points of the example's shape(); label indexes the
        parts.

    Raises:
        LoadError: the file is damaged, a class is no part, or a confidence is not in [0, 1].
    """
    place = Path(path)
    units = _units(Path(os.path.realpath(place)).parent, place)
    return _of_asked(place, units, asked) if asked else units


def _of_asked(path: Path, units: Units, asked: Sequence[str]) -> Units:
    """Units that name no other part: the label after the last one would read "none of them"."""
    highest = int(units.label.max()) if len(units) else 0
    if highest >= len(asked):
        rule = f"cls_bbox must be below {len(asked)}, for the prompt asks for"
        raise LoadError(path, f"{rule} {', '.join(asked)}", highest)
    return units


def _units(root: Path, path: Path) -> Units:
    name = str(path)
    with open_hdf5(root, path) as file:
        finite = np.isfinite(file.read("xyz", ANY, 3)).all(axis=1)
        _, boxes, parts = (*file.shape("conf_bbox"), 0, 0, 0)[:3]
        confidence = file.read("conf_bbox", len(finite), ANY, ANY)
        label = whole(name, file.read("cls_bbox", 1, boxes)[0], "cls_bbox")
    if boxes and (label.min() < 0 or label.max() >= parts):
        raise LoadError(name, f"cls_bbox must be in [0, {parts})", f"{label.min()} {label.max()}")
    if not ((confidence >= 0) & (confidence <= 1)).all():  # and so none is NaN
        raise LoadError(name, "conf_bbox must be in [0, 1]", _first_outside(confidence))
    best = confidence.max(axis=2, initial=0).astype(np.float64)[finite].T  # [K, N]
    member = best > 0
    kept = member.any(axis=1)
    counts = member.sum(axis=1)[kept]
    score = best.sum(axis=1)[kept] / counts
    return Units(
        label=torch.from_numpy(label[kept]),
        score=torch.from_numpy(score.astype(np.float32)),
        offsets=torch.from_numpy(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)),
        point=torch.from_numpy(np.nonzero(member)[1]),
        view=torch.arange(int(kept.sum())),
        count=int(finite.sum()),
    )


def _first_outside(values: NDArray[Any]) -> Any:
    return values[~((values >= 0) & (values <= 1))].flat[0]


def open_partdistill(root: Path, split: str) -> Dataset:
    """The files of a split: those that ShapeNetPart's lists name, or all where there are no lists.

    Raises:
        LoadError: there is no file, or a list is damaged.
    """
    there = {c.synset: _files(root / c.synset) for c in CATEGORIES}
    if not any(there.values()):
        raise LoadError(root, f"must hold <synset>/<id>/extracted/{FILES[0]}", "no such file")
    notes = [
        f"{synset}: folders without {FILES[0]}: {some_of(odd)}"
        for synset, names in there.items()
        if (odd := _without(root / synset, names))
    ]
    lists = read_lists(root)
    listed = bool(lists)
    if not listed:
        every = [(synset, name) for synset, names in there.items() for name in names]
        notes.append(
            "there are no lists in train_test_split: every shape is in every split; assets/ of "
            "PartDistill's code has them"
        )
        lists = dict.fromkeys(SPLITS, every)
    else:
        notes += list_notes(lists, {synset: set(names) for synset, names in there.items()})
    examples, train = (
        [
            PartDistillExample(BY_SYNSET[synset], root, root / synset / name / there[synset][name])
            for synset, name in choose(lists, s, {k: set(v) for k, v in there.items()})
        ]
        for s in (split, "train")
    )
    if listed:
        notes += size_notes(split, examples)
    return Dataset(NAME, PROTOCOL, examples, train, tuple(notes), SOURCE, benchmark=BENCHMARK)


def _files(folder: Path) -> dict[str, str]:
    """The file of each id, as a path below its folder."""
    if not os.path.isdir(folder):
        return {}
    found = {}
    for name in listing(folder)[0]:
        for file in FILES:
            if os.path.exists(os.path.join(folder, name, "extracted", file)):
                found[name] = f"extracted/{file}"
                break
    return found


def _without(folder: Path, names: Mapping[str, str]) -> list[str]:
    there = listing(folder)[0] if os.path.isdir(folder) else []
    return [name for name in there if name not in names]
