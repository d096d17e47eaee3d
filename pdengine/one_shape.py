"""One shape, one prompt, one call."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from pdengine.config import EngineConfig, with_options
from pdengine.distill import SavedStudent
from pdengine.errors import ConfigError, PartError
from pdengine.io import AnyShape
from pdengine.pipeline import Engine
from pdengine.teach import entry_of
from pdengine.types import Detections, Segmentation, Units


def segment(
    shape: AnyShape,
    parts: str | Sequence[str] | None = None,
    *,
    config: EngineConfig | None = None,
    teacher: Callable[..., Detections] | str | None = None,
    student: SavedStudent | None = None,
    units: Units | None = None,
    cache: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Segmentation:
    """Label every point of a shape with one of the named parts.

    For more than one prompt keep an Engine, for more than one shape call segment_many: they load
    the teacher once.

    Args:
        shape: a PointCloud, a Mesh, a file, or xyz [N, 3] in any unit, an array of torch, numpy or
            any library that speaks DLPack.
        parts: "chair: back, seat, leg, arm", "back, seat" or a list of names; without them the
            teacher proposes the category and its parts (see Engine.segment).
        config: every setting.
        teacher: any callable that takes (views, parts) and returns Boxes, Masks or PixelScores; or
            a name of `pdengine teachers list`, in place of config's.
        student: labels the shape in place of a teacher, load_student's.
        units: what was said of the shape elsewhere, in place of a teacher, see Engine.set_units;
            their labels index the parts.
        cache: a folder where the teacher's answers are kept, see Engine.
        options: single settings of EngineConfig by name (mode, points, seed, up, ...), and views.

    Raises:
        LoadError, ShapeError, PartError, TeacherError, ConfigError: see Engine.
    """
    if units is not None and (teacher is not None or student is not None):
        raise ConfigError("units must come without a teacher and without a student, got both")
    made = make_engine(config=config, teacher=teacher, student=student, cache=cache, **options)
    engine = made.set_shape(shape)
    if units is not None:
        if parts is None:
            raise PartError("units need the part names that their labels index, got none")
        engine.set_units(parts, units)
    return engine.segment(parts)


def make_engine(
    *,
    config: EngineConfig | None = None,
    teacher: Callable[..., Detections] | str | None = None,
    student: SavedStudent | None = None,
    cache: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Engine:
    """The engine that these arguments of segment mean."""
    if isinstance(teacher, str):
        entry_of(teacher)  # a name that there is not is refused before the shape is read
        options["teacher"], teacher = teacher, None
    if student is not None:
        options.setdefault("mode", "pre")
    config = with_options(config or EngineConfig(), **options)
    return Engine(config, teacher=teacher, student=student, cache=cache)
