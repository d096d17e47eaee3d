"""A residual U-Net that reads the geometry of one view and names its pixels."""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pdengine.teach.embedded.inputs import CHANNELS
from pdengine.teach.embedded.layout import Layout

WIDTHS = (32, 64, 128, 224)  # at 1/2, 1/4, 1/8, 1/16
BLOCKS = (1, 1, 2, 1)
UNKNOWN = -1e4  # the logit of a concept that the category does not have


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

    Args:
        layout: what it tells apart.
        channels: of the input, see inputs.
        widths: channels at 1/2, 1/4, 1/8 and 1/16 of the resolution.
    """

    def __init__(
        self, layout: Layout, channels: int = CHANNELS, widths: tuple[int, ...] = WIDTHS
    ) -> None:
        super().__init__()
        self.layout, self.channels, self.widths = layout, channels, widths
        categories = len(layout.categories)
        fan_in = (channels, *widths[:-1])
        self.down = nn.ModuleList(
            Step(a, b, 4 if k == 0 else 2, 2)
            for k, (a, b) in enumerate(zip(fan_in, widths, strict=True))
        )
        self.encode_blocks = nn.ModuleList(
            nn.Sequential(*(Block(w) for _ in range(n)))
            for w, n in zip(widths, BLOCKS, strict=True)
        )
        self.head = nn.Sequential(
            nn.Linear(widths[-1], 128), nn.ReLU(), nn.Linear(128, categories + 3)
        )
        self.film = nn.Embedding(categories, 2 * sum(widths))
        nn.init.normal_(self.film.weight, std=0.02)
        self.bottom = Block(widths[-1])
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in itertools.pairwise(widths))
        self.decode_blocks = nn.ModuleList(Block(w) for w in widths[:-1])
        # Every cell of the finest level answers for its own two by two pixels.
        self.out = nn.Conv2d(widths[0], 4 * layout.count, 1)

    def encode(
        self,
        x: Tensor,  # [V, channels, h, w]
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
        return said[:, :-3], said[:, -3:]

    def decode(
        self,
        levels: list[Tensor],
        category: Tensor,  # [V] int64
    ) -> Tensor:  # [V, widest, h, w]
        """Logits of the category's concepts; very low in the columns beyond its last one."""
        tune = self.film(category).split([2 * w for w in self.widths], dim=1)
        h = self.bottom(_tuned(levels[-1], tune[-1]))
        for k in reversed(range(len(self.up))):
            h = levels[k] + F.interpolate(self.up[k](h), scale_factor=2.0)
            h = self.decode_blocks[k](_tuned(h, tune[k]))
        logits = F.pixel_shuffle(self._out(h, self.layout.row[category]), 2)
        return logits.masked_fill(~self.layout.known[category][:, :, None, None], UNKNOWN)

    def _out(
        self,
        h: Tensor,  # [V, C, h, w]
        row: Tensor,  # [V, widest] int64, concepts
    ) -> Tensor:  # [V, 4 * widest, h, w]
        """The last convolution, of each view's own concepts alone."""
        width = h.shape[1]
        weight = self.out.weight.view(-1, 4, width)[row].flatten(1, 2)  # [V, 4 * widest, C]
        assert self.out.bias is not None
        bias = self.out.bias.view(-1, 4)[row].flatten(1)
        said = torch.matmul(weight.to(h.dtype), h.flatten(2)) + bias[:, :, None].to(h.dtype)
        out: Tensor = said.unflatten(2, h.shape[2:])
        return out

    def forward(self, x: Tensor, category: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Concept logits, category logits and up directions."""
        levels = self.encode(x)
        return (self.decode(levels, category), *self.summarise(levels))


def _tuned(h: Tensor, tune: Tensor) -> Tensor:
    scale, shift = tune[:, :, None, None].to(h.dtype).chunk(2, dim=1)
    return h * (1 + scale) + shift
