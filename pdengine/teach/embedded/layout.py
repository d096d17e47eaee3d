"""Which parts of which categories a network tells apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from pdengine import shapes


@dataclass(frozen=True)
class Layout:
    """The concepts of every category, in the order in which the generator labels them.

    Attributes:
        concepts: part names by category.
    """

    concepts: Mapping[str, tuple[str, ...]]

    @cached_property
    def categories(self) -> tuple[str, ...]:
        return tuple(self.concepts)

    @cached_property
    def widest(self) -> int:
        """The most concepts that a category has."""
        return max(len(names) for names in self.concepts.values())

    @cached_property
    def known(self) -> Tensor:
        """Which columns mean something. [categories, widest] bool."""
        count = torch.tensor([len(names) for names in self.concepts.values()])
        return torch.arange(self.widest) < count[:, None]

    @cached_property
    def row(self) -> Tensor:
        """The place of every concept in one list of all; 0 where known is False. [C, widest]."""
        row = torch.zeros(self.known.shape, dtype=torch.int64)
        row[self.known] = torch.arange(self.count)
        return row

    @cached_property
    def count(self) -> int:
        """All concepts of all categories."""
        return sum(len(names) for names in self.concepts.values())

    def __str__(self) -> str:
        return "; ".join(f"{c}: {', '.join(names)}" for c, names in self.concepts.items())


def parse_layout(text: str) -> Layout:
    """The layout that str() gave this text.

    Raises:
        ValueError: it is no such text.
    """
    found = {}
    for piece in text.split("; "):
        category, colon, names = piece.partition(": ")
        if not (category and colon and names):
            raise ValueError(f"a layout must read 'category: part, part; ...', got {piece!r}")
        found[category] = tuple(names.split(", "))
    return Layout(found)


def generated_layout(categories: tuple[str, ...] = ()) -> Layout:
    """The parts of generated shapes, of these categories or of all."""
    return Layout({c: shapes.parts_of(c) for c in categories or shapes.CATEGORIES})
