"""What the teacher made of one shape and one prompt, and what it failed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine.errors import TeacherError
from pdengine.teach import Skipped, Upright, listed
from pdengine.types import Boxes, Cameras, Detections, PartList, Units, Views


@dataclass(frozen=True)
class Taught:
    """What the teacher said of a shape.

    Attributes:
        names: the parts that were asked for.
        upright: the axis that the views stand on, and how it was found; None where units were given
            and no view was drawn.
        detections: the teacher's answer for all views; of those that it skipped it says nothing.
        units: the answer on the points; what it skipped shows them nothing.
        skipped: the views that it failed in.
        source: whose the units are, where they were given; "" where the engine's teacher was asked.
    """

    names: PartList
    upright: Upright | None
    detections: Detections
    units: Units
    skipped: tuple[Skipped, ...] = ()
    source: str = ""


def given(names: PartList, units: Units, source: str) -> Taught:
    """Units that somebody has made elsewhere, of pictures that nobody here has seen."""
    device = units.label.device
    label, view = (torch.zeros(0, dtype=torch.int64, device=device) for _ in range(2))
    nothing = Boxes(units.score.new_zeros(0, 4), view, label, units.score.new_zeros(0))
    return Taught(names, None, nothing, units, source=source)


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


def failures(
    teacher: str, upright: Upright, taught: Taught, unasked: Sequence[Skipped], views: int
) -> tuple[str, ...]:
    """What the teacher failed in on the way to an answer, one sentence each.

    Args:
        teacher: its name.
        upright: the axis that it was shown the shape on.
        taught: what it said all the same.
        unasked: the views that were no help in saying what the shape is.
        views: how many there are.
    """
    said = [upright.warning] if upright.warning else []
    for what, skipped in (("say what the shape is", unasked), ("find parts", taught.skipped)):
        if skipped:
            few = f"{len(skipped)} of {views} views"
            said.append(f"{teacher} failed to {what} in {few}, skipped: {listed(skipped)}")
    return tuple(said)
