"""`pdengine eval`: what can be typed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro


@dataclass(frozen=True)
class Eval:
    """Measure methods on a dataset of labelled shapes: tables, and a page with pictures.

    Example: pdengine eval shapenetpart DIR --method partdistill-tta,partslip --out results

    A run that was stopped goes on when the same command is given again, and another method can be
    added in the same way: what the teacher said is kept.  The vote is measured beside every
    student.  Labels are read for scoring alone.
    """

    dataset: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="DATASET")]
    """A kind of `pdengine data list`: shapenetpart, partnete, partdistill, psb, folder; or
    generated:3 for three generated shapes of each category."""
    folder: Annotated[tyro.conf.Positional[Path | None], tyro.conf.arg(metavar="DIR")] = None
    """Where it lies; generated shapes need none."""
    method: Annotated[str, tyro.conf.arg(aliases=["-m"], metavar="NAMES")] = "partdistill-tta"
    """One or more of vote, partslip, partdistill-tta, partdistill-pre and partdistill-collection,
    with commas.  tta aligns a student on each shape; pre one per category on unlabelled training
    shapes, or on half of the shapes for the other half where there are none; collection one on all
    shapes of a category."""
    teacher: Annotated[str, tyro.conf.arg(metavar="NAME")] = "embedded"
    """Who looks at the views.  ready asks nobody and draws nothing: it takes what the dataset comes
    with, GLIP's boxes of partdistill.  simulated-systematic, simulated-independent and
    simulated-clean read the labels and spoil them: for tests of the methods, and named so
    everywhere."""
    detections: Annotated[Path | None, tyro.conf.arg(metavar="DIR")] = None
    """What another model found in the pictures of `pdengine data render`, in place of a teacher:
    <name>.json, or a folder <name>/ or <Category>/<id>/, of each shape."""
    views_from: Annotated[Path | None, tyro.conf.arg(metavar="DIR")] = None
    """The folder of those pictures; that of the detections, unless given."""
    ignore_unknown: bool = False
    """Leave out detections of names that are not among the parts."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"], metavar="DIR")] = Path("evaluation")
    """Folder for the results; rows of other settings are refused."""
    split: str = "test"
    """Which part of the dataset is measured."""
    categories: Annotated[str | None, tyro.conf.arg(metavar="NAMES")] = None
    """Only these, with commas; all that the teacher knows unless given."""
    limit: int | None = None
    """Measure at most the first so many shapes of each category."""
    protocol: Annotated[str | None, tyro.conf.arg(metavar="NAME")] = None
    """The metric, e.g. shapenetpart-instance, shapenetpart-class, partnete, parts-present,
    instance-ap50; the dataset's own unless given."""
    seeds: Annotated[str, tyro.conf.arg(aliases=["--seed"], metavar="NUMBERS")] = "0"
    """Of everything random, with commas: 0,1,2 measures three times."""
    points: int = 2048
    """A mesh is measured on this many points sampled by area; a cloud on all its rows."""
    views: int = 10
    """How many views are rendered."""
    train_shapes: int = 20
    """A student that is aligned beforehand sees at most this many shapes, evenly spread."""
    instances: bool = False
    """Number the single things of a part too, and count them where the dataset has instances."""
    workers: int = 2
    """How many processes, one thread each; the results do not depend on it."""
    timeout: float = 600.0
    """Seconds that a shape may take; then it has failed, and is scored as unlabelled."""
    device: Annotated[str, tyro.conf.arg(metavar="auto|cpu|cuda")] = "auto"
    """Where to compute; auto takes the GPU where there is one that it can use."""
    up: Annotated[str, tyro.conf.arg(metavar="AXIS")] = "auto"
    """Which way the shapes are up: x, y, z, -x, -y, -z, or auto."""
    quiet: bool = False
    """Print nothing but warnings and errors."""

    def run(self) -> int:
        from pdengine.cli.evaluating import run

        return run(self)
