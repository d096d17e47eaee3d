"""CLIP and SigLIP, asked about every patch of a picture instead of the whole of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from pdengine.errors import ConfigError
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

TEMPLATES = {
    "colour": (
        "a photo of a {part}",
        "the {part} of a {category}",
        "a rendering of the {part} of a {category}",
    ),
    "depth": (
        "a depth map of a {part}",
        "a depth map of the {part} of a {category}",
        "a grayscale picture of the {part} of a {category}",
    ),
}
NONE = ("the background", "empty space", "nothing")
MAX_SIDE = 2048


class PatchText:
    """How much each patch resembles each part, by the cosine of two embeddings.

    The embeddings of a part's phrases are averaged, and the cosines are multiplied with the factor
    that the model learned for a softmax (SigLIP's: for a sigmoid).  "None of them" is embedded as
    NONE.

    A patch is embedded as if it were the whole picture.  CLIP: the last layer's attention lets each
    patch attend to itself alone.  SigLIP: the attention that pools the patches is given each alone.

    Args:
        name: of the teacher.
        folder: with the weights.
        kind: "clip" or "siglip".
        side: pictures are squashed to this many pixels in height and width; the positions that the
            model knows are interpolated.
        precision: on a GPU, see loading.asked.

    Source: Zhou et al., MaskCLIP (ECCV 2022); Zhu et al., PointCLIP V2 (ICCV 2023).
    """

    def __init__(
        self, name: str, folder: Path, kind: str, side: int, precision: str = HALF
    ) -> None:
        self._precision = check_precision(precision)
        hub = library(name)
        prefix = {"clip": "CLIP", "siglip": "Siglip"}[kind]
        self._name = name
        self._folder = folder
        self._side = side
        self._kind = kind
        self._embed = {"clip": _clip_patches, "siglip": _siglip_patches}[kind]
        self._model = load_model(name, getattr(hub, f"{prefix}Model"), folder)
        self._image = load_processor(name, getattr(hub, f"{prefix}ImageProcessorPil"), folder)
        tokeniser = hub.CLIPTokenizer if kind == "clip" else hub.AutoTokenizer
        self._tokeniser = load_tokeniser(name, tokeniser, folder)
        patch = self._model.config.vision_config.patch_size
        if side % patch or not patch <= side <= MAX_SIDE:
            raise ConfigError(f"side must be a multiple of {patch} up to {MAX_SIDE}, got {side}")
        self._grid = side // patch

    @property
    def identity(self) -> str:
        return f"{digest(self._folder)} {self._side} {self._precision}"

    def check(self, asked: Asked) -> None:
        """Refuse what the model cannot read.

        Raises:
            TeacherError: a phrase is too long.
            PartError: two parts read alike.
        """
        read = self._tokens(asked.phrases)["input_ids"].tolist()
        check_apart(self._name, asked, list(map(tuple, read)))

    def _tokens(self, phrases: Sequence[str]) -> dict[str, Tensor]:
        limit = self._model.config.text_config.max_position_embeddings
        lower = [phrase.lower() for phrase in phrases]
        read: dict[str, Tensor] = tokens(self._name, self._tokeniser, lower, limit)
        # SigLIP was trained without a mask, to read the padding too; a tokeniser may give one.
        return {"input_ids": read["input_ids"]} if self._kind == "siglip" else read

    def __call__(self, images: Sequence[Image.Image], asked: Asked, device: torch.device) -> Tensor:
        """Logits of R parts and of "none of them" in V pictures, on the grid of patches."""
        square = {"height": self._side, "width": self._side}
        pixels = self._image(
            images=list(images), size=square, do_center_crop=False, return_tensors="pt"
        )["pixel_values"].to(device)
        model = self._model
        with at_work(model, device, self._precision):
            patches = F.normalize(self._embed(model, pixels).float(), dim=-1)
            parts = [self._text(asked.of(part), device) for part in range(asked.count)]
            text = torch.stack([*parts, self._text(NONE, device)])
            logits = model.logit_scale.float().exp() * patches @ text.T  # [V, patches, R + 1]
        grid: Tensor = logits.transpose(1, 2).unflatten(2, (self._grid, self._grid))
        return grid

    def _text(self, phrases: Sequence[str], device: torch.device) -> Tensor:
        """The mean direction of some phrases."""
        read = {key: value.to(device) for key, value in self._tokens(phrases).items()}
        said: Tensor = self._model.get_text_features(**read).pooler_output.float()
        return F.normalize(F.normalize(said, dim=-1).mean(0), dim=-1)


def _clip_patches(model: Any, pixels: Tensor) -> Tensor:
    """[V, patches, channels]: the last layer with an attention of each patch to itself."""
    tower = model.vision_model
    seen = tower(pixels, interpolate_pos_encoding=True, output_hidden_states=True)
    before = seen.hidden_states[-2][:, 1:]  # what the last layer is given, without the class
    last = tower.encoder.layers[-1]
    alone = last.self_attn.out_proj(last.self_attn.v_proj(last.layer_norm1(before)))
    after = before + alone
    after = after + last.mlp(last.layer_norm2(after))
    embedded: Tensor = model.visual_projection(tower.post_layernorm(after))
    return embedded


def _siglip_patches(model: Any, pixels: Tensor) -> Tensor:
    """[V, patches, channels]: the pooling head on one patch at a time."""
    tower = model.vision_model
    seen = tower(pixels, interpolate_pos_encoding=True).last_hidden_state
    alone: Tensor = tower.head(seen.flatten(0, 1)[:, None]).unflatten(0, seen.shape[:2])
    return alone
