"""A residual U-Net that reads the geometry of one view and names its pixels."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pdengine.teach.embedded.inputs import CHANNELS
from pdengine.teach.embedded.layout import Layout

WIDTHS = (32, 64, 128, 240)  # at 1/2, 1/4, 1/8, 1/16
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


class Seen(NamedTuple):
    """What the encoder made of some views.

    Attributes:
        levels: features, finest first.
        geometry: sums over cells of 4 by 4 pixels: normal 3, position 3, mask 1. [V, 7, h/4, w/4]
    """

    levels: list[Tensor]
    geometry: Tensor


class PartNet(nn.Module):
    """Encoder, a head that names the category, and a decoder that is told it.

    The decoder also says which way is up: every cell weighs its own normal and its own place, so
    that a seat's normal or a mast's length can count, and adds a direction of its own.

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
            nn.Linear(2 * widths[-1], 256), nn.ReLU(), nn.Linear(256, categories)
        )
        film = torch.empty(categories, 2 * sum(widths))
        if not film.is_meta:  # there, it would import torch's compiler, for more than a second
            film.normal_(std=0.02)
        self.film = nn.Embedding.from_pretrained(film, freeze=False)
        self.bottom = Block(widths[-1])
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in itertools.pairwise(widths))
        self.decode_blocks = nn.ModuleList(Block(w) for w in widths[:-1])
        # Every cell of the finest level answers for its own two by two pixels.
        self.out = nn.Conv2d(widths[0], 4 * layout.count, 1)
        self.stand = nn.Conv2d(widths[1], 5, 1)

    def encode(
        self,
        x: Tensor,  # [V, channels, h, w]
    ) -> Seen:
        """Features of views."""
        geometry = F.avg_pool2d(x[:, :7].float() * x[:, 6:7].float(), 4)
        levels = []
        for down, block in zip(self.down, self.encode_blocks, strict=True):
            x = block(down(x))
            levels.append(x)
        return Seen(levels, geometry)

    def categorise(self, seen: Seen) -> Tensor:
        """Category logits. [V, categories]"""
        coarse = seen.levels[-1].float()
        logits: Tensor = self.head(torch.cat([coarse.mean((2, 3)), coarse.amax((2, 3))], 1))
        return logits

    def decode(
        self,
        seen: Seen,
        category: Tensor,  # [V] int64
    ) -> Tensor:  # [V, widest, h, w]
        """Logits of the category's concepts; very low in the columns beyond its last one."""
        *_, finest = self._refine(seen, category)
        return self._name(finest, category)

    def stands(
        self,
        seen: Seen,
        category: Tensor,  # [V] int64
    ) -> Tensor:  # [V, 3]
        """The up direction in the camera frame, as long as the network is sure of it."""
        levels = self._refine(seen, category)
        quarter = next(itertools.islice(levels, len(self.up) - 2, None))
        return self._lift(quarter, seen.geometry)

    def forward(self, x: Tensor, category: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Concept logits, category logits and up directions."""
        seen = self.encode(x)
        *_, quarter, half = self._refine(seen, category)
        up = self._lift(quarter, seen.geometry)
        return self._name(half, category), self.categorise(seen), up

    def _refine(self, seen: Seen, category: Tensor) -> Iterator[Tensor]:
        """The decoder's features from 1/8 of the resolution to 1/2."""
        tune = self.film(category).split([2 * w for w in self.widths], dim=1)
        h = self.bottom(_tuned(seen.levels[-1], tune[-1]))
        for k in reversed(range(len(self.up))):
            h = seen.levels[k] + F.interpolate(self.up[k](h), scale_factor=2.0)
            h = self.decode_blocks[k](_tuned(h, tune[k]))
            yield h

    def _lift(
        self,
        h: Tensor,  # [V, C, h, w], features at 1/4
        geometry: Tensor,  # [V, 7, h, w]
    ) -> Tensor:  # [V, 3]
        said = self.stand(h).float()
        normal, place, share = geometry.split([3, 3, 1], dim=1)
        whole = share.sum((2, 3), keepdim=True).clamp_min(1e-6)
        place = place - share * place.sum((2, 3), keepdim=True) / whole
        votes = said[:, :1] * normal + said[:, 1:2] * place + said[:, 2:] * share
        up: Tensor = votes.sum((2, 3)) / whole[:, :, 0, 0]
        return up

    def _name(self, h: Tensor, category: Tensor) -> Tensor:
        row, known = (t.to(category.device)[category] for t in (self.layout.row, self.layout.known))
        logits = F.pixel_shuffle(self._out(h, row), 2)
        return logits.masked_fill(~known[:, :, None, None], UNKNOWN)

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


def _tuned(h: Tensor, tune: Tensor) -> Tensor:
    scale, shift = tune[:, :, None, None].to(h.dtype).chunk(2, dim=1)
    return h * (1 + scale) + shift
