"""Adam over one tensor.

torch's own imports its compiler at the first step, for more than a second: longer than everything
else that a first answer waits for.
"""

from __future__ import annotations

from torch import Tensor

BETAS = (0.9, 0.999)
EPSILON = 1e-8


class Adam:
    """Steps a tensor in place.

    Args:
        weight: any shape, float; changed by step.

    Source: Kingma and Ba 2015, algorithm 1, with torch's constants.
    """

    def __init__(self, weight: Tensor) -> None:
        self._weight = weight
        self._mean, self._square = weight.new_zeros(weight.shape), weight.new_zeros(weight.shape)
        self._steps = 0

    def step(self, gradient: Tensor, rate: float) -> None:
        """One step against the gradient, of weight's shape."""
        self._steps += 1
        first, second = BETAS
        self._mean.lerp_(gradient, 1 - first)
        self._square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        spread = self._square.sqrt().div_((1 - second**self._steps) ** 0.5).add_(EPSILON)
        self._weight.addcdiv_(self._mean, spread, value=-rate / (1 - first**self._steps))
