"""Grounding DINO: as the library runs it, and back to the right part and place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from pdengine.errors import PartError, TeacherError
from pdengine.teach.models.catalogue import GROUNDING_DINO_TINY
from pdengine.teach.models.grounding_dino import GroundingDino, packed
from pdengine.teach.models.loaders import grounding_dino as load
from pdengine.teach.models.phrasing import Asked, Phrasing
from pdengine.teach.models.pictures import pictures
from pdengine.teach.protocol import check_detections
from pdengine.types import PartList, Views

PARTS = PartList(("seat", "car seat", "back"), "chair")
Look = Callable[[int, int, int], Views]


@pytest.fixture
def detector(grounding_dino: Path) -> GroundingDino:
    return GroundingDino("grounding-dino-tiny", grounding_dino)


def asking(*phrases: str) -> Asked:
    return Asked(phrases, tuple(range(len(phrases))), len(phrases))


def asking_one(*phrases: str) -> Asked:
    return Asked(phrases, (0,) * len(phrases), 1)


def test_tokens_belong_to_phrases_by_position(detector: GroundingDino) -> None:
    # [CLS] seat . car seat . back . arm ##rest . [SEP]: the two seats are not mixed up.
    (caption,) = detector.captions(asking("seat", "Car  seat", "back", "armrest"))
    assert caption.text == "seat . car seat . back . armrest ."
    assert caption.of_token == (-1, 0, -1, 1, 1, -1, 2, -1, 3, 3, -1, -1)


def test_dots_and_question_marks_do_not_end_a_phrase(detector: GroundingDino) -> None:
    (caption,) = detector.captions(asking("car. seat?", "back"))
    assert caption.text == "car seat . back ."


@pytest.mark.parametrize("two", [("No. 1 leg", "no 1 leg"), ("seat?", "seat"), ("żółć a", "ęśń a")])
def test_phrases_that_differ_by_what_it_does_not_read_are_refused(
    detector: GroundingDino, two: tuple[str, str]
) -> None:
    with pytest.raises(PartError, match=f"must not read alike, got {re.escape(repr(two[0]))} and"):
        detector.check(asking(*two))
    detector.check(Asked(two, (0, 0), 1))  # of one part they may


def test_many_phrases_become_several_captions(detector: GroundingDino) -> None:
    captions = detector.captions(asking_one(*["car seat"] * 40))  # of 3 tokens each; 48 fit
    assert [c.first for c in captions] == [0, 15, 30]
    assert sum(c.count for c in captions) == 40
    assert all(len(c.of_token) <= 48 for c in captions)


def test_the_phrases_of_a_part_stay_in_one_caption() -> None:
    """Else a candidate of one caption would lack the score of a phrase in the other."""
    assert packed([3, 3, 3, 3], [0, 0, 1, 1], 10) == [range(2), range(2, 4)]
    assert packed([3, 3, 3, 3], [0, 1, 2, 3], 10) == [range(3), range(3, 4)]
    assert packed([3, 3, 3, 3], [0, 0, 0, 0], 10) == [range(3), range(3, 4)]  # too long a part
    assert packed([], [], 10) == []


def test_three_hundred_phrases_are_read_once_each(detector: GroundingDino) -> None:
    read: list[str] = []
    tokeniser = detector._tokeniser

    def count(text: str, **how: Any) -> Any:
        read.append(text)
        return tokeniser(text, **how)

    count.unk_token_id = tokeniser.unk_token_id  # type: ignore[attr-defined]
    detector._tokeniser = count
    captions = detector.captions(asking_one(*["car seat"] * 300))
    assert len(read) == 300 + len(captions) == 320


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("seat " * 60, "must have at most 48 tokens, got 63: 'seat seat"),
        (" . ", "must have a word it knows, got ' . '"),
        ("żółć", "must have a word it knows, got 'żółć'"),
    ],
)
def test_says_what_it_cannot_read(detector: GroundingDino, phrase: str, message: str) -> None:
    with pytest.raises(TeacherError, match=f"grounding-dino-tiny: a prompt {message}"):
        detector.check(asking("seat", phrase))


@pytest.mark.parametrize("size", [(40, 60), (64, 32)])
def test_equals_the_library(
    detector: GroundingDino, grounding_dino: Path, look: Look, size: tuple[int, int]
) -> None:
    import transformers as hub

    images = pictures(look(2, *size))
    image = hub.GroundingDinoImageProcessorPil.from_pretrained(grounding_dino)
    tokeniser = hub.BertTokenizer.from_pretrained(grounding_dino)
    model = hub.GroundingDinoForObjectDetection.from_pretrained(grounding_dino).eval()
    processor = hub.GroundingDinoProcessor(image, tokeniser)
    inputs = processor(images=images, text=["seat . car seat ."] * 2, return_tensors="pt")
    with torch.no_grad():
        outputs = model(**inputs)
    theirs = processor.post_process_grounded_object_detection(
        outputs, threshold=-1.0, target_sizes=[size, size]
    )
    # [CLS] seat . car seat . [SEP]
    probability = outputs.logits.sigmoid()
    seat, car_seat = probability[..., 1], (probability[..., 3] + probability[..., 4]) / 2

    ours = detector(images, asking("seat", "car seat"), torch.device("cpu"))
    assert torch.equal(ours.box, torch.stack([found["boxes"] for found in theirs]))
    assert torch.equal(ours.score, torch.stack([seat, car_seat], -1))


def test_a_second_caption_brings_its_own_candidates(detector: GroundingDino, look: Look) -> None:
    images = pictures(look(1, 32, 32))
    found = detector(images, asking_one(*["car seat"] * 20), torch.device("cpu"))
    assert found.box.shape == (1, 24, 4)
    assert found.score.shape == (1, 24, 20)
    assert not found.score[0, :12, 15:].any()
    assert not found.score[0, 12:, :15].any()


def test_answers_what_the_engine_takes_and_the_same_again(grounding_dino: Path, look: Look) -> None:
    teacher = load(GROUNDING_DINO_TINY, path=grounding_dino, threshold=0.0, batch=2)
    views = look(3, 40, 60)
    boxes = teacher(views, PARTS)
    check_detections(boxes, views, PARTS)
    assert len(boxes.box)
    again = teacher(views, PARTS)
    assert torch.equal(boxes.box, again.box)
    assert torch.equal(boxes.score, again.score)
    one_by_one = load(GROUNDING_DINO_TINY, path=grounding_dino, threshold=0.0, batch=1)(
        views, PARTS
    )
    assert boxes.view.tolist() == one_by_one.view.tolist()
    torch.testing.assert_close(boxes.box, one_by_one.box, rtol=0, atol=0.01)  # of a pixel


# At the published size: a square, one that the longest edge limits, a tall odd one, a narrow one.
@pytest.mark.parametrize(("height", "width"), [(224, 224), (120, 300), (97, 64), (300, 90)])
def test_a_marker_comes_back_at_its_place(
    grounding_dino: Path,
    show: Callable[[torch.Tensor], Views],
    marked: Callable[[int, int, Any], torch.Tensor],
    seen_marker: Callable[[torch.Tensor], torch.Tensor],
    height: int,
    width: int,
) -> None:
    where = (width // 4, height // 3, width // 2, height // 2)
    teacher = load(GROUNDING_DINO_TINY, path=grounding_dino)
    detector: Any = teacher._detector
    size = {"shortest_edge": 800, "longest_edge": 1333}
    import transformers as hub

    detector._image = hub.GroundingDinoImageProcessorPil.from_pretrained(grounding_dino, size=size)

    def find(
        pixel_values: torch.Tensor, pixel_mask: torch.Tensor, input_ids: torch.Tensor, **_: Any
    ) -> Any:
        """What a perfect model says: the marker, as a share of what is not padding."""
        rows, columns = int(pixel_mask[0, :, 0].sum()), int(pixel_mask[0, 0].sum())
        box = seen_marker(pixel_values[0, :, :rows, :columns])[None, None]
        logits = torch.full((1, 1, 48), -9.0)
        logits[0, 0, 3:5] = 9.0  # [CLS] seat . car seat . back . [SEP]
        return SimpleNamespace(logits=logits, pred_boxes=box)

    detector._model.forward = find
    teacher._phrasing = Phrasing(("{part}",))
    boxes = teacher(show(marked(height, width, where)), PARTS)
    assert boxes.label.tolist() == [1]  # car seat, and not the seat that it ends with
    torch.testing.assert_close(boxes.box[0], torch.tensor(where).float(), rtol=0, atol=1.0)


def test_phrases_of_a_file_are_asked(grounding_dino: Path, tmp_path: Path) -> None:
    file = tmp_path / "phrases.json"
    file.write_text(json.dumps({"seat": ["where one sits"], "car seat": ["a"], "back": ["b"]}))
    teacher = load(GROUNDING_DINO_TINY, path=grounding_dino, phrases=file)
    asked = teacher._phrasing.ask(PARTS)
    assert asked.phrases == ("where one sits", "a", "b")


def test_identity_changes_with_weights_and_settings(grounding_dino: Path) -> None:
    one = load(GROUNDING_DINO_TINY, path=grounding_dino)
    assert one.identity == load(GROUNDING_DINO_TINY, path=grounding_dino).identity
    assert one.identity != load(GROUNDING_DINO_TINY, path=grounding_dino, threshold=0.3).identity
