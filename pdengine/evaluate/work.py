"""What a worker does: tasks that go to it, and rows that come back."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pdengine.collection import Member, read_units, write_units
from pdengine.config import METHOD_OF, with_options
from pdengine.data import Example
from pdengine.data.files import as_text
from pdengine.devices import on
from pdengine.errors import LoadError, ShapeError
from pdengine.evaluate.counts import ShapeCounts, count_shape, failed_shape
from pdengine.evaluate.memory import peak_mib
from pdengine.evaluate.methods import (
    Labelled,
    Looked,
    Shown,
    look,
)
from pdengine.evaluate.rows import Row
from pdengine.evaluate.stamp import stamp_of
from pdengine.evaluate.subject import Experiment, Subject, subject_of
from pdengine.io import replace_file
from pdengine.pipeline import Engine
from pdengine.teach import configured_teacher
from pdengine.teach.cache import CachedTeacher


@dataclass(frozen=True)
class Setup:
    """What every task of an evaluation shares.

    Attributes:
        dataset: its name.
        split: of the examples that are measured.
        experiment: teacher and settings.
        out: the folder of the results.
        digest: of the settings; kept units of others are not found.
    """

    dataset: str
    split: str
    experiment: Experiment
    out: Path
    digest: str

    def __call__(self) -> Worker:
        """A worker of this evaluation; loads the teacher."""
        return Worker(self)

    def file(self, folder: str, name: str, end: str) -> Path:
        """Where something about a shape is kept: names of shapes are no file names."""
        key = hashlib.sha256(f"{self.digest} {name}".encode()).hexdigest()[:32]
        return self.out / folder / f"{key}{end}"

    def units(self, split: str, example: Example, seed: int) -> Path:
        """What the teacher said of a shape, as its files are now."""
        name = f"{split} {example.name} {seed} {stamp_of(example)}"
        return self.file("units", name, ".units.safetensors")

    def student(self, category: str, seed: int, fold: str) -> Path:
        """A student of a category."""
        return self.file("students", f"{category} {seed} {fold}", ".safetensors")

    def lesson(self, category: str, seed: int, fold: str) -> Path:
        """Who taught that student."""
        return self.student(category, seed, fold).with_suffix(".json")

    def labels(self, name: str, method: str, seed: int) -> Path:
        """A method's answer for a shape."""
        return self.file("labels", f"{name} {method} {seed}", ".npy")


class Worker:
    """Takes tasks one after another; keeps the teacher between them."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.experiment = setup.experiment
        self.teacher: CachedTeacher | None = None
        if self.experiment.asks:
            kept = setup.out / "teacher"
            config = with_options(self.experiment.config, teacher=self.experiment.teacher)
            self.teacher = CachedTeacher(configured_teacher(config), kept)

    def __call__(self, task: Any) -> Any:
        return task.run(self)

    def look(self, subject: Subject, split: str, seed: int) -> Looked:
        """Ask the teacher, and keep its units.  Raises what went wrong."""
        hits = 0 if self.teacher is None else self.teacher.hits
        looked = look(subject, self.experiment, seed, self.teacher)
        path = self.setup.units(split, subject.example, seed)
        if self.teacher is not None and self.teacher.hits > hits:
            looked = replace(looked, seconds=_as_asked(looked.seconds, path.with_suffix(".json")))
        if looked.error is None:
            shown = looked.shown
            beside = json.dumps(dict(shown.seconds)).encode()
            replace_file(path.with_suffix(".json"), [beside])
            write_units(shown.member.units, path)
        return looked

    def shown(self, example: Example, split: str, seed: int) -> Shown:
        """What the teacher said of a shape: kept, or asked for now.

        Raises:
            PdengineError: the shape cannot be read, or the teacher fails on it.
        """
        subject = subject_of(example, self.experiment, seed)
        path = self.setup.units(split, example, seed)
        if path.exists():
            config = with_options(self.experiment.config, mode="vote", seed=seed)
            cloud = on(Engine(config).set_shape(subject.shape).cloud, "cpu")
            units = read_units(path, len(cloud))
            if units is not None:
                seconds = json.loads(path.with_suffix(".json").read_text())
                return Shown(subject, Member(example.name, None, cloud, units), seconds)
        looked = self.look(subject, split, seed)
        if looked.error is not None:
            raise ShapeError(looked.error)
        return looked.shown

    def row(self, subject: Subject, said: Labelled, seed: int) -> Row:
        """Count an answer, and keep it."""
        example, method = subject.example, METHOD_OF[said.mode]
        path = self.setup.labels(example.name, method, seed)
        write_labels(said.labels, path)
        row = self._row(example, said.mode, seed, _counts(subject, said), said.error)
        return replace(row, seconds=dict(said.seconds), up=said.up)

    def failed(self, example: Example, mode: str, seed: int, error: str, parts: int) -> Row:
        """A shape without an answer, counted as unlabelled; its category has so many parts."""
        try:
            truth = subject_of(example, self.experiment, seed).truth
            counts = failed_shape(truth.part, parts, truth.instance)
        except Exception:  # its labels cannot be read either, and that is not what is reported
            counts = unknown_truth(parts)
        return self._row(example, mode, seed, counts, error)

    def _row(
        self, example: Example, mode: str, seed: int, counts: ShapeCounts, error: str | None
    ) -> Row:
        row = bare_row(self.setup, example, mode, seed, counts, error)
        return replace(row, peak_mib=round(peak_mib(), 1))


def _as_asked(seconds: Mapping[str, float], kept: Path) -> dict[str, float]:
    """The times of a shape whose answer was kept: the teacher's is what it took when it was asked.

    Where nobody knows that (the answer was another seed's), it has no time.
    """
    known = {stage: spent for stage, spent in seconds.items() if stage != "teacher"}
    before = json.loads(kept.read_text()) if kept.exists() else {}
    return known | {stage: spent for stage, spent in before.items() if stage == "teacher"}


def bare_row(
    setup: Setup, example: Example, mode: str, seed: int, counts: ShapeCounts, error: str | None
) -> Row:
    """A row without times."""
    return Row(
        *(setup.dataset, setup.split, example.category, example.name, METHOD_OF[mode]),
        *(setup.experiment.said, seed, counts.to_row()),
        error=None if error is None else as_text(error),  # it may name a file
        files=stamp_of(example),
    )


def unknown_truth(parts: int) -> ShapeCounts:
    """A failed shape of which not even the labels can be read.

    It has every part, and of each one thing, where things are counted; all are missed.
    """
    return failed_shape(torch.arange(parts), parts, torch.arange(parts))


def write_labels(labels: Tensor, path: Path) -> None:
    """Keep labels as an npy file of int16, -1 unlabelled.

    Raises:
        SaveError: the file cannot be written.
    """
    buffer = io.BytesIO()
    np.save(buffer, labels.numpy().astype(np.int16), allow_pickle=False)
    replace_file(path, [buffer.getvalue()])


def read_labels(path: Path) -> Tensor:
    """The labels that write_labels kept. [rows] int64.

    Raises:
        LoadError: there is no such file, or it is damaged.
    """
    try:
        return torch.from_numpy(np.load(path, allow_pickle=False).astype(np.int64))
    except (OSError, ValueError, EOFError) as error:
        raise LoadError(path, "labels must be a whole npy file", error) from error


def _every_part(scores: Tensor, parts: int) -> Tensor:
    """Scores [rows, R] with a 0 for each part that has labels and was not asked for."""
    return torch.nn.functional.pad(scores, (0, parts - scores.shape[1]))


def _counts(subject: Subject, said: Labelled) -> ShapeCounts:
    parts, truth = len(subject.example.parts), subject.truth
    if said.error is not None:
        return failed_shape(truth.part, parts, truth.instance)
    found = said.instances
    return count_shape(
        said.labels,
        truth.part,
        parts,
        scores=None if said.scores is None else _every_part(said.scores, parts),
        covered=said.covered,
        instances=None if found is None else (found.instance, found.part, found.score),
        true_instances=truth.instance,
    )
