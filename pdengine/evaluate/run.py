"""Runs an evaluation: hands out tasks, keeps rows as they come, and goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pdengine.config import METHOD_OF, METHODS
from pdengine.data import Example
from pdengine.errors import ConfigError, TeacherError
from pdengine.evaluate.alike import check_alike, speakers
from pdengine.evaluate.journal import Journal, check_teacher
from pdengine.evaluate.plan import Fold, Plan
from pdengine.evaluate.pool import Done, Pool
from pdengine.evaluate.renewal import read_lesson, stale
from pdengine.evaluate.rows import Row
from pdengine.evaluate.tasks import About, Describe, Fail, Label, Look, Teach, Together
from pdengine.evaluate.work import bare_row, unknown_truth
from pdengine.report import make_folder

Progress = Callable[[str, int, int], None]  # stage, done, total
Lost = tuple[Example, tuple[str, ...], int, str]  # modes, seed, why
Untaught = tuple[str, str, int, str]  # category, shape, seed, why

PRELOAD = "pdengine.evaluate.tasks"  # what workers are forked with, where they can be


@dataclass(frozen=True)
class Evaluated:
    """What an evaluation found.

    Attributes:
        plan: what was asked.
        rows: of everything that the journal holds, sorted by category, shape, method and seed.
        parts: the part names of each category with a row.
        teacher: what is known of it.
        unknown: categories that were left out because the teacher does not know their parts.
        untaught: shapes that a student was to learn from and could not.
        renewed: how many rows were measured again.
    """

    plan: Plan
    rows: tuple[Row, ...]
    parts: dict[str, tuple[str, ...]]
    teacher: About
    unknown: tuple[str, ...]
    untaught: tuple[Untaught, ...] = ()
    renewed: int = 0


def evaluate(plan: Plan, progress: Progress | None = None) -> Evaluated:
    """Measure every shape by every method and seed; what the journal has is not measured again.

    The rows do not depend on the number of workers, nor on how often the run was stopped.

    Args:
        plan: what to do.
        progress: called with (stage, done, total).

    Raises:
        ConfigError: the folder holds rows of other settings, or the teacher knows no category.
        TeacherError: the teacher cannot be loaded.
        SaveError: the folder cannot be written.
    """
    for folder in (".", "units", "students", "labels", "teacher"):
        make_folder(plan.out / folder)
    with (
        Journal(plan.out / "journal.jsonl", plan.settings) as journal,
        Pool(plan.setup, plan.workers, plan.timeout, PRELOAD) as pool,
    ):
        for left in plan.out.glob("*/.pdengine-*.part"):  # by a run that was killed
            left.unlink(missing_ok=True)
        return _Run(plan, journal, pool, progress).all()


class _Run:
    """One run.  A failure is remembered, for a shape that failed teaches no student."""

    def __init__(self, plan: Plan, journal: Journal, pool: Pool, progress: Progress | None) -> None:
        self.plan, self.setup = plan, plan.setup
        self.journal, self.pool, self.progress = journal, pool, progress
        self.failed: dict[tuple[str, str, int], str] = {}  # split, shape, seed
        self.unreadable: set[str] = set()  # shapes that cost a worker when they are read
        self.groups: dict[str, tuple[Example, ...]] = {}
        self.parts: dict[str, tuple[str, ...]] = {}  # of each of the groups
        self.renewed = 0  # rows that are measured again

    def all(self) -> Evaluated:
        plan = self.plan
        first = speakers(plan.dataset.examples)
        (about,) = self.pool.run([Describe(tuple(first.values()))])
        if about.error is not None:
            raise TeacherError(about.error)
        note, kept = plan.out / "teacher.json", ("units", "students")
        if not self.journal.rows and not any(any((plan.out / k).iterdir()) for k in kept):
            note.unlink(missing_ok=True)  # of a run that ended before it kept anything
        check_teacher(note, about.value.identity)
        self.groups = plan.groups(about.value.known)
        if not self.groups:
            raise ConfigError(
                f"{plan.dataset.name}: the teacher {about.value.name} must know a category, "
                f"got none of {', '.join(first)}"
            )
        for category, group in self.groups.items():
            learned = [e for fold in plan.folds(category, group) for e in fold.learned]
            check_alike([*group, *learned], first[category])
            self.parts[category] = first[category].parts
        self.renew()
        self.look()
        if "partdistill-pre" in plan.methods:
            self.beforehand()
        if "partdistill-collection" in plan.methods:
            self.together()
        unknown = [] if plan.categories else [c for c in first if c not in self.groups]
        order = {e.name: k for k, e in enumerate(plan.dataset.examples)}
        methods = list(METHODS)
        rows = sorted(
            self.journal.rows.values(),
            key=lambda r: (order.get(r.shape, -1), methods.index(r.method), r.seed),
        )
        parts = {row.category: first[row.category].parts for row in rows}
        untaught = self.untaught() if any(row.method == "partdistill-pre" for row in rows) else ()
        left = tuple(sorted(unknown))
        return Evaluated(plan, tuple(rows), parts, about.value, left, untaught, self.renewed)

    def renew(self) -> None:
        """Forget what is to be measured again."""
        keys, students = stale(self.plan, self.groups, self.journal.rows)
        for student in students:
            student.unlink(missing_ok=True)
        self.journal.forget(keys)
        self.renewed = len(keys)

    def untaught(self) -> tuple[Untaught, ...]:
        """Of which shapes the students could not learn."""
        found = []
        for seed in self.plan.seeds:
            for category, group in self.groups.items():
                for fold in self.plan.folds(category, group):
                    lesson = read_lesson(self.setup.lesson(category, seed, fold.name))
                    without = {} if lesson is None else lesson.without
                    found += [(category, name, seed, why) for name, why in without.items()]
        return tuple(found)

    def look(self) -> None:
        """Show every shape to the teacher, and label it by what needs no other shape."""
        tasks = [task for seed in self.plan.seeds for task in self._looks(seed)]
        lost: list[Lost] = []
        for done in self._each("shapes", tasks):
            task, error = done.task, done.error
            if error is None:
                rows, error = done.value
                self.journal.append(rows)
            else:
                lost.append((task.example, task.modes, task.seed, error))
            if error is not None:
                self.failed[task.split, task.example.name, task.seed] = error
        self._fail(lost)

    def _looks(self, seed: int) -> Iterator[Look]:
        plan, split = self.plan, self.plan.split
        alone = [m for m in plan.measured if m not in ("partdistill-pre", "partdistill-collection")]
        for category, group in self.groups.items():
            taught = {(s, e.name): e for s, e in self._teachers(category, group, seed)}
            for example in group:
                modes = tuple(METHODS[m] for m in alone if self._lacks(example, m, seed))
                asked = taught.pop((split, example.name), None)
                if modes or (asked and not self.setup.units(split, example, seed).exists()):
                    yield Look(example, split, seed, modes)
            for (of, _), example in taught.items():
                if not self.setup.units(of, example, seed).exists():
                    yield Look(example, of, seed, ())

    def _teachers(
        self, category: str, group: Sequence[Example], seed: int
    ) -> Iterator[tuple[str, Example]]:
        """The shapes whose units a student is still to be aligned on, with their split."""
        if "partdistill-collection" in self.plan.methods and any(
            self._lacks(example, "partdistill-collection", seed) for example in group
        ):
            yield from ((self.plan.split, example) for example in group)
        if "partdistill-pre" in self.plan.methods:
            for fold in self._open_folds(category, group, seed):
                if not self.setup.student(category, seed, fold.name).exists():
                    yield from ((self._split(fold), example) for example in fold.learned)

    def beforehand(self) -> None:
        """Align a student per category and fold, then label shapes that it has not seen."""
        folds = [
            (category, fold, seed)
            for seed in self.plan.seeds
            for category, group in self.groups.items()
            for fold in self._open_folds(category, group, seed)
        ]
        teach = [
            self._lesson(c, f, seed)
            for c, f, seed in folds
            if not self.setup.student(c, seed, f.name).exists()
        ]
        broken = {
            (done.task.category, done.task.fold, done.task.seed): done.error
            for done in self._each("students", teach)
            if done.error is not None
        }
        label, lost = [], []
        for category, fold, seed in folds:
            error = broken.get((category, fold.name, seed))
            for example in fold.labelled:
                if not self._lacks(example, "partdistill-pre", seed):
                    continue
                if error is None:
                    label.append(Label(example, seed, fold.name))
                else:
                    lost.append((example, ("pre",), seed, error))
        for done in self._each("label", label):
            if done.error is None:
                self.journal.append(done.value)
            else:
                lost.append((done.task.example, ("pre",), done.task.seed, done.error))
        self._fail(lost)

    def _lesson(self, category: str, fold: Fold, seed: int) -> Teach:
        split = self._split(fold)
        broken = ((e, self.failed.get((split, e.name, seed))) for e in fold.learned)
        without = tuple((e, error) for e, error in broken if error is not None)
        whole = self._whole(fold.learned, split, seed)
        return Teach(category, whole, split, seed, fold.name, without)

    def together(self) -> None:
        """Align one student on all shapes of a category, which it labels."""
        mode, split, lost, tasks = "collection", self.plan.split, [], []
        for seed in self.plan.seeds:
            for group in self.groups.values():
                if not any(self._lacks(example, METHOD_OF[mode], seed) for example in group):
                    continue
                whole = self._whole(group, split, seed)
                if whole:
                    tasks.append(Together(whole, split, seed))
                for example in group:
                    error = self.failed.get((split, example.name, seed))
                    if error is not None:
                        lost.append((example, (mode,), seed, error))
        for done in self._each("collections", tasks):
            if done.error is None:
                self.journal.append(done.value)
            else:
                lost += [(e, (mode,), done.task.seed, done.error) for e in done.task.examples]
        self._fail(lost)

    def _fail(self, lost: Iterable[Lost]) -> None:
        """Count shapes that have no answer; where even that fails, without reading them."""
        tasks = []
        for example, modes, seed, error in lost:
            if example.name in self.unreadable:
                self._count_unread(example, modes, seed, error)
            else:
                parts = len(self.parts[example.category])
                tasks.append(Fail(example, modes, seed, error, parts))
        for done in self._each("failed", tasks):
            task = done.task
            if done.error is None:
                self.journal.append(done.value)
            else:
                self.unreadable.add(task.example.name)
                self._count_unread(task.example, task.modes, task.seed, task.error)

    def _count_unread(self, example: Example, modes: Iterable[str], seed: int, error: str) -> None:
        counts = unknown_truth(len(self.parts[example.category]))
        self.journal.append(
            [bare_row(self.setup, example, mode, seed, counts, error) for mode in modes]
        )

    def _each(self, stage: str, tasks: Sequence[Any]) -> Iterator[Done]:
        """The tasks' ends, and the progress."""
        tell = self.progress or _silent
        if tasks:
            tell(stage, 0, 1)
        for number, done in enumerate(self.pool.run(tasks), 1):
            tell(stage, number, len(tasks))
            yield done
        if len(tasks) > 1:
            tell(stage, 1, 1)  # as every stage ends

    def _lacks(self, example: Example, method: str, seed: int) -> bool:
        return (example.name, method, seed) not in self.journal.rows

    def _whole(self, examples: Iterable[Example], split: str, seed: int) -> tuple[Example, ...]:
        """Those that did not fail."""
        return tuple(e for e in examples if (split, e.name, seed) not in self.failed)

    def _open_folds(self, category: str, group: Sequence[Example], seed: int) -> list[Fold]:
        return [
            fold
            for fold in self.plan.folds(category, group)
            if any(self._lacks(example, "partdistill-pre", seed) for example in fold.labelled)
        ]

    def _split(self, fold: Fold) -> str:
        return "train" if fold.name == "train" else self.plan.split


def _silent(stage: str, done: int, total: int) -> None:
    return
