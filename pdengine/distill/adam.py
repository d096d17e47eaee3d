"""Adam, as torch's kernel does it, without what torch puts around it."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


class Adam:
    """The bits of torch.optim.Adam(parameters, fused=True), for a short step.

    torch's own keeps hooks, groups and a counter per tensor: 20 us a step for one small tensor, of
    which the kernel is 5, and 0.6 ms more than here for the encoder, of a step of 9.4.  And it
    imports torch's compiler, for more than a second, while a first answer waits.

    Args:
        parameters: on one device; each has a gradient whenever a step is taken.
    """

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        self.parameters = list(parameters)
        self._first = [torch.zeros_like(tensor) for tensor in self.parameters]
        self._second = [torch.zeros_like(tensor) for tensor in self.parameters]
        self._steps = torch.zeros((), dtype=torch.float32, device=self.parameters[0].device)

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Follow the gradients; rate is the learning rate of this step."""
        gradients = [tensor.grad for tensor in self.parameters if tensor.grad is not None]
        assert len(gradients) == len(self.parameters)
        self._steps += 1
        torch._fused_adam_(
            self.parameters,
            gradients,
            self._first,
            self._second,
            [],
            [self._steps] * len(gradients),
            lr=rate,
            beta1=0.9,
            beta2=0.999,
            weight_decay=0.0,
            eps=1e-8,
            amsgrad=False,
            maximize=False,
        )

    def forget(self) -> None:
        """Drop the gradients."""
        for tensor in self.parameters:
            tensor.grad = None
