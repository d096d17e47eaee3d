"""Steps that a GPU repeats without the host: everything that changes lies in memory that stays.

A step of the head is twenty kernels of a few microseconds; the host takes longer to launch them.
Tables on the device hold what differs from step to step (rates, draws), a counter says which row
is next, and a CUDA graph repeats the step.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from pdengine.distill.student import Student
from pdengine.kernels.soft_cross_entropy import soft_cross_entropy

T = TypeVar("T")


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
    """The optimiser steps of linear layers side by side, see learn_head, in fixed memory.

    Args:
        shapes: B, each with a layer of its own that sees its own rows.
        rows: A, of the embeddings of each.
        inputs: E + 1, the bias's column included.
        batch: rows per step.
        parts: R, the most that a shape has.
        steps: at most this many in a run.
        device: where all of it lies.

    Attributes:
        known: [B, A, E + 1] float32, what a caller puts there.
        targets: [B, A, R] float32, too.
        rows: [B, 1, 1] float32, what a shape's loss is a mean over: its rows of a step.
        losses: [steps, B] float32.
        weights: [steps, B, E + 1, R] float32, after each step.
    """

    def __init__(
        self,
        shapes: int,
        rows: int,
        inputs: int,
        batch: int,
        parts: int,
        steps: int,
        *,
        device: torch.device,
    ) -> None:
        def zeros(*shape: int) -> Tensor:
            return torch.zeros(shape, device=device)

        self.known, self.targets = zeros(shapes, rows, inputs), zeros(shapes, rows, parts)
        self.rows = zeros(shapes, 1, 1) + batch
        self.losses, self.weights = zeros(steps, shapes), zeros(steps, shapes, inputs, parts)
        self._wanted, self._asked = zeros(shapes, rows, parts), zeros(shapes, rows, 1)
        self._keep, self._rates = zeros(steps, shapes, inputs, 1), zeros(steps)
        self._picked = zeros(steps, batch).long() if batch < rows else None
        self._at = zeros(1).long()
        self._weight, self._rate = zeros(shapes, inputs, parts), zeros()
        self._weight.grad = zeros(shapes, inputs, parts)
        self._optimiser = torch.optim.Adam(
            [self._weight], lr=self._rate, fused=True, capturable=can_capture(device)
        )
        self.step = Repeated(self._one, device)

    def begin(
        self,
        weight: Tensor,  # [B, E + 1, R]
        rates: list[float],
        keep: Tensor,  # [steps, B, E + 1, 1]
        picked: Tensor | None = None,  # [steps, batch], the same rows of every shape
    ) -> None:
        """Start a run on what is known and the targets; what the last one left is overwritten.

        A part that a shape does not have takes HIDDEN for its bias and 0 for other weights: no step
        moves them.
        """
        self._wanted.copy_(self.targets / self.rows)
        self._asked.copy_(self._wanted.sum(2, keepdim=True))
        self._weight.copy_(weight)
        self._rates.copy_(torch.tensor(rates, device="cpu"))
        self._keep.copy_(keep)
        if self._picked is not None and picked is not None:
            self._picked.copy_(picked)
        self._at.zero_()
        _forget(self._optimiser)

    def _one(self) -> None:
        known, wanted, asked = self.known, self._wanted, self._asked
        if self._picked is not None:
            rows = self._picked.index_select(0, self._at)[0]
            known, wanted, asked = (t.index_select(1, rows) for t in (known, wanted, asked))
        keep = self._keep.index_select(0, self._at)[0]
        self._rate.copy_(self._rates.index_select(0, self._at)[0])
        loss, slope = losses_and_slopes(known @ (self._weight * keep), wanted, asked)
        assert self._weight.grad is not None
        torch.mul(known.mT @ slope, keep, out=self._weight.grad)
        self._optimiser.step()
        self.losses.index_copy_(0, self._at, loss[None])
        self.weights.index_copy_(0, self._at, self._weight[None])
        self._at += 1


HIDDEN = -1e9  # the logit of a part that a shape does not have: its probability is 0


def losses_and_slopes(
    logits: Tensor,  # [B, A, R]
    wanted: Tensor,  # [B, A, R]
    asked: Tensor,  # [B, A, 1]
) -> tuple[Tensor, Tensor]:  # [B], [B, A, R]
    """soft_cross_entropy of each shape alone, and its gradient, in few launches.

    Args:
        wanted: targets over the number of rows that the mean is over; rows of 0 cost nothing.
        asked: the sum of each row of wanted.
    """
    likely = logits.log_softmax(2)
    loss = (wanted * likely).sum((1, 2), dtype=torch.float64).neg().float()
    return loss, asked * likely.exp() - wanted


_last = threading.local()  # what each thread used last: the next shapes are mostly as large


def kept(make: Callable[..., T], *size: Hashable, device: torch.device) -> T:
    """make(*size, device=device), or what it made last where that fits: recording takes a while."""
    key, known = (size, device), getattr(_last, make.__name__, None)
    if known is None or known[0] != key or not can_capture(device):
        setattr(_last, make.__name__, None)  # its memory goes before there is more
        known = (key, make(*size, device=device))
        setattr(_last, make.__name__, known)
    found: T = known[1]
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
