"""Steps that a GPU repeats without the host: everything that changes lies in memory that stays.

A step of the head is twenty kernels of a few microseconds; the host takes longer to launch them.
Tables on the device hold what differs from step to step (rates, draws), a counter says which row
is next, and a CUDA graph repeats the step.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from pdengine.distill.student import Student
from pdengine.kernels.soft_cross_entropy import soft_cross_entropy


def can_capture(device: torch.device) -> bool:
    """Whether steps become a CUDA graph there; elsewhere they run one by one."""
    return device.type == "cuda"


class Repeated:
    """A step that changes nothing but device memory, and finds its input where it was.

    The first call runs it, which compiles its kernels and makes what it makes once; the second call
    records it, and every call from then on repeats the recording.

    Args:
        step: waits for nothing, and reads nothing from the host.
        device: where its memory is.
    """

    def __init__(self, step: Callable[[], None], device: torch.device) -> None:
        self._step = step
        self._device = device
        self._graph: torch.cuda.CUDAGraph | None = None
        self._side: torch.cuda.Stream | None = None

    def __call__(self) -> None:
        if not can_capture(self._device):
            self._step()
            return
        with torch.cuda.device(self._device):
            if self._graph is not None:
                self._graph.replay()
            elif self._side is None:
                # A graph cannot be recorded on the default stream, and cuBLAS keeps a workspace
                # per stream: so the first step runs where the second is recorded.
                self._side = torch.cuda.Stream()
                self._side.wait_stream(torch.cuda.current_stream())
                with torch.cuda.stream(self._side):
                    self._step()
                torch.cuda.current_stream().wait_stream(self._side)
            else:
                self._graph = self._recorded(self._side)
                self._graph.replay()

    def _recorded(self, side: torch.cuda.Stream) -> torch.cuda.CUDAGraph:
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.stream(side):
            # Other threads may go on with their own streams.
            graph.capture_begin(capture_error_mode="thread_local")
            try:
                self._step()
            finally:
                graph.capture_end()
        return graph


class HeadSteps:
    """The optimiser steps of one linear layer, see learn_head: the same sums, in fixed memory.

    Args:
        rows: of the embeddings.
        inputs: E + 1, the bias's column included.
        batch: rows per step.
        parts: R.
        steps: at most this many in a run.
        device: where all of it lies.

    Attributes:
        losses: [steps] float32.
        weights: [steps, E + 1, R] float32, after each step.
    """

    def __init__(
        self, rows: int, inputs: int, batch: int, parts: int, steps: int, device: torch.device
    ) -> None:
        def zeros(*shape: int) -> Tensor:
            return torch.zeros(shape, device=device)

        self.losses, self.weights = zeros(steps), zeros(steps, inputs, parts)
        self._known, self._targets = zeros(rows, inputs), zeros(rows, parts)
        self._keep, self._rates = zeros(steps, inputs, 1), zeros(steps)
        self._picked = zeros(steps, batch).long() if batch < rows else None
        self._at = zeros(1).long()
        self._weight, self._rate = zeros(inputs, parts), zeros()
        self._weight.grad = zeros(inputs, parts)
        self._optimiser = torch.optim.Adam(
            [self._weight], lr=self._rate, fused=True, capturable=can_capture(device)
        )
        self.step = Repeated(self._one, device)

    def begin(
        self,
        known: Tensor,  # [rows, E + 1]
        targets: Tensor,  # [rows, R]
        weight: Tensor,  # [E + 1, R]
        rates: list[float],
        keep: Tensor,  # [steps, E + 1, 1]
        picked: Tensor | None,  # [steps, batch]
    ) -> None:
        """Start a run; what the last one left is overwritten."""
        self._known.copy_(known)
        self._targets.copy_(targets)
        self._weight.copy_(weight)
        self._rates.copy_(torch.tensor(rates, device="cpu"))
        self._keep.copy_(keep)
        if self._picked is not None and picked is not None:
            self._picked.copy_(picked)
        self._at.zero_()
        _forget(self._optimiser)

    def _one(self) -> None:
        at, wanted = self._known, self._targets
        if self._picked is not None:
            rows = self._picked.index_select(0, self._at)[0]
            at, wanted = at.index_select(0, rows), wanted.index_select(0, rows)
        keep = self._keep.index_select(0, self._at)[0]
        self._rate.copy_(self._rates.index_select(0, self._at)[0])
        logits = ((self._weight * keep).T @ at.T).T.contiguous().requires_grad_()
        loss = soft_cross_entropy(logits, wanted)
        (slope,) = torch.autograd.grad(loss, logits)
        assert self._weight.grad is not None
        self._weight.grad.copy_((slope.T @ at).T * keep)
        self._optimiser.step()
        self.losses.index_copy_(0, self._at, loss.detach()[None])
        self.weights.index_copy_(0, self._at, self._weight[None])
        self._at += 1


_kept = threading.local()  # the last HeadSteps of each thread: the next shape is mostly as large


def head_steps(
    rows: int, inputs: int, batch: int, parts: int, steps: int, device: torch.device
) -> HeadSteps:
    """HeadSteps of this size, the ones used last where they fit: a recording takes a while."""
    size = (rows, inputs, batch, parts, steps, device)
    if getattr(_kept, "size", None) != size or not can_capture(device):
        _kept.steps, _kept.size = HeadSteps(*size), size
    found: HeadSteps = _kept.steps
    return found


def all_steps(
    student: Student,
    embed: Callable[[], Tensor],
    targets: Tensor,  # [A, R]
    groups: Sequence[list[nn.Parameter]],
    rates: Tensor,  # [steps, groups]
) -> list[float]:
    """Align every weight of a student on one shape, and return the loss of each step.

    Args:
        embed: the encoder's answer for the shape.
        targets: on the device where the student is.
        groups: the parameters, in groups that share a rate.
        rates: of each group in each step, on the device.
    """
    device, steps = targets.device, len(rates)
    losses = targets.new_zeros(steps)
    at = torch.zeros(1, dtype=torch.int64, device=device)
    now = [rates.new_zeros(()) for _ in groups]
    optimiser = torch.optim.Adam(
        [{"params": group, "lr": rate} for group, rate in zip(groups, now, strict=True)],
        fused=True,
        capturable=can_capture(device),
    )

    def one() -> None:
        row = rates.index_select(0, at)[0]
        for rate, value in zip(now, row, strict=True):
            rate.copy_(value)
        optimiser.zero_grad(set_to_none=True)
        loss = soft_cross_entropy(student.head(embed()), targets)
        loss.backward()
        optimiser.step()
        losses.index_copy_(0, at, loss.detach()[None])
        at.add_(1)

    step = Repeated(one, device)
    for _ in range(steps):
        step()
    found: list[float] = losses.tolist()  # waits: the recording must not go before it has run
    return found


def _forget(optimiser: torch.optim.Adam) -> None:
    """As if it had never stepped, in the same memory."""
    for state in optimiser.state.values():
        for value in state.values():
            value.zero_()
