"""Every mode on the shapes of one category, in this process: what the benchmarks compare with."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pdengine.config import with_options
from pdengine.data import Example
from pdengine.errors import PartError, ShapeError, TeacherError
from pdengine.evaluate.methods import (
    Labelled,
    Looked,
    alone,
    by_student,
    look,
    student_of,
    together,
    unlabelled,
)
from pdengine.evaluate.miou import part_miou
from pdengine.evaluate.subject import SIMULATED, Experiment, Subject, subject_of
from pdengine.teach import Teacher, parse_parts

log = logging.getLogger("pdengine.evaluate")


@dataclass(frozen=True)
class Result:
    """One shape, seed and mode.

    Attributes:
        miou: mean IoU over the parts that the shape has.
        coverage: share of its points that at least one unit covers.
        seconds: from geometry to labels, without loading the teacher.
        error: why the shape failed, then it is scored as unlabelled; else None.
    """

    category: str
    shape: str
    mode: str
    seed: int
    miou: float
    coverage: float
    seconds: float
    error: str | None = None


def show(
    example: Example, experiment: Experiment, seed: int, teacher: Teacher | None = None
) -> Looked:
    """Read one shape, render it and ask the teacher.

    Raises:
        LoadError: the shape cannot be read, so there is nothing to score against.
    """
    return look(subject_of(example, experiment, seed), experiment, seed, teacher)


def measure(
    entry: Example, experiment: Experiment, seed: int, teacher: Teacher | None = None
) -> list[Result]:
    """Segment one shape and score the answer, one result per mode that needs no other shape.

    The engine is given geometry and part names; labels are read here, afterwards.  (The simulated
    teacher reads them too: it is called simulated in every row.)

    Args:
        entry: the shape.
        experiment: what is measured.
        seed: of the samples, the student and the simulated teacher.
        teacher: a loaded one, for experiments that are not simulated; None loads it.

    Raises:
        LoadError: the shape cannot be read, so there is nothing to score against.
    """
    return _alone(show(entry, experiment, seed, teacher), experiment, seed)


def measure_category(
    entries: Sequence[Example],
    experiment: Experiment,
    seed: int,
    teacher: Teacher | None = None,
) -> list[Result]:
    """Label the shapes of one category in every mode of the experiment.

    "collection" aligns one student on all of them and labels them with it.  "pre" aligns one on
    every second shape, without labels, and scores it on the others, then the other way round.

    Args:
        entries: all of one category.
        experiment: what is measured.
        seed: see measure.
        teacher: see measure.
    """
    looked = [show(entry, experiment, seed, teacher) for entry in entries]
    results = [r for one in looked for r in _alone(one, experiment, seed)]
    if "collection" in experiment.modes:
        results += _collection(looked, experiment, seed)
    if "pre" in experiment.modes:
        results += _pre(looked[::2], looked[1::2], experiment, seed)
        results += _pre(looked[1::2], looked[::2], experiment, seed)
    return results


def known_categories(entries: Iterable[Example], teacher: Teacher | None) -> list[str]:
    """The categories of which the teacher knows every name; None knows all of them."""
    check = getattr(teacher, "check_parts", None)
    found: dict[str, None] = {}
    for entry in entries:
        if entry.category in found:
            continue
        try:
            if check is not None:
                check(parse_parts(entry.prompt))
        except (PartError, TeacherError):
            continue
        found[entry.category] = None
    return list(found)


def _alone(looked: Looked, experiment: Experiment, seed: int) -> list[Result]:
    if looked.error is not None:
        log.warning("%s: %s", looked.subject.example.name, looked.error)
    found = alone(looked, experiment.modes)
    return [_result(looked.subject, one, seed) for one in found]


def _collection(looked: Sequence[Looked], experiment: Experiment, seed: int) -> list[Result]:
    failed = [one for one in looked if one.error is not None]
    found = [
        _result(one.subject, unlabelled(one.subject, "collection", str(one.error)), seed)
        for one in failed
    ]
    whole = [one.shown for one in looked if one.error is None]
    try:
        said = together(whole, experiment, seed)
    except ShapeError as error:
        said = [unlabelled(one.subject, "collection", str(error)) for one in whole]
    return found + [_result(s.subject, one, seed) for s, one in zip(whole, said, strict=True)]


def _pre(
    learned: Sequence[Looked], unseen: Sequence[Looked], experiment: Experiment, seed: int
) -> list[Result]:
    subjects = [one.subject for one in unseen]
    members = [one.shown.member for one in learned if one.error is None]
    config = with_options(experiment.config, seed=seed)
    try:
        student, _ = student_of(
            members, learned[0].subject.example.prompt if learned else "", config
        )
    except ShapeError as error:
        said = [unlabelled(subject, "pre", str(error)) for subject in subjects]
    else:
        said = [by_student(subject, student, experiment, seed) for subject in subjects]
    return [_result(subject, one, seed) for subject, one in zip(subjects, said, strict=True)]


def rows(results: Iterable[Result], experiment: Experiment) -> list[dict[str, Any]]:
    """One row per category, mode and seed: means over shapes, failed ones included.

    Keys: category, shapes, teacher, noise (None unless simulated), mode, seed, miou, coverage,
    seconds_per_shape.
    """
    groups: dict[tuple[str, str, int], list[Result]] = {}
    for result in results:
        groups.setdefault((result.category, result.mode, result.seed), []).append(result)
    simulated = experiment.teacher == SIMULATED
    return [
        {
            "category": category,
            "shapes": len(group),
            "teacher": experiment.teacher,
            "noise": experiment.noise if simulated else None,
            "mode": mode,
            "seed": seed,
            "miou": _mean([r.miou for r in group]),
            "coverage": _mean([r.coverage for r in group]),
            "seconds_per_shape": _mean([r.seconds for r in group]),
        }
        for (category, mode, seed), group in groups.items()
    ]


def _result(subject: Subject, said: Labelled, seed: int) -> Result:
    example = subject.example
    miou = part_miou(said.labels, subject.truth.part)
    spent = sum(said.seconds.values())
    return Result(
        *(example.category, example.name, said.mode, seed, miou, said.coverage, spent, said.error)
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
