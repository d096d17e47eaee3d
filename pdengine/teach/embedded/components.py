"""The embedded teacher's pixels as the regions that a detector or a segmenter would give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pdengine.kernels.label_components import label_components
from pdengine.teach.card import EMBEDDED_BOXES, EMBEDDED_MASKS
from pdengine.teach.embedded.teacher import EmbeddedTeacher
from pdengine.teach.proposing import Proposal
from pdengine.types import Boxes, Masks, PartList, Views

# Of the pixels that a view covers: 40 of 20,000 at 224 px, which the network sees as ten of its
# own.  Smaller components are its doubts along the borders of parts.
MIN_SHARE = 0.002


@dataclass(frozen=True)
class Regions:
    """Connected pixels whose likeliest answer is the same part.

    Attributes:
        label: [V, H, W] int32, the component of each pixel, -1 none.
        component: [B] int64, the component of each region, ascending.
        view: [B] int64.
        part: [B] int64.
        score: [B] float32, the mean probability of the part inside.
    """

    label: Tensor
    component: Tensor
    view: Tensor
    part: Tensor
    score: Tensor


def regions(
    score: Tensor,  # [V, R, H, W]
    covered: Tensor,  # [V, H, W] bool
    min_share: float = MIN_SHARE,
) -> Regions:
    """The components of each view's map of likeliest parts.

    Args:
        score: probabilities of the parts; what is missing to 1 is "none of them", which is an
            answer too, and no region.
        covered: where the view sees the shape.
        min_share: regions below this share of their view's covered pixels are left out.
    """
    best, part = score.max(1)  # [V, H, W]
    named = covered & (best > 0) & (best >= 1 - score.sum(1))
    components = label_components(torch.where(named, part, -1).to(torch.int32))
    enough = components.size >= min_share * covered.sum((1, 2))[components.view]
    kept = enough.nonzero()[:, 0]
    return Regions(
        label=components.label,
        component=kept,
        view=components.view[kept],
        part=components.class_[kept],
        score=components.mean(best)[kept],
    )


def as_masks(found: Regions) -> Masks:
    """Every region's own pixels."""
    return Masks(_pixels(found), found.view, found.part, found.score)


def as_boxes(found: Regions) -> Boxes:
    """The smallest box around every region's pixels."""
    pixels = _pixels(found)
    left, right = _span(pixels.any(1))
    top, bottom = _span(pixels.any(2))
    box = torch.stack([left, top, right, bottom], 1)
    return Boxes(box, found.view, found.part, found.score)


def _pixels(found: Regions) -> Tensor:  # [B, H, W] bool
    return found.label[found.view] == found.component[:, None, None]


def _span(hit: Tensor) -> tuple[Tensor, Tensor]:
    """Where True begins and where it has ended: [B, side] bool to [B] float32 twice."""
    first = hit.int().argmax(1)
    end = hit.shape[1] - hit.flip(1).int().argmax(1)
    return first.float(), end.float()


_KINDS: dict[str, Callable[[Regions], Boxes | Masks]] = {"boxes": as_boxes, "masks": as_masks}
_CARDS = {card.kind: card for card in (EMBEDDED_BOXES, EMBEDDED_MASKS)}


class ComponentTeacher:
    """The embedded teacher as a detector or as a segmenter of instances.

    Args:
        pixels: who is asked.
        kind: "boxes" or "masks".
    """

    def __init__(self, pixels: EmbeddedTeacher, kind: str) -> None:
        self.pixels = pixels
        self.card = replace(_CARDS[kind], weights=pixels.card.weights)
        self.name = self.card.name
        self.licence = self.card.licence
        self._answer = _KINDS[kind]

    @property
    def identity(self) -> str:
        """The weights', and what is made of their answer."""
        return f"{self.pixels.identity} {MIN_SHARE}"

    def __call__(self, views: Views, parts: PartList) -> Boxes | Masks:
        """One box or mask per view, part and component; none where nothing is found.

        Raises:
            TeacherError: a name is not in the vocabulary.
        """
        return self._answer(regions(self.pixels(views, parts).score, views.index >= 0))

    def check_parts(self, parts: PartList) -> None:
        """Refuse names that cannot be asked for, see EmbeddedTeacher."""
        self.pixels.check_parts(parts)

    def remarks_on(self, parts: PartList) -> tuple[str, ...]:
        """A sentence on two names that it cannot tell apart."""
        return self.pixels.remarks_on(parts)

    def up_direction(self, views: Views, parts: PartList | None) -> Tensor:
        """Which way the shape stands, see EmbeddedTeacher."""
        return self.pixels.up_direction(views, parts)

    def propose(self, views: Views) -> tuple[Proposal, ...]:
        """What the shape is, see EmbeddedTeacher."""
        return self.pixels.propose(views)
