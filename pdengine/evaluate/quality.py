"""How well the engine labels Labeled PSB: one result per shape, seed and mode, then rows."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from pdengine.config import EngineConfig
from pdengine.errors import PdengineError
from pdengine.evaluate.generated import GeneratedEntry
from pdengine.evaluate.miou import part_miou
from pdengine.evaluate.psb import Entry
from pdengine.io import sample_mesh
from pdengine.pipeline import Engine, with_options
from pdengine.teach import Teacher, make_teacher
from pdengine.teach.simulated import SimulatedTeacher

log = logging.getLogger("pdengine.evaluate")


@dataclass(frozen=True)
class Experiment:
    """What is measured.

    Attributes:
        teacher: "simulated", or the name of a real one.
        noise: the simulated teacher's, else ignored.
        modes: "vote", "tta" or both, which then share one run per shape.
        points: how many points of each mesh are labelled.
        config: every other setting.
    """

    teacher: str = "embedded"
    noise: str = "systematic"
    modes: tuple[str, ...] = ("vote", "tta")
    points: int = 2048
    config: EngineConfig = field(default_factory=EngineConfig)


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


def measure(
    entry: Entry | GeneratedEntry, experiment: Experiment, seed: int, teacher: Teacher | None = None
) -> list[Result]:
    """Segment one shape and score the answer, one result per mode.

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
    shape = entry.read()
    sampled = sample_mesh(shape.mesh, experiment.points, seed)
    truth = shape.face_label[sampled.face]
    mode = "tta" if "tta" in experiment.modes else "vote"
    config = with_options(experiment.config, mode=mode, seed=seed)
    surface = sample_mesh(shape.mesh, config.render.surface_points, seed)
    if experiment.teacher == "simulated":
        labels = shape.face_label[surface.face]
        # One stream of errors per shape and seed: the same shape errs alike in every mode.
        own = zlib.crc32(f"{entry.name} {seed}".encode())
        teacher = SimulatedTeacher(labels, entry.parts, experiment.noise, own)
        config = with_options(config, up="y")  # it knows every pose
    engine = Engine(config, teacher=teacher or make_teacher(experiment.teacher))
    try:
        answer = engine.set_shape(sampled.cloud, surface=surface.cloud).segment(entry.prompt)
    except PdengineError as error:
        log.warning("%s: %s", entry.name, error)
        nothing = torch.full_like(truth, -1)
        return [_result(entry, m, seed, nothing, truth, str(error)) for m in experiment.modes]

    total = answer.timings["total"] - answer.timings.get("load teacher", 0.0)
    student = answer.timings.get("prepare", 0.0) + answer.timings.get("align", 0.0)
    results = []
    for m in experiment.modes:
        labels = answer.labels if m == mode else answer.vote_labels
        seconds = (total if m == mode else total - student) / 1e3
        coverage = float(answer.meta["coverage"])
        results.append(_result(entry, m, seed, labels, truth, None, coverage, seconds))
    return results


def rows(results: Iterable[Result], experiment: Experiment) -> list[dict[str, Any]]:
    """One row per category, mode and seed: means over shapes, failed ones included.

    Keys: category, shapes, teacher, noise (None unless simulated), mode, seed, miou, coverage,
    seconds_per_shape.
    """
    groups: dict[tuple[str, str, int], list[Result]] = {}
    for result in results:
        groups.setdefault((result.category, result.mode, result.seed), []).append(result)
    simulated = experiment.teacher == "simulated"
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


def _result(
    entry: Entry | GeneratedEntry,
    mode: str,
    seed: int,
    labels: Tensor,
    truth: Tensor,
    error: str | None,
    coverage: float = 0.0,
    seconds: float = 0.0,
) -> Result:
    miou = part_miou(labels, truth)
    return Result(entry.category, entry.name, mode, seed, miou, coverage, seconds, error)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
