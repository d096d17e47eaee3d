"""Generated shapes as a benchmark: what settings are chosen on, so that no real benchmark is."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from pdengine.evaluate.psb import LabelledShape
from pdengine.io import mesh_from_arrays
from pdengine.shapes import CATEGORIES, make, parts_of

# The embedded teacher is trained on seeds from 0 and validated on seeds from 1,000,000.
FIRST_SEED = 2_000_000


@dataclass(frozen=True)
class GeneratedEntry:
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

    def read(self) -> LabelledShape:
        """The mesh and its labels."""
        made = make(self.category, self.seed)
        mesh = mesh_from_arrays(made.vertices, made.faces)
        return LabelledShape(mesh, torch.from_numpy(made.face_label).long())


def generated_shapes(count: int) -> list[GeneratedEntry]:
    """This many shapes of every category, from seeds that nothing was trained on."""
    return [GeneratedEntry(c, FIRST_SEED + k) for c in CATEGORIES for k in range(count)]
