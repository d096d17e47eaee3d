"""Draws a shape in the colours of its truth and of what was said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from pdengine.data import Example
from pdengine.evaluate.subject import subject_of
from pdengine.evaluate.work import Setup, read_labels
from pdengine.report.pictures import label_colours, look_around, paint

SIDE = ((22.0, 35.0),)  # from the front left and a little above
SIDE_PX = 150


@dataclass(frozen=True)
class Paint:
    """One shape's pictures: the truth, then the labels of each file.

    Gives PNG data URIs.
    """

    example: Example
    seed: int
    up: str
    labels: tuple[Path, ...]
    size: int = 1

    def run(self, setup: Setup) -> list[str]:
        subject = subject_of(self.example, setup.experiment, self.seed)
        shape = self.example.shape()  # a mesh is drawn from more points than are labelled
        sides = look_around(shape, subject.shape, self.up, SIDE, SIDE_PX)
        answers = [subject.truth.part, *(read_labels(path) for path in self.labels)]
        parts, rows = len(self.example.parts), subject.shape.rows
        pictures: list[str] = []
        for answer in answers:
            colour: Tensor = label_colours(answer[rows], parts)
            pictures += paint(sides, colour)
        return pictures


def painter(setup: Setup) -> Callable[[Paint], list[str]]:
    """Takes Paint tasks; needs no teacher."""
    return lambda task: task.run(setup)
