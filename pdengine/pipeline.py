"""The engine: it keeps models, renders and lifts between prompts, and runs the stages in order."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import asdict, replace
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor

from pdengine.answer import Answered, answer, nobody_voted, versions, with_instances
from pdengine.baselines import SuperpointVote, Vote, nearest_vote, pieces, superpoint_vote
from pdengine.cameras import rig
from pdengine.carry import subsample
from pdengine.config import EngineConfig
from pdengine.devices import choose_device, on
from pdengine.distill import (
    Alignment,
    Encoder,
    Lesson,
    Prepared,
    SavedStudent,
    align_each,
    check_asked,
    make_encoder,
    prepare,
)
from pdengine.errors import ConfigError, ShapeError, TeacherError
from pdengine.instances import Evidence
from pdengine.io import AnyShape, as_shape, sample_mesh, surface_of
from pdengine.lift import lift, with_nameless
from pdengine.render import render
from pdengine.stages import Progress, Stages
from pdengine.taught import Taught, check_units, given, no_views, remarks_of, told
from pdengine.teach import (
    CachedTeacher,
    Guarded,
    Guess,
    Skipped,
    Teacher,
    Upright,
    as_teacher,
    check_proposes,
    choose_up,
    configured_teacher,
    guess_category,
    joined,
    parse_parts,
)
from pdengine.trace import Trace
from pdengine.types import (
    Boxes,
    Cameras,
    Detections,
    Mesh,
    PartList,
    PixelScores,
    PointCloud,
    Segmentation,
    Shape,
    Surface,
    Units,
    Views,
)

Prompt = str | Sequence[str] | PartList


class Engine:
    """Segments shapes one after another, and a shape for one prompt after another.

    The teacher is loaded once.  What does not depend on the prompt (samples, views, visibility, the
    student's features and neighbour maps) is made once per shape, what does not depend on the mode
    (the teacher's answer, the units) once per prompt.

    On a GPU the points, the triangles and everything made of them stay there until the labels come
    back.  The CPU reads files, samples meshes, draws all random numbers and holds the user's rows.

    One engine for each thread: it holds the shape that was set.  segment, which makes an engine of
    its own, may run in many threads at once, and each gets the bits that it gets alone; a teacher
    or a student that they share must allow it.

    Args:
        config: every setting; the default segments with the embedded teacher, on a GPU where one
            can be used.
        teacher: used instead of config.teacher's; any callable that takes (views, parts) and
            returns Boxes, Masks or PixelScores.  A detector of your own that was tuned on a few
            shapes makes mode "partslip" the few-shot PartSLIP.
        student: what mode "pre" labels with, load_student's.
        cache: a folder where the teacher's answers are kept: the same views and words are not asked
            about twice, see CachedTeacher; None keeps nothing.
        progress: called with (stage, done, total) as the work goes on.

    Raises:
        ConfigError: the engine cannot run on the device, the teacher's name is unknown, the cache
            cannot be used, or there is a student without mode "pre" or the other way round.
    """

    def __init__(
        self,
        config: EngineConfig | None = None,
        *,
        teacher: Callable[..., Detections] | None = None,
        student: SavedStudent | None = None,
        cache: str | os.PathLike[str] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.config = config or EngineConfig()
        self._cache = cache
        if student is not None:  # it sees shapes as it has learned to see them
            self.config = replace(self.config, distill=student.config)
        self.trace: Trace | None = None
        self._student = student
        if (student is None) == (self.config.mode == "pre"):
            needs = "a student" if student is None else "no student"
            raise ConfigError(f"mode {self.config.mode!r} takes {needs}: see load_student")
        self._device = choose_device(self.config.device)
        self._stage = Stages(self._device, progress)
        self._teacher: Teacher | None = None
        if teacher is not None:
            self._teacher = self._cached(as_teacher(teacher))
        self._shape: Shape | None = None

    @property
    def teacher(self) -> Teacher:
        """The teacher, loaded at first use."""
        if self._teacher is None:
            with self._stage("load teacher"):
                self._teacher = self._cached(configured_teacher(self.config))
        return self._teacher

    @cached_property
    def encoder(self) -> Encoder:
        """The student's, loaded at first use, where the engine runs."""
        with self._stage("load encoder"):
            dice = torch.Generator("cpu").manual_seed(self.config.seed)
            return on(make_encoder(self.config.distill, dice), self._device)

    def another(self) -> Engine:
        """An engine for another shape, which shares what this one has loaded."""
        other = copy(self)
        other._stage = self._stage.handed_over()  # the first that comes tells what loading took
        return other

    def _cached(self, teacher: Teacher) -> Teacher:
        return teacher if self._cache is None else CachedTeacher(teacher, self._cache)

    def _guarded(self) -> Guarded:
        return Guarded(self.teacher, self.config.teacher_timeout)

    @property
    def cloud(self) -> PointCloud:
        """The points that are labelled: sampled on a mesh, or rows of the user's cloud.

        They are where the engine runs.
        """
        return self._cloud

    @property
    def surface(self) -> Surface:
        """The triangles or points that are drawn, in the frame of the labelled cloud, beside it."""
        return self._surface

    @property
    def spent(self) -> dict[str, float]:
        """Milliseconds per stage since the last answer."""
        return self._stage.spent

    def set_shape(self, shape: AnyShape, surface: AnyShape | None = None) -> Engine:
        """Take the next shape; what was kept for the last one is dropped.

        Args:
            shape: what is to be labelled: a PointCloud, a Mesh, a file, or xyz [N, 3] in any unit,
                an array of torch, numpy or any library that speaks DLPack.
            surface: what is drawn, where that is not the shape itself: the mesh that a sparse cloud
                was sampled from.  It must lie in the same user coordinates.

        Raises:
            LoadError: a file cannot be read as a shape.
            ShapeError: the shape has no point, or no surface to sample, or is not a shape.
        """
        shape = as_shape("shape", shape)
        drawn = shape if surface is None else as_shape("surface", surface)
        self._shape = shape
        self._stage.next_shape()
        self._views: dict[str, Views] = {}
        self._upright: dict[str | None, Upright] = {}
        self._guess: Guess | None = None
        self._unasked: tuple[Skipped, ...] = ()  # views that were no help in proposing
        self._taught: dict[PartList, Taught] = {}
        self._prepared: Prepared | None = None
        self._superpoints: Tensor | None = None
        config = self.config
        with self._stage("sample"):
            if self._student is not None:  # it looks at anchors alone, and nothing is drawn
                cloud = _sample(shape, config.distill.anchors, config.distill.anchors, config)
                self._cloud = on(cloud, self._device)
                return self
            cloud = _sample(shape, config.points, config.max_points, config)
            if isinstance(drawn, Mesh) and config.render.meshes == "points":
                drawn = sample_mesh(drawn, config.render.surface_points, config.seed).cloud
            self._cloud = on(cloud, self._device)
            self._surface = on(surface_of(drawn, cloud), self._device)
        return self

    def set_units(self, parts: Prompt, units: Units, source: str = "ready units") -> Engine:
        """Take what was said of the shape elsewhere: segment(parts) draws and asks nothing then.

        Args:
            parts: what the labels of the units index; the label R says "none of them".
            units: about the engine's cloud: every finite row of a cloud of at most max_points rows.
                Mode "partslip" needs their seen.
            source: whose they are, for results.

        Raises:
            PartError: the part list is empty, doubled or not writable.
            TeacherError: the units are not about these points and parts, or are damaged.
            ShapeError: no shape was set, or a student labels it without units.
        """
        if self._shape is None or self._student is not None:
            raise ShapeError("set_units needs a shape and no student: call set_shape first")
        names = parse_parts(parts)
        check_units(units, len(self._cloud), len(names))
        views = no_views(self.config.render.size, self._device)
        self._taught[names] = given(names, views, on(units, self._device), source)
        return self

    def segment(
        self, parts: Prompt | None = None, alignment: Alignment | None = None
    ) -> Segmentation:
        """Label the shape that was set.

        Args:
            parts: "chair: back, seat, leg, arm", "back, seat" or a list of names.  None takes the
                student's, or what the teacher proposes: then meta["proposed"] says how sure it is.
            alignment: on the shape's units, where somebody has made it, as segment_many does.

        Raises:
            PartError: the part list is empty, doubled or not writable; or there is none, and the
                teacher has nothing to propose.
            TeacherError: the teacher does not know a part, or its answer is not an answer.
            ShapeError: no shape was set.
        """
        if self._shape is None:
            raise ShapeError("segment needs a shape: call set_shape first")
        if self._student is not None:
            names = self._student.parts if parts is None else parse_parts(parts)
            return self._by_student(names, self._student)
        if parts is None:
            guess = self.propose()
            return guess.told(self._by_teacher(guess.parts, alignment))
        return self._by_teacher(parse_parts(parts), alignment)

    def check_prompt(self, names: PartList | None) -> None:
        """Whether the teacher can be asked for these parts, or what the shape is; loads it.

        Raises:
            PartError: there are no parts, no student, and the teacher does not say what a shape is;
                or it takes two of the parts for one.
            TeacherError: the teacher cannot be loaded, or does not know a part.
        """
        if self._student is not None:
            return
        if names is None:
            check_proposes(self.teacher)
            return
        self._guarded().check_parts(names)  # a word is refused before anything is drawn

    def propose(self) -> Guess:
        """What the teacher takes the shape for, and the parts that such a shape has.

        Raises:
            PartError: the teacher does not say what a shape is.
            TeacherError: its answer is not an answer.
            ShapeError: no shape was set.
        """
        if self._shape is None:
            raise ShapeError("propose needs a shape: call set_shape first")
        check_proposes(self.teacher)
        if self._guess is None:
            up = self._stand(None)
            views = self._seen(up)
            with self._stage("propose"):
                asked = self._guarded().propose(views)
                self._guess = guess_category(asked.answer)
                self._unasked = asked.skipped
            if None in self._upright:  # the axis that made this category likely is the category's
                self._upright.setdefault(self._guess.parts.category, self._upright[None])
        return self._guess

    def look(self) -> tuple[str, Views]:
        """The up axis, and what a teacher would be shown.

        Raises:
            TeacherError: the axis is "auto", and the weights of the teacher that is asked for it
                are missing.
            ShapeError: no shape was set, or a student labels it without a view.
        """
        if self._shape is None or self._student is not None:
            raise ShapeError("look needs a shape and no student: call set_shape first")
        up = self._stand(None)
        return up, self._seen(up)

    def _by_teacher(self, names: PartList, alignment: Alignment | None) -> Segmentation:
        """Label the shape with what the teacher says of these parts."""
        taught = self.teach(names)
        classes = taught.units.classes(len(names))
        with self._stage("vote"):
            vote = nearest_vote(self._cloud, taught.units, classes)

        if alignment is None and self.config.mode == "tta" and taught.units.name_a_part(len(names)):
            (alignment,) = self.align([Lesson(self.prepared(), taught.units)], [classes])
        belief: Tensor | SuperpointVote | None = None
        if alignment is not None:
            belief = alignment.beliefs[0]
        elif self.config.mode == "partslip":
            belief = self._by_superpoints(taught)
        answered = self._answer(taught, vote, belief)
        if self.config.instances:
            answered = self._instances(answered, taught, belief)
        self.trace = Trace(
            views=taught.views,
            detections=taught.detections,
            units=taught.units if alignment is None else alignment.units[0],
            cloud=self._cloud,
            vote=answered.vote,
            point_labels=answered.point_labels,
            point_scores=answered.point_scores,
            losses=[] if alignment is None else alignment.losses,
            rescored_at=None if alignment is None else alignment.rescored_at,
            skipped=taught.skipped,
            superpoint_vote=belief if isinstance(belief, SuperpointVote) else None,
        )
        unasked = self._unasked if self._guess and self._guess.parts == taught.names else ()
        warnings = (*remarks_of(taught, unasked), *answered.result.warnings)
        return replace(answered.result, timings=self._stage.taken(), warnings=warnings)

    def _by_superpoints(self, taught: Taught) -> SuperpointVote:
        if taught.units.seen is None:
            rule = "mode 'partslip' needs units that say which views show each point"
            raise TeacherError(f"{taught.source}: {rule}, got seen None")
        superpoint = self.superpoints()
        with self._stage("superpoint vote"):
            return superpoint_vote(taught.units, superpoint, taught.names, self.config.partslip)

    def _answer(
        self, taught: Taught, vote: Vote, belief: Tensor | SuperpointVote | None
    ) -> Answered:
        assert self._shape is not None
        meta = {**self._meta(taught.names), **told(taught)}
        meta["coverage"] = float(vote.covered.float().mean())
        mode = self.config.mode
        if isinstance(belief, SuperpointVote):
            meta |= {"superpoints": len(belief.labels), "voting_units": belief.voting}
            meta |= {"partslip": asdict(self.config.partslip)}
        with self._stage("carry back"):
            return answer(
                self._shape, self._cloud, taught.names, taught.units, vote, belief, mode, meta
            )

    def _instances(
        self,
        answered: Answered,
        taught: Taught | None,
        belief: Tensor | SuperpointVote | None = None,
    ) -> Answered:
        """Number the things of each part; without a teacher by what hangs together."""
        evidence = None
        voted = (belief, self.config.partslip) if isinstance(belief, SuperpointVote) else None
        if taught is not None and taught.units.seen is not None:
            width = taught.views.size[1]
            drawn = taught.detections if isinstance(taught.detections, Boxes) else None
            evidence = Evidence(self.superpoints(), taught.units, taught.pixel, width, drawn)
        with self._stage("instances"):
            return with_instances(answered, self._cloud, evidence, voted)

    def _by_student(self, names: PartList, student: SavedStudent) -> Segmentation:
        """Label the shape without a teacher and without a picture."""
        check_asked(student.parts, names, "the student's ")
        assert self._shape is not None
        cloud, own = self._cloud, student.parts
        prepared = self.prepared()
        with self._stage("student"):
            belief = student.beliefs(prepared)
        vote = nobody_voted(cloud, student.classes)
        meta = self._meta(own) | {"student": student.about}
        with self._stage("carry back"):
            answered = answer(self._shape, cloud, own, None, vote, belief, "pre", meta)
        if self.config.instances:
            answered = self._instances(answered, None)
        return replace(answered.result, timings=self._stage.taken())

    def prepared(self) -> Prepared:
        """What the student needs to know about the shape that was set."""
        if self._prepared is None:
            with self._stage("prepare"):
                self._prepared = prepare(self._cloud, self.config.distill)
        return self._prepared

    def superpoints(self) -> Tensor:
        """The superpoint of each point of the cloud, config.partslip's: once per shape.

        Returns:
            [N] int64, from 0 without gaps, where the engine runs.

        Raises:
            ConfigError: the partition needs a package that is not installed.
            ShapeError: no shape was set.
        """
        if self._shape is None:
            raise ShapeError("superpoints need a shape: call set_shape first")
        if self._superpoints is None:
            with self._stage("superpoints"):
                self._superpoints = pieces(self._cloud, self.config.partslip.superpoints)
        return self._superpoints

    def teach(self, names: PartList) -> Taught:
        """The up axis, the teacher's answer and the units: once per prompt.

        Raises:
            TeacherError: the teacher does not know a part, or its answer is not an answer.
        """
        if names in self._taught:
            return self._taught[names]
        self.check_prompt(names)
        up = self._stand(names)
        views = self._seen(up)
        with self._stage("teach"):
            asked = self._guarded().detections(views, names)
        with self._stage("lift"):
            settings = self.config.lift
            units, pixel = lift(self._cloud, views, asked.answer, settings, asked.views)
            if settings.nameless > 0 and not isinstance(asked.answer, PixelScores):
                units = with_nameless(units, len(names), settings.nameless)
        detections = joined([(asked.views, asked.answer)], len(views))
        upright = self._upright.get(names.category, Upright(up))
        said = (upright, detections, units, asked.skipped)
        self._taught[names] = Taught(names, self.teacher, views, pixel, *said)
        return self._taught[names]

    def _stand(self, names: PartList | None) -> str:
        """The up axis: as set, or chosen once per category."""
        if self.config.up != "auto":
            return self.config.up
        category = None if names is None else names.category
        if category not in self._upright:
            with self._stage("stand upright"):
                self._upright[category] = choose_up(
                    self._surface, self.teacher, names, timeout=self.config.teacher_timeout
                )
        return self._upright[category].up

    def _seen(self, up: str) -> Views:
        """The views that stand on this axis, drawn once."""
        if up not in self._views:
            # A teacher that has looked already, elsewhere, says from where.
            cameras = getattr(self._teacher, "cameras", None)
            with self._stage("render"):
                if not isinstance(cameras, Cameras):
                    cameras = rig(self.config.render.views, up=up)
                self._views[up] = render(self._surface, cameras, self.config.render)
        return self._views[up]

    def align(self, lessons: Sequence[Lesson], classes: Sequence[int]) -> list[Alignment]:
        """Align a student of its own on each of these shapes, on so many classes: align_each."""
        encoder, told = self.encoder, partial(self._stage.tell, "align")
        config, seed = self.config.distill, self.config.seed
        with self._stage("align"):
            return align_each(lessons, classes, config, seed, encoder=encoder, progress=told)

    def _meta(self, names: PartList) -> dict[str, Any]:
        return {
            "category": names.category,
            "seed": self.config.seed,
            "device": str(self._device),
            "points": len(self._cloud),
            "versions": versions(),
        }


def _sample(shape: Shape, on_mesh: int, at_most: int, config: EngineConfig) -> PointCloud:
    if isinstance(shape, Mesh):
        return sample_mesh(shape, on_mesh, config.seed).cloud
    return subsample(shape, at_most)
