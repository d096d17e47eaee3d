"""What the teacher made of one shape and one prompt, and what it failed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pdengine.errors import TeacherError
from pdengine.teach import Skipped, Teacher, Upright, listed, said_of
from pdengine.types import Boxes, Cameras, Detections, PartList, Units, Views
from pdengine.wording import counted


@dataclass(frozen=True)
class Taught:
    """What the teacher said of a shape.

    Attributes:
        names: the parts that were asked for.
        teacher: who was asked; None where units were given.
        views: what the teacher was shown; V = 0 where units were given.
        pixel: [V, N] int32, where these views show each point, as lift says; None where units were
            given.
        upright: the axis that the views stand on, and how it was found; None where units were given
            and no view was drawn.
        detections: the teacher's answer for all views; of those that it skipped it says nothing.
        units: the answer on the points; what it skipped shows them nothing.
        skipped: the views that it failed in.
        source: whose the units are, where they were given.
    """

    names: PartList
    teacher: Teacher | None
    views: Views
    pixel: Tensor | None
    upright: Upright | None
    detections: Detections
    units: Units
    skipped: tuple[Skipped, ...] = ()
    source: str = ""


def given(names: PartList, views: Views, units: Units, source: str) -> Taught:
    """Units that somebody has made elsewhere, of pictures that nobody here has seen: no_views."""
    device = units.label.device
    label, view = (torch.zeros(0, dtype=torch.int64, device=device) for _ in range(2))
    nothing = Boxes(units.score.new_zeros(0, 4), view, label, units.score.new_zeros(0))
    return Taught(names, None, views, None, None, nothing, units, source=source)


def no_views(size: tuple[int, int], device: torch.device) -> Views:
    """What is drawn where nobody looks: V = 0."""

    def empty(*sizes: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.zeros(0, *sizes, dtype=dtype, device=device)

    cameras = Cameras(empty(3, 3), empty(3), empty())
    return Views(
        empty(*size, 3), empty(*size, dtype=torch.int32), empty(*size), empty(*size, 3), cameras
    )


def check_units(units: Units, points: int, parts: int) -> None:
    """Refuse units that are not about these points and parts.

    Args:
        units: made by anybody.
        points: N, of the cloud.
        parts: R; the label R says "none of them".

    Raises:
        TeacherError: naming the field, the rule and the value.
    """
    count, members = len(units.label), len(units.point)

    def check(ok: bool | Tensor, rule: str, value: object) -> None:
        if not bool(ok):
            raise TeacherError(f"units: {rule}, got {value}")

    rule = f"count must be the number of points that are labelled, {points}"
    check(units.count == points, rule, units.count)
    for name, sizes, dtype in (
        ("label", (count,), torch.int64),
        ("score", (count,), torch.float32),
        ("offsets", (count + 1,), torch.int64),
        ("point", (members,), torch.int64),
        ("view", (count,), torch.int64),
    ):
        tensor = getattr(units, name)
        said = f"{list(tensor.shape)} {tensor.dtype}"
        ok = tensor.shape == sizes and tensor.dtype == dtype
        check(ok, f"{name} must be {list(sizes)} {dtype}", said)
    for name, most in (("label", parts), ("point", points - 1)):
        tensor = getattr(units, name)
        wrong = tensor[(tensor < 0) | (tensor > most)]
        check(len(wrong) == 0, f"{name} must be in [0, {most}]", wrong[:1].tolist())
    wrong = units.score[~((units.score >= 0) & (units.score <= 1))]  # and so none is NaN
    check(len(wrong) == 0, "score must be in [0, 1]", wrong[:1].tolist())
    ends = units.offsets[[0, -1]].tolist()
    check(ends == [0, members], f"offsets must begin with 0 and end with {members}", ends)
    check((units.offsets.diff() > 0).all(), "every unit must hold a point", "one without")
    same = units.unit[1:] == units.unit[:-1]
    ascending = (units.point.diff() > 0) | ~same
    check(ascending.all(), "point must be ascending inside a unit", "one that is not")
    views = units.view.max() + 1 if count else 0
    check((units.view >= 0).all(), "view must be at least 0", units.view.min() if count else 0)
    if units.seen is not None:
        shape = units.seen.shape
        ok = len(shape) == 2 and shape[0] >= int(views) and shape[1] == points
        said = f"{list(shape)} {units.seen.dtype}"
        rule = f"seen must be [{int(views)} views or more, {points}] bool"
        check(ok and units.seen.dtype == torch.bool, rule, said)


def told(taught: Taught) -> dict[str, Any]:
    """What a result says of its units, by the keys of Segmentation.meta."""
    said: dict[str, Any] = {**said_of(None), "teacher": taught.source}
    if taught.upright is not None:
        said = {**said_of(taught.teacher, taught.detections)}
        said |= {"up": taught.upright.up, "up_scores": dict(taught.upright.scores)}
    return said | {
        "skipped_views": [{"view": s.view + 1, "reason": s.reason} for s in taught.skipped],
        "views": len(taught.views),
        "units": len(taught.units),
    }


def remarks_of(taught: Taught, unasked: Sequence[Skipped]) -> tuple[str, ...]:
    """What the teacher remarks, and what it failed in on the way to an answer, a sentence each.

    Args:
        taught: what it said all the same; on units that were given nobody remarks.
        unasked: the views that were no help in saying what the shape is.
    """
    teacher = taught.teacher
    if teacher is None or taught.upright is None:
        return ()
    remarks_on = getattr(teacher, "remarks_on", None)
    remarks = [getattr(teacher, "remarks", ())]
    remarks += [] if remarks_on is None else [remarks_on(taught.names)]
    # Text is one sentence, and no list of letters.
    said = [one for some in remarks for one in ([some] if isinstance(some, str) else some)]
    said += [taught.upright.warning] if taught.upright.warning else []
    for what, skipped in (("say what the shape is", unasked), ("find parts", taught.skipped)):
        if skipped:
            few = f"{len(skipped)} of {counted(len(taught.views), 'view')}"
            said.append(f"{teacher.name} failed to {what} in {few}, skipped: {listed(skipped)}")
    return tuple(said)
