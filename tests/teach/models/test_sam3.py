"""SAM 3: masks of phrases, as the library finds them, back to the right part and place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from pdengine.errors import TeacherError
from pdengine.teach.models.catalogue import SAM3
from pdengine.teach.models.loaders import sam3 as load
from pdengine.teach.models.phrasing import Phrasing
from pdengine.teach.models.pictures import pictures
from pdengine.teach.protocol import check_detections
from pdengine.types import PartList, Views

PARTS = PartList(("seat", "car seat", "back"))
Look = Callable[[int, int, int], Views]


def test_equals_the_library(sam3: Path, look: Look) -> None:
    import transformers as hub

    views = look(2, 40, 60)
    teacher = load(SAM3, path=sam3, threshold=0.0, overlap=1.0, batch=2)
    ours = teacher(views, PARTS)

    image = hub.Sam3ImageProcessor.from_pretrained(sam3)
    processor = hub.Sam3Processor(image, hub.CLIPTokenizer.from_pretrained(sam3))
    model = hub.Sam3Model.from_pretrained(sam3).eval()
    count = 0
    for view, picture in enumerate(pictures(views)):
        for part, phrase in enumerate(PARTS.names):
            inputs = processor(images=picture, text=phrase, return_tensors="pt")
            with torch.no_grad():
                outputs = model(
                    pixel_values=inputs["pixel_values"],
                    input_ids=inputs["input_ids"],
                    attention_mask=inputs["attention_mask"],
                )
            (theirs,) = processor.image_processor.post_process_instance_segmentation(
                outputs, threshold=0.0, target_sizes=[(40, 60)]
            )
            there = theirs["masks"].flatten(1).any(1)
            mine = (ours.view == view) & (ours.label == part)
            torch.testing.assert_close(
                ours.score[mine], theirs["scores"][there], rtol=1e-4, atol=1e-5
            )
            differing = ours.mask[mine] != (theirs["masks"][there] > 0)
            assert float(differing.float().mean()) < 0.001  # a batch rounds otherwise
            count += int(there.sum())
    assert count == len(ours.mask) > 0


def test_the_video_models_weights_are_sam3s_too(
    sam3: Path, tmp_path: Path, as_video: Callable[..., Path], look: Look
) -> None:
    """SAM 3 is published as the video model that contains it."""
    import transformers as hub

    own = hub.Sam3Model.from_pretrained(sam3)
    config = hub.Sam3VideoConfig(detector_config=own.config.to_dict())
    copy = as_video(sam3, tmp_path / "video", hub.Sam3VideoModel, config, "detector_model.")
    views = look(1, 40, 60)
    one, other = (load(SAM3, path=f, threshold=0.0)(views, PARTS) for f in (sam3, copy))
    assert len(one.mask)
    assert torch.equal(one.mask, other.mask)
    assert torch.equal(one.score, other.score)


def test_answers_what_the_engine_takes_and_the_same_again(sam3: Path, look: Look) -> None:
    teacher = load(SAM3, path=sam3, threshold=0.0)
    views = look(3, 40, 60)
    masks = teacher(views, PARTS)
    assert not isinstance(masks, type(None))
    check_detections(masks, views, PARTS)
    assert torch.equal(masks.mask, teacher(views, PARTS).mask)


@pytest.mark.parametrize(("height", "width"), [(224, 224), (120, 300), (97, 64), (300, 90)])
def test_a_marker_comes_back_at_its_place(
    sam3: Path,
    show: Callable[[torch.Tensor], Views],
    marked: Callable[[int, int, Any], torch.Tensor],
    height: int,
    width: int,
) -> None:
    import transformers as hub

    where = (width // 4, height // 3, width // 2, height // 2)
    teacher: Any = load(SAM3, path=sam3)
    teacher._image = hub.Sam3ImageProcessor()  # the published size
    teacher._phrasing = Phrasing(("{part}",))
    calls: list[int] = []

    def see(pixels: torch.Tensor) -> torch.Tensor:
        return pixels

    def find(vision_embeds: torch.Tensor, **_: Any) -> Any:
        """A perfect model: the second phrase is the marker, found twice; the others are nowhere."""
        calls.append(1)
        red = vision_embeds[:1, 0] - vision_embeds[:1, 1]
        rows, columns = (red[0] > 0.5).nonzero(as_tuple=True)
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        score = 5.0 if len(calls) == 2 else -9.0
        mask = torch.where(red > 0.5, 5.0, -5.0)[None]
        return SimpleNamespace(
            pred_logits=torch.tensor([[score, score - 1]]),
            pred_boxes=(torch.stack(box).float() / 1008).expand(1, 2, 4),
            pred_masks=torch.nn.functional.interpolate(mask, (288, 288)).expand(1, 2, 288, 288),
            presence_logits=torch.tensor([[5.0]]),
        )

    teacher._model.get_vision_features, teacher._model.forward = see, find
    masks = teacher(show(marked(height, width, where)), PARTS)
    assert masks.label.tolist() == [1]  # once, for the car seat
    rows, columns = masks.mask[0].nonzero(as_tuple=True)
    back = [int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1]
    assert max(abs(a - b) for a, b in zip(back, where, strict=True)) <= 1


def test_a_phrase_that_would_lose_its_end_is_refused(sam3: Path) -> None:
    teacher: Any = load(SAM3, path=sam3)
    with pytest.raises(TeacherError, match=r"sam3: a prompt must have at most 32 tokens, got 42"):
        teacher.check_parts(PartList(("x" * 40,)))
