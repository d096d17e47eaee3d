"""What the teacher made of one shape and one prompt, and what it failed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pdengine.teach import Skipped, Upright, listed
from pdengine.types import Detections, PartList, Units


@dataclass(frozen=True)
class Taught:
    """What the teacher said of a shape.

    Attributes:
        names: the parts that were asked for.
        upright: the axis that the views stand on, and how it was found.
        detections: the teacher's answer for all views; of those that it skipped it says nothing.
        units: the answer on the points; what it skipped shows them nothing.
        skipped: the views that it failed in.
    """

    names: PartList
    upright: Upright
    detections: Detections
    units: Units
    skipped: tuple[Skipped, ...] = ()

    @property
    def up(self) -> str:
        """The axis that the views stand on."""
        return self.upright.up


def failures(
    teacher: str, taught: Taught, unasked: Sequence[Skipped], views: int
) -> tuple[str, ...]:
    """What the teacher failed in on the way to an answer, one sentence each.

    Args:
        teacher: its name.
        taught: what it said all the same.
        unasked: the views that were no help in saying what the shape is.
        views: how many there are.
    """
    said = [taught.upright.warning] if taught.upright.warning else []
    for what, skipped in (("say what the shape is", unasked), ("find parts", taught.skipped)):
        if skipped:
            few = f"{len(skipped)} of {views} views"
            said.append(f"{teacher} failed to {what} in {few}, skipped: {listed(skipped)}")
    return tuple(said)
