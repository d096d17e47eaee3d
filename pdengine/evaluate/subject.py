"""What of an example is labelled, what is drawn, and the truth of each labelled row."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import torch
from torch import Tensor

from pdengine.config import EngineConfig
from pdengine.data import Example, GeneratedExample, Truth
from pdengine.errors import ConfigError, LoadError, PartError
from pdengine.evaluate.answer_folder import AnswerFolder
from pdengine.io import sample_mesh
from pdengine.lift import sample_outside
from pdengine.teach import Teacher, parse_parts
from pdengine.teach.simulated import NOISES, SimulatedTeacher
from pdengine.types import Mesh, PointCloud, Shape

# Instead of a teacher: one that reads the labels; what the dataset's examples come with; and what
# lies in files, said by a model outside the engine.
SIMULATED, READY, DETECTIONS = "simulated", "ready", "detections"


@dataclass(frozen=True)
class Experiment:
    """What is measured.

    Attributes:
        teacher: the name of a real one, or SIMULATED, READY or DETECTIONS.
        noise: the simulated teacher's, else ignored.
        modes: any of "vote", "tta", "partslip", "pre" and "collection".
        points: how many points of a mesh are labelled; the rows of a cloud all are.
        config: every other setting.
        source: whose the answers are, where they are READY.
        answers: what a model outside said, for DETECTIONS.
    """

    teacher: str = "embedded"
    noise: str = "systematic"
    modes: tuple[str, ...] = ("vote", "tta")
    points: int = 2048
    config: EngineConfig = field(default_factory=EngineConfig)
    source: str = ""
    answers: AnswerFolder | None = None

    @property
    def said(self) -> str:
        """The teacher's name for rows and titles: a simulated one is always called so."""
        if self.teacher == SIMULATED:
            return f"{SIMULATED} ({self.noise})"
        if self.teacher == READY:
            return f"{READY} ({self.source})"
        if self.answers is not None:
            return f"{DETECTIONS} ({self.answers.name})"
        return self.teacher

    @property
    def simulated(self) -> bool:
        """The teacher reads the labels."""
        return self.teacher == SIMULATED

    @property
    def asks(self) -> bool:
        """A teacher is loaded and looks at views."""
        return self.teacher not in (SIMULATED, READY, DETECTIONS)


def named_teacher(name: str) -> tuple[str, str]:
    """Teacher and noise of a name: "simulated-clean" is a simulated teacher without errors.

    Raises:
        ConfigError: there is no such noise.
    """
    kind, _, noise = name.partition("-")
    if kind != SIMULATED:
        return name, "clean"
    if noise not in NOISES:
        known = ", ".join(f"{SIMULATED}-{n}" for n in NOISES)
        raise ConfigError(f"a simulated teacher must be one of {known}, got {name!r}")
    return kind, noise


@dataclass(frozen=True)
class Subject:
    """An example, ready to be labelled.

    Attributes:
        example: where it comes from.
        own: the dataset's own shape.
        shape: its rows are labelled and scored: the dataset's cloud, or points on its mesh.
        drawn: what the teacher sees of it.
        truth: one label per row of the shape, read for scoring alone.
        drawn_part: [points or triangles of drawn] int64, for the simulated teacher alone.
    """

    example: Example
    own: Shape
    shape: PointCloud
    drawn: Shape
    truth: Truth
    drawn_part: Tensor


def subject_of(example: Example, experiment: Experiment, seed: int) -> Subject:
    """Read an example, and sample it where it is a mesh.

    Raises:
        LoadError: the shape or its labels cannot be read.
        ShapeError: a mesh has no surface.
    """
    shape, truth = example.shape(), example.truth()
    if not isinstance(shape, Mesh):
        rows = len(shape.world)
        if len(truth.part) != rows:
            raise LoadError(example.name, f"labels must be [{rows}]", list(truth.part.shape))
        return Subject(example, shape, shape, shape, truth, truth.part[shape.rows])
    # Generated parts reach into each other; what lies inside is no surface of a real shape.
    sample = sample_outside if isinstance(example, GeneratedExample) else sample_mesh
    sampled = sample(shape, experiment.points, seed)
    instance = None if truth.instance is None else truth.instance[sampled.face]
    own = Truth(truth.part[sampled.face], instance)
    render = experiment.config.render
    if render.meshes == "triangles":
        return Subject(example, shape, sampled.cloud, shape, own, truth.part)
    dense = sample_mesh(shape, render.surface_points, seed)
    return Subject(example, shape, sampled.cloud, dense.cloud, own, truth.part[dense.face])


def teacher_for(
    subject: Subject, experiment: Experiment, seed: int, teacher: Teacher | None
) -> Teacher | None:
    """The given teacher; or the simulated one of this shape, which errs alike in every mode."""
    if experiment.teacher != SIMULATED:
        return teacher
    own = zlib.crc32(f"{subject.example.name} {seed}".encode())
    names = _asked(subject.example)
    named = torch.where(subject.drawn_part < len(names), subject.drawn_part, -1)
    return SimulatedTeacher(named, names, experiment.noise, own)


def _asked(example: Example) -> tuple[str, ...]:
    """The names of the prompt: the first of the parts, or all of them."""
    try:
        return parse_parts(example.prompt).names
    except PartError:  # the engine is asked next, and says what is wrong with it
        return example.parts
