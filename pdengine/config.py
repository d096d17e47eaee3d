"""Every constant that a user may want to change, one dataclass per concern.

The values of a paper stand under the paper's name in the room that uses them; these are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from pdengine.errors import ConfigError
from pdengine.errors import check_setting as _check
from pdengine.published import (
    PARTSLIP_DROP_IF_COVERS,
    PARTSLIP_POINT_RADIUS,
    PARTSLIP_SIDE_PX,
    PARTSLIP_VIEWS,
    PartSlipConfig,
)
from pdengine.settings import check_numbers

MODES = ("tta", "vote", "pre", "partslip")
# What is typed and printed for each way to label shapes; a collection is no mode of the engine's.
METHODS = {
    "vote": "vote",
    "partslip": "partslip",
    "partdistill-tta": "tta",
    "partdistill-pre": "pre",
    "partdistill-collection": "collection",
}
# A method as people type it, where the mode has another name.
TYPED_MODES = {name: mode for name, mode in METHODS.items() if mode in MODES} | {
    "partdistill": "tta"
}
METHOD_OF = {mode: method for method, mode in METHODS.items()}
DEVICES = ("auto", "cpu", "cuda")
MESHES = ("points", "triangles")
UP_AXES = ("x", "y", "z", "-x", "-y", "-z")


@dataclass(frozen=True)
class RenderConfig:
    """How views are drawn.

    Attributes:
        views: number of cameras of the rig.
        size: height and width in pixels.
        radius_px: radius of a point's disc; None chooses by the point density.
        meshes: "triangles" draws a mesh's own, "points" draws discs on points sampled on it, which
            the embedded teacher knows better.  Faces get their labels either way.
        surface_points: how many of them.
    """

    views: int = 10
    size: tuple[int, int] = (224, 224)
    radius_px: float | None = None
    meshes: str = "points"
    surface_points: int = 200_000

    def __post_init__(self) -> None:
        check_numbers(self)
        _check("views", 1 <= self.views <= 1000, "between 1 and 1000", self.views)
        _check("size", all(16 <= s <= 4096 for s in self.size), "16 to 4096 px", self.size)
        radius = self.radius_px
        _check("radius_px", radius is None or 0 < radius <= 64, "in (0, 64] px", radius)
        _check("meshes", self.meshes in MESHES, f"one of {', '.join(MESHES)}", self.meshes)
        _check("surface_points", self.surface_points >= 1, "at least 1", self.surface_points)


@dataclass(frozen=True)
class LiftConfig:
    """How detections become units.

    Attributes:
        depth_tolerance: a point is visible when it is at most this far behind the z-buffer, in
            units of the unit sphere.
        drop_if_covers: boxes with at least this share of a view's visible points are dropped
            (PartSLIP: a box around the whole object says nothing).
        min_component_px: smaller components of a pixel teacher's class map are dropped.
        min_score: pixels whose best part scores less belong to no component.
        nameless: how surely a point is none of the parts where a view shows it and no box or mask
            of that view holds it; 0: nobody says so.  Dense scores speak for themselves.
    """

    depth_tolerance: float = 0.02
    drop_if_covers: float = 0.98
    min_component_px: int = 12
    min_score: float = 0.3
    nameless: float = 0.0

    def __post_init__(self) -> None:
        check_numbers(self)
        _check("depth_tolerance", 0 <= self.depth_tolerance < 2, "in [0, 2)", self.depth_tolerance)
        _check("drop_if_covers", 0 < self.drop_if_covers <= 1, "in (0, 1]", self.drop_if_covers)
        _check("min_component_px", self.min_component_px >= 1, "at least 1", self.min_component_px)
        _check("min_score", 0 <= self.min_score <= 1, "in [0, 1]", self.min_score)
        _check("nameless", 0 <= self.nameless <= 1, "in [0, 1]", self.nameless)


WEIGHTS = ("head", "all")
ENCODERS = ("pretrained", "random")
POSES = ("common", "given", "turned", "invariant")
TARGETS = ("opportunity", "per-point", "per-unit")
BACKWARD = ("calibrated", "soft", "relative", "published", "none")


@dataclass(frozen=True)
class DistillConfig:
    """How the student is aligned.

    Attributes:
        anchors: the student looks at this many points of a shape.
        weights: what is aligned: the "head" on the encoder's embeddings, or "all".
        encoder: "pretrained", or "random" to measure what the pre-training brings.
        steps: at most this many optimiser steps of the head per round.
        learning_rate: Adam's for the head, with cosine decay to a hundredth.
        dropout: share of the embedding's channels that a step does not see.
        passes: over the shapes when all weights are aligned, after the last round.
        pose: "common" turns the shapes of a collection to each other, and a new shape to them;
            "given" leaves them; "turned" leaves them and learns each in random rotations too;
            "invariant" leaves them and hides the features that change when a shape turns.
        targets: forward distillation.  "per-point" as released, "per-unit" as printed in the
            paper, "opportunity" counts the views that could have named the part.
        silence: what a point that views show and do not name weighs in "opportunity".
        class_weights: rare parts weigh more, as released.
        backward: how the student re-scores the units.  "published" replaces a unit's score by the
            share of its points on which the student agrees, "soft" by the mean probability there,
            "relative" moves it by the agreement relative to the other units of the part,
            "calibrated" estimates per view and name what it is evidence for, "none" does nothing.
        rounds: how often, at most; it ends when the labels stay.
        prior: how much the student's belief weighs against the calibrated evidence.
        trust: how much the forward targets weigh in the belief where one shape is aligned alone
            and a view's names exclude each other (masks and pixels); boxes reach into their
            neighbours and get none.
        doubt: points; a rate estimated from fewer of them leans on the first guess.
        grouping: how often beliefs are averaged over neighbours; 0 never.
        settle_window: steps in the moving average of the stopping rule.
        settle_ratio: the loss has settled when its moving average fell by less than this share over
            one window.  Relative, so the rule does not depend on the loss scale.
    """

    anchors: int = 2048
    weights: str = "head"
    encoder: str = "pretrained"
    steps: int = 60
    learning_rate: float = 3e-2
    dropout: float = 0.4
    passes: int = 20
    pose: str = "common"
    targets: str = "opportunity"
    silence: float = 0.2
    class_weights: bool = False
    backward: str = "calibrated"
    rounds: int = 4
    prior: float = 1.0
    trust: float = 1.0
    doubt: float = 50.0
    grouping: int = 2
    settle_window: int = 15
    settle_ratio: float = 0.01

    def __post_init__(self) -> None:
        check_numbers(self)
        _check("anchors", 16 <= self.anchors <= 65_536, "between 16 and 65536", self.anchors)
        for name, known in (
            ("weights", WEIGHTS),
            ("encoder", ENCODERS),
            ("pose", POSES),
            ("targets", TARGETS),
            ("backward", BACKWARD),
        ):
            value = getattr(self, name)
            _check(name, value in known, f"one of {', '.join(known)}", value)
        _check("steps", self.steps >= 1, "at least 1", self.steps)
        _check("learning_rate", 0 < self.learning_rate <= 1, "in (0, 1]", self.learning_rate)
        _check("dropout", 0 <= self.dropout < 1, "in [0, 1)", self.dropout)
        _check("passes", self.passes >= 1, "at least 1", self.passes)
        _check("silence", 0 <= self.silence <= 1, "in [0, 1]", self.silence)
        _check("rounds", 0 <= self.rounds <= 100, "between 0 and 100", self.rounds)
        _check("prior", 0 <= self.prior <= 100, "in [0, 100]", self.prior)
        _check("trust", 0 <= self.trust <= 100, "in [0, 100]", self.trust)
        _check("doubt", 0 < self.doubt <= 1e6, "in (0, 1e6]", self.doubt)
        _check("grouping", 0 <= self.grouping <= 100, "between 0 and 100", self.grouping)
        _check("settle_window", self.settle_window >= 1, "at least 1", self.settle_window)
        _check("settle_ratio", 0 <= self.settle_ratio < 1, "in [0, 1)", self.settle_ratio)


@dataclass(frozen=True)
class EngineConfig:
    """The whole engine.

    Attributes:
        mode: "tta" (align a student on the shape), "pre" (a student that was aligned before labels
            the shape, without a teacher), "vote" (the baseline alone) or "partslip" (PartSLIP's
            vote of superpoints; see as_partslip for its rendering).
        teacher: the name of a teacher, see pdengine.teach.
        teacher_path: a folder with the teacher's weights; None takes its own.
        teacher_options: what else that teacher is told, by name: `pdengine teachers show NAME`.
        points: a mesh is labelled on this many points sampled by area, then carried back.
        max_points: a cloud with more points is aligned on this many of them, then carried back.
        seed: of everything random.
        device: "cpu"; "cuda", refused where the engine cannot run there; or "auto", the GPU where
            it can, else the CPU.
        up: the shape's up axis, "auto", "x", "y", "z", "-x", "-y" or "-z".
        teacher_timeout: seconds that one call of the teacher may take; None waits for ever.  A
            teacher that is late has failed in the views that it was asked for.
        offline: a teacher by name may fetch nothing; what it needs is here, or it is an error.
        instances: number the single things of a part too: each leg of a chair.
        partslip: what mode "partslip" does.
    """

    mode: str = "tta"
    teacher: str = "embedded"
    teacher_path: str | None = None
    teacher_options: Mapping[str, str | int | float] = field(default_factory=dict, hash=False)
    points: int = 10_000
    max_points: int = 50_000
    seed: int = 0
    device: str = "auto"
    up: str = "auto"
    teacher_timeout: float | None = None
    offline: bool = False
    instances: bool = False
    render: RenderConfig = field(default_factory=RenderConfig)
    lift: LiftConfig = field(default_factory=LiftConfig)
    distill: DistillConfig = field(default_factory=DistillConfig)
    partslip: PartSlipConfig = field(default_factory=PartSlipConfig)

    def __post_init__(self) -> None:
        check_numbers(self)
        modes = ", ".join(MODES)
        if self.mode not in MODES and self.mode in TYPED_MODES:
            modes += f" (method {self.mode} is mode {TYPED_MODES[self.mode]})"
        _check("mode", self.mode in MODES, f"one of {modes}", self.mode)
        _check("device", self.device in DEVICES, f"one of {', '.join(DEVICES)}", self.device)
        _check("points", 1 <= self.points <= 2**31 - 1, "between 1 and 2^31 - 1", self.points)
        _check("max_points", self.max_points >= 1, "at least 1", self.max_points)
        _check("seed", 0 <= self.seed < 2**63, "between 0 and 2^63 - 1", self.seed)
        axes = ("auto", *UP_AXES)
        _check("up", self.up in axes, f"one of {', '.join(axes)}", self.up)
        timeout = self.teacher_timeout
        _check("teacher_timeout", timeout is None or timeout > 0, "more than 0 s", timeout)


ROOMS: dict[str, Any] = {
    "render": RenderConfig,
    "lift": LiftConfig,
    "distill": DistillConfig,
    "partslip": PartSlipConfig,
}


def with_options(config: EngineConfig, **options: Any) -> EngineConfig:
    """The configuration with single settings changed.

    Raises:
        ConfigError: there is no such setting, or its value is outside its range.
    """
    drawn = {name: options.pop(name) for name in ("views", "meshes") if name in options}
    config = replace(config, render=replace(config.render, **drawn))
    if "nameless" in options:
        config = replace(config, lift=replace(config.lift, nameless=options.pop("nameless")))
    unknown = sorted(set(options) - set(EngineConfig.__dataclass_fields__))
    if unknown:
        known = ["views", "meshes", "nameless", *EngineConfig.__dataclass_fields__]
        meant = "".join(f"; {hint}" for name in unknown if (hint := _meant(name, known)))
        got = ", ".join(unknown)
        raise ConfigError(f"option must be one of {', '.join(known)}, got {got}{meant}")
    return replace(config, **options)


def _meant(name: str, known: Sequence[str]) -> str:
    """What somebody may have meant by an option that there is not, or ""."""
    if name == "method":
        return f"method is typed on the command line, here say mode: one of {', '.join(MODES)}"
    for room, kind in ROOMS.items():
        if name in kind.__dataclass_fields__:
            made = f"pdengine.config.{kind.__name__}({name}=...)"
            return f"{name} is a setting of {room}: {room}={made}"
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else ""


def flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings, such as asdict gives, under dotted names: "render.views"."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        found |= (
            flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
        )
    return found


def as_partslip(config: EngineConfig | None = None) -> EngineConfig:
    """PartSLIP as published, but for the teacher: mode "partslip" with its own rendering.

    Ten views of 800 x 800 pixels, points as discs of 2 px, every point of a cloud labelled: for a
    detector of your own.  Mode "partslip" alone keeps the engine's rendering, on which the embedded
    teacher was trained, and which is a tenth of the pixels.

    Args:
        config: everything else; the default is EngineConfig().
    """
    config = config or EngineConfig()
    return replace(
        config,
        mode="partslip",
        max_points=2**31 - 1,
        render=replace(
            config.render,
            views=PARTSLIP_VIEWS,
            size=(PARTSLIP_SIDE_PX, PARTSLIP_SIDE_PX),
            radius_px=PARTSLIP_POINT_RADIUS * PARTSLIP_SIDE_PX / 2,
            meshes="points",
        ),
        lift=replace(config.lift, drop_if_covers=PARTSLIP_DROP_IF_COVERS),
    )
