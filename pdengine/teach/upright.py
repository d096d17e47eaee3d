"""Which way is up, asked of the teacher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from pdengine.cameras import UP_AXES, rig
from pdengine.config import RenderConfig
from pdengine.render import render
from pdengine.teach.protocol import Teacher
from pdengine.types import Cameras, PartList, PointCloud

_SURFACE_POINTS = 40_000


@dataclass(frozen=True)
class Upright:
    """The answer.

    Attributes:
        up: x, y, z, -x, -y or -z.
        scores: per axis, the agreement with the teacher's idea of up, -1 to 1; empty where the
            teacher has none.
        reason: one sentence.
    """

    up: str
    scores: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""


def choose_up(
    surface: PointCloud,
    teacher: Teacher,
    parts: PartList,
    views: int = 4,
    size: tuple[int, int] = (112, 112),
) -> Upright:
    """The up axis of a shape, from its views alone.

    The shape is seen by a small rig for each of the six axes, and a teacher with an
    ``up_direction(views, parts) -> [3]`` says where up is.

    Args:
        surface: what is rendered.
        teacher: asked where it has an opinion; else up is y.
        parts: the prompt.
        views: cameras per axis.
        size: of the views.
    """
    ask = getattr(teacher, "up_direction", None)
    if ask is None:
        return Upright("y", {}, f"{teacher.name} has no opinion on which way is up")
    rigs = [rig(views, up=axis) for axis in UP_AXES]
    cameras = Cameras(
        torch.cat([r.rotation for r in rigs]),
        torch.cat([r.translation for r in rigs]),
        torch.cat([r.focal for r in rigs]),
    )
    seen = render(_thinned(surface), cameras, RenderConfig(size=size))
    direction: Tensor = ask(seen, parts)
    direction = direction / direction.norm().clamp_min(1e-9)
    scores = {}
    for axis in UP_AXES:
        k = "xyz".index(axis[-1])
        scores[axis] = float(direction[k]) * (-1 if axis.startswith("-") else 1)
    best = max(UP_AXES, key=scores.__getitem__)
    return Upright(best, scores, f"{teacher.name} sees {best} pointing up")


def _thinned(surface: PointCloud) -> PointCloud:
    """A share of the points is enough for small views."""
    if len(surface) <= _SURFACE_POINTS:
        return surface
    generator = torch.Generator().manual_seed(0)
    pick = torch.randperm(len(surface), generator=generator)[:_SURFACE_POINTS]
    return replace(
        surface,
        xyz=surface.xyz[pick],
        rows=surface.rows[pick],
        colour=None if surface.colour is None else surface.colour[pick],
        normals=None if surface.normals is None else surface.normals[pick],
    )
