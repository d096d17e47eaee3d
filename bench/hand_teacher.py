"""A teacher for hands: a published network that finds 21 landmarks, looked at from many sides.

The network has seen photographs; a view is grey on white.  So each view is given the colour of skin
on a dark ground, cut out around the shape, and shown turned and mirrored.  A pixel's score for a
part is the share of these looks that call it so: where they disagree or find no hand, it is low.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from hand_regions import REGIONS, hand_regions
from torch import Tensor

from pdengine.cameras import look_at
from pdengine.errors import TeacherError
from pdengine.teach import TeacherCard
from pdengine.types import Cameras, Masks, PartList, Views

# Picture [side, side, 3] uint8 -> [21, 2] float32 in pixels of it, or None: no hand.
Network = Callable[[Tensor], Tensor | None]

# What users and Labeled PSB call the regions; finger1 stands beside the thumb.
_WORDS = {
    "palm": ("hand", "wrist", "palm"),
    "thumb": ("thumb",),
    "index finger": ("finger1", "index finger"),
    "middle finger": ("finger2", "middle finger"),
    "ring finger": ("finger3", "ring finger"),
    "little finger": ("finger4", "little finger"),
}
_REGION = {word: REGIONS.index(region) for region, words in _WORDS.items() for word in words}

# Chosen by how often MediaPipe finds a hand (32 views of four hands, upright and upside down):
# grey on white 2 to 8 %, skin on white 41 to 52 %, on grey 47 to 64 %, on dark 64 to 73 %.
_SKIN = (1.0, 0.78, 0.65)
_BRIGHTER = 1.15
_GROUND = 0.15
_MARGIN = 0.3  # around the shape, in its own larger side
_SIDE_PX = 384  # of the picture that the network gets


@dataclass(frozen=True)
class Look:
    """A square cut out of a view, turned about its centre, then mirrored perhaps.

    Attributes:
        centre: [2] float32, pixels of the view.
        side: of the square, in pixels of the view.
        angle: radians, by which the square is turned clockwise in the view.
        mirrored: left and right are exchanged in the picture.
    """

    centre: Tensor
    side: float
    angle: float = 0.0
    mirrored: bool = False

    def in_view(self, points: Tensor, side_px: int) -> Tensor:
        """Where points of the picture lie in the view. [..., 2] both, pixels."""
        x, y = (points / side_px - 0.5).mul(self.side).unbind(-1)
        x = -x if self.mirrored else x
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return torch.stack([cos * x - sin * y, sin * x + cos * y], -1) + self.centre

    def picture(self, image: Tensor, ground: float, side_px: int) -> Tensor:
        """The square of an image [H, W, 3] in [0, 1] as [side_px, side_px, 3] uint8."""
        step = torch.arange(side_px) + 0.5
        y, x = torch.meshgrid(step, step, indexing="ij")
        at = self.in_view(torch.stack([x, y], -1), side_px)
        size = torch.tensor([image.shape[1], image.shape[0]])
        sampled = F.grid_sample(
            (image - ground).permute(2, 0, 1)[None],
            (at / size * 2 - 1)[None],
            align_corners=False,  # zero outside, which is the ground
        )
        return ((sampled[0].permute(1, 2, 0) + ground).clamp(0, 1) * 255).round().byte()


class HandTeacher:
    """Masks of palm and fingers in every view.

    Attributes:
        name, card: see pdengine.teach.Teacher.
        identity: changes with the settings, and with the network's own; without that there is none.
        cameras: from all around, since a hand has no up.

    Args:
        network: finds the landmarks in one picture.
        views: how many cameras stand around the shape.
        turns: how often each view is turned, in equal steps.
        agree: share of a view's looks that must agree on a pixel, else it is left out.
        card: of the network.
    """

    name = "hand-landmarks"

    def __init__(
        self,
        network: Network,
        *,
        views: int = 24,
        turns: int = 4,
        agree: float = 0.25,
        card: TeacherCard | None = None,
    ) -> None:
        self._network, self._turns, self._agree = network, turns, agree
        self.cameras = all_around(views)
        own = getattr(network, "identity", None)
        if own is not None:  # else nobody could tell when the answers change, and none are cached
            self.identity = f"1 views={views} turns={turns} agree={agree} {own}"
        if card is not None:
            self.card = card

    def check_parts(self, parts: PartList) -> None:
        """Refuse words that name no part of a hand.

        Raises:
            TeacherError: there is one.
        """
        for name in parts.names:
            if name.casefold() not in _REGION:
                known = ", ".join(_REGION)
                raise TeacherError(f"{self.name}: part must be one of {known}, got {name!r}")

    def __call__(self, views: Views, parts: PartList) -> Masks:
        """A mask per part and view, scored by the mean agreement of the looks."""
        self.check_parts(parts)
        region = torch.tensor([_REGION[name.casefold()] for name in parts.names])
        mask, view, label, score = [], [], [], []
        for v in range(len(views)):
            share = self.shares(views.only([v]))  # [regions, H, W]
            best, winner = share.max(0)
            sure = best >= max(self._agree, 1e-6)
            for part, own in enumerate(region.tolist()):
                here = sure & (winner == own)
                if bool(here.any()):
                    mask.append(here)
                    view.append(v)
                    label.append(part)
                    score.append(float(best[here].mean()))
        empty = torch.zeros(0, *views.size, dtype=torch.bool)
        return Masks(
            torch.stack(mask) if mask else empty,
            torch.tensor(view, dtype=torch.int64),
            torch.tensor(label, dtype=torch.int64),
            torch.tensor(score, dtype=torch.float32),
        )

    def shares(self, view: Views) -> Tensor:
        """How many of the looks at one view call each pixel each region, as a share.

        Returns:
            [regions, H, W] float32 in [0, 1], 0 where the view shows nothing.
        """
        seen = view.index[0].cpu() >= 0
        count = torch.zeros(len(REGIONS), *view.size)
        y, x = seen.nonzero().unbind(1)
        if not len(x):
            return count
        image = skin(view.images[0].cpu(), seen, view.has_colour)
        pixels = torch.stack([x, y], 1) + 0.5
        looks = looks_at(pixels, self._turns)
        for look in looks:
            found = self._network(look.picture(image, _GROUND, _SIDE_PX))
            if found is not None:
                count[hand_regions(look.in_view(found, _SIDE_PX), pixels), y, x] += 1
        return count / len(looks)


def all_around(count: int) -> Cameras:
    """Cameras spread evenly over the sphere by the golden angle, as far away as rig's."""
    step = torch.arange(count) + 0.5
    height = 1 - 2 * step / count
    around, angle = (1 - height**2).sqrt(), step * (math.pi * (3 - math.sqrt(5)))
    eye = 2.2 * torch.stack([around * angle.cos(), height, around * angle.sin()], 1)
    return look_at(eye, torch.tensor([0.0, 1.0, 0.0]))


def skin(image: Tensor, seen: Tensor, has_colour: bool) -> Tensor:
    """A view as a photograph of a hand: the colour of skin unless it has its own, a dark ground."""
    shape = image if has_colour else (image * _BRIGHTER).clamp(0, 1) * torch.tensor(_SKIN)
    return torch.where(seen[..., None], shape, torch.tensor(_GROUND))


def looks_at(pixels: Tensor, turns: int) -> list[Look]:
    """A square around these pixels [P, 2], turned and mirrored."""
    low, high = pixels.amin(0), pixels.amax(0)
    side = float((high - low).max() + 1) * (1 + 2 * _MARGIN)
    angles = [2 * math.pi * k / turns for k in range(turns)]
    return [Look((low + high) / 2, side, a, m) for a in angles for m in (False, True)]
