"""What a folder holds and what it lacks: every count that `pdengine data check` prints."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pdengine.data.files import some_of
from pdengine.data.kinds import KINDS, Kind, detect, lies_in, nearby, open_dataset
from pdengine.data.protocol import Dataset, Example
from pdengine.errors import LoadError, ShapeError
from pdengine.types import PointCloud, Shape

SAMPLE = 20  # shapes that are read unless all are

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class CategoryCount:
    """A category of a dataset.

    Attributes:
        name: as the dataset writes it.
        parts: of its first shape; none where that one is damaged.
        found: shapes by split.
        official: shapes by split, where somebody says how many there are.
    """

    name: str
    parts: tuple[str, ...]
    found: dict[str, int]
    official: dict[str, int]

    @property
    def missing(self) -> int:
        """How many shapes the official splits have more."""
        return sum(max(0, n - self.found.get(split, 0)) for split, n in self.official.items())


@dataclass(frozen=True)
class Survey:
    """What was found.

    Attributes:
        kind: of the dataset.
        name: of the dataset.
        splits: shapes by split.
        categories: in the dataset's order.
        rows: of every shape that was read: points of clouds, triangles of meshes.
        shapes: how many there are, one that is in two splits counted once.
        read: how many of them were read.
        notes: what is missing or odd.
        damaged: files that cannot be read, one sentence each.
    """

    kind: Kind
    name: str
    splits: dict[str, int]
    categories: tuple[CategoryCount, ...]
    rows: tuple[int, ...]
    shapes: int
    read: int
    notes: tuple[str, ...]
    damaged: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Nothing is missing, odd or damaged, as far as was looked."""
        return not self.notes and not self.damaged


def survey(
    folder: str | os.PathLike[str],
    kind: str | None = None,
    deep: bool = False,
    progress: Progress | None = None,
) -> Survey:
    """Count a dataset, and read some of its shapes and labels, or all of them.

    Args:
        folder: where it lies.
        kind: see open_dataset; None detects it.
        deep: read every shape: finds all that are damaged, equal, or lack a part everywhere.
        progress: called with "read", how many were read, and how many will be.

    Raises:
        ConfigError: no such kind.
        LoadError: it is no dataset, or no split of it can be opened.
    """
    name = kind or detect(folder)
    if name is None:
        known = ", ".join(k.name for k in KINDS if k.name != "generated")
        raise LoadError(
            folder,
            f"must hold a dataset of one of the kinds {known}",
            f"none of them{nearby(Path(folder))}",
        )
    datasets, notes = _open_all(name, folder)
    around = lies_in(Path(folder)) if kind is None and name == "folder" else None
    if around is not None and Path(os.path.realpath(folder)).is_relative_to(around[1]):
        note = f"read as labelled files of one's own, but {around[0]} lies in {around[1]}"
        notes.append(note)
    found = next(k for k in KINDS if k.name == name.partition(":")[0])
    examples = {e.name: e for dataset in datasets.values() for e in dataset.examples}
    seen = _read(list(examples.values()), deep, progress)
    if deep:
        notes += seen.notes()
    return Survey(
        kind=found,
        name=next(iter(datasets.values())).name,
        splits={split: len(dataset.examples) for split, dataset in datasets.items()},
        categories=_categories(found, datasets),
        rows=tuple(seen.rows),
        shapes=len(examples),
        read=seen.read,
        notes=tuple(dict.fromkeys(notes)),
        damaged=tuple(seen.damaged),
    )


def _open_all(kind: str, folder: str | os.PathLike[str]) -> tuple[dict[str, Dataset], list[str]]:
    """Every split that can be opened, and what is said about all of them."""
    splits = next((k.splits for k in KINDS if k.name == kind.partition(":")[0]), ("test",))
    datasets: dict[str, Dataset] = {}
    notes: list[str] = []
    errors: list[LoadError] = []
    for split in splits:
        try:
            datasets[split] = open_dataset(kind, folder, split)
            notes += datasets[split].notes
        except LoadError as error:
            errors.append(error)
            notes.append(f"{split}: cannot be opened, {error}")
    if not datasets:
        raise errors[0]
    return datasets, notes


def _categories(kind: Kind, datasets: dict[str, Dataset]) -> tuple[CategoryCount, ...]:
    """Those of the official list first, also where no shape is there."""
    found: dict[str, dict[str, int]] = {name: {} for sizes in kind.sizes.values() for name in sizes}
    parts: dict[str, tuple[str, ...]] = {}
    for split, dataset in datasets.items():
        for example in dataset.examples:
            counts = found.setdefault(example.category, {})
            counts[split] = counts.get(split, 0) + 1
            if example.category not in parts:
                parts[example.category] = _parts(example)
    official = {
        name: {split: sizes[name] for split, sizes in kind.sizes.items() if name in sizes}
        for name in found
    }
    return tuple(
        CategoryCount(name, parts.get(name, ()), counts, official[name])
        for name, counts in found.items()
    )


def _parts(example: Example) -> tuple[str, ...]:
    try:
        return example.parts
    except LoadError:
        return ()


@dataclass
class _Seen:
    """What reading shapes has shown.

    Attributes:
        had: per category the parts that some shape has.
        named: per category every list of parts.
        same: names of shapes by what their geometry hashes to.
    """

    read: int = 0
    rows: list[int] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    had: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    named: dict[str, set[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(set))
    same: dict[bytes, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, example: Example) -> None:
        self.read += 1
        try:
            shape, truth, parts = example.shape(), example.truth(), example.parts
        except (LoadError, ShapeError) as error:
            self.damaged.append(f"{example.name}: {error}")
            return
        self.rows.append(len(truth.part))
        self.had[example.category] |= {parts[k] for k in truth.part.unique().tolist() if k >= 0}
        self.named[example.category].add(parts)
        self.same[_hash(shape)].append(example.name)

    def notes(self) -> list[str]:
        """What only reading every shape can tell."""
        notes = [
            f"no shape of {category} has a {part}"
            for category, lists in self.named.items()
            for part in sorted(set().union(*lists) - self.had[category])
        ]
        notes += [
            f"the shapes of {category} name their parts in {len(lists)} ways"
            for category, lists in self.named.items()
            if len(lists) > 1
        ]
        equal = [" = ".join(names) for names in self.same.values() if len(names) > 1]
        if equal:
            notes.append(f"the same shape more than once: {some_of(equal)}")
        return notes


def _hash(shape: Shape) -> bytes:
    points = shape.world if isinstance(shape, PointCloud) else shape.vertices
    return hashlib.sha256(points.numpy().tobytes()).digest()


def _read(examples: Sequence[Example], deep: bool, progress: Progress | None) -> _Seen:
    count = len(examples) if deep else min(SAMPLE, len(examples))
    seen = _Seen()
    for k in range(count):
        if progress is not None:
            progress("read", k, count)
        seen.add(examples[k * len(examples) // count])
    if progress is not None:
        progress("read", 1, 1)
    return seen
