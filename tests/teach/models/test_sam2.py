"""Boxes cut out by SAM 2, as the library does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from pdengine.teach.models.pictures import pictures
from pdengine.teach.models.sam import Sam
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


def test_the_video_models_weights_are_sam2s_too(
    sam2: Path, tmp_path: Path, as_video: Callable[..., Path]
) -> None:
    """SAM 2 is published as the video model that contains it."""
    import transformers as hub

    own = hub.Sam2Model.from_pretrained(sam2)
    parts = ("vision_config", "prompt_encoder_config", "mask_decoder_config")
    config = hub.Sam2VideoConfig(**{part: getattr(own.config, part).to_dict() for part in parts})
    copy = as_video(sam2, tmp_path / "video", hub.Sam2VideoModel, config, "")
    cutter = Sam("sam2", copy, "sam2")
    for name, weight in own.state_dict().items():
        assert torch.equal(cutter._model.state_dict()[name], weight)
