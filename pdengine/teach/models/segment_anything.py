"""SAM through the package of its authors, segment-anything: to compare with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from pdengine.errors import TeacherError
from pdengine.teach.batches import in_pieces
from pdengine.teach.models.loading import HALF, check_numbers, check_precision
from pdengine.teach.models.loading import asked as at_work
from pdengine.teach.models.refine import BOXES
from pdengine.teach.models.torchvision_ops import import_torchvision
from pdengine.teach.models.weights import check_packages, digest

# The depth of the image encoder tells which of the three published sizes a file holds.
_SIZES = {12: "vit_b", 24: "vit_l", 32: "vit_h"}
_CONVERT = "docs/models.md says how to convert the authors' file"


def find_file(name: str, path: str | Path | None) -> Path:
    """The folder with the one safetensors file that holds the weights.

    Raises:
        TeacherError: there is no folder, or not one such file in it.
    """
    if path is None:
        raise TeacherError(f"{name}: give the folder of SAM's weights with cutter_path; {_CONVERT}")
    found = sorted(Path(path).glob("*.safetensors"))
    if len(found) != 1:
        raise TeacherError(
            f"{name}: {path} must hold one *.safetensors file, got {len(found)}; {_CONVERT}"
        )
    return Path(path)


class SegmentAnything:
    """SAM, a picture seen once and its boxes decoded some at a time.

    The authors' weights are pickles, which are never read: they are converted once, elsewhere.

    Source: Kirillov et al., Segment Anything (ICCV 2023).
    """

    def __init__(self, name: str, folder: Path, precision: str = HALF) -> None:
        self._precision = check_precision(precision)
        check_packages(name, "torchvision", "segment_anything")
        import_torchvision(name)
        from segment_anything import sam_model_registry

        (file,) = folder.glob("*.safetensors")
        try:
            weights = load_file(file)
        except (OSError, SafetensorError) as error:
            raise TeacherError(f"{name}: {file} cannot be read: {error}") from error
        blocks = {key.split(".")[2] for key in weights if key.startswith("image_encoder.blocks.")}
        if len(blocks) not in _SIZES:
            raise TeacherError(
                f"{name}: {file} must hold SAM with 12, 24 or 32 blocks, got {len(blocks)}"
            )
        model = sam_model_registry[_SIZES[len(blocks)]](checkpoint=None)
        try:
            model.load_state_dict(weights)
        except RuntimeError as error:
            why = " ".join(str(error).split())[:200]
            raise TeacherError(f"{name}: {file} must fill SAM: {why}") from error
        self._name = name
        self._folder = folder
        self._model = model.eval().requires_grad_(False)

    @property
    def identity(self) -> str:
        return f"{digest(self._folder)} {self._precision}"

    def __call__(self, image: Image.Image, box: Tensor, device: torch.device) -> Tensor:
        """[B, H, W] bool."""
        from segment_anything import SamPredictor

        # It remembers the picture: one of its own, should a call that was late still be at work.
        predictor = SamPredictor(self._model)
        with at_work(self._model, device, self._precision):
            predictor.set_image(np.asarray(image))
            size = (image.height, image.width)
            there = predictor.transform.apply_boxes_torch(box.to(device), size)

            def decode(some: range) -> Tensor:
                mine = there[some.start : some.stop]
                said = predictor.predict_torch(None, None, boxes=mine, multimask_output=False)
                mask, _, logits = said
                check_numbers(self._name, masks=logits)
                found: Tensor = mask
                return found

            masks = in_pieces(decode, len(there), BOXES, "box")
        return torch.cat([mask for _, mask in masks])[:, 0].clone()
