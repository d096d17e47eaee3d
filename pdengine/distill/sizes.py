"""Which shapes are aligned side by side, and the memory that they need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdengine.config import DistillConfig
from pdengine.distill.encoder import EMBEDDING
from pdengine.distill.learn import ROWS
from pdengine.distill.lesson import Lesson

MOST_SHAPES = 128  # of a stack; their voxels share one grid, which has place for 2,048
MOST_NUMBERS = 2**26  # of four bytes, of a stack's fixed memory, unless one shape takes more


@dataclass(frozen=True)
class Sizes:
    """What a stack has place for.

    Attributes:
        shapes: B.
        anchors: A, the most of a shape.
        parts: R, the most of a shape.
        views: V, the most of a shape.
        near: neighbours of an anchor, of every shape.
    """

    shapes: int
    anchors: int
    parts: int
    views: int
    near: int

    @property
    def numbers(self) -> int:
        """In its fixed memory: what is known, told, targeted and believed of every anchor."""
        each = EMBEDDING + 2 + self.parts * (self.views + 8) + 2 * (self.views + self.near)
        return self.shapes * self.anchors * each

    @property
    def bucket(self) -> tuple[int, int]:
        """Shapes share a stack where this is the same: half of the anchors are there, or more."""
        return (self.anchors - 1).bit_length(), self.near


def size_of(lesson: Lesson, parts: int) -> Sizes:
    """What one shape needs."""
    anchors, near = lesson.shape.group.shape
    seen = lesson.units.seen
    views = int(lesson.units.view.max()) + 1 if seen is None else len(seen)
    return Sizes(1, anchors, parts, views, near)


def together(sizes: Sequence[Sizes]) -> Sizes:
    """What shapes of one bucket need."""
    return Sizes(
        shapes=len(sizes),
        anchors=max(size.anchors for size in sizes),
        parts=max(size.parts for size in sizes),
        views=max(size.views for size in sizes),
        near=sizes[0].near,
    )


def can_stack(lesson: Lesson, config: DistillConfig) -> bool:
    """Whether a shape is aligned with others: on a GPU, the head alone, and every anchor a step."""
    return (
        lesson.shape.cloud.xyz.is_cuda
        and lesson.labels is None
        and len(lesson.shape.anchors) <= ROWS
        and config.weights == "head"
        and config.backward in ("calibrated", "none")
        and config.pose != "turned"
    )


def stacks(
    lessons: Sequence[Lesson], parts: Sequence[int], config: DistillConfig
) -> Iterator[list[int]]:
    """The rows of the lessons that are aligned at once; one that cannot be stacked is alone."""
    open_: dict[tuple[int, int], dict[int, Sizes]] = {}
    for row, (lesson, count) in enumerate(zip(lessons, parts, strict=True)):
        if not can_stack(lesson, config):
            yield [row]
            continue
        size = size_of(lesson, count)
        found = open_.setdefault(size.bucket, {})
        more = together([*found.values(), size])
        if found and (more.numbers > MOST_NUMBERS or more.shapes > MOST_SHAPES):
            yield list(found)
            found.clear()
        found[row] = size
    yield from map(list, open_.values())
