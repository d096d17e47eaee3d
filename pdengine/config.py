"""Every constant that a user may want to change, one dataclass per concern.

The values of a paper stand under the paper's name in the room that uses them; these are ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field


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
    """

    steps: int = 120
    learning_rate: float = 5e-3
    grid: int = 40
    widths: tuple[int, ...] = (32, 64, 96)
    rescore: bool = True
    settle_window: int = 15
    settle_ratio: float = 0.03


@dataclass(frozen=True)
class EngineConfig:
    """The whole engine.

    Attributes:
        mode: "tta" (align a student on the shape) or "vote" (the baseline alone).
        teacher: the name of a teacher, see pdengine.teach.
        points: a mesh is labelled on this many points sampled by area, then carried back.
        seed: of everything random.
        device: "auto", "cpu" or "cuda".
        up: the shape's up axis, "auto", "x", "y", "z", "-x", "-y" or "-z".
    """

    mode: str = "tta"
    teacher: str = "embedded"
    points: int = 10_000
    seed: int = 0
    device: str = "auto"
    up: str = "auto"
    render: RenderConfig = field(default_factory=RenderConfig)
    lift: LiftConfig = field(default_factory=LiftConfig)
    distill: DistillConfig = field(default_factory=DistillConfig)
