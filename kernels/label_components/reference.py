"""The definition of label_components in pure torch."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

NEIGHBOURS = [(dy, dx) for dy in (0, 1, 2) for dx in (0, 1, 2) if (dy, dx) != (1, 1)]


def label_components(classes: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    height, width = classes.shape[1:]
    foreground = classes >= 0
    around = pad(classes, (1, 1, 1, 1), value=-1)

    # Each pixel takes the lowest number among itself and its neighbours of the same class, until
    # nothing changes: a component then carries the raster number of its first pixel.
    first = torch.arange(classes.numel(), device=classes.device).view(classes.shape)
    while True:
        lowest = first
        numbers = pad(first, (1, 1, 1, 1), value=-1)
        for dy, dx in NEIGHBOURS:
            same = around[:, dy : dy + height, dx : dx + width] == classes
            number = numbers[:, dy : dy + height, dx : dx + width]
            lowest = torch.where(same & foreground, torch.minimum(lowest, number), lowest)
        if torch.equal(lowest, first):
            break
        first = lowest

    pixel, number, size = first[foreground].unique(return_inverse=True, return_counts=True)
    label = torch.full_like(classes, -1).masked_scatter(foreground, number.to(torch.int32))
    return label, pixel // (height * width), classes.flatten()[pixel].long(), size
