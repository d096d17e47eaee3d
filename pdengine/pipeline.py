"""The engine: it keeps models, renders and lifts between prompts, and runs the stages in order."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pdengine._version import __version__
from pdengine.baselines import Vote, nearest_vote
from pdengine.cameras import rig
from pdengine.carry import carry_back, subsample
from pdengine.config import EngineConfig
from pdengine.distill import Alignment, Prepared, align, prepare
from pdengine.errors import ConfigError, ShapeError
from pdengine.io import cloud_from_arrays, load, sample_mesh
from pdengine.lift import lift, see
from pdengine.render import render
from pdengine.teach import (
    Teacher,
    Upright,
    as_teacher,
    check_detections,
    choose_up,
    make_teacher,
    parse_parts,
)
from pdengine.types import (
    Detections,
    Mesh,
    PartList,
    PointCloud,
    Segmentation,
    Shape,
    Units,
    Views,
)

Progress = Callable[[str, int, int], None]  # stage, done, total


@dataclass(frozen=True)
class Trace:
    """What happened on the way to the last segmentation, for the report.

    Attributes:
        views: what was rendered.
        detections: what the teacher said.
        units: the knowledge units, with their final scores.
        cloud: the points that were labelled.
        vote: the voting baseline on the same units.
        point_labels: [N] int64, the final labels of the cloud's points.
        point_scores: [N, R] float32.
        losses: the alignment's loss per step, empty in mode "vote".
        rescored_at: the step of the backward distillation, or None.
    """

    views: Views
    detections: Detections
    units: Units
    cloud: PointCloud
    vote: Vote
    point_labels: Tensor
    point_scores: Tensor
    losses: Sequence[float]
    rescored_at: int | None


class Engine:
    """Segments shapes one after another, and a shape for one prompt after another.

    The teacher is loaded once.  What does not depend on the prompt (samples, views, visibility, the
    student's features and neighbour maps) is made once per shape, what does not depend on the mode
    (the teacher's answer, the units) once per prompt.

    Args:
        config: every setting; the default segments on the CPU with the embedded teacher.
        teacher: used instead of config.teacher's; any callable that takes (views, parts).
        progress: called with (stage, done, total) as the work goes on.

    Raises:
        ConfigError: the device has no kernels in this version, or the teacher's name is unknown.
    """

    def __init__(
        self,
        config: EngineConfig | None = None,
        *,
        teacher: Callable[..., Detections] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.config = config or EngineConfig()
        self.progress = progress
        self.trace: Trace | None = None
        self._device = _device(self.config.device)
        self._teacher: Teacher | None = None if teacher is None else as_teacher(teacher)
        self._shape: Shape | None = None
        self._timings: dict[str, float] = {}

    @property
    def teacher(self) -> Teacher:
        """The teacher, loaded at first use."""
        if self._teacher is None:
            with self._stage("load teacher"):
                self._teacher = make_teacher(self.config.teacher)
        return self._teacher

    def set_shape(self, shape: Shape, surface: Mesh | PointCloud | None = None) -> Engine:
        """Take the next shape; what was kept for the last one is dropped.

        Args:
            shape: what is to be labelled.
            surface: what is drawn, where that is not the shape itself: the mesh that a sparse cloud
                was sampled from.  It must lie in the same user coordinates.

        Raises:
            ShapeError: the shape has no point, or no surface to sample.
        """
        self._shape = shape
        self._timings = {}
        self._views: dict[str, Views] = {}
        self._pixels: dict[str, Tensor] = {}
        self._upright: dict[str | None, Upright] = {}
        self._taught: dict[PartList, tuple[str, Detections, Units]] = {}
        self._prepared: Prepared | None = None
        config = self.config
        with self._stage("sample"):
            if isinstance(shape, Mesh):
                self._cloud = sample_mesh(shape, config.points, config.seed).cloud
            else:
                self._cloud = subsample(shape, config.max_points)
            self._surface = self._sampled_surface(surface or shape)
        return self

    def _sampled_surface(self, surface: Shape) -> PointCloud:
        if isinstance(surface, Mesh):
            surface = sample_mesh(
                surface, self.config.render.surface_points, self.config.seed
            ).cloud
        # The cameras look at the labelled cloud's unit sphere: the surface moves into its frame.
        scale = surface.scale / self._cloud.scale
        shift = (surface.origin - self._cloud.origin) / self._cloud.scale
        if scale == 1 and not shift.any():
            return surface
        xyz = (surface.xyz.double() * scale + shift).float()
        return replace(surface, xyz=xyz, origin=self._cloud.origin, scale=self._cloud.scale)

    def segment(self, parts: str | Sequence[str] | PartList) -> Segmentation:
        """Label the shape that was set.

        Args:
            parts: "chair: back, seat, leg, arm", "back, seat" or a list of names.

        Raises:
            PartError: the part list is empty, doubled or not writable.
            TeacherError: the teacher does not know a part, or its answer is not an answer.
            ShapeError: no shape was set.
        """
        if self._shape is None:
            raise ShapeError("segment needs a shape: call set_shape first")
        names = parse_parts(parts)
        up, detections, units = self._teach(names)
        cloud, R = self._cloud, len(names)
        # A teacher that can say "none of them" makes that one more class until the very end.
        classes = R + int(bool((units.label == R).any()))
        with self._stage("vote"):
            vote = nearest_vote(cloud, units, classes)

        alignment: Alignment | None = None
        found = bool((units.label < R).any())
        if found and self.config.mode == "tta":
            alignment = self._align(units, classes)
        labels, scores = vote.labels, vote.scores
        if alignment is not None:
            scores = alignment.logits.softmax(-1)
            labels = scores.argmax(-1)
        with self._stage("carry back"):
            result = carry_back(self._shape, cloud, labels, scores, vote.labels)
        result = replace(
            result,
            labels=_named(result.labels, R),
            scores=_of_named(result.scores, result.labels, R),
            vote_labels=_named(result.vote_labels, R),
            face_labels=None if result.face_labels is None else _named(result.face_labels, R),
        )
        scores = _of_named(scores, labels, R)
        labels = _named(labels, R)
        vote = Vote(_named(vote.labels, R), _of_named(vote.scores, vote.labels, R), vote.covered)
        warnings = self._warnings(names, units, labels, result.labels)
        self.trace = Trace(
            views=self._views[up],
            detections=detections,
            units=units if alignment is None else alignment.units,
            cloud=cloud,
            vote=vote,
            point_labels=labels,
            point_scores=scores,
            losses=[] if alignment is None else alignment.losses,
            rescored_at=None if alignment is None else alignment.rescored_at,
        )
        timings = {**self._timings, "total": sum(self._timings.values())}
        self._timings = {}  # the next prompt reports only what it runs itself
        return Segmentation(
            labels=result.labels,
            scores=result.scores,
            names=names.names,
            shape=self._shape,
            mode=self.config.mode,
            vote_labels=result.vote_labels,
            face_labels=result.face_labels,
            timings=timings,
            warnings=warnings,
            meta=self._meta(names, up, units, vote),
        )

    def _warnings(
        self, names: PartList, units: Units, labels: Tensor, rows: Tensor
    ) -> tuple[str, ...]:
        """What the user should know about this answer."""
        if not (units.label < len(names)).any():
            return ("no part was found in any view: every point is unlabelled",)
        said = []
        unseen = [n for r, n in enumerate(names.names) if not (units.label == r).any()]
        if unseen:
            said.append(f"never seen in any view: {', '.join(unseen)}")
        lost = [n for r, n in enumerate(names.names) if n not in unseen and not (labels == r).any()]
        if lost:
            said.append(f"seen in a view, but no point became: {', '.join(lost)}")
        rest = int((labels < 0).sum())
        if rest:
            share = 100 * rest / len(labels)
            said.append(f"{share:.0f} % of the points are none of the named parts: unlabelled")
        if not isinstance(self._shape, Mesh) and self._shape is not None:
            broken = len(rows) - len(self._shape.rows)
            if broken:
                said.append(f"{broken} rows have no finite coordinate and are unlabelled")
        return tuple(said)

    def _teach(self, names: PartList) -> tuple[str, Detections, Units]:
        """The up axis, the teacher's answer and the units: once per prompt."""
        if names in self._taught:
            return self._taught[names]
        teacher = self.teacher
        check_parts = getattr(teacher, "check_parts", None)
        if check_parts is not None:  # an unknown word is refused before anything is drawn
            check_parts(names)
        up = self.config.up
        if up == "auto":
            if names.category not in self._upright:
                with self._stage("stand upright"):
                    self._upright[names.category] = choose_up(self._surface, teacher, names)
            up = self._upright[names.category].up
        if up not in self._views:
            with self._stage("render"):
                cameras = rig(self.config.render.views, up=up)
                self._views[up] = render(self._surface, cameras, self.config.render)
        views = self._views[up]
        with self._stage("teach"):
            detections = teacher(views, names)
            check_detections(detections, views, names, teacher.name)
        with self._stage("lift"):
            if up not in self._pixels:
                self._pixels[up] = see(self._cloud, views, self.config.lift)
            units = lift(self._pixels[up], views, detections, self.config.lift)
        self._taught[names] = (up, detections, units)
        return self._taught[names]

    def _align(self, units: Units, parts: int) -> Alignment:
        config = self.config
        if self._prepared is None:
            with self._stage("prepare"):
                self._prepared = prepare(self._cloud, config.distill)

        def on_step(done: int, total: int) -> None:
            if self.progress is not None:
                self.progress("align", done, total)

        with self._stage("align"):
            return align(self._prepared, units, parts, config.distill, config.seed, on_step)

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        if self.progress is not None:
            self.progress(name, 0, 1)
        start = time.perf_counter()
        yield
        self._timings[name] = (time.perf_counter() - start) * 1e3
        if self.progress is not None:
            self.progress(name, 1, 1)

    def _meta(self, names: PartList, up: str, units: Units, vote: Vote) -> dict[str, Any]:
        upright = self._upright.get(names.category)
        return {
            "category": names.category,
            "teacher": self.teacher.name,
            "seed": self.config.seed,
            "device": str(self._device),
            "views": self.config.render.views,
            "up": up,
            "up_scores": dict(upright.scores) if upright is not None else {},
            "units": len(units),
            "points": len(self._cloud),
            "coverage": float(vote.covered.float().mean()),
            "versions": {
                "pdengine": __version__,
                "torch": torch.__version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
        }


def segment(
    shape: Shape | str | os.PathLike[str] | Tensor | np.ndarray[Any, Any],
    parts: str | Sequence[str],
    *,
    config: EngineConfig | None = None,
    teacher: Callable[..., Detections] | None = None,
    **options: Any,
) -> Segmentation:
    """Label every point of a shape with one of the named parts.

    For more than one shape or prompt keep an Engine: it loads the teacher once.

    Args:
        shape: a PointCloud, a Mesh, a file, or xyz [N, 3] in any unit.
        parts: "chair: back, seat, leg, arm", "back, seat" or a list of names.
        config: every setting.
        teacher: any callable that takes (views, parts) and returns Boxes, Masks or PixelScores.
        options: single settings of EngineConfig by name (mode, points, seed, up, ...), and views.

    Raises:
        LoadError, ShapeError, PartError, TeacherError, ConfigError: see Engine.
    """
    config = with_options(config or EngineConfig(), **options)
    if isinstance(shape, (str, os.PathLike)):
        shape = load(shape)
    elif not isinstance(shape, (PointCloud, Mesh)):
        shape = cloud_from_arrays(shape)
    return Engine(config, teacher=teacher).set_shape(shape).segment(parts)


def with_options(config: EngineConfig, **options: Any) -> EngineConfig:
    """The configuration with single settings changed.

    Raises:
        ConfigError: there is no such setting, or its value is outside its range.
    """
    if "views" in options:
        render_config = replace(config.render, views=options.pop("views"))
        config = replace(config, render=render_config)
    unknown = sorted(set(options) - set(EngineConfig.__dataclass_fields__))
    if unknown:
        known = ", ".join(["views", *EngineConfig.__dataclass_fields__])
        raise ConfigError(f"option must be one of {known}, got {', '.join(unknown)}")
    return replace(config, **options)


def _named(labels: Tensor, parts: int) -> Tensor:
    """The class "none of them" becomes unlabelled."""
    return torch.where(labels >= parts, -1, labels)


def _of_named(scores: Tensor, labels: Tensor, parts: int) -> Tensor:
    """The named parts' probabilities, 0 in rows that are none of them."""
    return torch.where((labels < parts)[:, None], scores[:, :parts], 0.0)


def _device(name: str) -> torch.device:
    if name == "cuda":
        raise ConfigError("device must be auto or cpu: this version has no GPU kernels, got cuda")
    return torch.device("cpu")
