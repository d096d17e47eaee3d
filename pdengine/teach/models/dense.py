"""A model that scores every pixel for phrases, as a teacher that answers with pixel scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from pdengine.errors import ConfigError
from pdengine.teach.batches import in_batches
from pdengine.teach.card import TeacherCard
from pdengine.teach.models.phrasing import Asked, Phrasing
from pdengine.teach.models.pictures import check_look, pictures
from pdengine.types import PartList, PixelScores, Views


class Dense(Protocol):
    """A model that says how much each place looks like each part."""

    def check(self, asked: Asked) -> None:
        """Raises TeacherError for a phrase that the model cannot read."""

    def __call__(self, images: Sequence[Image.Image], asked: Asked, device: torch.device) -> Tensor:
        """Logits of the parts and then of "none of them".

        Returns:
            [V, R + 1, rows, columns] float32; the grid covers the whole picture.
        """

    @property
    def identity(self) -> str: ...


@dataclass(frozen=True)
class DenseSettings:
    """How pixels are asked.

    Attributes:
        look: "colour" shows the views as they are, "depth" their depth as brightness.
        batch: views that the model sees at once; fewer where the memory does not do.
    """

    look: str = "colour"
    batch: int = 4

    def __post_init__(self) -> None:
        check_look(self.look)
        if self.batch < 1:
            raise ConfigError(f"batch must be at least 1, got {self.batch}")


class PixelTeacher:
    """Scores for every pixel, calibrated: a softmax over the parts and "none of them".

    Args:
        card: what it is.
        model: what sees and reads.
        phrasing: of the part names.
        settings: how it is asked.
    """

    def __init__(
        self, card: TeacherCard, model: Dense, phrasing: Phrasing, settings: DenseSettings
    ) -> None:
        self.card = card
        self.name = card.name
        self.licence = card.licence
        self._model = model
        self._phrasing = phrasing
        self._settings = settings

    @property
    def identity(self) -> str:
        """Changes when the answers do."""
        return f"{self._model.identity} {self._phrasing} {self._settings}"

    def check_parts(self, parts: PartList) -> None:
        """Raises TeacherError for a part that the model cannot read."""
        self._model.check(self._phrasing.ask(parts))

    def __call__(self, views: Views, parts: PartList) -> PixelScores:
        """A score per view, part and pixel; what is missing to 1 is "none of them"."""
        asked = self._phrasing.ask(parts)
        self._model.check(asked)

        def look(some: Views) -> PixelScores:
            seen = self._model(pictures(some, self._settings.look), asked, some.images.device)
            return PixelScores(scores(seen, some.size))

        seen = in_batches(look, views, self._settings.batch)
        assert isinstance(seen, PixelScores)
        return seen


def scores(logits: Tensor, size: tuple[int, int]) -> Tensor:
    """Probabilities of the parts in the size of the views.

    The logits are interpolated, not the probabilities, so that an edge between two parts stays
    where the two are equally likely.

    Args:
        logits: [V, R + 1, rows, columns]; the last is "none of them".
        size: height and width of the views.

    Returns:
        [V, R, H, W] float32 in [0, 1]; the sum over R is at most 1.
    """
    # A copy: what a model made in inference mode can never take part in a gradient.
    wide = F.interpolate(logits.float().clone(), size, mode="bilinear", align_corners=False)
    return wide.softmax(1)[:, :-1]
