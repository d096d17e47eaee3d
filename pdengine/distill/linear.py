"""A linear layer that does not draw from torch's process-wide generator."""

from __future__ import annotations

import math

import torch
from torch import nn


class Linear(nn.Linear):
    """torch's, with the weights that torch would give it, drawn from dice.

    Args:
        inputs, outputs, bias: as torch takes them.
        dice: None leaves the weights to be loaded.
    """

    def __init__(
        self, inputs: int, outputs: int, bias: bool = True, *, dice: torch.Generator | None
    ) -> None:
        super().__init__(inputs, outputs, bias)
        if dice is None:
            return
        nn.init.kaiming_uniform_(self.weight, math.sqrt(5), generator=dice)
        if bias:
            bound = 1 / math.sqrt(inputs)
            nn.init.uniform_(self.bias, -bound, bound, generator=dice)

    def reset_parameters(self) -> None:
        """Nothing: torch calls this while it makes the layer."""
