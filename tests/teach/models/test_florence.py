"""Florence-2: what it writes down, back to the right part and place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from pdengine.errors import ConfigError, TeacherError
from pdengine.teach.models.catalogue import FLORENCE
from pdengine.teach.models.florence import Florence, boxes_of
from pdengine.teach.models.loaders import florence as load
from pdengine.teach.models.pictures import pictures
from pdengine.teach.protocol import check_detections
from pdengine.types import PartList, Views

PARTS = PartList(("seat", "car seat", "back"), "chair")
Look = Callable[[int, int, int], Views]


def test_a_box_is_four_words() -> None:
    text = "</s><s>seat<loc_0><loc_499><loc_999><loc_999></s>"
    assert boxes_of(text, 1000, 200) == [[0.5, pytest.approx(99.9), 999.5, pytest.approx(199.9)]]


def test_several_boxes_and_no_polygons() -> None:
    text = (
        "seat<loc_0><loc_1><loc_2><loc_3><loc_4><loc_5><loc_6><loc_7>"
        "back<poly><loc_1><loc_1><loc_2><loc_2><loc_3><loc_3></poly><loc_8><loc_9>"
    )
    assert [[int(v) for v in box] for box in boxes_of(text, 1000, 1000)] == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
    ]
    assert boxes_of("nothing here", 10, 10) == []


def test_what_it_is_shown_and_what_it_writes_equal_the_library(florence: Path, look: Look) -> None:
    import transformers as hub

    images = pictures(look(2, 40, 60))
    image = hub.CLIPImageProcessorPil.from_pretrained(florence)
    image.image_seq_length = 5
    processor = hub.Florence2Processor(image, hub.AutoTokenizer.from_pretrained(florence))
    model = hub.Florence2ForConditionalGeneration.from_pretrained(florence).eval()
    text = ["<OPEN_VOCABULARY_DETECTION>seat"] * 2
    inputs = processor(text=text, images=images, return_tensors="pt")
    with torch.no_grad():
        words = model.generate(**inputs, max_new_tokens=24, num_beams=1, do_sample=False)
    theirs = processor.batch_decode(words, skip_special_tokens=False)
    ours = Florence("florence", florence, longest=24)
    assert ours._written(images, "seat", torch.device("cpu")) == theirs
    shown: dict[str, torch.Tensor] = {}

    def generate(**given: Any) -> torch.Tensor:
        shown.update(given)
        return words

    ours._model.generate = generate
    ours._written(images, "seat", torch.device("cpu"))
    assert all(torch.equal(shown[key], value) for key, value in inputs.items())


def test_boxes_equal_the_librarys_within_its_rounding(florence: Path) -> None:
    import transformers as hub

    image = hub.CLIPImageProcessorPil.from_pretrained(florence)
    image.image_seq_length = 5
    rules = {"description_with_bboxes_or_polygons": {}}
    processor = hub.Florence2Processor(
        image, hub.AutoTokenizer.from_pretrained(florence), post_processor_config=rules
    )
    text = "</s><s>car seat<loc_12><loc_300><loc_740><loc_999></s>"
    task = "<OPEN_VOCABULARY_DETECTION>"
    theirs = processor.post_process_generation(text=text, task=task, image_size=(120, 300))
    ours = boxes_of(text, 120, 300)
    assert [[int(v) for v in box] for box in ours] == theirs[task]["bboxes"]  # it cuts fractions


@pytest.mark.parametrize(("height", "width"), [(224, 224), (120, 300), (97, 64), (300, 90)])
def test_a_marker_comes_back_at_its_place(
    florence: Path,
    show: Callable[[torch.Tensor], Views],
    marked: Callable[[int, int, Any], torch.Tensor],
    seen_marker: Callable[[torch.Tensor], torch.Tensor],
    height: int,
    width: int,
) -> None:
    where = (width // 4, height // 3, width // 2, height // 2)
    teacher = load(FLORENCE, path=florence)
    detector: Any = teacher._detector
    tokeniser = detector._processor.tokenizer
    detector._processor.image_processor.size = {"height": 768, "width": 768}
    detector._processor.num_image_tokens = detector._image_words(768, 768)
    assert detector._processor.num_image_tokens == 577  # as published

    def write(pixel_values: torch.Tensor, input_ids: torch.Tensor, **_: Any) -> torch.Tensor:
        """A perfect model: it finds the car seat and nothing else."""
        asked = tokeniser.decode(input_ids[0], skip_special_tokens=True)
        if asked.strip() != "Locate car seat in the image.":
            return tokeniser("</s>", return_tensors="pt", add_special_tokens=False)["input_ids"]
        x, y, w, h = seen_marker(pixel_values[0]).tolist()
        shares = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        text = "car seat" + "".join(f"<loc_{min(999, int(share * 1000))}>" for share in shares)
        return tokeniser(text, return_tensors="pt", add_special_tokens=False)["input_ids"]

    detector._model.generate = write
    boxes = teacher(show(marked(height, width, where)), PartList(("seat", "car seat", "back")))
    assert boxes.label.tolist() == [1]
    assert boxes.score.tolist() == [0.5]
    torch.testing.assert_close(boxes.box[0], torch.tensor(where).float(), rtol=0, atol=1.0)


def test_answers_what_the_engine_takes(florence: Path, look: Look) -> None:
    teacher = load(FLORENCE, path=florence, batch=2, score=0.8)
    teacher._detector._longest = 12  # type: ignore[attr-defined]
    views = look(3, 40, 60)
    boxes = teacher(views, PARTS)
    check_detections(boxes, views, PARTS)
    assert torch.equal(boxes.box, teacher(views, PARTS).box)


def test_says_what_it_cannot_read(florence: Path) -> None:
    teacher = load(FLORENCE, path=florence)
    with pytest.raises(TeacherError, match=r"must have no < or >, got '<od>'"):
        teacher.check_parts(PartList(("<OD>",)))
    with pytest.raises(TeacherError, match="must have at most 64 tokens, got 6"):
        teacher.check_parts(PartList(("x" * 64,)))
    with pytest.raises(ConfigError, match=r"score must be in \(0, 1\], got 0"):
        load(FLORENCE, path=florence, score=0.0)
