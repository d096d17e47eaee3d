"""Boxes made into masks: any box teacher, and a model that cuts out what a box holds."""

from __future__ import annotations

from typing import Protocol

import torch
from PIL import Image
from torch import Tensor

from pdengine.config import LiftConfig
from pdengine.errors import TeacherError
from pdengine.teach.card import TeacherCard
from pdengine.teach.models.pictures import pictures
from pdengine.teach.protocol import Teacher
from pdengine.types import Boxes, Masks, PartList, Views

BOXES = 32  # that a decoder is given at once
WHOLE = LiftConfig().drop_if_covers


class Cutter(Protocol):
    """A model that cuts out what a box holds."""

    def __call__(self, image: Image.Image, box: Tensor, device: torch.device) -> Tensor:
        """Masks of one picture.

        Args:
            image: of H x W pixels.
            box: [B, 4] float32, XYXY in its pixels, at least one.
            device: where the model runs.

        Returns:
            [B, H, W] bool.
        """

    @property
    def identity(self) -> str: ...


class MaskTeacher:
    """The masks of what a box teacher found; they keep its labels and scores.

    A box around nearly everything that its view shows says nothing.  The lift drops such boxes, and
    could not tell such masks: they are dropped here, by the same share, of pixels.

    Args:
        card: what the two are together.
        boxes: who finds.
        cutter: who cuts out.
    """

    def __init__(self, card: TeacherCard, boxes: Teacher, cutter: Cutter) -> None:
        self.card = card
        self.name = card.name
        self.licence = card.licence
        self._boxes = boxes
        self._cutter = cutter

    @property
    def identity(self) -> str:
        """Changes when the answers do."""
        return f"{getattr(self._boxes, 'identity', self._boxes.name)} {self._cutter.identity}"

    def check_parts(self, parts: PartList) -> None:
        """Raises TeacherError for a part that the box teacher cannot read."""
        check = getattr(self._boxes, "check_parts", None)
        if check is not None:
            check(parts)

    def __call__(self, views: Views, parts: PartList) -> Masks:
        """One mask per box; a mask without a pixel is left out."""
        found = self._boxes(views, parts)
        if not isinstance(found, Boxes):
            raise TeacherError(
                f"{self.name}: only boxes can be cut out, {self._boxes.name} answers with "
                f"{type(found).__name__}"
            )
        found = _some(found, ~_whole(found.box, found.view, views))
        masks = [self._cut(views, view, found) for view in range(len(views))]
        mask = torch.cat(masks)
        # In the order of the views, as the masks are.
        order = found.view.sort(stable=True).indices
        kept = mask.flatten(1).any(1)
        found = _some(found, order[kept.to(order.device)])
        return Masks(mask[kept], found.view, found.label, found.score)

    def _cut(self, views: Views, view: int, found: Boxes) -> Tensor:
        """[boxes of the view, H, W] bool, in their order."""
        device = views.images.device
        box = found.box[found.view == view].float()
        if not len(box):
            return torch.zeros(0, *views.size, dtype=torch.bool, device=device)
        (image,) = pictures(views.only([view]))
        return self._cutter(image, box, device).to(device)


def _some(boxes: Boxes, which: Tensor) -> Boxes:
    return Boxes(boxes.box[which], boxes.view[which], boxes.label[which], boxes.score[which])


def _whole(box: Tensor, view: Tensor, views: Views) -> Tensor:
    """Whether each box holds nearly all the pixels that show the shape in its view. [B] bool."""
    seen = (views.index >= 0).to(box.device)
    # Inclusive sums turn "pixels inside a box" into four look-ups.
    total = torch.nn.functional.pad(seen.long().cumsum(1).cumsum(2), (1, 0, 1, 0))
    height, width = views.size
    # A pixel is inside when its centre is.
    x0, y0, x1, y1 = (box + 0.5).floor().long().unbind(1)
    x0, x1 = x0.clamp(0, width), x1.clamp(0, width)
    y0, y1 = y0.clamp(0, height), y1.clamp(0, height)
    inside = total[view, y1, x1] - total[view, y0, x1] - total[view, y1, x0] + total[view, y0, x0]
    return inside.double() >= WHOLE * total[view, -1, -1].double()
