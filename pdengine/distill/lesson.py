"""What an alignment takes, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from pdengine.distill.prepared import Prepared
from pdengine.distill.student import Student
from pdengine.types import Units


@dataclass(frozen=True)
class Lesson:
    """One shape to learn from.

    Attributes:
        shape: what prepare made of its cloud.
        units: what the teacher said of it; K may be 0, then the shape is only labelled.
        labels: [N] int64 or None: labels that are trusted, -1 unknown.  They are learned from as
            they are and never re-scored; the units of such a shape are not used.
    """

    shape: Prepared
    units: Units
    labels: Tensor | None = None


@dataclass(frozen=True)
class Alignment:
    """A student that has been aligned, and what it makes of the shapes that it was aligned on.

    Attributes:
        student: ready to label other shapes.
        beliefs: [N, R] float32 per lesson, probabilities, of every point, covered or not.
        units: per lesson, with the scores of the backward distillation.
        losses: one per optimiser step.
        rounds: rounds of forward and backward distillation.
        rescored_at: the step of the first backward distillation, or None.
    """

    student: Student
    beliefs: tuple[Tensor, ...]
    units: tuple[Units, ...]
    losses: tuple[float, ...]
    rounds: int
    rescored_at: int | None
