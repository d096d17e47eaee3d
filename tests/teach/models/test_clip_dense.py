"""CLIP and SigLIP by patch: what the library would say if each patch were the picture."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from pdengine.errors import ConfigError
from pdengine.teach.models.catalogue import CLIP, SIGLIP
from pdengine.teach.models.clip_dense import NONE, PatchText
from pdengine.teach.models.loaders import patches as load
from pdengine.teach.models.phrasing import Asked
from pdengine.teach.models.pictures import pictures
from pdengine.teach.protocol import check_detections
from pdengine.types import PartList, Views

PARTS = PartList(("seat", "car seat", "back"), "chair")
PUBLISHED = {"clip": CLIP, "siglip": SIGLIP}
Look = Callable[[int, int, int], Views]


@pytest.fixture(params=["clip", "siglip"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(kind: str, request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(kind)
    return found


def library_model(kind: str, folder: Path) -> tuple[Any, Any, Any]:
    """Model, image processor and tokeniser, as the library loads them."""
    import transformers as hub

    if kind == "clip":
        image, tokeniser = hub.CLIPImageProcessorPil, hub.CLIPTokenizer
    else:
        image, tokeniser = hub.SiglipImageProcessorPil, hub.AutoTokenizer
    model = (hub.CLIPModel if kind == "clip" else hub.SiglipModel).from_pretrained(folder).eval()
    return model, image.from_pretrained(folder), tokeniser.from_pretrained(folder)


def library_text(model: Any, tokeniser: Any, phrases: tuple[str, ...]) -> torch.Tensor:
    """As the authors do it: SigLIP's text tower reads the padding too, without a mask."""
    limit = model.config.text_config.max_position_embeddings
    read = tokeniser(list(phrases), padding="max_length", max_length=limit, return_tensors="pt")
    if model.config.model_type == "siglip":
        del read["attention_mask"]  # which the tokeniser of the download does not give
    said = model.get_text_features(**read).pooler_output
    return F.normalize(F.normalize(said, dim=-1).mean(0), dim=-1)


def lonely_patches(kind: str, model: Any, pixels: torch.Tensor) -> torch.Tensor:
    """By the library's modules, with an attention mask or a loop: no patch sees another."""
    tower = model.vision_model
    if kind == "siglip":
        seen = tower(pixels, interpolate_pos_encoding=True).last_hidden_state
        return torch.stack([tower.head(seen[:, k : k + 1]) for k in range(seen.shape[1])], 1)
    hidden = tower.pre_layrnorm(tower.embeddings(pixels, interpolate_pos_encoding=True))
    for layer in tower.encoder.layers[:-1]:
        hidden = layer(hidden, None)
    count = hidden.shape[1]
    alone = torch.full((count, count), float("-inf")).fill_diagonal_(0.0)
    hidden = tower.encoder.layers[-1](hidden, alone[None, None])
    patches: torch.Tensor = model.visual_projection(tower.post_layernorm(hidden[:, 1:]))
    return patches


def test_a_patch_is_embedded_as_if_it_were_alone(kind: str, folder: Path, look: Look) -> None:
    model, image, tokeniser = library_model(kind, folder)
    images = pictures(look(2, 40, 60))
    square = {"height": 96, "width": 96}  # not the size of the training
    pixels = image(images=images, size=square, do_center_crop=False, return_tensors="pt")
    phrases = ("a photo of a seat", "a photo of a back")
    with torch.no_grad():
        seen = F.normalize(lonely_patches(kind, model, pixels["pixel_values"]), dim=-1)
        texts = [
            library_text(model, tokeniser, some) for some in ((phrases[0],), (phrases[1],), NONE)
        ]
        theirs = model.logit_scale.exp() * seen @ torch.stack(texts).T

    ours = PatchText("clip", folder, kind, 96)(
        images, Asked(phrases, (0, 1), 2), torch.device("cpu")
    )
    assert ours.shape == (2, 3, 12, 12)
    torch.testing.assert_close(ours.flatten(2).transpose(1, 2), theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("side", ["left", None])
def test_siglip_reads_its_padding_behind_the_words(
    siglip: Path, tmp_path: Path, side: str | None
) -> None:
    """Its text tower says what it says at the last place; Gemma's own tokeniser pads before."""
    folder = tmp_path / "copy"
    shutil.copytree(siglip, folder)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings = {k: v for k, v in settings.items() if k != "padding_side"}
    settings |= {"padding_side": side} if side else {}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    teacher = PatchText("siglip", folder, "siglip", 64)
    pad, eos = teacher._tokeniser.pad_token_id, teacher._tokeniser.eos_token_id
    read = teacher._tokens(["a seat"])["input_ids"]
    assert read.shape == (1, 64)
    assert read[0, 6:].tolist() == [eos] + [pad] * 57  # six letters, the end, and the padding
    whole = PatchText("siglip", siglip, "siglip", 64)
    assert torch.equal(read, whole._tokens(["a seat"])["input_ids"])


def test_phrases_of_a_part_are_averaged(kind: str, folder: Path, look: Look) -> None:
    model, _, tokeniser = library_model(kind, folder)
    phrases = ("a seat", "where one sits")
    with torch.no_grad():
        theirs = library_text(model, tokeniser, phrases)
        teacher = PatchText("clip", folder, kind, 64)
        torch.testing.assert_close(teacher._text(phrases, torch.device("cpu")), theirs)


@pytest.mark.parametrize("shown", ["colour", "depth"])
def test_answers_what_the_engine_takes_and_the_same_again(
    kind: str, folder: Path, look: Look, shown: str
) -> None:
    teacher = load(PUBLISHED[kind], kind, path=folder, side=64, batch=2, look=shown)
    views = look(3, 40, 60)
    said = teacher(views, PARTS)
    check_detections(said, views, PARTS)
    assert torch.equal(said.score, teacher(views, PARTS).score)


@pytest.mark.parametrize(("height", "width"), [(120, 300), (97, 64), (224, 224), (300, 90)])
def test_a_marker_comes_back_at_its_place(
    kind: str,
    folder: Path,
    show: Callable[[torch.Tensor], Views],
    marked: Callable[[int, int, Any], torch.Tensor],
    height: int,
    width: int,
) -> None:
    """No crop, no padding: the grid of patches is the whole picture."""
    where = (width // 4, height // 2, width // 2, height * 3 // 4)  # on the edges of patches
    teacher = load(PUBLISHED[kind], kind, path=folder, side=512)
    model: Any = teacher._model

    def embed(_: Any, pixels: torch.Tensor) -> torch.Tensor:
        red = F.avg_pool2d((pixels[:, :1] - pixels[:, 1:2]), 8)  # one value per patch
        hit = (red > 0.5 * red.max()).flatten(2).transpose(1, 2).float()
        return torch.cat([hit * 4 - 2, 2 - hit * 4], -1)

    axes = {"car": torch.tensor([1.0, 0.0]), "the": torch.tensor([0.0, 1.0])}
    model._embed = embed
    model._text = lambda phrases, _: axes["car" if "car seat" in phrases[0] else "the"]
    score = teacher(show(marked(height, width, where)), PARTS).score[0]
    # Where it wins: how sure it is there depends on the model's factor, which is random here.
    rows, columns = (score.argmax(0) == 1).nonzero(as_tuple=True)
    found = [int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1]
    assert max(abs(a - b) for a, b in zip(found, where, strict=True)) <= 1


def test_says_what_a_side_must_be(kind: str, folder: Path) -> None:
    with pytest.raises(ConfigError, match="side must be a multiple of 8 up to 2048, got 100"):
        load(PUBLISHED[kind], kind, path=folder, side=100)


def test_says_what_a_look_must_be(clip: Path) -> None:
    with pytest.raises(ConfigError, match="look must be one of colour, depth, got 'heat'"):
        load(CLIP, "clip", path=clip, look="heat")
