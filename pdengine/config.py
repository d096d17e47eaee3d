"""Every constant that a user may want to change, one dataclass per concern.

The values of a paper stand under the paper's name in the room that uses them; these are ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pdengine.errors import ConfigError

MODES = ("tta", "vote")
DEVICES = ("auto", "cpu", "cuda")
UP_AXES = ("x", "y", "z", "-x", "-y", "-z")


def _check(name: str, ok: bool, rule: str, value: object) -> None:
    if not ok:
        raise ConfigError(f"{name} must be {rule}, got {value!r}")


@dataclass(frozen=True)
class RenderConfig:
    """How views are drawn.

    Attributes:
        views: number of cameras of the rig.
        size: height and width in pixels.
        surface_points: a mesh is sampled this densely before it is drawn.
        radius_px: radius of a point's disc; None chooses by the point density.
    """

    views: int = 10
    size: tuple[int, int] = (224, 224)
    surface_points: int = 200_000
    radius_px: float | None = None

    def __post_init__(self) -> None:
        _check("views", 1 <= self.views <= 1000, "between 1 and 1000", self.views)
        _check("size", all(16 <= s <= 4096 for s in self.size), "16 to 4096 px", self.size)
        _check("surface_points", self.surface_points >= 1, "at least 1", self.surface_points)
        radius = self.radius_px
        _check("radius_px", radius is None or 0 < radius <= 64, "in (0, 64] px", radius)


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
    """

    depth_tolerance: float = 0.02
    drop_if_covers: float = 0.98
    min_component_px: int = 12
    min_score: float = 0.3

    def __post_init__(self) -> None:
        _check("depth_tolerance", 0 <= self.depth_tolerance < 2, "in [0, 2)", self.depth_tolerance)
        _check("drop_if_covers", 0 < self.drop_if_covers <= 1, "in (0, 1]", self.drop_if_covers)
        _check("min_component_px", self.min_component_px >= 1, "at least 1", self.min_component_px)
        _check("min_score", 0 <= self.min_score <= 1, "in [0, 1]", self.min_score)


@dataclass(frozen=True)
class DistillConfig:
    """How the student is aligned.

    Attributes:
        steps: at most this many optimiser steps.
        learning_rate: Adam's, with cosine decay to a hundredth.
        grid: voxels along the unit sphere's diameter at the finest level.
        widths: channels per level of the student.
        rescore: apply backward distillation once the loss has settled.
        settle_window: steps in the moving average of the stopping rule.
        settle_ratio: the loss has settled when its moving average fell by less than this share over
            one window.  Relative, so the rule does not depend on the loss scale.
        targets: "published", or "opportunity", which counts only the views that could have named
            the part and smooths over neighbours.
        smoothing: how far "opportunity" smooths; 0 not at all.
        prior: how much the targets weigh in the final answer next to the student.
        rescore_form: "published" replaces a unit's score by the student's agreement, "relative"
            moves it by the agreement relative to the other units of the part.
    """

    steps: int = 120
    learning_rate: float = 5e-3
    grid: int = 40
    widths: tuple[int, ...] = (32, 64, 96)
    rescore: bool = True
    settle_window: int = 15
    settle_ratio: float = 0.03
    targets: str = "opportunity"
    smoothing: float = 0.5
    prior: float = 1.0
    rescore_form: str = "relative"

    def __post_init__(self) -> None:
        _check("steps", self.steps >= 1, "at least 1", self.steps)
        _check("learning_rate", 0 < self.learning_rate <= 1, "in (0, 1]", self.learning_rate)
        _check("grid", 4 <= self.grid <= 1024, "between 4 and 1024", self.grid)
        _check("widths", len(self.widths) >= 1 and min(self.widths) >= 1, "positive", self.widths)
        _check("settle_window", self.settle_window >= 1, "at least 1", self.settle_window)
        _check("settle_ratio", 0 <= self.settle_ratio < 1, "in [0, 1)", self.settle_ratio)
        targets, forms = ("published", "opportunity"), ("published", "relative")
        _check("targets", self.targets in targets, f"one of {', '.join(targets)}", self.targets)
        _check("smoothing", 0 <= self.smoothing <= 100, "in [0, 100]", self.smoothing)
        _check("prior", 0 <= self.prior <= 100, "in [0, 100]", self.prior)
        form = self.rescore_form
        _check("rescore_form", form in forms, f"one of {', '.join(forms)}", form)


@dataclass(frozen=True)
class EngineConfig:
    """The whole engine.

    Attributes:
        mode: "tta" (align a student on the shape) or "vote" (the baseline alone).
        teacher: the name of a teacher, see pdengine.teach.
        points: a mesh is labelled on this many points sampled by area, then carried back.
        max_points: a cloud with more points is aligned on this many of them, then carried back.
        seed: of everything random.
        device: "auto", "cpu" or "cuda".
        up: the shape's up axis, "auto", "x", "y", "z", "-x", "-y" or "-z".
    """

    mode: str = "tta"
    teacher: str = "embedded"
    points: int = 10_000
    max_points: int = 50_000
    seed: int = 0
    device: str = "auto"
    up: str = "auto"
    render: RenderConfig = field(default_factory=RenderConfig)
    lift: LiftConfig = field(default_factory=LiftConfig)
    distill: DistillConfig = field(default_factory=DistillConfig)

    def __post_init__(self) -> None:
        _check("mode", self.mode in MODES, f"one of {', '.join(MODES)}", self.mode)
        _check("device", self.device in DEVICES, f"one of {', '.join(DEVICES)}", self.device)
        _check("points", 1 <= self.points <= 2**31 - 1, "between 1 and 2^31 - 1", self.points)
        _check("max_points", self.max_points >= 1, "at least 1", self.max_points)
        _check("seed", 0 <= self.seed < 2**63, "between 0 and 2^63 - 1", self.seed)
        axes = ("auto", *UP_AXES)
        _check("up", self.up in axes, f"one of {', '.join(axes)}", self.up)
