"""Boxes cut out by SAM 2 and by segment-anything: as the libraries do it, and in place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pdengine.errors import TeacherError
from pdengine.teach.models.pictures import pictures
from pdengine.teach.models.sam import Sam
from pdengine.teach.models.segment_anything import SegmentAnything, find_file
from pdengine.types import Views

Look = Callable[[int, int, int], Views]
CPU = torch.device("cpu")
BOXES = [[3.0, 4.0, 20.0, 30.0], [10.0, 2.0, 31.0, 25.0]]


@pytest.mark.parametrize("size", [(40, 60), (60, 40)])
def test_sam2_equals_the_library(sam2: Path, look: Look, size: tuple[int, int]) -> None:
    import transformers as hub

    (picture,) = pictures(look(1, *size))
    processor = hub.Sam2Processor(hub.Sam2ImageProcessor.from_pretrained(sam2))
    model = hub.Sam2Model.from_pretrained(sam2).eval()
    inputs = processor(images=picture, input_boxes=[BOXES], return_tensors="pt")
    with torch.no_grad():
        outputs = model(
            pixel_values=inputs["pixel_values"],
            input_boxes=inputs["input_boxes"],
            multimask_output=False,
        )
    (theirs,) = processor.post_process_masks(outputs.pred_masks, inputs["original_sizes"])
    ours = Sam("sam2", sam2, "sam2")(picture, torch.tensor(BOXES), CPU)
    assert torch.equal(ours, theirs[:, 0])
    assert 0 < float(ours.float().mean()) < 1


@pytest.mark.parametrize(("height", "width"), [(120, 300), (97, 64)])
def test_a_marker_comes_back_at_its_place_from_sam2(
    sam2: Path,
    show: Callable[[torch.Tensor], Views],
    marked: Callable[[int, int, Any], torch.Tensor],
    height: int,
    width: int,
) -> None:
    """It squashes pictures: height and width are scaled each by itself."""
    import transformers as hub

    where = (width // 4, height // 3, width // 2, height // 2)
    cutter: Any = Sam("sam2", sam2, "sam2")
    cutter._processor = hub.Sam2Processor(hub.Sam2ImageProcessor())  # the published size
    shown: list[torch.Tensor] = []

    def embed(pixels: torch.Tensor) -> torch.Tensor:
        shown.append(pixels)
        return torch.zeros(1, 1)

    def decode(input_boxes: torch.Tensor, **_: Any) -> Any:
        x0, y0, x1, y1 = input_boxes[0, 0].round().long().tolist()
        red = shown[0][0, 0] - shown[0][0, 1]
        assert float(red[y0 + 9 : y1 - 9, x0 + 9 : x1 - 9].min()) > 1
        mask = torch.where(red > 1, 5.0, -5.0)[None, None]
        small = torch.nn.functional.interpolate(mask, (256, 256), mode="area")
        return SimpleNamespace(pred_masks=small[None])

    cutter._model.get_image_embeddings, cutter._model.forward = embed, decode
    (picture,) = pictures(show(marked(height, width, where)))
    mask = cutter(picture, torch.tensor([where]).float(), CPU)[0]
    rows, columns = mask.nonzero(as_tuple=True)
    back = [int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1]
    grid = max(height, width) / 256  # a mask has 256 x 256 values
    assert max(abs(a - b) for a, b in zip(back, where, strict=True)) <= max(1.0, grid / 2)


def test_the_video_models_weights_are_sam2s_too(sam2: Path, tmp_path: Path) -> None:
    """SAM 2 is published as the video model that contains it."""
    import json
    import shutil

    copy = tmp_path / "video"
    shutil.copytree(sam2, copy)
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"model_type": "sam2_video"}))
    assert Sam("sam2", copy, "sam2")


def small_model(seed: int) -> Any:
    """The package's own model, narrow: the smallest published one takes a minute a picture."""
    from segment_anything.build_sam import _build_sam

    torch.manual_seed(seed)
    model = _build_sam(
        encoder_embed_dim=24,
        encoder_depth=12,
        encoder_num_heads=2,
        encoder_global_attn_indexes=[11],
    )
    with torch.no_grad():
        for weight in model.mask_decoder.parameters():
            if weight.ndim > 1:
                weight.copy_(torch.randn(weight.shape) * 0.1)
    return model.eval()


@pytest.fixture(scope="session")
def authors(torchvision: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("segment_anything", reason="needs pip install segment-anything")
    folder = tmp_path_factory.mktemp("authors")
    save_file(small_model(0).state_dict(), folder / "sam_vit_b.safetensors")
    return folder


def test_segment_anything_equals_itself(
    authors: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    import segment_anything

    monkeypatch.setitem(
        segment_anything.sam_model_registry, "vit_b", lambda checkpoint: small_model(1)
    )
    (picture,) = pictures(look(1, 40, 60))
    predictor = segment_anything.SamPredictor(small_model(0))
    predictor.set_image(np.asarray(picture))
    theirs = [predictor.predict(box=np.array(box), multimask_output=False)[0][0] for box in BOXES]
    ours = SegmentAnything("found+segment-anything", authors)(picture, torch.tensor(BOXES), CPU)
    assert ours.shape == (2, 40, 60)
    # Both boxes at once round otherwise than one by one.
    differing = [(mask.numpy() != one).mean() for mask, one in zip(ours, theirs, strict=True)]
    assert max(differing) <= 0.001
    assert 0 < float(ours.float().mean()) < 1


def test_says_what_is_wrong_with_the_authors_weights(authors: Path, tmp_path: Path) -> None:
    with pytest.raises(TeacherError, match=r"give the folder of SAM's weights with cutter_path"):
        find_file("found", None)
    with pytest.raises(TeacherError, match=r"must hold one \*.safetensors file, got 0"):
        find_file("found", tmp_path)
    save_file({"image_encoder.blocks.0.x": torch.zeros(1)}, tmp_path / "some.safetensors")
    assert find_file("found", tmp_path) == tmp_path
    with pytest.raises(TeacherError, match="must hold SAM with 12, 24 or 32 blocks, got 1"):
        SegmentAnything("found", tmp_path)
    blocks = {f"image_encoder.blocks.{k}.x": torch.zeros(1) for k in range(12)}
    save_file(blocks, tmp_path / "some.safetensors")
    with pytest.raises(TeacherError, match="must fill SAM: Error"):
        SegmentAnything("found", tmp_path)
