"""What is to be evaluated: every setting of a run, and which shapes it is about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from pdengine._version import __version__
from pdengine.config import METHODS, flat
from pdengine.data import Dataset, Example
from pdengine.data.files import as_text
from pdengine.devices import choose_device
from pdengine.errors import ConfigError
from pdengine.evaluate.commit import code
from pdengine.evaluate.protocols import find_protocol
from pdengine.evaluate.subject import DETECTIONS, READY, Experiment
from pdengine.evaluate.work import Setup

T = TypeVar("T")

WITHOUT_A_SAY = ("offline", "teacher_timeout")  # in what a teacher answers


@dataclass(frozen=True)
class Plan:
    """One evaluation.

    Attributes:
        dataset: opened.
        kind: what the user calls it, e.g. "shapenetpart".
        folder: where it was read from, as the user wrote it; "" for one that is generated.
        split: of the dataset.
        methods: of METHODS.  The vote is measured beside every student, for it costs nothing.
        experiment: teacher, points and every other setting; its modes do not matter.
        out: the folder of the results.
        seeds: of everything random.
        categories: None takes all that the teacher knows.
        limit: at most the first so many shapes of each category.
        train_shapes: a student that is aligned beforehand sees at most this many.
        protocol: None takes the dataset's own.
        workers: processes, one thread each.
        timeout: seconds that a shape may take.
        retry_failed: rows of shapes that failed are measured again.

    Raises:
        ConfigError: a value is outside its range, or names something that does not exist.
        ScoreError: there is no such protocol.
    """

    dataset: Dataset
    kind: str
    folder: str
    split: str
    methods: tuple[str, ...]
    experiment: Experiment
    out: Path
    seeds: tuple[int, ...] = (0,)
    categories: tuple[str, ...] | None = None
    limit: int | None = None
    train_shapes: int = 20
    protocol: str | None = None
    workers: int = 2
    timeout: float = 600.0
    retry_failed: bool = False

    def __post_init__(self) -> None:
        find_protocol(self.scored_in)
        known = list(dict.fromkeys(example.category for example in self.dataset.examples))
        _among("methods", self.methods, list(METHODS))
        _among("categories", self.categories or (), known)
        for name, value, least in (
            ("limit", self.limit, 1),
            ("train_shapes", self.train_shapes, 1),
            ("workers", self.workers, 1),
            ("seeds", len(self.seeds), 1),
        ):
            if value is not None and value < least:
                raise ConfigError(f"{name} must be at least {least}, got {value}")
        self._check_teacher()
        if not self.methods:
            raise ConfigError(f"methods must be of {', '.join(METHODS)}, got none")
        if not self.timeout > 0:
            raise ConfigError(f"timeout must be more than 0 s, got {self.timeout:g}")
        if not known:
            raise ConfigError(f"{self.folder}: the {self.split} split must hold a shape, got none")

    def _check_teacher(self) -> None:
        """A teacher that has answered before must have done so."""
        teacher, source = self.experiment.teacher, self.dataset.ready
        if (teacher == DETECTIONS) != (self.experiment.answers is not None):
            raise ConfigError(f"teacher {DETECTIONS!r} must come with --detections, and alone")
        if teacher != READY:
            return
        if not source:
            rule = f"teacher {READY!r} needs a dataset that comes with answers, such as partdistill"
            raise ConfigError(f"{rule}, got {self.dataset.name}")
        if "partslip" in self.methods:
            rule = "partslip needs to know which views show each point"
            raise ConfigError(f"{rule}, and {source} do not say: leave it out with {READY!r}")

    @property
    def scored_in(self) -> str:
        """The protocol's name."""
        return self.protocol or self.dataset.protocol

    @property
    def measured(self) -> tuple[str, ...]:
        """The methods, the vote with every student."""
        student = any(method.startswith("partdistill") for method in self.methods)
        wanted = {*self.methods, *(["vote"] if student else [])}
        return tuple(method for method in METHODS if method in wanted)

    @property
    def settings(self) -> dict[str, Any]:
        """What every row depends on: rows of other settings must not stand beside them."""
        config, answers = asdict(self.experiment.config), self.experiment.answers
        for name in ("mode", "seed", "teacher", "points", *WITHOUT_A_SAY):  # said elsewhere
            config.pop(name)
        config["device"] = choose_device(self.experiment.config.device).type
        return {
            "code": code() or __version__,
            "torch": version("torch"),
            "dataset": self.kind,
            "folder": as_text(str(Path(self.folder).resolve())) if self.folder else "",
            "split": self.split,
            "shapes": _names(self.dataset.examples, self.dataset.train),
            "teacher": self.experiment.said,
            "points": self.experiment.points,
            **({"detections": answers.digest} if answers is not None else {}),
            "limit": self.limit,
            "train_shapes": self.train_shapes,
            **flat(config),
        }

    @property
    def setup(self) -> Setup:
        """What the workers need to know."""
        said = json.dumps(self.settings, sort_keys=True, default=list)
        digest = hashlib.sha256(said.encode()).hexdigest()
        return Setup(self.dataset.name, self.split, self.experiment, self.out, digest)

    def groups(self, known: Sequence[str]) -> dict[str, tuple[Example, ...]]:
        """The shapes of each category: those asked for, or those the teacher knows."""
        found: dict[str, list[Example]] = {}
        for example in self.dataset.examples:
            if example.category in (self.categories or known):
                found.setdefault(example.category, []).append(example)
        return {category: tuple(group[: self.limit]) for category, group in found.items()}

    def folds(self, category: str, group: Sequence[Example]) -> list[Fold]:
        """Who is learned from and who is labelled, where a student is aligned beforehand.

        Nobody is both: a shape of the training split that is measured teaches no student.
        """
        measured = {example.name for example in group}
        train = [e for e in self.dataset.train if e.category == category and e.name not in measured]
        most = self.train_shapes
        if train:
            return [Fold("train", spread(train, most), tuple(group))]
        even, odd = tuple(group[::2]), tuple(group[1::2])
        return [Fold("even", spread(even, most), odd), Fold("odd", spread(odd, most), even)]


@dataclass(frozen=True)
class Fold:
    """One student.

    Attributes:
        name: "train", or which half it learns from, "even" or "odd".
        learned: the shapes it is aligned on.
        labelled: the shapes it labels.
    """

    name: str
    learned: tuple[Example, ...]
    labelled: tuple[Example, ...]


def spread(items: Sequence[T], most: int) -> tuple[T, ...]:
    """At most so many items, evenly spread, the first among them."""
    count = min(most, len(items))
    return tuple(items[k * len(items) // count] for k in range(count))


def _names(*groups: Sequence[Example]) -> str:
    """How many shapes there are, and a digest of their names in their order."""
    names = [[example.name for example in group] for group in groups]
    digest = hashlib.sha256(json.dumps(names).encode()).hexdigest()
    return f"{' and '.join(str(len(group)) for group in groups)}, {digest[:12]}"


def _among(name: str, given: Sequence[str], known: Sequence[str]) -> None:
    wrong = [one for one in given if one not in known]
    if wrong:
        raise ConfigError(f"{name} must be of {', '.join(known)}, got {', '.join(wrong)}")
