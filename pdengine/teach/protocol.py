"""What a teacher is, and what an answer must be to be taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from pdengine.errors import TeacherError
from pdengine.types import Boxes, Detections, Masks, PartList, PixelScores, Views


@runtime_checkable
class Teacher(Protocol):
    """Looks at views and says where the parts are.

    Any callable with these arguments can be one, see as_teacher.  The views lie where the engine
    runs, on a GPU perhaps; the answer may lie anywhere, the engine takes it to its own device.

    These methods are asked where a teacher has them:

        check_parts(parts): raises TeacherError for a part that it does not know, or PartError for
            parts that it cannot be asked for together, before anything is drawn.
        remarks_on(parts): a tuple of sentences that become warnings of a result for these parts.
        up_direction(views, parts or None) -> [3]: which way the shape stands, 1 long where the
            views agree and shorter where they do not, see choose_up.
        propose(views) -> tuple[Proposal, ...]: what the shape is, best first, see check_proposals.

    So are these attributes:

        card: its TeacherCard; results say its licence.
        identity: text that changes when its answers do (a digest of its weights, its settings).
        cameras: Cameras; the engine draws from these, in place of its own, see FileTeacher.
        remarks: a tuple of sentences that become warnings of the result.
    """

    @property
    def name(self) -> str: ...

    def __call__(self, views: Views, parts: PartList) -> Detections: ...


# What a teacher may have besides, see Teacher.
OPTIONAL = (
    *("check_parts", "remarks_on", "up_direction", "propose"),
    *("licence", "card", "identity", "cameras", "remarks"),
)


@dataclass(frozen=True)
class NamedTeacher:
    """A callable with a name; what it has of OPTIONAL stays."""

    call: Callable[[Views, PartList], Detections]
    name: str

    def __call__(self, views: Views, parts: PartList) -> Detections:
        return self.call(views, parts)

    def __getattr__(self, name: str) -> Any:
        if name not in OPTIONAL:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return getattr(self.call, name)


def as_teacher(call: Callable[..., Detections], name: str | None = None) -> Teacher:
    """A teacher from any callable that takes (views, parts).

    Args:
        call: a function, a bound method, an object with __call__; a Teacher is returned as it is,
            unless it gets another name.
        name: for messages and results; None takes the callable's own.

    Raises:
        TeacherError: it cannot be called.
    """
    if not callable(call):
        raise TeacherError(
            f"a teacher must be callable as teacher(views, parts), got {_no_callable(call)}"
        )
    if name is None and isinstance(getattr(call, "name", None), str):
        return call  # type: ignore[return-value]
    own_name: str = getattr(call, "__name__", type(call).__name__)
    return NamedTeacher(call, name or own_name)


def _no_callable(found: object) -> str:
    if isinstance(found, str):
        return f"{found!r}; a name of `pdengine teachers list` goes into EngineConfig(teacher=)"
    return type(found).__name__


# Boxes that all end before this are of one pixel, or were meant as shares of a picture.
_FIRST_PIXEL = 1.5


def check_detections(
    detections: object, views: Views, parts: PartList, teacher: str = "teacher"
) -> None:
    """Refuse an answer that is not one.

    Raises:
        TeacherError: naming the teacher, the rule and the value: an unknown type, a wrong shape or
            dtype, a score that is not in [0, 1], a label or view out of range, a box that leaves
            the image or has no area, boxes that are shares of the image, pixel scores that sum to
            more than 1.
    """
    check = _Checker(teacher)
    height, width = views.size
    if isinstance(detections, PixelScores):
        score = detections.score
        check.tensor("score", score, (len(views), len(parts), height, width), floating=True)
        check.between("score", score, 0.0, 1.0)
        if score.numel():
            check.between("the sum of the scores over the parts", score.sum(1), 0.0, 1.0)
    elif isinstance(detections, (Boxes, Masks)):
        check.rows("label", detections.label)
        count = len(detections.label)
        if isinstance(detections, Boxes):
            check.tensor("box", detections.box, (count, 4), floating=True)
            check.boxes(detections.box, width, height)
        else:
            check.tensor("mask", detections.mask, (count, height, width), floating=False)
            if detections.mask.dtype != torch.bool:
                check.fail("mask", "be bool", detections.mask.dtype)
        for field, limit in (("label", len(parts)), ("view", len(views))):
            tensor = getattr(detections, field)
            check.tensor(field, tensor, (count,), floating=False)
            check.indices(field, tensor, limit)
        check.tensor("score", detections.score, (count,), floating=True)
        check.between("score", detections.score, 0.0, 1.0)
    else:
        check.fail("answer", "be Boxes, Masks or PixelScores", type(detections).__name__)


@dataclass(frozen=True)
class _Checker:
    """Raises in the teacher's name."""

    teacher: str

    def fail(self, what: str, rule: str, value: object) -> None:
        raise TeacherError(f"{self.teacher}: {what} must {rule}, got {value}")

    def rows(self, what: str, tensor: object) -> None:
        if not isinstance(tensor, Tensor):
            self.fail(what, "be a tensor", type(tensor).__name__)
        elif not tensor.ndim:
            self.fail(what, "be [boxes or masks]", list(tensor.shape))

    def tensor(self, what: str, tensor: object, shape: tuple[int, ...], *, floating: bool) -> None:
        if not isinstance(tensor, Tensor):
            self.fail(what, "be a tensor", type(tensor).__name__)
        elif tensor.shape != shape:
            self.fail(what, f"be {list(shape)}", list(tensor.shape))
        elif tensor.is_floating_point() != floating:
            self.fail(what, "be floating point" if floating else "not be float", tensor.dtype)

    def between(self, what: str, tensor: Tensor, low: float, high: float) -> None:
        slack = 1e-4  # a softmax in float32 may sum to slightly more than 1
        ok = (tensor >= low - slack) & (tensor <= high + slack)  # False for NaN
        if not bool(ok.all()):
            self.fail(what, f"be in [{low:g}, {high:g}]", float(tensor[~ok][0]))

    def indices(self, what: str, tensor: Tensor, limit: int) -> None:
        if tensor.dtype != torch.int64:
            self.fail(what, "be int64", tensor.dtype)
        ok = (tensor >= 0) & (tensor < limit)
        if not bool(ok.all()):
            self.fail(what, f"be in [0, {limit})", int(tensor[~ok][0]))

    def boxes(self, box: Tensor, width: int, height: int) -> None:
        x0, y0, x1, y1 = box.unbind(1)
        slack = 0.5  # half a pixel: detectors round
        inside = (x0 >= -slack) & (y0 >= -slack) & (x1 <= width + slack) & (y1 <= height + slack)
        ok = inside & (x1 > x0) & (y1 > y0)
        if not bool(ok.all()):
            rule = f"be x0 < x1, y0 < y1 inside the {width} x {height} image"
            self.fail("box", rule, [round(v, 2) for v in box[~ok][0].tolist()])
        if len(box) and float(box.max()) < _FIRST_PIXEL:
            rule = f"be in pixels of the {width} x {height} image, not in shares of it"
            self.fail("box", rule, [round(v, 2) for v in box[0].tolist()])
