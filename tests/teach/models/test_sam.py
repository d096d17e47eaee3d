"""Boxes cut out by SAM: as the library does it, in place, and with the labels of the boxes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from pdengine.errors import TeacherError
from pdengine.teach.card import TeacherCard
from pdengine.teach.models.catalogue import OWLV2_BASE, SAM
from pdengine.teach.models.loaders import owl, refined
from pdengine.teach.models.loaders import sam as loaders_sam
from pdengine.teach.models.pictures import pictures
from pdengine.teach.models.refine import MaskTeacher
from pdengine.teach.models.sam import Sam
from pdengine.teach.protocol import check_detections
from pdengine.types import Boxes, PartList, PixelScores, Views

PARTS = PartList(("seat", "back"))
CARD = TeacherCard("found+sam", "masks", "", "Apache-2.0")
Look = Callable[[int, int, int], Views]


class Found:
    """A box teacher that knows."""

    name = "found"

    def __init__(self, *rows: tuple[list[float], int, int, float]) -> None:
        self.rows = rows

    def __call__(self, views: Views, parts: PartList) -> Boxes:
        box, view, label, score = zip(*self.rows, strict=True) if self.rows else ([], [], [], [])
        return Boxes(
            torch.tensor(box).float().reshape(-1, 4),
            torch.tensor(view, dtype=torch.int64),
            torch.tensor(label, dtype=torch.int64),
            torch.tensor(score).float(),
        )


class Fill:
    """Cuts out the whole box."""

    identity = "fill"

    def __call__(self, image: Any, box: torch.Tensor, device: torch.device) -> torch.Tensor:
        masks = torch.zeros(len(box), image.height, image.width, dtype=torch.bool)
        for mask, (x0, y0, x1, y1) in zip(masks, box.long().tolist(), strict=True):
            mask[y0:y1, x0:x1] = True
        return masks


def test_masks_keep_the_labels_and_scores_of_their_boxes(look: Look) -> None:
    views = look(3, 8, 10)
    found = Found(([1, 1, 3, 2], 2, 1, 0.5), ([0, 0, 4, 4], 0, 0, 0.7), ([5, 5, 6, 7], 0, 1, 0.6))
    masks = MaskTeacher(CARD, found, Fill())(views, PARTS)
    check_detections(masks, views, PARTS)
    assert masks.view.tolist() == [0, 0, 2]
    assert masks.label.tolist() == [0, 1, 1]
    assert masks.score.tolist() == pytest.approx([0.7, 0.6, 0.5])
    assert masks.mask.sum((1, 2)).tolist() == [16, 2, 2]


def test_a_box_around_everything_that_is_seen_is_not_cut_out(
    show: Callable[[torch.Tensor], Views],
) -> None:
    picture = torch.ones(1, 10, 10, 3)
    picture[0, 2:8, 2:8] = 0.5
    views = show(picture)
    around = ([2.0, 2.0, 8.0, 8.0], 0, 0, 0.9)
    nearly = ([2.0, 2.0, 8.0, 7.0], 0, 0, 0.8)
    masks = MaskTeacher(CARD, Found(around, nearly), Fill())(views, PARTS)
    assert masks.score.tolist() == pytest.approx([0.8])


def test_an_empty_mask_is_left_out(look: Look) -> None:
    nothing = ([1.2, 1.2, 1.4, 1.4], 0, 0, 0.9)
    masks = MaskTeacher(CARD, Found(nothing, ([1, 1, 3, 2], 0, 1, 0.5)), Fill())(
        look(1, 8, 8), PARTS
    )
    assert masks.label.tolist() == [1]


def test_no_boxes_are_no_masks(look: Look) -> None:
    masks = MaskTeacher(CARD, Found(), Fill())(look(2, 8, 9), PARTS)
    assert masks.mask.shape == (0, 8, 9)


def test_only_boxes_can_be_cut_out(look: Look) -> None:
    def dense(views: Views, parts: PartList) -> PixelScores:
        return PixelScores(torch.zeros(len(views), len(parts), *views.size))

    dense.name = "dense"  # type: ignore[attr-defined]
    with pytest.raises(
        TeacherError, match=r"found\+sam: only boxes .* dense answers with PixelSco"
    ):
        MaskTeacher(CARD, dense, Fill())(look(1, 8, 8), PARTS)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(40, 60), (60, 40), (33, 33)])
def test_sam_equals_the_library(sam: Path, look: Look, size: tuple[int, int]) -> None:
    import transformers as hub

    (picture,) = pictures(look(1, *size))
    boxes = [[3.0, 4.0, 20.0, 30.0], [10.0, 2.0, 31.0, 25.0]]
    processor = hub.SamProcessor(hub.SamImageProcessorPil.from_pretrained(sam))
    model = hub.SamModel.from_pretrained(sam).eval()
    inputs = processor(picture, input_boxes=[boxes], return_tensors="pt")
    inputs["input_boxes"] = inputs["input_boxes"].float()
    with torch.no_grad():
        outputs = model(
            pixel_values=inputs["pixel_values"],
            input_boxes=inputs["input_boxes"],
            multimask_output=False,
        )
    (theirs,) = processor.post_process_masks(
        outputs.pred_masks, inputs["original_sizes"], inputs["reshaped_input_sizes"]
    )
    ours = Sam("sam", sam, "sam")(picture, torch.tensor(boxes), torch.device("cpu"))
    assert torch.equal(ours, theirs[:, 0])
    assert 0 < float(ours.float().mean()) < 1


def test_many_boxes_are_decoded_some_at_a_time(sam: Path, look: Look) -> None:
    (picture,) = pictures(look(1, 40, 60))
    box = torch.tensor([[3.0, 4.0, 20.0, 30.0], [10.0, 2.0, 31.0, 25.0]]).repeat(35, 1)
    masks = Sam("sam", sam, "sam")(picture, box, torch.device("cpu"))
    assert masks.shape == (70, 40, 60)
    assert torch.equal(masks[:2], masks[-2:])


def test_a_box_teacher_and_sam_together(owlv2: Path, sam: Path, look: Look) -> None:
    teacher = refined(
        CARD,
        partial(owl, OWLV2_BASE, "owlv2"),
        partial(loaders_sam, "sam", SAM),
        path=owlv2,
        cutter_path=sam,
        threshold=0.5,
    )
    views = look(2, 40, 60)
    masks = teacher(views, PARTS)
    check_detections(masks, views, PARTS)
    assert len(masks.mask)
    assert torch.equal(masks.mask, teacher(views, PARTS).mask)
    assert (
        teacher.identity
        != refined(
            CARD,
            partial(owl, OWLV2_BASE, "owlv2"),
            partial(loaders_sam, "sam", SAM),
            path=owlv2,
            cutter_path=sam,
            threshold=0.4,
        ).identity
    )


def test_a_part_that_the_detector_cannot_read_is_refused_before_anything(
    owlv2: Path, sam: Path
) -> None:
    boxes = owl(OWLV2_BASE, "owlv2", path=owlv2)
    teacher = MaskTeacher(CARD, boxes, Sam("sam", sam, "sam"))
    with pytest.raises(TeacherError, match="must have at most 77 tokens"):
        teacher.check_parts(PartList(("x" * 64,), "chair"))
