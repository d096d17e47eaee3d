"""CLIPSeg: a heat map for each phrase."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

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
from pdengine.teach.models.weights import digest

TEMPLATES = ("{part}", "a photo of a {part}", "the {part} of a {category}")


class ClipSeg:
    """CLIPSeg, whose logit is the log-odds of a phrase against everything else.

    The softmax over the parts and a "none of them" of log-odds 0 is, for one part, the model's own
    probability; several parts share what they all claim.

    The image tower runs once per view and the decoder once per phrase: asked the library's way,
    with a picture per phrase, the tower would run for every one of them.

    Args:
        name: of the teacher.
        folder: with the weights.
        combine: "max" or "mean" over the phrases of a part.
        none: the log-odds of "none of them"; lower finds more.
        precision: on a GPU, see loading.asked.

    Source: Lüddecke and Ecker, CLIPSeg (CVPR 2022).
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        combine: str = "max",
        none: float = 0.0,
        precision: str = HALF,
    ) -> None:
        self._precision = check_precision(precision)
        hub = library(name)
        self._name = name
        self._folder = folder
        self._combine = combine
        self._none = none
        self._model = load_model(name, hub.CLIPSegForImageSegmentation, folder)
        self._image = load_processor(name, hub.ViTImageProcessorPil, folder)
        self._tokeniser = load_tokeniser(name, hub.CLIPTokenizer, folder)

    @property
    def identity(self) -> str:
        return f"{digest(self._folder)} {self._combine} {self._none} {self._precision}"

    def check(self, asked: Asked) -> None:
        """Refuse what the model cannot read.

        Raises:
            TeacherError: a phrase is too long.
            PartError: two parts read alike.
        """
        read = self._tokens(asked)["input_ids"].tolist()
        check_apart(self._name, asked, list(map(tuple, read)))

    def _tokens(self, asked: Asked) -> dict[str, Tensor]:
        limit = self._model.config.text_config.max_position_embeddings
        read: dict[str, Tensor] = tokens(self._name, self._tokeniser, asked.phrases, limit)
        return read

    def __call__(self, images: Sequence[Image.Image], asked: Asked, device: torch.device) -> Tensor:
        """Logits of R parts and of "none of them" in V pictures, squashed to the model's square."""
        pixels = self._image(images=list(images), return_tensors="pt")["pixel_values"].to(device)
        read = {key: value.to(device) for key, value in self._tokens(asked).items()}
        model = self._model
        with at_work(model, device, self._precision):
            said = model.clip.get_text_features(**read).pooler_output
            seen = model.clip.get_image_features(pixels, output_hidden_states=True).hidden_states
            layers = [seen[layer + 1] for layer in model.extract_layers]
            maps = [model.decoder(layers, s.expand(len(pixels), -1)).logits for s in said]
        logits = torch.stack([m.float() for m in maps], -1)  # [V, rows, columns, P]
        parts = asked.combine(logits, self._combine)
        none = parts.new_full((*parts.shape[:-1], 1), self._none)
        return torch.cat([parts, none], -1).permute(0, 3, 1, 2)
