"""SAM, SAM 2 and segment-anything: a box goes to its place in the model, its mask comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from pdengine.teach.models.pictures import pictures
from pdengine.teach.models.sam import Sam
from pdengine.teach.models.segment_anything import SegmentAnything
from pdengine.types import Views

CPU = torch.device("cpu")


class Perfect:
    """A model that cuts out what is red in the picture that it was shown."""

    def __init__(self) -> None:
        self.red = torch.zeros(0)

    def embed(self, pixels: Tensor) -> Tensor:
        self.red = pixels[0, 0] - pixels[0, 1]
        return torch.zeros(1, 1)

    def cut(self, box: Tensor) -> Tensor:
        """[1, 1, 256, 256] logits for a box, XYXY in the pixels of the model's picture."""
        x0, y0, x1, y1 = box.round().long().tolist()
        inside = self.red[y0 + 9 : y1 - 9, x0 + 9 : x1 - 9]
        assert inside.numel()
        assert float(inside.min()) > 1  # the box lies where the marker is
        mask = torch.where(self.red > 1, 5.0, -5.0)[None, None]
        return torch.nn.functional.interpolate(mask, (256, 256), mode="area")


def of_transformers(kind: str, folder: Path) -> Any:
    """SAM or SAM 2 with a perfect model and the published sizes."""
    import transformers as hub

    cutter: Any = Sam(kind, folder, kind)
    image = hub.SamImageProcessorPil() if kind == "sam" else hub.Sam2ImageProcessor()
    cutter._processor = (hub.SamProcessor if kind == "sam" else hub.Sam2Processor)(image)
    perfect = Perfect()
    cutter._model.get_image_embeddings = perfect.embed
    cutter._model.forward = lambda input_boxes, **_: SimpleNamespace(
        pred_masks=perfect.cut(input_boxes[0, 0])[None]
    )
    return cutter


def of_the_authors(folder: Path, build: Callable[..., Any]) -> Any:
    """The same of segment-anything."""
    cutter: Any = SegmentAnything("found+segment-anything", folder)
    cutter._model = model = build(0, side=1024).requires_grad_(False)
    perfect = Perfect()
    model.image_encoder.forward = perfect.embed
    model.prompt_encoder.forward = lambda points, boxes, masks: (boxes, None)
    model.mask_decoder.forward = lambda sparse_prompt_embeddings, **_: (
        perfect.cut(sparse_prompt_embeddings[0]),
        torch.ones(1, 1),
    )
    return cutter


# SAM pads below and to the right after resizing, SAM 2 squashes.
@pytest.mark.parametrize("size", [(224, 224), (120, 300), (97, 64), (600, 800)])
@pytest.mark.parametrize("kind", ["sam", "sam2", "segment-anything"])
def test_a_marker_comes_back_at_its_place(
    request: pytest.FixtureRequest,
    show: Callable[[Tensor], Views],
    marked: Callable[[int, int, Any], Tensor],
    kind: str,
    size: tuple[int, int],
) -> None:
    folder = request.getfixturevalue(kind.replace("-", "_"))
    if kind == "segment-anything":
        cutter = of_the_authors(folder, request.getfixturevalue("build_small_sam"))
    else:
        cutter = of_transformers(kind, folder)
    height, width = size
    where = (width // 4, height // 3, width // 2, height // 2)
    (picture,) = pictures(show(marked(height, width, where)))
    (mask,) = cutter(picture, torch.tensor([where]).float(), CPU)
    rows, columns = mask.nonzero(as_tuple=True)
    back = [int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1]
    assert max(abs(a - b) for a, b in zip(back, where, strict=True)) <= 1
