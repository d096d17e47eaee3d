"""SAM 3: a mask for every instance of a phrase."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from pdengine.teach.batches import in_batches
from pdengine.teach.card import TeacherCard
from pdengine.teach.models.boxes import BoxSettings
from pdengine.teach.models.loading import (
    HALF,
    check_numbers,
    check_precision,
    library,
    load_model,
    load_processor,
    load_tokeniser,
    tokens,
)
from pdengine.teach.models.loading import asked as at_work
from pdengine.teach.models.phrasing import Asked, Phrasing, check_apart
from pdengine.teach.models.pictures import pictures
from pdengine.teach.models.suppress import suppress
from pdengine.teach.models.weights import check_packages, digest
from pdengine.types import Masks, PartList, Views

TEMPLATES = ("{part}", "{category} {part}")
_EDGE = 0.5  # of a mask's probability, the library's


class Sam3:
    """Instances of phrases, as transformers has them: a score, a box and a mask each.

    A picture is seen once and every phrase is read once.  Of two instances of one part in one view
    whose boxes overlap, the better stays: several phrases find the same thing.

    Source: SAM 3: Segment Anything with Concepts (2025).
    """

    def __init__(
        self,
        card: TeacherCard,
        folder: Path,
        phrasing: Phrasing,
        settings: BoxSettings,
        precision: str = HALF,
    ) -> None:
        self._precision = check_precision(precision)
        hub = library(card.name)
        check_packages(card.name, "torchvision")
        self.card = card
        self.name = card.name
        self.licence = card.licence
        self._folder = folder
        self._phrasing = phrasing
        self._settings = settings
        # Published as the video model that contains it.
        self._model = load_model(card.name, hub.Sam3Model, folder, "sam3_video")
        self._image = load_processor(card.name, hub.Sam3ImageProcessor, folder)
        self._tokeniser = load_tokeniser(card.name, hub.CLIPTokenizer, folder)

    @property
    def identity(self) -> str:
        """Changes when the answers do."""
        return f"{digest(self._folder)} {self._phrasing} {self._settings} {self._precision}"

    def check_parts(self, parts: PartList) -> None:
        """Raises TeacherError for a part that the model cannot read, PartError for two alike."""
        asked = self._phrasing.ask(parts)
        read = self._tokens(asked)["input_ids"].tolist()
        check_apart(self.name, asked, list(map(tuple, read)))

    def _tokens(self, asked: Asked) -> dict[str, Tensor]:
        limit = self._model.text_encoder.config.max_position_embeddings
        read: dict[str, Tensor] = tokens(self.name, self._tokeniser, asked.phrases, limit)
        return read

    def __call__(self, views: Views, parts: PartList) -> Masks:
        """Masks in every view."""
        asked = self._phrasing.ask(parts)
        read = self._tokens(asked)

        def look(some: Views) -> Masks:
            return self._see(pictures(some), asked, read, some)

        found = in_batches(look, views, self._settings.batch)
        assert isinstance(found, Masks)
        return found

    def _see(
        self, images: Sequence[Image.Image], asked: Asked, read: dict[str, Tensor], views: Views
    ) -> Masks:
        device, count = views.images.device, len(images)
        pixels = self._image(images=list(images), return_tensors="pt")["pixel_values"].to(device)
        found: list[tuple[int, int, dict[str, Tensor]]] = []
        with at_work(self._model, device, self._precision):
            seen = self._model.get_vision_features(pixels)
            for number, part in enumerate(asked.part):
                mine = {key: value[number].expand(count, -1) for key, value in read.items()}
                text = {key: value.to(device) for key, value in mine.items()}
                out = self._model(vision_embeds=seen, **text)
                found += [(v, part, said) for v, said in enumerate(self._said(out, views))]
        return self._choose(found, views, asked.count)

    def _said(self, out: Any, views: Views) -> list[dict[str, Tensor]]:
        """Scores, boxes and masks per picture, reckoned in float32 from what the model said."""
        names = ("pred_logits", "pred_boxes", "pred_masks", "presence_logits")
        found = {name: getattr(out, name).float() for name in names}
        check_numbers(
            self.name,
            scores=found["pred_logits"] + found["presence_logits"],
            boxes=found["pred_boxes"],
            masks=found["pred_masks"],
        )
        sizes = [views.size] * len(found["pred_logits"])
        said: list[dict[str, Tensor]] = self._image.post_process_instance_segmentation(
            SimpleNamespace(**found), self._settings.threshold, _EDGE, sizes
        )
        return said

    def _choose(
        self, found: list[tuple[int, int, dict[str, Tensor]]], views: Views, parts: int
    ) -> Masks:
        device = views.images.device
        sizes = [len(said["scores"]) for _, _, said in found]
        repeats = torch.tensor(sizes, device=device)
        view = torch.tensor([v for v, _, _ in found], device=device).repeat_interleave(repeats)
        part = torch.tensor([p for _, p, _ in found], device=device).repeat_interleave(repeats)
        # Copies: what a model made in inference mode can never take part in a gradient.
        score = torch.cat([said["scores"] for _, _, said in found]).float().clone()
        box = torch.cat([said["boxes"] for _, _, said in found]).float().clone()
        mask = torch.cat([said["masks"].reshape(-1, *views.size) for _, _, said in found]) > 0
        (there,) = mask.flatten(1).any(1).nonzero(as_tuple=True)
        group = (view * parts + part)[there]
        kept = there[suppress(box[there], score[there], group, self._settings.overlap)]
        return Masks(mask[kept].clone(), view[kept], part[kept], score[kept])
