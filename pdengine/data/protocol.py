"""What every dataset looks like: geometry and names for the engine, labels for evaluate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from torch import Tensor

from pdengine.types import Shape, Units


@dataclass(frozen=True)
class Truth:
    """The labels of a shape.

    Attributes:
        part: [rows] int64 into the example's parts, -1 none: one per row of a cloud's file, or per
            triangle of a mesh.
        instance: [rows] int64, equal where two rows are the same leg, -1 none; None where the
            dataset has no instances.
    """

    part: Tensor
    instance: Tensor | None = None


class Example(Protocol):
    """One shape of a dataset.  Nothing is read before it is asked for.

    Attributes:
        name: no two examples of a dataset have the same.
        category: as the dataset writes it, e.g. "Chair" or "StorageFurniture".
        parts: names that read as prompts, in label order.
        prompt: what a user would type, e.g. "chair: arm, backrest, leg, seat"; its names are the
            first of parts, or all of them.
    """

    @property
    def name(self) -> str: ...

    @property
    def category(self) -> str: ...

    @property
    def parts(self) -> tuple[str, ...]: ...

    @property
    def prompt(self) -> str: ...

    def shape(self) -> Shape:
        """The geometry, all that the engine may see.

        Raises:
            LoadError: a file is missing or damaged.
        """

    def truth(self) -> Truth:
        """The labels, for evaluate alone.

        Raises:
            LoadError: a file is missing or damaged, or has another number of labels than rows.
        """


@runtime_checkable
class Ready(Protocol):
    """An example that comes with what a teacher has said of it."""

    def units(self) -> Units:
        """Knowledge units over the finite rows of shape(); labels index the names of the prompt.

        Raises:
            LoadError: a file is missing or damaged, or a unit names a part that is not asked for.
        """


@runtime_checkable
class Filed(Protocol):
    """An example that lies in files: when they change it is another shape."""

    def files(self) -> tuple[Path, ...]:
        """What is read of it; they need not be there."""


@dataclass(frozen=True)
class Dataset:
    """The shapes of a split.

    Attributes:
        name: as the papers write it, e.g. "ShapeNetPart".
        protocol: the name of the metric that it is published in, see evaluate.
        examples: what is measured.
        train: the same dataset's unlabelled knowledge for a student that is aligned beforehand;
            empty where it has no such split.
        notes: what is missing or odd, one sentence each.
        ready: whose answers its examples hand out, see Ready; "" where they have none.
        nameless: much of a shape is none of its parts, and that counts in the protocol.
        benchmark: whose published numbers are of the same shapes and labels; "" for its own name.
    """

    name: str
    protocol: str
    examples: Sequence[Example]
    train: Sequence[Example] = ()
    notes: tuple[str, ...] = ()
    ready: str = ""
    nameless: bool = False
    benchmark: str = ""
