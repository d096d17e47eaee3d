"""OWL-ViT and OWLv2: boxes for sentences, one embedding each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from pdengine.teach.models.boxes import Candidates, corners
from pdengine.teach.models.loading import (
    HALF,
    check_precision,
    library,
    load_model,
    load_processor,
    load_tokeniser,
    tokens,
)
from pdengine.teach.models.loading import asked as at_work
from pdengine.teach.models.phrasing import Asked, check_apart
from pdengine.teach.models.weights import check_packages, digest

TEMPLATES = (
    "a photo of a {part}",
    "a photo of the {part} of a {category}",
    "a {category} {part}",
)


class Owl:
    """OWL-ViT ("owlvit") or OWLv2 ("owlv2").

    The sentences are read once and the pictures are seen once, however many of each there are.
    OWL-ViT squashes a picture into a square; OWLv2 pads it to one below and to the right, and its
    boxes are shares of that square.

    Source: Minderer et al., OWL-ViT (ECCV 2022) and OWLv2 (NeurIPS 2023).
    """

    def __init__(self, name: str, folder: Path, kind: str, precision: str = HALF) -> None:
        self._precision = check_precision(precision)
        hub = library(name)
        if kind == "owlv2":
            check_packages(name, "scipy")  # its image processor resizes with it
        prefix = {"owlvit": "OwlViT", "owlv2": "Owlv2"}[kind]
        self._name = name
        self._folder = folder
        self._kind = kind
        self._model = load_model(name, getattr(hub, f"{prefix}ForObjectDetection"), folder)
        self._image = load_processor(name, getattr(hub, f"{prefix}ImageProcessorPil"), folder)
        self._tokeniser = load_tokeniser(name, hub.CLIPTokenizer, folder)

    @property
    def identity(self) -> str:
        return f"{digest(self._folder)} {self._precision}"

    def check(self, asked: Asked) -> None:
        """Refuse what the model cannot read.

        Raises:
            TeacherError: a sentence is too long.
            PartError: two parts read alike.
        """
        read = self._tokens(asked)["input_ids"].tolist()
        check_apart(self._name, asked, list(map(tuple, read)))

    def _tokens(self, asked: Asked) -> dict[str, Tensor]:
        limit = self._model.config.text_config.max_position_embeddings
        read: dict[str, Tensor] = tokens(self._name, self._tokeniser, asked.phrases, limit)
        return read

    def __call__(
        self, images: Sequence[Image.Image], asked: Asked, device: torch.device
    ) -> Candidates:
        """One candidate for each patch of V pictures."""
        pixels = self._image(images=list(images), return_tensors="pt")["pixel_values"].to(device)
        read = {key: value.to(device) for key, value in self._tokens(asked).items()}
        model, count = self._model, len(pixels)
        with at_work(model, device, self._precision):
            text = getattr(model, self._kind).get_text_features(**read).pooler_output
            text = text / torch.linalg.norm(text, dim=-1, keepdim=True)
            seen = model.image_embedder(pixels)[0]  # [V, rows, columns, channels]
            patches = seen.flatten(1, 2)
            query = text.expand(count, *text.shape)
            logits, _ = model.class_predictor(patches, query)
            box = model.box_predictor(patches, seen)
        return Candidates(corners(box, *self._square(images[0].size)), logits.float().sigmoid())

    def _square(self, size: tuple[int, int]) -> tuple[int, int]:
        """What a share of 1 is, in pixels of the picture."""
        return (max(size), max(size)) if self._kind == "owlv2" else size
