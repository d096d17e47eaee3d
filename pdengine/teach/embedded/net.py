"""A residual U-Net that reads the geometry of one view and names its pixels."""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pdengine.teach.embedded.inputs import CHANNELS
from pdengine.teach.embedded.vocabulary import CATEGORIES, COUNT

WIDTHS = (32, 64, 128, 192)  # at 1/2, 1/4, 1/8, 1/16
BLOCKS = (1, 1, 2, 1)


class Block(nn.Module):
    """Two convolutions around a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(y)))


class Step(nn.Module):
    """Convolution, norm, ReLU."""

    def __init__(self, fan_in: int, width: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        padding = (kernel - stride + 1) // 2
        self.conv = nn.Conv2d(fan_in, width, kernel, stride, padding, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv(x)))


class PartNet(nn.Module):
    """Encoder, a head for the whole view, and a decoder that is told the category.

    The category tunes the decoder alone (feature-wise scale and shift: FiLM, Perez et al. 2018), so
    that one pass of the encoder serves every category that a prompt leaves open.
    """

    def __init__(self) -> None:
        super().__init__()
        fan_in = (CHANNELS, *WIDTHS[:-1])
        self.down = nn.ModuleList(
            Step(a, b, 4 if k == 0 else 2, 2)
            for k, (a, b) in enumerate(zip(fan_in, WIDTHS, strict=True))
        )
        self.encode_blocks = nn.ModuleList(
            nn.Sequential(*(Block(w) for _ in range(n)))
            for w, n in zip(WIDTHS, BLOCKS, strict=True)
        )
        self.head = nn.Sequential(
            nn.Linear(WIDTHS[-1], 128), nn.ReLU(), nn.Linear(128, len(CATEGORIES) + 3)
        )
        self.film = nn.Embedding(len(CATEGORIES), 2 * sum(WIDTHS))
        nn.init.normal_(self.film.weight, std=0.02)
        self.bottom = Block(WIDTHS[-1])
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in itertools.pairwise(WIDTHS))
        self.decode_blocks = nn.ModuleList(Block(w) for w in WIDTHS[:-1])
        # Every cell of the finest level answers for its own two by two pixels.
        self.out = nn.Conv2d(WIDTHS[0], 4 * COUNT, 1)

    def encode(
        self,
        x: Tensor,  # [V, 7, h, w]
    ) -> list[Tensor]:
        """Features at every level, finest first."""
        levels = []
        for down, block in zip(self.down, self.encode_blocks, strict=True):
            x = block(down(x))
            levels.append(x)
        return levels

    def summarise(self, levels: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Category logits [V, categories], and the up direction in the camera frame [V, 3].

        The up vector is as long as the network is sure of it.
        """
        said = self.head(levels[-1].float().mean(dim=(2, 3)))
        return said[:, : len(CATEGORIES)], said[:, len(CATEGORIES) :]

    def decode(
        self,
        levels: list[Tensor],
        category: Tensor,  # [V] int64
    ) -> Tensor:  # [V, concepts, h, w]
        """Logits of all concepts of all categories; those of other categories mean nothing."""
        tune = self.film(category).split([2 * w for w in WIDTHS], dim=1)
        h = self.bottom(_tuned(levels[-1], tune[-1]))
        for k in reversed(range(len(self.up))):
            h = levels[k] + F.interpolate(self.up[k](h), scale_factor=2.0)
            h = self.decode_blocks[k](_tuned(h, tune[k]))
        return F.pixel_shuffle(self.out(h), 2)

    def forward(self, x: Tensor, category: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Concept logits, category logits and up directions."""
        levels = self.encode(x)
        return (self.decode(levels, category), *self.summarise(levels))


def _tuned(h: Tensor, tune: Tensor) -> Tensor:
    scale, shift = tune[:, :, None, None].to(h.dtype).chunk(2, dim=1)
    return h * (1 + scale) + shift


def concept_mask() -> Tensor:
    """Which concepts belong to which category. [categories, concepts] bool."""
    from pdengine.teach.embedded.vocabulary import CONCEPTS, FIRST

    mask = torch.zeros(len(CATEGORIES), COUNT, dtype=torch.bool)
    for k, category in enumerate(CATEGORIES):
        mask[k, FIRST[category] : FIRST[category] + len(CONCEPTS[category])] = True
    return mask
