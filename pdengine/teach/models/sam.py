"""SAM and SAM 2 of transformers, as cutters: a box in, a mask out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from pdengine.teach.batches import in_pieces
from pdengine.teach.models.loading import (
    HALF,
    check_numbers,
    check_precision,
    library,
    load_model,
    load_processor,
)
from pdengine.teach.models.loading import asked as at_work
from pdengine.teach.models.refine import BOXES
from pdengine.teach.models.weights import check_packages, digest


class Sam:
    """SAM ("sam") or SAM 2 ("sam2").

    The picture is seen once, and its boxes are decoded some at a time.  SAM pads a picture below
    and to the right after resizing, SAM 2 squashes it; the library's processor takes boxes there
    and masks back.  One mask is taken per box, as the authors do for boxes, not the best of three.

    Source: Kirillov et al., Segment Anything (ICCV 2023); Ravi et al., SAM 2 (ICLR 2025).
    """

    def __init__(self, name: str, folder: Path, kind: str, precision: str = HALF) -> None:
        self._precision = check_precision(precision)
        hub = library(name)
        prefix = {"sam": "Sam", "sam2": "Sam2"}[kind]
        if kind == "sam2":
            check_packages(name, "torchvision")
        image = hub.SamImageProcessorPil if kind == "sam" else hub.Sam2ImageProcessor
        self._name = name
        self._folder = folder
        self._kind = kind
        # SAM 2 is published as the video model that contains it.
        self._model = load_model(name, getattr(hub, f"{prefix}Model"), folder, f"{kind}_video")
        image = load_processor(name, image, folder)
        self._processor = getattr(hub, f"{prefix}Processor")(image)

    @property
    def identity(self) -> str:
        return f"{digest(self._folder)} {self._precision}"

    def __call__(self, image: Image.Image, box: Tensor, device: torch.device) -> Tensor:
        """[B, H, W] bool."""
        seen = self._processor(images=image, input_boxes=[box.tolist()], return_tensors="pt")
        boxes = seen["input_boxes"].float().to(device)  # [1, B, 4]
        with at_work(self._model, device, self._precision):
            embedded = self._model.get_image_embeddings(seen["pixel_values"].to(device))

            def decode(some: range) -> Tensor:
                mine = boxes[:, some.start : some.stop]
                out = self._model(
                    image_embeddings=embedded, input_boxes=mine, multimask_output=False
                )
                return self._back(out.pred_masks.float(), seen)

            masks = in_pieces(decode, boxes.shape[1], BOXES, "box")
        return torch.cat([mask for _, mask in masks])[:, 0].clone()

    def _back(self, mask: Tensor, seen: Any) -> Tensor:
        """Logits on the model's grid to masks on the picture's. [B, 1, H, W] bool."""
        check_numbers(self._name, masks=mask)
        sizes = [seen["original_sizes"]]
        if self._kind == "sam":
            sizes.append(seen["reshaped_input_sizes"])
        (back,) = self._processor.post_process_masks(mask, *sizes)
        return torch.as_tensor(back)
