"""CLIPSeg: as the library runs it, one run of the image tower per view, and in place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from pdengine.teach.models.catalogue import CLIPSEG
from pdengine.teach.models.clipseg import ClipSeg
from pdengine.teach.models.loaders import clipseg as load
from pdengine.teach.models.phrasing import Asked
from pdengine.teach.models.pictures import pictures
from pdengine.teach.protocol import check_detections
from pdengine.types import PartList, Views

PARTS = PartList(("seat", "car seat", "back"), "chair")
Look = Callable[[int, int, int], Views]


def asking(*phrases: str) -> Asked:
    return Asked(phrases, tuple(range(len(phrases))), len(phrases))


def test_equals_the_library(clipseg: Path, look: Look) -> None:
    import transformers as hub

    texts = ["seat", "car seat", "back"]
    images = pictures(look(2, 40, 60))
    image = hub.ViTImageProcessorPil.from_pretrained(clipseg)
    processor = hub.CLIPSegProcessor(image, hub.CLIPTokenizer.from_pretrained(clipseg))
    model = hub.CLIPSegForImageSegmentation.from_pretrained(clipseg).eval()
    ours = ClipSeg("clipseg", clipseg)(images, asking(*texts), torch.device("cpu"))
    assert ours.shape == (2, 4, 64, 64)
    assert not ours[:, 3].any()
    for one, picture in zip(ours, images, strict=True):
        inputs = processor(
            text=texts, images=[picture] * 3, padding="max_length", return_tensors="pt"
        )
        with torch.no_grad():
            theirs = model(**inputs).logits
        torch.testing.assert_close(one[:3], theirs, rtol=1e-4, atol=1e-4)


def test_the_image_tower_runs_once_per_batch(clipseg: Path, look: Look) -> None:
    teacher = load(CLIPSEG, path=clipseg, batch=2)
    model: Any = teacher._model
    seen: list[int] = []
    tower = model._model.clip.vision_model
    tower.register_forward_pre_hook(
        lambda module, args, kwargs: seen.append(len(kwargs["pixel_values"])), with_kwargs=True
    )
    teacher(look(3, 32, 32), PARTS)
    assert seen == [2, 1]


def test_answers_what_the_engine_takes_and_the_same_again(clipseg: Path, look: Look) -> None:
    teacher = load(CLIPSEG, path=clipseg, batch=2)
    views = look(3, 40, 60)
    said = teacher(views, PARTS)
    check_detections(said, views, PARTS)
    assert torch.equal(said.score, teacher(views, PARTS).score)
    assert float(said.score.std()) > 0.01


def test_one_part_has_the_models_own_probability(clipseg: Path, look: Look) -> None:
    views = look(1, 64, 64)
    teacher = load(CLIPSEG, path=clipseg)
    one = PartList(("seat",))
    logits = ClipSeg("clipseg", clipseg)(
        pictures(views), teacher._phrasing.ask(one), torch.device("cpu")
    )
    torch.testing.assert_close(teacher(views, one).score, logits[:, :1].sigmoid())


def test_a_lower_none_finds_more(clipseg: Path, look: Look) -> None:
    views = look(1, 32, 32)
    found = [
        load(CLIPSEG, path=clipseg, none=n)(views, PARTS).score.sum() for n in (1.0, 0.0, -1.0)
    ]
    assert found[0] < found[1] < found[2]


@pytest.mark.parametrize(("height", "width"), [(224, 224), (120, 300), (97, 64), (300, 90)])
def test_a_marker_comes_back_at_its_place(
    clipseg: Path,
    show: Callable[[torch.Tensor], Views],
    marked: Callable[[int, int, Any], torch.Tensor],
    height: int,
    width: int,
) -> None:
    where = (width // 4, height // 3, width // 2, height // 2)
    teacher = load(CLIPSEG, path=clipseg)
    model: Any = teacher._model
    import transformers as hub

    model._image = hub.ViTImageProcessorPil.from_pretrained(
        clipseg, size={"height": 352, "width": 352}
    )
    maps: list[torch.Tensor] = []

    def see(pixels: torch.Tensor, **_: Any) -> Any:
        maps.append(torch.where(pixels[0, 0] - pixels[0, 1] > 1, 9.0, -9.0)[None])
        return SimpleNamespace(hidden_states=[pixels] * 5)

    asked = teacher._phrasing.ask(PARTS)
    calls: list[int] = []

    def decode(layers: Any, said: torch.Tensor) -> Any:
        calls.append(1)
        mine = asked.part[len(calls) - 1] == 1
        return SimpleNamespace(logits=maps[0] if mine else torch.full_like(maps[0], -9.0))

    model._model.clip.get_image_features = see
    model._model.decoder.forward = decode
    score = teacher(show(marked(height, width, where)), PARTS).score[0]
    rows, columns = (score[1] > 0.5).nonzero(as_tuple=True)
    found = [int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1]
    assert max(abs(a - b) for a, b in zip(found, where, strict=True)) <= 1
    assert float(score[[0, 2]].max()) < 0.01
