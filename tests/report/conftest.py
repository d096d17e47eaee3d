"""A chair of four boxes, and everything that happened to it, without an engine."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from pdengine.baselines import Vote
from pdengine.cameras import rig
from pdengine.config import EngineConfig, RenderConfig
from pdengine.render import render
from pdengine.report import Source
from pdengine.types import Boxes, Masks, PixelScores, PointCloud, Segmentation, Units, Views

NAMES = ("back", "seat", "leg", "arm")
# (middle, size) of each part's boxes.
BOXES = (
    (0, (0.0, 0.45, -0.4), (0.8, 0.7, 0.08)),
    (1, (0.0, 0.05, 0.0), (0.8, 0.1, 0.8)),
    *((2, (0.34 * x, -0.35, 0.34 * z), (0.08, 0.7, 0.08)) for x in (-1, 1) for z in (-1, 1)),
    *((3, (0.42 * x, 0.3, 0.0), (0.07, 0.07, 0.7)) for x in (-1, 1)),
)


def chair_points(per_box: int) -> tuple[Tensor, Tensor]:
    """[N, 3] points on the boxes' faces and their parts [N]."""
    dice = torch.Generator().manual_seed(0)
    xyz, parts = [], []
    for part, middle, size in BOXES:
        place = torch.rand(per_box, 3, generator=dice) - 0.5
        axis = torch.randint(3, (per_box,), generator=dice)
        rows = torch.arange(per_box)
        place[rows, axis] = place[rows, axis].sign() / 2
        xyz.append(place * torch.tensor(size) + torch.tensor(middle))
        parts.append(torch.full((per_box,), part))
    return torch.cat(xyz), torch.cat(parts)


def make_cloud(xyz: Tensor) -> PointCloud:
    world = xyz.double()
    return PointCloud(xyz, torch.zeros(3, dtype=torch.float64), 1.0, torch.arange(len(xyz)), world)


def detections_of(kind: str, views: Views, parts: Tensor) -> Boxes | Masks | PixelScores:
    """The true parts, as each kind of teacher would say them."""
    V, (H, W) = len(views), views.size
    truth = torch.where(views.index >= 0, parts[views.index.long().clamp(min=0)], -1)
    one_hot = torch.stack([truth == r for r in range(len(NAMES))], dim=1)  # [V, R, H, W]
    if kind == "pixels":
        return PixelScores(one_hot * torch.linspace(0.4, 1, W).expand(V, 1, H, W))
    view, label = one_hot.flatten(2).any(-1).nonzero().T
    mask, score = one_hot[view, label], torch.linspace(0.4, 1, len(view))
    if kind == "masks":
        return Masks(mask, view, label, score)
    box = torch.tensor(
        [
            [at[:, 1].min(), at[:, 0].min(), at[:, 1].max() + 1, at[:, 0].max() + 1]
            for at in (m.nonzero() for m in mask)
        ],
        dtype=torch.float32,
    )
    return Boxes(box, view, label, score)


def make_run(
    kind: str = "boxes",
    names: tuple[str, ...] = NAMES,
    found: bool = True,
    per_box: int = 400,
    size: int = 64,
    views: int = 3,
) -> SimpleNamespace:
    """result, trace, config and source of a run on the chair."""
    config = EngineConfig(render=RenderConfig(views=views, size=(size, size)))
    xyz, parts = chair_points(per_box)
    cloud = make_cloud(xyz)
    seen = render(cloud, rig(views), config.render)
    N, R = len(cloud), len(names)
    labels = parts.clone() if found else torch.full((N,), -1)
    scores = torch.full((N, R), 0.1 / (R - 1)) if found else torch.zeros(N, R)
    if found:
        sure = (xyz[:, 1] + 0.9).clamp(0.3, 0.98)
        scores = ((1 - sure) / (R - 1))[:, None].expand(N, R).clone()
        scores[torch.arange(N), labels] = sure
    covered = (xyz[:, 0] > -0.35) & torch.tensor(found)
    vote = Vote(labels=torch.where(covered, labels, -1), scores=scores, covered=covered)
    mine = torch.arange(N)[covered]
    units = Units(
        label=torch.zeros(int(found), dtype=torch.int64),
        score=torch.ones(int(found)),
        offsets=torch.tensor([0, len(mine)] if found else [0]),
        point=mine,
        view=torch.zeros(int(found), dtype=torch.int64),
        count=N,
    )
    losses = [1.4 * 0.96**i + (0.3 if i > 60 else 0) for i in range(120)] if found else []
    trace: Any = SimpleNamespace(
        skipped=(),
        views=seen,
        detections=detections_of(kind, seen, parts),
        units=units,
        cloud=cloud,
        vote=vote,
        point_labels=labels,
        point_scores=scores,
        losses=losses,
        rescored_at=60 if found else None,
        superpoint_vote=None,
    )
    result = Segmentation(
        labels=labels,
        scores=scores,
        names=names,
        shape=cloud,
        mode="tta",
        vote_labels=vote.labels,
        timings={"sample": 3.2, "render": 41.0, "teach": 380.0, "align": 950.0, "total": 1374.2},
        warnings=("never seen in any view: wheel",) if found else ("no part was found",),
        meta={
            "category": "chair",
            "teacher": "embedded",
            "teacher_kind": "pixels",
            "teacher_licence": "Apache-2.0",
            "teacher_limits": "",
            "teacher_trains_others": "yes",
            "teacher_weights": "in the package",
            "seed": 0,
            "device": "cpu",
            "up": "y",
            "versions": {"pdengine": "0.1.0", "torch": "2", "numpy": "2", "python": "3.11"},
        },
    )
    return SimpleNamespace(
        result=result, trace=trace, config=config, source=Source("chair.ply", "ab" * 32)
    )


@pytest.fixture(params=["boxes", "masks", "pixels"])
def run(request: pytest.FixtureRequest) -> SimpleNamespace:
    return make_run(request.param)


@pytest.fixture
def make() -> Any:
    return make_run
