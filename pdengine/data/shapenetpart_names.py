"""ShapeNetPart's 16 categories and 50 parts, by name and number.

Source: Yi et al., A Scalable Active Framework for Region Annotation in 3D Shape Collections
(SIGGRAPH Asia 2016); the splits of PointNet++ (NeurIPS 2017); the prompts of PartDistill (CVPR
2024).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pdengine.errors import LoadError

NAME, PROTOCOL = "ShapeNetPart", "shapenetpart-class"
SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Category:
    """One category.

    Attributes:
        name: as synsetoffset2category.txt writes it.
        synset: the name of its folder.
        first: the dataset's number of its first part; the others follow.
        parts: one name per part, in label order: words that the embedded teacher knows.
        prompts: what PartDistill asks for, in its own words ("visor or peak"); may be fewer.
        sizes: the official number of shapes of each of SPLITS.
    """

    name: str
    synset: str
    first: int
    parts: tuple[str, ...]
    prompts: tuple[str, ...]
    sizes: tuple[int, int, int]

    @property
    def prompt(self) -> str:
        """What is asked for, e.g. "chair: back, seat, leg, armrest".

        As many as PartDistill asks for, the first of parts: a lamp's canopy and tube have labels,
        which count in the metric, but are not asked for.
        """
        return f"{self.name.lower()}: {', '.join(self.parts[: len(self.prompts)])}"

    def local(self, path: str, numbers: NDArray[np.int64]) -> Tensor:
        """The dataset's part numbers as indices into parts. [rows] int64.

        Args:
            path: their file, for the message.
            numbers: [rows], any values.

        Raises:
            LoadError: a number is another category's.
        """
        last = self.first + len(self.parts) - 1
        outside = (numbers < self.first) | (numbers > last)
        if outside.any():
            rule = f"the parts of {self.name} must be {self.first} to {last}"
            raise LoadError(path, rule, int(numbers[outside][0]))
        return torch.from_numpy(numbers - self.first)


@dataclass(frozen=True)
class NamedExample:
    """What the examples of every form of the dataset say of themselves.

    Attributes:
        kind: its category.
    """

    kind: Category

    @property
    def category(self) -> str:
        """As the dataset writes it, e.g. "Chair"."""
        return self.kind.name

    @property
    def parts(self) -> tuple[str, ...]:
        """Part names in label order."""
        return self.kind.parts

    @property
    def prompt(self) -> str:
        """What a user would type; its names are the first of parts."""
        return self.kind.prompt


def _category(
    name: str,
    synset: str,
    first: int,
    sizes: tuple[int, int, int],
    parts: str,
    prompts: str | None = None,
) -> Category:
    """Names are separated by commas; prompts only where they are not the parts."""
    words = tuple(parts.split(", "))
    asked = words if prompts is None else tuple(prompts.split(", "))
    return Category(name, synset, first, words, asked, sizes)


_CROWN = "panels or crown, visor or peak"
_CAR = "roof, hood, wheel or tire, body"
CATEGORIES = (
    _category("Airplane", "02691156", 0, (1958, 391, 341), "body, wing, tail, engine"),
    _category("Bag", "02773838", 4, (54, 8, 14), "handle, body"),
    _category("Cap", "02954340", 6, (39, 5, 11), "crown, visor", _CROWN),
    _category("Car", "02958343", 8, (659, 81, 158), "roof, hood, wheel, body", _CAR),
    _category("Chair", "03001627", 12, (2658, 396, 704), "back, seat, leg, armrest"),
    _category("Earphone", "03261776", 16, (49, 6, 14), "earcup, headband, data wire"),
    _category(
        "Guitar", "03467517", 19, (550, 78, 159), "head, neck, body", "head or tuners, neck, body"
    ),
    _category("Knife", "03624134", 22, (277, 35, 80), "blade, handle"),
    # PartDistill asks for two of the four; a canopy holds a hanging lamp, a tube its shade.
    _category(
        "Lamp",
        "03636649",
        24,
        (1118, 143, 286),
        "base, lampshade, canopy, tube",
        "base, lampshade",
    ),
    _category(
        "Laptop", "03642806", 28, (324, 44, 83), "keyboard, screen", "keyboard, screen or monitor"
    ),
    _category(
        "Motorbike",
        "03790512",
        30,
        (125, 26, 51),
        "gas tank, seat, wheel, handle, headlight, frame",
    ),
    _category("Mug", "03797390", 36, (130, 16, 38), "handle, cup"),
    # PartDistill's "frame" of a pistol is its barrel, which is what others call this label.
    _category(
        "Pistol", "03948459", 38, (209, 30, 44), "barrel, grip, trigger", "frame, grip, trigger"
    ),
    _category("Rocket", "04099429", 41, (46, 8, 12), "body, fin, nose cone"),
    _category("Skateboard", "04225987", 44, (106, 15, 31), "wheel, deck, belt for foot"),
    _category("Table", "04379243", 47, (3835, 588, 848), "tabletop, leg, drawer"),
)
BY_SYNSET = {category.synset: category for category in CATEGORIES}


def official_size(split: str) -> int:
    """How many shapes a split has: 12,137, 1,870 and 2,874."""
    return sum(category.sizes[SPLITS.index(split)] for category in CATEGORIES)


def size_notes(split: str, examples: Sequence[NamedExample]) -> list[str]:
    """A sentence where a split has another size than the official one."""
    size = official_size(split)
    if len(examples) == size:
        return []
    return [f"{split}: {len(examples):,} of the official {size:,} shapes"]
