"""The tasks of an evaluation, each about one shape or one category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pdengine.config import with_options
from pdengine.data import Example
from pdengine.data.files import as_text
from pdengine.distill import load_student, save_student
from pdengine.evaluate.memory import begin_peak, peak_mib
from pdengine.evaluate.methods import alone, by_student, student_of, together, unlabelled
from pdengine.evaluate.pool import reason
from pdengine.evaluate.quality import known_categories
from pdengine.evaluate.renewal import Lesson, write_lesson
from pdengine.evaluate.rows import Row
from pdengine.evaluate.stamp import stamp_of
from pdengine.evaluate.subject import subject_of
from pdengine.evaluate.work import Worker
from pdengine.teach import parse_parts, said_of


@dataclass(frozen=True)
class About:
    """What is known of the teacher.

    Attributes:
        name: its own.
        licence: of its weights.
        known: the categories of which it knows every part.
        said: what a result says of it, see teach.said_of; empty for a simulated one.
        identity: text that changes when its answers do; that of a simulated one is the code's.
    """

    name: str
    licence: str
    known: tuple[str, ...]
    said: Mapping[str, str] = field(default_factory=dict)
    identity: str = ""


@dataclass(frozen=True)
class Describe:
    """Which teacher it is, and what it knows of these examples, one per category."""

    examples: tuple[Example, ...]
    size: int = 1

    def run(self, worker: Worker) -> About:
        teacher = worker.teacher
        known = tuple(known_categories(self.examples, teacher))
        if teacher is None:
            simulated = worker.experiment.simulated
            licence = "none: it reads the labels" if simulated else "unknown: answers from files"
            return About(worker.experiment.said, licence, known)
        said = said_of(teacher)
        name, licence = said["teacher"], said["teacher_licence"]
        return About(name, licence, known, said, teacher.identity)


@dataclass(frozen=True)
class Look:
    """Show one shape to the teacher and label it by the modes that need no other.

    Gives the rows of the modes, and why the teacher failed, or None.
    """

    example: Example
    split: str
    seed: int
    modes: tuple[str, ...]
    size: int = 1

    def run(self, worker: Worker) -> tuple[list[Row], str | None]:
        begin_peak()
        subject = subject_of(self.example, worker.experiment, self.seed)
        looked = worker.look(subject, self.split, self.seed)
        before, rows = peak_mib(), []
        for mode in self.modes:  # one by one: a mode that fails takes no other with it
            begin_peak()
            try:
                (said,) = alone(looked, (mode,))
            except Exception as error:
                said = unlabelled(subject, mode, reason(error), looked.seconds)
            row = worker.row(subject, said, self.seed)
            rows.append(replace(row, peak_mib=max(row.peak_mib, round(before, 1))))
        return rows, looked.error


@dataclass(frozen=True)
class Teach:
    """Align the student of a category on unlabelled shapes, and keep it.

    without says of which shapes it does not learn, and why.
    """

    category: str
    examples: tuple[Example, ...]
    split: str
    seed: int
    fold: str
    without: tuple[tuple[Example, str], ...] = ()

    @property
    def size(self) -> int:
        return len(self.examples)

    def run(self, worker: Worker) -> None:
        shown = [worker.shown(example, self.split, self.seed) for example in self.examples]
        config = with_options(worker.experiment.config, seed=self.seed)
        prompt = self.examples[0].prompt if self.examples else ""
        student, _ = student_of([one.member for one in shown], prompt, config)
        asked = (*self.examples, *(example for example, _ in self.without))
        lesson = Lesson(
            {example.name: stamp_of(example) for example in asked},
            {example.name: as_text(error) for example, error in self.without},
        )
        where = (self.category, self.seed, self.fold)
        write_lesson(worker.setup.lesson(*where), lesson)  # first: a student has its lesson
        save_student(student, worker.setup.student(*where))


@dataclass(frozen=True)
class Label:
    """Label one shape with a student that Teach kept."""

    example: Example
    seed: int
    fold: str
    size: int = 1

    def run(self, worker: Worker) -> list[Row]:
        begin_peak()
        path = worker.setup.student(self.example.category, self.seed, self.fold)
        student = load_student(path, parse_parts(self.example.prompt))
        subject = subject_of(self.example, worker.experiment, self.seed)
        said = by_student(subject, student, worker.experiment, self.seed)
        return [worker.row(subject, said, self.seed)]


@dataclass(frozen=True)
class Together:
    """Align one student on shapes of a category, and label them with it."""

    examples: tuple[Example, ...]
    split: str
    seed: int

    @property
    def size(self) -> int:
        return len(self.examples)

    def run(self, worker: Worker) -> list[Row]:
        begin_peak()
        shown = [worker.shown(example, self.split, self.seed) for example in self.examples]
        found = together(shown, worker.experiment, self.seed)
        each = zip(shown, found, strict=True)
        return [worker.row(one.subject, said, self.seed) for one, said in each]


@dataclass(frozen=True)
class Fail:
    """Count a shape that has no answer of these modes."""

    example: Example
    modes: tuple[str, ...]
    seed: int
    error: str
    parts: int
    size: int = 1

    def run(self, worker: Worker) -> list[Row]:
        return [
            worker.failed(self.example, mode, self.seed, self.error, self.parts)
            for mode in self.modes
        ]
