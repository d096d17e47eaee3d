"""Generated shapes as a benchmark: what settings are chosen on, so that no real benchmark is."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from pdengine.data.protocol import Truth
from pdengine.io import mesh_from_arrays
from pdengine.shapes import CATEGORIES, make, parts_of
from pdengine.types import Mesh

# The embedded teacher is trained on seeds from 0 and validated on seeds from 1,000,000.
FIRST_SEED = 2_000_000


@dataclass(frozen=True)
class GeneratedExample:
    """One generated shape.

    Attributes:
        category: of pdengine.shapes.
        seed: its number there.
    """

    category: str
    seed: int

    @property
    def parts(self) -> tuple[str, ...]:
        """Part names in label order."""
        return parts_of(self.category)

    @property
    def prompt(self) -> str:
        """What a user would type."""
        return f"{self.category}: {', '.join(self.parts)}"

    @property
    def name(self) -> str:
        """For listings."""
        return f"{self.category}_{self.seed}"

    def shape(self) -> Mesh:
        """The mesh."""
        made = make(self.category, self.seed)
        return mesh_from_arrays(made.vertices, made.faces)

    def truth(self) -> Truth:
        """A part per triangle."""
        return Truth(torch.from_numpy(make(self.category, self.seed).face_label).long())


def generated_shapes(count: int) -> list[GeneratedExample]:
    """This many shapes of every category, from seeds that nothing was trained on."""
    return [GeneratedExample(c, FIRST_SEED + k) for c in CATEGORIES for k in range(count)]
