"""Forward distillation: a student learns targets."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from pdengine.config import DistillConfig
from pdengine.distill.grid import make_grid
from pdengine.distill.prepared import Prepared
from pdengine.distill.settled import Settled
from pdengine.distill.student import Head, Student
from pdengine.kernels.soft_cross_entropy import soft_cross_entropy

ROWS = 8192  # anchors per step: more is slower and no better
_FINE_RATE = 1e-3  # Adam's for the encoder, which already knows something
_BATCH = 4  # shapes per step when all weights are aligned


def learn_head(
    head: Head,
    embeddings: Tensor,  # [rows, E]
    targets: Tensor,  # [rows, R]
    config: DistillConfig,
    after_step: Callable[[], None],
) -> list[float]:
    """Align the head alone; the embeddings are computed once.  Returns the loss of each step.

    Every step sees ROWS of the rows, drawn anew, and another part of the embedding's channels: a
    student that could learn every point by heart would repeat the teacher's errors.  The gradient
    of one linear layer is written out: autograd would take longer than the layer.  All draws are
    the CPU's, the same for every device.
    """
    known = torch.nn.functional.pad(head.standardise(embeddings), (0, 1), value=1.0)  # [rows, E+1]
    linear = head.linear
    weight = torch.cat([linear.weight.T, linear.bias[None]]).detach()  # [E+1, R]
    optimiser = torch.optim.Adam([weight], lr=config.learning_rate, fused=True)
    settled = Settled(config.settle_window, config.settle_ratio)
    losses: list[float] = []
    for step in range(config.steps):
        for group in optimiser.param_groups:
            group["lr"] = config.learning_rate * cosine(step / config.steps)
        at, wanted = known, targets
        if len(known) > ROWS:
            rows = torch.randint(len(known), (ROWS,), device="cpu").to(known.device)
            at, wanted = known[rows], targets[rows]
        drawn = torch.rand(len(weight), 1, device="cpu")
        keep = (drawn >= config.dropout).float() / (1 - config.dropout)
        keep[-1] = 1.0  # the bias
        keep = keep.to(weight.device)
        # Few columns: the products run 3 and 5 times faster with the rows on the right.
        logits = ((weight * keep).T @ at.T).T.contiguous().requires_grad_()
        loss = soft_cross_entropy(logits, wanted)
        loss.backward()
        assert logits.grad is not None
        # Contiguous: fused Adam reads a gradient as if it lay like its parameter.
        weight.grad = ((logits.grad.T @ at).T * keep).contiguous()
        optimiser.step()
        losses.append(loss.item())
        after_step()
        if settled(losses[-1]):
            break
    with torch.no_grad():
        linear.weight.copy_(weight[:-1].T)
        linear.bias.copy_(weight[-1])
    return losses


def learn_all(
    student: Student,
    shapes: Sequence[Prepared],
    targets: Sequence[Tensor],  # [A, R] each
    config: DistillConfig,
    after_step: Callable[[], None],
) -> list[float]:
    """Align encoder and head together, a few shapes per step.  Returns the loss of each step."""
    student.train()
    optimiser = torch.optim.Adam(
        [
            {"params": student.encoder.parameters(), "lr": _FINE_RATE},
            {"params": student.head.parameters(), "lr": config.learning_rate / 10},
        ],
        fused=True,
    )
    rates = [group["lr"] for group in optimiser.param_groups]
    standardised = student.encoder.standardised
    features = [standardised(shape.around.features()) for shape in shapes]
    levels = len(shapes[0].grid.levels)
    losses: list[float] = []
    steps = steps_of_all(len(shapes), config)
    while len(losses) < steps:
        for some in torch.randperm(len(shapes), device="cpu").split(_BATCH):
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * cosine(len(losses) / steps)
            chosen = some.tolist()
            grid = shapes[chosen[0]].grid
            if len(chosen) > 1:
                grid = make_grid([shapes[k].around.xyz for k in chosen], levels)
            embeddings = student.encoder(torch.cat([features[k] for k in chosen]), grid)
            logits = student.head(embeddings)
            loss = soft_cross_entropy(logits, torch.cat([targets[k] for k in chosen]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
            after_step()
    student.eval()
    return losses


def steps_of_all(shapes: int, config: DistillConfig) -> int:
    """How many steps learn_all takes over this many shapes."""
    return config.passes * math.ceil(shapes / _BATCH)


def cosine(share: float) -> float:
    """From 1 down to a hundredth."""
    return 0.01 + 0.99 * (1 + math.cos(math.pi * share)) / 2
