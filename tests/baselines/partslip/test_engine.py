"""Mode "partslip" from shape to labels."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

import pdengine as pde
from pdengine.cameras import rig
from pdengine.config import EngineConfig, RenderConfig, as_partslip
from pdengine.evaluate import instance_miou
from pdengine.io import cloud_from_arrays, mesh_from_arrays, sample_mesh
from pdengine.published import (
    PARTSLIP_DISTANCE,
    PARTSLIP_FOV_DEGREES,
    PartSlipConfig,
    SuperpointConfig,
)
from pdengine.report import Source, write_outputs
from pdengine.shapes import make
from pdengine.types import Boxes, PartList, Views

SMALL = EngineConfig(
    mode="partslip",
    up="y",
    points=3000,
    render=RenderConfig(views=6, size=(96, 96), surface_points=20_000),
)


def two_balls(count: int = 400) -> Tensor:
    """A ball at x = -1.5 and a ball at x = +1.5, [2 * count, 3]."""
    dice = torch.Generator().manual_seed(0)
    ball = torch.nn.functional.normalize(torch.randn(2 * count, 3, generator=dice), dim=1)
    ball[:count, 0] -= 1.5
    ball[count:, 0] += 1.5
    return ball


class Detector:
    """A user's own: a box around either ball in every view, first the left one, always right."""

    name = "tuned on eight shapes"

    def __init__(self, score: float = 0.8) -> None:
        self.score = score

    def __call__(self, views: Views, parts: PartList) -> Boxes:
        assert parts.names == ("left", "right")
        boxes = []
        for index in views.index:  # the first half of the cloud's points are the left ball
            for ball in ((index >= 0) & (index < 400), index >= 400):
                y, x = ball.nonzero().unbind(1)
                boxes.append(torch.stack([x.min(), y.min(), x.max() + 1, y.max() + 1]).float())
        count = len(boxes)
        view, part = torch.arange(count) // 2, torch.arange(count) % 2
        return Boxes(torch.stack(boxes), view, part, torch.full((count,), self.score))


def test_a_detector_of_ones_own_labels_two_balls() -> None:
    result = pde.segment(two_balls(), "left, right", config=SMALL, teacher=Detector())
    assert result.mode == "partslip"
    assert (result.labels == (two_balls()[:, 0] > 0).long()).float().mean() > 0.95
    assert result.meta["voting_units"] == 12
    assert result.meta["teacher"] == "tuned on eight shapes"
    assert result.meta["partslip"] == asdict(PartSlipConfig())
    assert {"superpoints", "superpoint vote", "vote"} <= set(result.timings)


def test_the_scores_are_the_superpoints_shares() -> None:
    engine = pde.Engine(SMALL, teacher=Detector())
    result = engine.set_shape(two_balls()).segment("left, right")
    assert engine.trace is not None
    vote = engine.trace.superpoint_vote
    assert vote is not None
    labelled = result.labels >= 0
    assert torch.equal(result.scores[labelled], vote.point_share[labelled])
    assert torch.equal(vote.superpoint, engine.superpoints())
    assert len(vote.labels) == result.meta["superpoints"]
    assert result.scores[~labelled].sum() == 0
    assert result.scores.min() >= 0
    assert result.scores.max() <= 1


def test_the_vote_stands_beside_it() -> None:
    both = [
        pde.segment(two_balls(), "left, right", config=replace(SMALL, mode=m), teacher=Detector())
        for m in ("partslip", "vote")
    ]
    assert torch.equal(both[0].vote_labels, both[1].labels)


@pytest.fixture(scope="module")
def chair() -> tuple[pde.Engine, list[Tensor], Tensor]:
    """An engine that has segmented a generated chair by boxes, answers, and the true parts."""
    made = make("chair", 2_000_000)
    mesh = mesh_from_arrays(made.vertices, made.faces)
    config = replace(SMALL, teacher="embedded-boxes", render=RenderConfig(size=(160, 160)))
    engine = pde.Engine(config)
    prompt = f"chair: {', '.join(made.parts)}"
    answers = [engine.set_shape(mesh).segment(prompt).scores for _ in range(2)]
    truth = torch.from_numpy(made.face_label).long()
    return engine, answers, truth[sample_mesh(mesh, config.points, config.seed).face]


def test_boxes_of_the_embedded_teacher_beat_chance(
    chair: tuple[pde.Engine, list[Tensor], Tensor],
) -> None:
    engine, _, truth = chair
    assert engine.trace is not None
    labels = engine.trace.point_labels
    parts = engine.trace.point_scores.shape[1]
    most = truth.bincount().argmax().expand(len(truth))  # one part everywhere, the best such guess
    found, guessed = (instance_miou(answer, truth, parts) for answer in (labels, most))
    assert found > guessed + 0.2
    assert (labels[labels >= 0] == truth[labels >= 0]).float().mean() > 0.8


def test_the_same_shape_gives_the_same_bytes(
    chair: tuple[pde.Engine, list[Tensor], Tensor],
) -> None:
    _, answers, _ = chair
    assert torch.equal(*answers)


def blind(views: Views, parts: PartList) -> Boxes:
    """Finds nothing."""
    none = torch.zeros(0, dtype=torch.int64)
    return Boxes(torch.zeros(0, 4), none, none, torch.zeros(0))


def test_nothing_found_is_unlabelled_and_says_so() -> None:
    result = pde.segment(two_balls(), "left, right", config=SMALL, teacher=blind)
    assert set(result.labels.tolist()) == {-1}
    assert result.warnings == ("no part was found in any view: every point is unlabelled",)


def test_detections_below_the_threshold_are_unlabelled_and_say_so() -> None:
    result = pde.segment(two_balls(), "left, right", config=SMALL, teacher=Detector(score=0.4))
    assert set(result.labels.tolist()) == {-1}
    assert result.warnings == (
        "no detection reaches partslip.detection_threshold: every point is unlabelled, "
        "the best scores 0.40",
    )
    # The voting baseline weighs scores and needs no threshold.
    assert (result.vote_labels >= 0).all()
    low = replace(SMALL, partslip=PartSlipConfig(detection_threshold=0.3))
    assert pde.segment(two_balls(), "left, right", config=low, teacher=Detector(0.4)).found


def test_a_mesh_keeps_the_small_parts_that_won() -> None:
    # A vertex takes the label of the points around it, not the part of their highest share.
    made = make("mug", 0)
    mesh = mesh_from_arrays(made.vertices, made.faces)

    def all_body(views: Views, parts: PartList) -> Boxes:
        height, width = views.size
        whole = torch.tensor([[0.0, 0, width, 0.6 * height]] * 12)
        part = torch.tensor([0, 1] * 6)
        whole[part == 1, 3] -= 0.02 * height  # a handle of nearly that size
        return Boxes(whole, torch.arange(12) // 2, part, torch.full((12,), 0.9))

    config = replace(SMALL, partslip=PartSlipConfig(superpoints=SuperpointConfig(smallest=100)))
    result = pde.segment(mesh, "mug: body, handle", config=config, teacher=all_body)
    assert (result.labels == 1).any()
    assert not (result.labels == 0).all()
    wins = result.labels == 1
    assert (result.scores[wins, 0] >= result.scores[wins, 1]).float().mean() > 0.9


def test_result_json_and_report_tell_the_method(tmp_path: Path) -> None:
    engine = pde.Engine(SMALL, teacher=Detector())
    result = engine.set_shape(two_balls()).segment("left, right")
    assert engine.trace is not None
    write_outputs(tmp_path, "balls", result, engine.trace, SMALL, Source("balls.ply"))
    content = json.loads((tmp_path / "result.json").read_text())
    assert content["mode"] == "partslip"
    assert content["superpoints"] == result.meta["superpoints"] > 0
    assert content["voting_units"] == 12
    assert content["config"]["partslip"]["superpoints"]["regularisation"] == 0.05
    page = (tmp_path / "report.html").read_text()
    assert "vote of superpoints" in page
    assert "<h2>The superpoints</h2>" in page


def test_as_partslip_is_the_published_rendering() -> None:
    config = as_partslip(EngineConfig(up="z", seed=3))
    assert (config.mode, config.up, config.seed) == ("partslip", "z", 3)
    assert config.render.size == (800, 800)
    assert config.render.radius_px == 2  # 0.005 of half an image
    assert config.lift.drop_if_covers == 0.98
    cameras = rig(config.render.views)
    assert torch.equal(cameras.rotation, rig("partslip10").rotation)
    assert torch.allclose(cameras.translation.norm(dim=1), torch.tensor(PARTSLIP_DISTANCE))
    half_width = math.tan(math.radians(PARTSLIP_FOV_DEGREES / 2))
    assert torch.allclose(cameras.focal, torch.tensor(1 / half_width))


def test_a_shape_keeps_its_superpoints_between_prompts() -> None:
    engine = pde.Engine(SMALL, teacher=Detector()).set_shape(two_balls())
    first = engine.superpoints()
    assert engine.superpoints() is first
    engine.segment("left, right")
    assert "superpoints" not in engine.segment("left, right").timings
    with pytest.raises(pde.ShapeError, match="superpoints need a shape: call set_shape first"):
        pde.Engine(SMALL, teacher=Detector()).superpoints()


def test_a_cloud_of_one_point_is_a_superpoint() -> None:
    engine = pde.Engine(SMALL, teacher=blind).set_shape(cloud_from_arrays(torch.zeros(1, 3)))
    assert engine.superpoints().tolist() == [0]
    assert engine.segment("left, right").labels.shape == (1,)
