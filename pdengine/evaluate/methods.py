"""From geometry and part names to labels, by every method.

The runner and the benchmarks share these functions, and differ in what they keep on disk.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from pdengine.answer import answer, nobody_voted, with_instances_of_units
from pdengine.collection import Member, align_members, class_count
from pdengine.config import EngineConfig, with_options
from pdengine.data import Example, Ready
from pdengine.devices import on
from pdengine.distill import Alignment, SavedStudent
from pdengine.errors import PdengineError, ShapeError, TeacherError
from pdengine.evaluate.answer_folder import AnswerFolder
from pdengine.evaluate.rows import STAGES
from pdengine.evaluate.subject import READY, SIMULATED, Experiment, Subject, teacher_for
from pdengine.io import sample_mesh
from pdengine.pipeline import Engine
from pdengine.teach import Teacher, parse_parts
from pdengine.types import Instances, Mesh, Segmentation, Shape, Units

ALONE = ("vote", "tta", "partslip")  # modes that need one shape only
TOGETHER = ("pre", "collection")
NOTHING_FOUND = "no part was found in any shape"

PIECES = {  # of the engine's timings; every other one is the method's own, "align"
    "look": ("sample", "render"),
    "teacher": ("stand upright", "teach", "lift"),
    "carry": ("vote", "carry back", "instances"),
}


@dataclass(frozen=True)
class Labelled:
    """A method's answer for one shape, or why there is none.

    Attributes:
        mode: the method.
        labels: [rows] int64, -1 unlabelled; all of them where there is an error.
        scores: [rows, R] float32 in [0, 1], or None where the method gives none.
        covered: [rows] bool, the rows that a unit covers, or None where there are no units.
        instances: Segmentation.instances, None where none were asked for.
        seconds: of the stages look, teacher, align and carry, without loading a model.
        up: the axis that the shape stands on, None where nobody asked.
        error: why the shape failed, or None.
    """

    mode: str
    labels: Tensor
    scores: Tensor | None = None
    covered: Tensor | None = None
    instances: Instances | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    up: str | None = None
    error: str | None = None

    @property
    def coverage(self) -> float:
        """Share of the rows that a unit covers, 0 where nobody knows."""
        return 0.0 if self.covered is None else float(self.covered.float().mean())


@dataclass(frozen=True)
class Shown:
    """A shape of a collection.

    Attributes:
        subject: what is labelled.
        member: what the teacher said of it.
        seconds: what that took, by stage.
    """

    subject: Subject
    member: Member
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Looked:
    """A shape that the teacher has looked at.

    Attributes:
        subject: the shape.
        engine: has the shape set, and the teacher's answer unless there is an error.
        seconds: of the stages so far.
        error: why it failed, or None.
        superpoints_ms: what the superpoints took that every mode numbers instances with; 0 where
            none are numbered.
    """

    subject: Subject
    engine: Engine
    seconds: Mapping[str, float]
    error: str | None
    superpoints_ms: float = 0.0

    @property
    def shown(self) -> Shown:
        """The shape for a collection.

        Raises:
            TeacherError: the teacher failed on it.
        """
        cloud = on(self.engine.cloud, "cpu")
        taught = self.engine.teach(parse_parts(self.subject.example.prompt))
        member = Member(self.subject.example.name, None, cloud, on(taught.units, "cpu"))
        return Shown(self.subject, member, self.seconds)


def look(subject: Subject, experiment: Experiment, seed: int, teacher: Teacher | None) -> Looked:
    """Render one shape and ask the teacher; or take what has been said of it before.

    Args:
        subject: the shape.
        experiment: what is measured.
        seed: of the student and the simulated teacher.
        teacher: a loaded one, for experiments that are not simulated; None loads it.
    """
    config = with_options(experiment.config, mode="vote", seed=seed)
    if experiment.teacher == SIMULATED:
        config = with_options(config, up="y")  # it knows every pose
    elif experiment.asks:
        config = with_options(config, teacher=experiment.teacher)
    engine = Engine(config, teacher=teacher_for(subject, experiment, seed, teacher))
    start = time.perf_counter()
    try:
        if experiment.answers is not None:
            engine, drawn = _answered(subject, experiment.answers, config)
            engine.set_shape(subject.shape, surface=drawn)
        else:
            engine.set_shape(subject.shape, surface=subject.drawn)
        if experiment.teacher == READY:
            engine.set_units(subject.example.prompt, _ready(subject.example), experiment.said)
        else:
            engine.teach(parse_parts(subject.example.prompt))
        if config.instances:  # now, or the first mode alone would pay for them
            engine.superpoints()
    except PdengineError as error:
        return Looked(subject, engine, {"look": time.perf_counter() - start}, str(error))
    spent = engine.spent
    pieces_ms = spent.get("superpoints", 0.0)
    return Looked(subject, engine, _of(("look", "teacher"), spent), None, pieces_ms)


def _ready(example: Example) -> Units:
    """What the example comes with."""
    if not isinstance(example, Ready):
        raise TeacherError(f"{example.name}: must come with a teacher's answer, got none")
    return example.units()


def _answered(
    subject: Subject, answers: AnswerFolder, config: EngineConfig
) -> tuple[Engine, Shape]:
    """An engine whose teacher has answered before, and what it was shown, drawn as it was then."""
    teacher, views = answers.read(subject.example, subject.own)
    own = subject.own
    if isinstance(own, Mesh) and views.render.meshes == "points":
        own = sample_mesh(own, views.render.surface_points, views.seed).cloud
    return Engine(replace(config, up=views.up, render=views.render), teacher=teacher), own


def alone(looked: Looked, modes: Iterable[str]) -> list[Labelled]:
    """The answers of the modes that need no other shape, on the same units."""
    wanted = [mode for mode in modes if mode in ALONE]
    if looked.error is not None:
        return [unlabelled(looked.subject, m, looked.error, looked.seconds) for m in wanted]
    engine, found = looked.engine, []
    for mode in wanted:
        engine.config = replace(engine.config, mode=mode)
        said = engine.segment(looked.subject.example.prompt)
        spent = dict(said.timings)
        if engine.config.instances:
            spent["superpoints"] = looked.superpoints_ms
        seconds = dict(looked.seconds) | _of(("align", "carry"), spent)
        found.append(_labelled(looked, said, seconds))
    return found


def student_of(
    members: Sequence[Member], prompt: str, config: EngineConfig
) -> tuple[SavedStudent, Alignment]:
    """One student of these members, without a label.

    Raises:
        ShapeError: there is no member, or no part was found in any.
    """
    if not members:
        raise ShapeError("there is no shape to learn from")
    names = parse_parts(prompt)
    if not any(member.units.name_a_part(len(names)) for member in members):
        raise ShapeError(NOTHING_FOUND)
    return align_members(members, names, class_count(members, len(names)), config)


def by_student(
    subject: Subject, student: SavedStudent, experiment: Experiment, seed: int
) -> Labelled:
    """The answer of a student that was aligned on other shapes, without a teacher."""
    config = with_options(experiment.config, mode="pre", seed=seed)
    said = Engine(config, student=student).set_shape(subject.shape).segment()
    seconds = _of(STAGES, said.timings)
    return Labelled("pre", said.labels, said.scores, instances=said.instances, seconds=seconds)


def together(shown: Sequence[Shown], experiment: Experiment, seed: int) -> list[Labelled]:
    """The answers of one student that is aligned on all of these shapes.

    Args:
        shown: all of one category.
        experiment: what is measured.
        seed: of the student.

    Raises:
        ShapeError: there is none, or no part was found in any.
    """
    if not shown:
        raise ShapeError("there is no shape to learn from")
    start = time.perf_counter()
    prompt = shown[0].subject.example.prompt
    members = [one.member for one in shown]
    student, alignment = student_of(members, prompt, with_options(experiment.config, seed=seed))
    share = (time.perf_counter() - start) / len(shown)
    found = []
    for one, belief in zip(shown, alignment.beliefs, strict=True):
        start = time.perf_counter()
        said = _answer(one, student, belief, experiment.config)
        seconds = {**one.seconds, "align": share, "carry": time.perf_counter() - start}
        found.append(
            Labelled(
                *("collection", said.labels, said.scores), instances=said.instances, seconds=seconds
            )
        )
    return found


def _answer(
    one: Shown, student: SavedStudent, belief: Tensor, config: EngineConfig
) -> Segmentation:
    """A collection's answer for one of its shapes."""
    shape, cloud, units = one.subject.shape, one.member.cloud, one.member.units
    vote = nobody_voted(cloud, student.classes)
    answered = answer(shape, cloud, student.parts, None, vote, belief, "collection", {})
    if config.instances:
        cut = config.partslip.superpoints
        answered = with_instances_of_units(answered, cloud, units, cut)
    return answered.result


def unlabelled(
    subject: Subject, mode: str, error: str, seconds: Mapping[str, float] | None = None
) -> Labelled:
    """A shape that failed."""
    nothing = torch.full_like(subject.truth.part, -1)
    return Labelled(mode, nothing, seconds=seconds or {}, error=error)


def _of(stages: Sequence[str], timings: Mapping[str, float]) -> dict[str, float]:
    """The engine's milliseconds as seconds per stage; loading a model is in none of them."""
    found = dict.fromkeys(STAGES, 0.0)
    for name, milliseconds in timings.items():
        if name != "total" and not name.startswith("load "):
            stage = next((s for s, pieces in PIECES.items() if name in pieces), "align")
            found[stage] += milliseconds / 1e3
    return {stage: found[stage] for stage in stages}


def _labelled(looked: Looked, said: Segmentation, seconds: Mapping[str, float]) -> Labelled:
    engine = looked.engine
    assert engine.trace is not None
    rows, covered = looked.subject.shape.rows, None
    if len(engine.cloud) == len(rows):  # else most rows have no point of their own
        covered = torch.zeros(len(said.labels), dtype=torch.bool)
        covered[rows] = engine.trace.vote.covered.cpu()
    up = said.meta.get("up")  # where no view was drawn nobody asked
    return Labelled(said.mode, said.labels, said.scores, covered, said.instances, seconds, up)
