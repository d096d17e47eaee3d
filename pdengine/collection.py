"""One student for a folder: shapes are taught one by one, then aligned and labelled together."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from pdengine import shapes
from pdengine._version import __version__
from pdengine.answer import answer, nobody_voted, with_instances_of_units
from pdengine.baselines import nearest_vote
from pdengine.config import EngineConfig
from pdengine.devices import choose_device, on
from pdengine.distill import (
    Alignment,
    Lesson,
    SavedStudent,
    align,
    common_pose,
    prepare,
    sketch,
)
from pdengine.errors import ConfigError, PdengineError, ShapeError, StudentError
from pdengine.io import (
    cloud_from_arrays,
    file_sha256,
    load,
    mesh_from_arrays,
    read_labels,
    replace_file,
)
from pdengine.io.tensors import read_tensors
from pdengine.lift import sample_outside
from pdengine.pipeline import Engine
from pdengine.stages import Progress
from pdengine.teach import as_teacher, identity_of, make_folder, parse_parts, said_of
from pdengine.types import Detections, Mesh, PartList, PointCloud, Segmentation, Shape, Units

log = logging.getLogger("pdengine.collection")

NOTHING = "no part was found in any view: the student labels it from what the others taught"


@dataclass(frozen=True)
class Member:
    """A shape of the collection and what the teacher said of it, on the CPU until it is aligned.

    Attributes:
        name: for listings and for the file of its labels.
        shape: the user's, or None for a generated or trusted one, which gets no answer.
        cloud: its N labelled points.
        units: over those points; K may be 0.
        labels: [N] int64 or None: trusted labels, -1 unknown.
    """

    name: str
    shape: Shape | None
    cloud: PointCloud
    units: Units
    labels: Tensor | None = None


@dataclass(frozen=True)
class CollectionResult:
    """What a collection gives, on the CPU.

    Attributes:
        student: ready to be saved, and to label other shapes.
        answers: one per shape that could be read, by name.
        failures: why a shape was not labelled, or not by its own teacher's word, by name.
        alignment: losses, rounds and units, in the order of members.
        members: everything that was aligned.
        cached: how many shapes' units came from the cache.
    """

    student: SavedStudent
    answers: dict[str, Segmentation]
    failures: dict[str, str]
    alignment: Alignment
    members: tuple[Member, ...]
    cached: int = 0


@dataclass
class Collection:
    """Collects shapes, then aligns one student on all of them.

    Args:
        parts: what to find.
        config: every setting; mode does not matter.
        teacher: used instead of config.teacher's.
        cache: a folder where the units of each shape are kept, so that a run that was interrupted,
            or is repeated, neither draws the shape nor asks the teacher again; None keeps nothing.
            The teacher must have an identity.  Units without a view that the teacher failed in are
            not kept.
        progress: called with (stage, done, total).
    """

    parts: str | Sequence[str] | PartList
    config: EngineConfig = field(default_factory=EngineConfig)
    teacher: Callable[..., Detections] | None = None
    cache: str | os.PathLike[str] | None = None
    progress: Progress | None = None

    def __post_init__(self) -> None:
        self.names = parse_parts(self.parts)
        self.members: list[Member] = []
        self.failures: dict[str, str] = {}
        self.sources: list[str] = []
        self.cached = 0
        self._engine = Engine(replace(self.config, mode="vote"), teacher=self.teacher)
        if self.cache is not None:
            if self.teacher is not None:
                identity_of(as_teacher(self.teacher))
            make_folder(self.cache)

    def add_files(self, paths: Sequence[str | os.PathLike[str]]) -> None:
        """Load and teach files; one that cannot be used is listed in failures, the rest goes on.

        Raises:
            TeacherError: the teacher cannot be loaded, or does not know a part: no file's fault.
        """
        self._engine.check_prompt(self.names)
        for done, path in enumerate(paths):
            self._tell("teach", done, len(paths))
            path = Path(path)
            try:
                shape = load(path)
                self._add(self._unique(path.stem), shape, file_sha256(path))
            except PdengineError as error:
                # It stands behind the file's name, which the message begins with.
                self.failures[path.name] = str(error).removeprefix(f"{path}: ")
        self._tell("teach", len(paths), len(paths))

    def add_generated(self, count: int, first: int = 0) -> None:
        """Add generated shapes of the prompt's category; they teach and get no answer.

        Raises:
            ConfigError: the prompt has no category, or none that can be generated.
        """
        category = (self.names.category or "").casefold()
        if category not in shapes.CATEGORIES:
            known = ", ".join(shapes.CATEGORIES)
            raise ConfigError(f"generated shapes need a category of {known}, got {category!r}")
        for k in range(first, first + count):
            self._tell("generate", k - first, count)
            made = shapes.make(category, k)
            mesh = mesh_from_arrays(made.vertices, made.faces)
            cloud = sample_outside(mesh, self.config.points, self.config.seed).cloud
            name = f"generated {category} {k}"
            self._add(name, cloud, name, surface=mesh)

    def add_labelled(self, paths: Sequence[str | os.PathLike[str]]) -> None:
        """Add shapes with labels to trust: PLY files as segment writes them.

        Raises:
            LoadError: a file cannot be read or has no labels.
            ConfigError: it names no part that is asked for.
        """
        for path in paths:
            found = read_labels(path)
            wanted = [
                self.names.names.index(n) if n in self.names.names else -1 for n in found.names
            ]
            if not any(k >= 0 for k in wanted):
                asked, known = ", ".join(self.names.names), ", ".join(found.names)
                raise ConfigError(
                    f"{os.fspath(path)}: must name one of {asked}, got {known or 'none'}"
                )
            shape = load(path)
            if isinstance(shape, Mesh):
                shape = cloud_from_arrays(shape.vertices)
            to = torch.tensor([*wanted, -1])
            labels = to[found.labels[shape.rows].clamp(min=-1)]
            name = self._unique(Path(path).stem)
            self.members.append(Member(name, None, shape, no_units(len(shape)), labels))
            self.sources.append(file_sha256(path))

    def _add(self, name: str, shape: Shape, key: str, surface: Mesh | None = None) -> None:
        """Teach a shape; one that is given with a surface gets no answer."""
        engine = self._engine.set_shape(shape, surface)
        units = self._units(engine, key)
        if not units.name_a_part(len(self.names)):
            self.failures[name] = NOTHING
            units = no_units(units.count)  # "none of them" everywhere is no knowledge either
        self.members.append(
            Member(
                name,
                None if surface is not None else shape,
                on(engine.cloud, "cpu"),
                on(units, "cpu"),
            )
        )
        self.sources.append(key)

    def _units(self, engine: Engine, key: str) -> Units:
        """From the cache, or from the teacher and into the cache."""
        if self.cache is None:
            return engine.teach(self.names).units
        settings = asdict(self.config)
        for without_a_say in ("distill", "mode", "instances", "offline", "teacher_timeout"):
            settings.pop(without_a_say)
        said = [__version__, key, self.names.names, self.names.category, settings]
        said += [engine.teacher.name, identity_of(engine.teacher)]
        digest = hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:32]
        path = Path(self.cache) / f"{digest}.units.safetensors"
        try:
            units = read_units(path, len(engine.cloud))
        except StudentError as error:
            log.warning("%s; the teacher is asked anew", error)
            units = None
        if units is not None:
            self.cached += 1
            return units
        taught = engine.teach(self.names)
        if not taught.skipped:  # a view that failed today may not fail tomorrow
            write_units(taught.units, path)
        return taught.units

    def _unique(self, stem: str) -> str:
        taken = {member.name for member in self.members}
        name, number = stem, 2
        while name in taken:
            name, number = f"{stem}_{number}", number + 1
        return name

    def align(self) -> CollectionResult:
        """Align one student on everything that was added, and label the shapes.

        Raises:
            ShapeError: nothing could be added, or nothing was found in any shape.
        """
        if not self.members:
            raise ShapeError(f"a collection must hold a shape that can be read{self._reasons()}")
        classes = class_count(self.members, len(self.names))
        if not any(_teaches(member, len(self.names)) for member in self.members):
            raise ShapeError(
                f"a collection must hold a shape with a part that is found{self._reasons()}"
            )

        def on_step(done: int, total: int) -> None:
            self._tell("align", done, total)

        student, alignment = align_members(self.members, self.names, classes, self.config, on_step)
        student = replace(student, about=self._about())
        answers: dict[str, Segmentation] = {}
        for done, (member, belief) in enumerate(zip(self.members, alignment.beliefs, strict=True)):
            self._tell("carry back", done, len(self.members))
            if member.shape is not None:
                answers[member.name] = self._answer(member, belief, classes)
        return CollectionResult(
            student, answers, dict(self.failures), alignment, tuple(self.members), self.cached
        )

    def _answer(self, member: Member, belief: Tensor, classes: int) -> Segmentation:
        assert member.shape is not None
        taught = len(member.units) > 0
        device = choose_device(self.config.device)
        cloud, units, belief = (
            on(member.cloud, device),
            on(member.units, device),
            on(belief, device),
        )
        vote = nearest_vote(cloud, units, classes) if taught else nobody_voted(cloud, classes)
        meta = self._about() | {"units": len(units), "points": len(cloud)}
        meta["coverage"] = float(vote.covered.float().mean())
        given = units if taught else None
        answered = answer(member.shape, cloud, self.names, given, vote, belief, "collection", meta)
        if self.config.instances:
            cut = self.config.partslip.superpoints
            answered = with_instances_of_units(answered, cloud, units, cut)
        return answered.result

    def _about(self) -> dict[str, Any]:
        return {
            "category": self.names.category,
            **said_of(self._engine.teacher),
            "shapes": len(self.members),
            "sources": hashlib.sha256("\n".join(self.sources).encode()).hexdigest()[:32],
            "seed": self.config.seed,
            "pdengine": __version__,
        }

    def _reasons(self) -> str:
        return "".join(f"; {name}: {why}" for name, why in self.failures.items())

    def _tell(self, stage: str, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(stage, done, total)


def align_members(
    members: Sequence[Member],
    names: PartList,
    classes: int,
    config: EngineConfig,
    on_step: Callable[[int, int], None] | None = None,
) -> tuple[SavedStudent, Alignment]:
    """Bring the members into one pose, if config says so, and align one student on all of them.

    Args:
        members: at least one with a unit or a trusted label.
        names: R.
        classes: R, or R + 1 where a teacher said "none of them".
        config: distill, seed and device; what comes back is on the CPU.
        on_step: called with (steps done, at most this many).
    """
    device = choose_device(config.device)
    prepared = [prepare(on(member.cloud, device), config.distill) for member in members]
    posed: tuple[Tensor, ...] = ()
    if config.distill.pose == "common":
        sketches = [sketch(shape.around.xyz) for shape in prepared]
        turns = common_pose(sketches)
        prepared = [shape.turned(turn) for shape, turn in zip(prepared, turns, strict=True)]
        posed = tuple(points @ turn.T for points, turn in zip(sketches, turns, strict=True))
    lessons = [
        Lesson(shape, on(member.units, device), on(member.labels, device))
        for shape, member in zip(prepared, members, strict=True)
    ]
    alignment = align(lessons, classes, config.distill, config.seed, progress=on_step)
    alignment, posed = on(alignment, "cpu"), on(posed, "cpu")
    saved = SavedStudent(alignment.student, names, classes, posed, config.distill)
    return saved, alignment


def class_count(members: Sequence[Member], parts: int) -> int:
    """R, or R + 1 where a teacher said "none of them"."""
    return max(member.units.classes(parts) for member in members)


def no_units(count: int) -> Units:
    """Nothing said about this many points."""
    none = torch.zeros(0, dtype=torch.int64)
    return Units(none, torch.zeros(0), torch.zeros(1, dtype=torch.int64), none, none, count)


def write_units(units: Units, path: Path) -> None:
    """Keep units as a safetensors file, whole or not at all.

    Raises:
        SaveError: the file cannot be written.
    """
    names = ("label", "score", "offsets", "point", "view", "seen")
    found = {name: getattr(units, name) for name in names}
    tensors = {name: value.contiguous() for name, value in found.items() if value is not None}
    replace_file(path, [save(tensors, {"count": str(units.count)})])


def read_units(path: Path, count: int) -> Units | None:
    """Units that write_units kept, or None where there are none for this many points.

    Raises:
        StudentError: the file is there but damaged.
    """
    if not path.exists():
        return None
    damaged = f"{path}: cached units must be whole"
    found, about = read_tensors(path, StudentError, damaged, damaged)
    if about.get("count") != str(count):
        return None
    seen = found.pop("seen", None)
    return Units(**found, count=count, seen=seen)


def _teaches(member: Member, parts: int) -> bool:
    if member.labels is not None:
        return bool((member.labels >= 0).any())
    return member.units.name_a_part(parts)
