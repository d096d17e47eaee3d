"""`pdengine eval`: what can be typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import tyro

from pdengine.cli.options import FLAG, DetectionOptions, TeacherOptions, word


@dataclass(frozen=True)
class JudgedTeacher(TeacherOptions):
    """The teacher of an evaluation, which may be a simulated one."""

    teacher: Annotated[str, word("NAME")] = "embedded"
    """Who looks at the views; simulated-systematic, -independent and -clean read the labels; ready
    takes the answers that partdistill comes with."""


@dataclass(frozen=True)
class AnswerFolder(DetectionOptions):
    """Answers from outside, one for each shape."""

    detections: Annotated[Path | None, word("DIR")] = None
    """Folder: what another model found in the pictures of `pdengine data render`."""


@dataclass(frozen=True)
class MeasuredEngine:
    """Settings of EngineConfig that an evaluation leaves open."""

    views: Annotated[int, word("N")] = 10
    """How many views are rendered."""
    up: Annotated[str, word("AXIS")] = "auto"
    """Which way is up: x, y, z, -x, -y, -z, or auto."""
    points: Annotated[int, word("N")] = 2048
    """A mesh is measured on this many points; a cloud on all its rows."""
    nameless: Annotated[float | None, word("0-1")] = None
    """How surely a point that a view shows in no box or mask is none of the parts, 0 for not at
    all; 0.5 on PartNetE, whose parts do not cover a shape, else 0."""
    device: Annotated[str, word("auto|cpu|cuda")] = "auto"
    """Where to compute; auto takes the GPU where it can."""


@dataclass(frozen=True)
class Eval:
    """Measure methods on labelled shapes: tables and pictures.

    Example: pdengine eval shapenetpart DIR --method partdistill-tta,partslip --out results

    A run that was stopped goes on when the same command is given again, and another method can be
    added in the same way: what the teacher said is kept.  The vote is measured beside every
    student.  Labels are read for scoring alone.
    """

    dataset: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="DATASET")]
    """A kind of `pdengine data list`; generated:3 is three generated shapes per category."""
    folder: Annotated[tyro.conf.Positional[Path | None], word("DIR")] = None
    """Where it lies; generated shapes need none."""
    method: Annotated[str, word("NAMES", "-m")] = "partdistill-tta"
    """With commas: vote, partslip, partdistill-tta, partdistill-pre, partdistill-collection."""
    out: Annotated[Path, word("DIR", "-o")] = Path("evaluation")
    """Folder for the results; rows of other settings are refused."""
    split: Annotated[str, word("NAME")] = "test"
    """Which part of the dataset is measured."""
    categories: Annotated[str | None, word("NAMES")] = None
    """Only these, with commas; all that the teacher knows unless given."""
    limit: Annotated[int | None, word("N")] = None
    """The first N shapes of each category, at most."""
    protocol: Annotated[str | None, word("NAME")] = None
    """The metric (docs/metrics.md); the dataset's own unless given."""
    seeds: Annotated[str, word("N", "--seed")] = "0"
    """Of everything random, with commas: 0,1,2 measures three times."""
    train_shapes: Annotated[int, word("N")] = 20
    """partdistill-pre learns from at most N shapes of a category, evenly spread."""
    instances: Annotated[bool, FLAG] = False
    """Number the single things too, and score them where the dataset has instances."""
    workers: Annotated[int, word("N")] = 2
    """Processes of one thread each; the results do not depend on it."""
    timeout: Annotated[float, word("SECS")] = 600.0
    """A shape that takes longer has failed, and is scored as unlabelled."""
    retry_failed: Annotated[bool, FLAG] = False
    """Measure shapes again that failed; else only those whose files have changed since."""
    quiet: Annotated[bool, FLAG] = False
    """Print nothing but warnings and errors."""
    teaching: Annotated[JudgedTeacher, tyro.conf.arg(name="teacher", help="")] = field(
        default_factory=JudgedTeacher
    )
    outside: Annotated[AnswerFolder, tyro.conf.arg(name="detection", help="")] = field(
        default_factory=AnswerFolder
    )
    engine: Annotated[MeasuredEngine, tyro.conf.arg(help="")] = field(
        default_factory=MeasuredEngine
    )

    def run(self) -> int:
        from pdengine.cli.evaluating import run

        return run(self)
