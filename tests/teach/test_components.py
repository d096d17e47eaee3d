"""Pixels as boxes and masks: first score maps that are drawn by hand, then the real teacher."""

from __future__ import annotations

import pytest
import torch

import pdengine as pde
from pdengine.cameras import rig
from pdengine.config import EngineConfig, RenderConfig
from pdengine.io import cloud_from_arrays
from pdengine.render import render
from pdengine.teach import check_detections, make_teacher, parse_parts
from pdengine.teach.card import EMBEDDED
from pdengine.teach.embedded.components import (
    MIN_SHARE,
    ComponentTeacher,
    as_boxes,
    as_masks,
    regions,
)
from pdengine.teach.embedded.data import sample_shape
from pdengine.teach.embedded.held_out import VALIDATION_SEED
from pdengine.types import PixelScores

CHAIR = "chair: back, seat, leg, arm"


def scores(picture, chance=0.75):
    """[1, 2, H, W] from text: a and b are the parts, . is none of them, a space is background."""
    rows = picture.strip("\n").split("\n")
    score = torch.zeros(1, 2, len(rows), len(rows[0]))
    covered = torch.zeros(1, len(rows), len(rows[0]), dtype=torch.bool)
    for y, row in enumerate(rows):
        for x, letter in enumerate(row):
            covered[0, y, x] = letter != " "
            if letter in "ab":
                score[0, "ab".index(letter), y, x] = chance
    return score, covered


TWO_LEGS = """
aaaaaaa
bb...bb
.b.....
"""


def test_every_component_is_a_box():
    boxes = as_boxes(regions(*scores(TWO_LEGS), min_share=0))
    assert boxes.box.tolist() == [[0, 0, 7, 1], [0, 1, 2, 3], [5, 1, 7, 2]]
    assert boxes.label.tolist() == [0, 1, 1]
    assert boxes.view.tolist() == [0, 0, 0]
    assert boxes.score.tolist() == [0.75, 0.75, 0.75]


def test_every_component_is_a_mask():
    masks = as_masks(regions(*scores(TWO_LEGS), min_share=0))
    assert masks.label.tolist() == [0, 1, 1]
    assert masks.mask.dtype == torch.bool
    assert masks.mask.sum((1, 2)).tolist() == [7, 3, 2]
    assert masks.mask[1].int().tolist() == [
        [0, 0, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0, 0],
        [0, 1, 0, 0, 0, 0, 0],
    ]


def test_the_score_is_the_mean_inside():
    score, covered = scores("aab")
    score[0, 0] = torch.tensor([0.5, 1.0, 0.25])
    score[0, 1] = torch.tensor([0.25, 0.0, 0.625])
    assert as_masks(regions(score, covered)).score.tolist() == [0.75, 0.625]


def test_none_of_them_is_no_region():
    score, covered = scores("aabb")
    score[0, 0, 0, :2] = torch.tensor([0.5, 0.4375])  # the rest is 0.5 and 0.5625
    assert as_boxes(regions(score, covered)).box.tolist() == [[0, 0, 1, 1], [2, 0, 4, 1]]


def test_a_speck_is_left_out_by_its_share_of_what_is_covered():
    # 8 of 12 pixels are covered, and b has 2 of them
    picture = "aaaaaa    bb"
    assert len(as_boxes(regions(*scores(picture), min_share=0.25)).label) == 2
    assert as_boxes(regions(*scores(picture), min_share=0.26)).label.tolist() == [0]


def test_each_view_has_its_own():
    (upper, covered), (lower, also) = scores("aa.\n..."), scores("...\n.bb")
    both = regions(torch.cat([upper, lower]), torch.cat([covered, also]))
    boxes = as_boxes(both)
    assert boxes.view.tolist() == [0, 1]
    assert boxes.label.tolist() == [0, 1]
    assert boxes.box.tolist() == [[0, 0, 2, 1], [1, 1, 3, 2]]
    assert as_masks(both).mask[1].nonzero().tolist() == [[1, 1], [1, 2]]


@pytest.mark.parametrize("picture", ["...\n...", "   \n   "], ids=["none of them", "nothing"])
def test_nothing_found_is_empty(picture):
    found = regions(*scores(picture))
    assert as_boxes(found).box.shape == (0, 4)
    assert as_masks(found).mask.shape == (0, 2, 3)
    assert as_masks(found).label.dtype == torch.int64


@pytest.fixture(scope="module", params=["boxes", "masks"])
def teacher(request):
    return make_teacher(f"embedded-{request.param}")


@pytest.fixture(scope="module")
def chair():
    return sample_shape("chair", VALIDATION_SEED + 500, None)


@pytest.fixture(scope="module")
def views(chair):
    return render(chair.cloud, rig(4), RenderConfig())


def test_it_has_a_name_and_a_licence(teacher):
    assert teacher.name in ("embedded-boxes", "embedded-masks")
    assert teacher.licence == make_teacher("embedded").licence == "Apache-2.0"


def test_the_real_answer_agrees_with_the_pixels(teacher, views):
    parts = parse_parts(CHAIR)
    found = teacher(views, parts)
    check_detections(found, views, parts, teacher.name)
    assert set(found.label.tolist()) == {0, 1, 2, 3}
    pixels = teacher.pixels(views, parts).score
    best, part = pixels.max(1)
    part[(views.index < 0) | (best < 1 - pixels.sum(1))] = -1
    area = (views.index >= 0).sum((1, 2))
    claimed = torch.zeros(len(views), len(parts), *views.size, dtype=torch.bool)
    for k, (view, label) in enumerate(zip(found.view, found.label, strict=True)):
        mine = part[view] == label
        if teacher.name == "embedded-masks":
            inside = found.mask[k]
            assert bool(mine[inside].all())
            assert float(found.score[k]) == pytest.approx(float(best[view][inside].mean()))
            assert inside.sum() >= MIN_SHARE * area[view]
        else:
            x0, y0, x1, y1 = found.box[k].int().tolist()
            inside = torch.zeros_like(mine)
            inside[y0:y1, x0:x1] = True
            for edge in (
                mine[y0, x0:x1],
                mine[y1 - 1, x0:x1],
                mine[y0:y1, x0],
                mine[y0:y1, x1 - 1],
            ):
                assert bool(edge.any())
        claimed[view, label] |= inside
    named = part >= 0
    told = claimed.gather(1, part.clamp_min(0)[:, None])[:, 0]
    assert float(told[named].float().mean()) > 0.98  # the rest is specks


def test_what_it_is_asked_besides_goes_to_the_pixels(teacher, views):
    assert teacher.propose(views) == teacher.pixels.propose(views)
    assert torch.equal(teacher.up_direction(views, None), teacher.pixels.up_direction(views, None))
    with pytest.raises(pde.TeacherError, match="vocabulary"):
        teacher.check_parts(parse_parts("chair: wheel of fortune"))


CONFIG = EngineConfig(up="y", mode="vote")


@pytest.mark.parametrize("prompt", [CHAIR, None], ids=["asked", "proposed"])
def test_the_engine_runs_with_it(teacher, chair, prompt):
    shape = cloud_from_arrays(chair.cloud.xyz[::6])
    result = pde.segment(shape, prompt, config=CONFIG, teacher=teacher)
    assert result.names == ("back", "seat", "leg", "arm")
    assert result.meta["teacher"] == teacher.name
    assert (result.labels == chair.part[::6]).float().mean() > 0.75


def test_its_boxes_and_masks_align_a_student(teacher, chair):
    shape = cloud_from_arrays(chair.cloud.xyz[::20])
    result = pde.segment(shape, CHAIR, config=EngineConfig(up="y"), teacher=teacher)
    assert result.mode == "tta"
    assert (result.labels == chair.part[::20]).float().mean() > 0.75


class Blind:
    """An embedded teacher that recognises nothing."""

    name = "embedded"
    card = EMBEDDED

    def __call__(self, views, parts):
        return PixelScores(torch.zeros(len(views), len(parts), *views.size))

    def check_parts(self, parts):
        pass

    def remarks_on(self, parts):
        return ()


@pytest.mark.parametrize("mode", ["vote", "tta"])
@pytest.mark.parametrize("kind", ["boxes", "masks"])
def test_zero_detections_are_unlabelled(kind, mode, chair):
    shape = cloud_from_arrays(chair.cloud.xyz[::60])
    config = EngineConfig(up="y", mode=mode)
    result = pde.segment(shape, CHAIR, config=config, teacher=ComponentTeacher(Blind(), kind))
    assert not result.found
    assert "no part was found" in result.warnings[0]
