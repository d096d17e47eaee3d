"""How well the engine labels Labeled PSB: one result per shape, seed and mode, then rows."""

from __future__ import annotations

import logging
import time
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from pdengine.collection import Member, align_members, class_count, no_units
from pdengine.config import EngineConfig, with_options
from pdengine.data import Example, GeneratedExample
from pdengine.devices import on
from pdengine.distill import Alignment, SavedStudent, prepare
from pdengine.errors import PdengineError, TeacherError
from pdengine.evaluate.miou import part_miou
from pdengine.io import sample_mesh
from pdengine.lift import sample_outside
from pdengine.pipeline import Engine
from pdengine.teach import Teacher, make_teacher, parse_parts
from pdengine.teach.simulated import SimulatedTeacher
from pdengine.types import Mesh, Shape

log = logging.getLogger("pdengine.evaluate")


@dataclass(frozen=True)
class Experiment:
    """What is measured.

    Attributes:
        teacher: "simulated", or the name of a real one.
        noise: the simulated teacher's, else ignored.
        modes: any of "vote", "tta", "pre" and "collection".
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


@dataclass(frozen=True)
class Looked:
    """A shape that the teacher has looked at.

    Attributes:
        entry: the shape.
        truth: [N] int64, read for scoring alone (and by the simulated teacher, which says so).
        engine: has the shape set, in mode "tta" or "vote".
        seconds: from geometry to units, without loading the teacher.
        error: why it failed, or None.
    """

    entry: Example
    truth: Tensor
    engine: Engine
    seconds: float
    error: str | None

    @property
    def member(self) -> Member:
        """The shape for a collection."""
        cloud = on(self.engine.cloud, "cpu")
        taught = None if self.error else self.engine.teach(parse_parts(self.entry.prompt))
        units = no_units(len(cloud)) if taught is None else on(taught.units, "cpu")
        return Member(self.entry.name, None, cloud, units)


def look(
    entry: Example, experiment: Experiment, seed: int, teacher: Teacher | None = None
) -> Looked:
    """Render one shape and ask the teacher.

    Raises:
        LoadError: the shape cannot be read, so there is nothing to score against.
    """
    mesh, of_faces = entry.shape(), entry.truth().part
    assert isinstance(mesh, Mesh), "clouds are measured by their own rows"
    # Generated parts reach into each other; what lies inside is no surface of a real shape.
    sample = sample_outside if isinstance(entry, GeneratedExample) else sample_mesh
    sampled = sample(mesh, experiment.points, seed)
    truth = of_faces[sampled.face]
    mode = "tta" if "tta" in experiment.modes else "vote"
    config = with_options(experiment.config, mode=mode, seed=seed)
    surface: Shape = mesh
    labels = of_faces  # of the surface's triangles, or points
    if config.render.meshes == "points":
        dense = sample_mesh(mesh, config.render.surface_points, seed)
        surface, labels = dense.cloud, labels[dense.face]
    if experiment.teacher == "simulated":
        # One stream of errors per shape and seed: the same shape errs alike in every mode.
        own = zlib.crc32(f"{entry.name} {seed}".encode())
        teacher = SimulatedTeacher(labels, entry.parts, experiment.noise, own)
        config = with_options(config, up="y")  # it knows every pose
    engine = Engine(config, teacher=teacher or make_teacher(experiment.teacher))
    start = time.perf_counter()
    try:
        engine.set_shape(sampled.cloud, surface=surface)
        engine.teach(parse_parts(entry.prompt))
    except PdengineError as error:
        log.warning("%s: %s", entry.name, error)
        return Looked(entry, truth, engine, time.perf_counter() - start, str(error))
    return Looked(entry, truth, engine, time.perf_counter() - start, None)


def measure(
    entry: Example, experiment: Experiment, seed: int, teacher: Teacher | None = None
) -> list[Result]:
    """Segment one shape and score the answer, one result per mode of "vote" and "tta".

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
    return _alone(look(entry, experiment, seed, teacher), experiment, seed)


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
    looked = [look(entry, experiment, seed, teacher) for entry in entries]
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
        except TeacherError:
            continue
        found[entry.category] = None
    return list(found)


def _alone(looked: Looked, experiment: Experiment, seed: int) -> list[Result]:
    """Vote and tta of one shape."""
    modes = [m for m in experiment.modes if m in ("vote", "tta")]
    entry, truth = looked.entry, looked.truth
    if not modes:
        return []
    if looked.error is not None:
        nothing = torch.full_like(truth, -1)
        return [_result(entry, m, seed, nothing, truth, looked.error) for m in modes]
    answer = looked.engine.segment(entry.prompt)
    student = answer.timings.get("prepare", 0.0) + answer.timings.get("align", 0.0)
    coverage = float(answer.meta["coverage"])
    results = []
    for m in modes:
        labels = answer.vote_labels if m == "vote" else answer.labels
        seconds = looked.seconds + (student / 1e3 if m == "tta" else 0.0)
        results.append(_result(entry, m, seed, labels, truth, None, coverage, seconds))
    return results


def _aligned(
    looked: Sequence[Looked], experiment: Experiment, seed: int
) -> tuple[SavedStudent, Alignment] | str:
    """A student of all these shapes, or why there is none."""
    members = [one.member for one in looked]
    names = parse_parts(looked[0].entry.prompt)
    if not any(len(member.units) for member in members):
        return "no part was found in any shape"
    config = with_options(experiment.config, seed=seed)
    return align_members(members, names, class_count(members, len(names)), config)


def _collection(looked: Sequence[Looked], experiment: Experiment, seed: int) -> list[Result]:
    start = time.perf_counter()
    done = _aligned(looked, experiment, seed)
    seconds = (time.perf_counter() - start) / len(looked)
    results = []
    for k, one in enumerate(looked):
        nothing = torch.full_like(one.truth, -1)
        labels = nothing if isinstance(done, str) else _best(done[1].beliefs[k], one)
        error = done if isinstance(done, str) else one.error
        spent = one.seconds + seconds
        results.append(
            _result(one.entry, "collection", seed, labels, one.truth, error, seconds=spent)
        )
    return results


def _pre(
    learned: Sequence[Looked], unseen: Sequence[Looked], experiment: Experiment, seed: int
) -> list[Result]:
    done = _aligned(learned, experiment, seed) if learned else "there is no shape to learn from"
    results = []
    for one in unseen:
        start = time.perf_counter()
        labels, error = torch.full_like(one.truth, -1), None
        if isinstance(done, str):
            error = done
        else:
            cloud = one.engine.cloud
            labels = _best(done[0].beliefs(prepare(cloud, experiment.config.distill)), one)
        spent = time.perf_counter() - start
        results.append(_result(one.entry, "pre", seed, labels, one.truth, error, seconds=spent))
    return results


def _best(belief: Tensor, looked: Looked) -> Tensor:
    """The named part of each point, -1 for none of them."""
    labels = belief.argmax(1).cpu()
    return torch.where(labels < len(looked.entry.parts), labels, -1)


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
    entry: Example,
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
