"""Many shapes, one call: each is looked at by itself, and a GPU aligns them together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pdengine.distill import Alignment, Lesson
from pdengine.errors import ConfigError, PartError, PdengineError, ShapeError
from pdengine.io import AnyShape
from pdengine.one_shape import make_engine
from pdengine.pipeline import Engine, Prompt
from pdengine.taught import Taught
from pdengine.teach import parse_parts
from pdengine.types import Mesh, PartList, PointCloud, Segmentation, Units

Answer = Segmentation | PdengineError

MOST_TOGETHER = 64  # shapes that wait for each other on a GPU
MOST_HELD = 2**31  # bytes of views that they keep there meanwhile


def segment_many(
    shapes: Sequence[AnyShape],
    parts: Prompt | Sequence[PartList] | None = None,
    *,
    engine: Engine | None = None,
    units: Sequence[Units] | None = None,
    **options: Any,
) -> Iterator[Answer]:
    """Label many shapes, each as segment labels it alone; one that fails does not end the others.

    Every shape has a student of its own (for one student of all, see Collection).  On a CPU a
    shape follows the other, and gets the bits that it gets alone.  On a GPU up to MOST_TOGETHER
    shapes are aligned side by side, see align_each, and come out together; their views stay on the
    GPU until then, MOST_HELD bytes of them at most, or those of one shape.

    Args:
        shapes: clouds, meshes, files or arrays, as segment takes them.
        parts: what to find in every shape, as segment takes it; or a PartList for each of them,
            parse_parts's.
        engine: one that has loaded its teacher; the shape that it was set is kept.
        units: what was said of each shape elsewhere, in place of a teacher, see Engine.set_units.
        options: without an engine, what segment takes: config, teacher, student, cache, and single
            settings by name.

    Returns:
        What became of each shape, in their order, as soon as it is known: the answer or the error.
        The timings of an answer hold its share of the time that shapes were aligned together.

    Raises:
        PartError, TeacherError, ConfigError: the prompt or a setting, at once, for it would fail
            every shape; see Engine.
        ShapeError: shapes is one shape and not a list.
    """
    one = isinstance(shapes, (str, os.PathLike, PointCloud, Mesh))
    if one or getattr(shapes, "ndim", 3) < 3:
        raise ShapeError(f"shapes must be a list of shapes, got one {type(shapes).__name__}")
    if engine is not None and options:
        raise ConfigError(f"an engine has its settings, got {', '.join(sorted(options))} too")
    names = _prompts(parts, len(shapes))
    if units is not None and len(units) != len(shapes):
        raise ConfigError(f"units must be one for each of {len(shapes)} shapes, got {len(units)}")
    if units is not None and None in names:
        raise PartError("units need the part names that their labels index, got none")
    engine = engine or make_engine(**options)
    if units is None:
        for asked in dict.fromkeys(names):
            engine.check_prompt(asked)
    said: Sequence[Units | None] = [None] * len(shapes) if units is None else units
    return _answers(engine, zip(shapes, names, said, strict=True))


def _prompts(parts: Prompt | Sequence[PartList] | None, shapes: int) -> list[PartList | None]:
    """What to find in each shape."""
    if parts is None:
        return [None] * shapes
    if isinstance(parts, (str, PartList)):
        return [parse_parts(parts)] * shapes
    lists = [one for one in parts if isinstance(one, PartList)]
    if not lists:
        return [parse_parts([str(one) for one in parts])] * shapes
    if not len(lists) == len(parts) == shapes:
        raise PartError(f"parts must be a PartList for each of {shapes} shapes, got {len(lists)}")
    return [parse_parts(one) for one in lists]


@dataclass(frozen=True)
class _Looked:
    """A shape that has been looked at.

    Attributes:
        engine: it was set here.
        names: what was asked; None where the teacher proposed it.
        lesson: what there is to align to, or None; and the number of its classes.
        held: bytes of its views.
    """

    engine: Engine
    names: PartList | None
    lesson: Lesson | None = None
    classes: int = 0
    held: int = 0

    @property
    def waits(self) -> bool:
        """Whether it gains by waiting for other shapes."""
        return self.lesson is not None and self.lesson.shape.cloud.xyz.is_cuda

    def answer(self, alignment: Alignment | None, share: float) -> Answer:
        """The labels; share is what the alignment took of this shape, in milliseconds."""
        try:
            found = self.engine.segment(self.names, alignment)
        except PdengineError as error:
            return error
        if alignment is None:
            return found
        spent = dict(found.timings)
        total = spent.pop("total") + share
        return replace(found, timings={**spent, "align": share, "total": total})


def _answers(
    engine: Engine, asked: Iterable[tuple[AnyShape, PartList | None, Units | None]]
) -> Iterator[Answer]:
    """Look at shapes until it pays to answer for them."""
    group: list[_Looked | PdengineError] = []
    for shape, names, units in asked:
        group.append(_look(engine.another(), shape, names, units))
        looked = [one for one in group if isinstance(one, _Looked)]
        full = len(group) == MOST_TOGETHER or sum(one.held for one in looked) >= MOST_HELD
        if full or not any(one.waits for one in looked):
            yield from _labelled(engine, group)
            group = []
    yield from _labelled(engine, group)


def _look(
    engine: Engine, shape: AnyShape, names: PartList | None, units: Units | None
) -> _Looked | PdengineError:
    """Everything up to a shape's alignment."""
    try:
        engine.set_shape(shape)
        if names is not None and units is not None:
            engine.set_units(names, units)
        if engine.config.mode != "tta":
            return _Looked(engine, names)
        found = engine.propose().parts if names is None else names
        taught = engine.teach(found)
        if not taught.units.name_a_part(len(found)):
            return _Looked(engine, names)
        lesson = Lesson(engine.prepared(), taught.units)
        return _Looked(engine, names, lesson, taught.units.classes(len(found)), _bytes(taught))
    except PdengineError as error:
        return error


def _bytes(taught: Taught) -> int:
    views = taught.views
    return sum(t.nbytes for t in (views.images, views.index, views.depth, views.normals))


def _labelled(engine: Engine, group: Sequence[_Looked | PdengineError]) -> Iterator[Answer]:
    """Align shapes together, and answer for each."""
    some = [one for one in group if isinstance(one, _Looked) and one.lesson is not None]
    lessons = [one.lesson for one in some if one.lesson is not None]
    aligned = engine.align(lessons, [one.classes for one in some]) if some else []
    share = engine.spent.get("align", 0.0) / max(len(some), 1)
    of = {id(one): alignment for one, alignment in zip(some, aligned, strict=True)}
    for one in group:
        yield one if isinstance(one, PdengineError) else one.answer(of.get(id(one)), share)
