"""A detector that reads phrases, as a teacher that answers with boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from PIL import Image
from torch import Tensor

from pdengine.errors import ConfigError
from pdengine.teach.batches import in_batches
from pdengine.teach.card import TeacherCard
from pdengine.teach.models.loading import check_numbers
from pdengine.teach.models.phrasing import Asked, Phrasing
from pdengine.teach.models.pictures import pictures
from pdengine.teach.models.suppress import suppress
from pdengine.types import Boxes, PartList, Views


@dataclass(frozen=True)
class Candidates:
    """What a detector sees before anything is chosen.

    Attributes:
        box: [V, Q, 4] float32, XYXY in pixels of the pictures.
        score: [V, Q, P] float32 in [0, 1], how much each looks like each phrase.
    """

    box: Tensor
    score: Tensor


class Detector(Protocol):
    """A model that finds phrases in pictures of one size."""

    def check(self, asked: Asked) -> None:
        """Raises TeacherError for a phrase that the model cannot read."""

    def __call__(
        self, images: Sequence[Image.Image], asked: Asked, device: torch.device
    ) -> Candidates: ...

    @property
    def identity(self) -> str: ...


@dataclass(frozen=True)
class BoxSettings:
    """What becomes a box.

    Attributes:
        threshold: boxes that score less are dropped, in [0, 1].
        overlap: of two boxes of one part in one view the better stays when their intersection over
            union is more than this, in [0, 1].
        combine: "max" or "mean" over the phrases of a part.
        batch: views that the model sees at once; fewer where the memory does not do.
    """

    threshold: float
    overlap: float = 0.5
    combine: str = "max"
    batch: int = 4

    def __post_init__(self) -> None:
        for name in ("threshold", "overlap"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} must be in [0, 1], got {getattr(self, name)}")
        if self.batch < 1:
            raise ConfigError(f"batch must be at least 1, got {self.batch}")


class BoxTeacher:
    """Boxes for the phrases of every part.

    Args:
        card: what it is.
        detector: the model.
        phrasing: of the part names.
        settings: which boxes stay.
    """

    def __init__(
        self, card: TeacherCard, detector: Detector, phrasing: Phrasing, settings: BoxSettings
    ) -> None:
        self.card = card
        self.name = card.name
        self.licence = card.licence
        self._detector = detector
        self._phrasing = phrasing
        self._settings = settings

    @property
    def identity(self) -> str:
        """Changes when the answers do."""
        return f"{self._detector.identity} {self._phrasing} {self._settings}"

    def check_parts(self, parts: PartList) -> None:
        """Raises TeacherError for a part that the model cannot read."""
        self._detector.check(self._phrasing.ask(parts))

    def __call__(self, views: Views, parts: PartList) -> Boxes:
        """Boxes in every view; each carries the one part that it looks most like."""
        asked = self._phrasing.ask(parts)
        self._detector.check(asked)

        def look(some: Views) -> Boxes:
            found = self._detector(pictures(some), asked, some.images.device)
            check_numbers(self.name, scores=found.score, boxes=found.box)
            return choose(found, asked, some.size, self._settings)

        found = in_batches(look, views, self._settings.batch)
        assert isinstance(found, Boxes)
        return found


def choose(found: Candidates, asked: Asked, size: tuple[int, int], settings: BoxSettings) -> Boxes:
    """The candidates that are boxes of a part: good enough, inside the image, and not said twice.

    Args:
        found: of V views.
        asked: whose phrases they were scored for.
        size: height and width of the views in pixels.
        settings: which stay.
    """
    # Copies: what a model made in inference mode can never take part in a gradient.
    score, part = asked.combine(found.score.float().clone(), settings.combine).max(-1)  # [V, Q]
    height, width = size
    limit = found.box.new_tensor([width, height, width, height]).float()
    box = found.box.float().clone().clamp(min=0).minimum(limit)
    large = ((box[..., 2:] - box[..., :2]) > 0).all(-1)  # some lie in the padding of the image
    view, query = ((score >= settings.threshold) & large).nonzero(as_tuple=True)
    box, label, score = box[view, query], part[view, query], score[view, query]
    kept = suppress(box, score, view * asked.count + label, settings.overlap)
    return Boxes(box[kept], view[kept], label[kept], score[kept])


def corners(box: Tensor, width: float, height: float) -> Tensor:
    """Centre, width and height as shares of a picture to XYXY in its pixels.

    Args:
        box: [..., 4], the centre's x and y, the width, the height, as shares.
        width: what a share of 1 is in x, in pixels.
        height: the same in y.
    """
    box = box.float()
    centre, extent = box[..., :2], box[..., 2:]
    scale = box.new_tensor([width, height, width, height])
    return torch.cat([centre - extent / 2, centre + extent / 2], -1) * scale
