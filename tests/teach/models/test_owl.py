"""OWL-ViT and OWLv2: as the library runs them, and back to the right part and place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from pdengine.errors import TeacherError
from pdengine.teach.models.catalogue import OWLV2_BASE, OWLVIT_BASE
from pdengine.teach.models.loaders import owl as load
from pdengine.teach.models.owl import Owl
from pdengine.teach.models.phrasing import Asked
from pdengine.teach.models.pictures import pictures
from pdengine.teach.protocol import check_detections
from pdengine.types import PartList, Views

PARTS = PartList(("seat", "car seat", "back"), "chair")
PUBLISHED = {"owlv2": OWLV2_BASE, "owlvit": OWLVIT_BASE}
PREFIX = {"owlv2": "Owlv2", "owlvit": "OwlViT"}
Look = Callable[[int, int, int], Views]


@pytest.fixture(params=["owlv2", "owlvit"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(kind: str, request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(kind)
    return found


def asking(*phrases: str) -> Asked:
    return Asked(phrases, tuple(range(len(phrases))), len(phrases))


@pytest.mark.parametrize("size", [(40, 60), (64, 32)])
def test_equals_the_library(kind: str, folder: Path, look: Look, size: tuple[int, int]) -> None:
    import transformers as hub

    def named(what: str) -> Any:
        return getattr(hub, PREFIX[kind] + what)

    texts = ["a photo of a seat", "a photo of a car seat"]
    images = pictures(look(2, *size))
    image = named("ImageProcessorPil").from_pretrained(folder)
    processor = named("Processor")(image, hub.CLIPTokenizer.from_pretrained(folder))
    model = named("ForObjectDetection").from_pretrained(folder).eval()
    inputs = processor(images=images, text=[texts, texts], return_tensors="pt")
    with torch.no_grad():
        outputs = model(**inputs)
    theirs = processor.post_process_grounded_object_detection(
        outputs, threshold=-1.0, target_sizes=[size, size]
    )

    ours = Owl("owl", folder, kind)(images, asking(*texts), torch.device("cpu"))
    torch.testing.assert_close(ours.box, torch.stack([found["boxes"] for found in theirs]))
    best, label = ours.score.max(-1)
    torch.testing.assert_close(best, torch.stack([found["scores"] for found in theirs]))
    assert torch.equal(label, torch.stack([found["labels"] for found in theirs]))


def test_answers_what_the_engine_takes_and_the_same_again(
    kind: str, folder: Path, look: Look
) -> None:
    teacher = load(PUBLISHED[kind], kind, path=folder, threshold=0.0, batch=2)
    views = look(3, 40, 60)
    boxes = teacher(views, PARTS)
    check_detections(boxes, views, PARTS)
    assert len(boxes.box)
    again = teacher(views, PARTS)
    assert torch.equal(boxes.box, again.box)
    assert torch.equal(boxes.score, again.score)


# OWLv2 pads below and to the right, OWL-ViT squashes.
@pytest.mark.parametrize(("height", "width"), [(224, 224), (120, 300), (97, 64), (300, 90)])
def test_a_marker_comes_back_at_its_place(
    kind: str,
    folder: Path,
    show: Callable[[torch.Tensor], Views],
    marked: Callable[[int, int, Any], torch.Tensor],
    seen_marker: Callable[[torch.Tensor], torch.Tensor],
    height: int,
    width: int,
) -> None:
    where = (width // 4, height // 3, width // 2, height // 2)
    teacher = load(PUBLISHED[kind], kind, path=folder)
    detector: Any = teacher._detector
    import transformers as hub

    processor = getattr(hub, f"{PREFIX[kind]}ImageProcessorPil")
    detector._image = processor.from_pretrained(folder, size={"height": 960, "width": 960})
    model, found = detector._model, []

    def embed(pixels: torch.Tensor) -> Any:
        found.append(seen_marker(pixels[0]))
        return (torch.zeros(1, 1, 1, 32),)

    def classify(patches: torch.Tensor, query: torch.Tensor) -> Any:
        logits = torch.full((1, 1, query.shape[1]), -9.0)
        logits[..., list(teacher._phrasing.ask(PARTS).part).index(1)] = 9.0
        return logits, None

    model.image_embedder, model.class_predictor = embed, classify
    model.box_predictor = lambda patches, seen: found[0][None, None]
    boxes = teacher(show(marked(height, width, where)), PARTS)
    assert boxes.label.tolist() == [1]
    torch.testing.assert_close(boxes.box[0], torch.tensor(where).float(), rtol=0, atol=1.0)


def test_a_sentence_that_would_lose_its_end_is_refused(kind: str, folder: Path) -> None:
    teacher = load(PUBLISHED[kind], kind, path=folder)
    with pytest.raises(
        TeacherError, match=r"must have at most 77 tokens, got \d+: 'a photo of the x"
    ):
        teacher.check_parts(PartList(("seat", "x" * 64), "chair"))


def test_another_models_weights_are_refused(owlv2: Path) -> None:
    with pytest.raises(TeacherError, match="the weights must be of a owlvit, got 'owlv2' in"):
        Owl("owlvit-base", owlv2, "owlvit")
