"""Forward distillation: a student learns targets."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from pdengine.config import DistillConfig
from pdengine.distill.adam import Adam
from pdengine.distill.grid import make_grid, tell, tell_together
from pdengine.distill.prepared import Prepared
from pdengine.distill.replay import all_steps, head_steps
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
    if embeddings.is_cuda:
        return learn_head_ahead(head, embeddings, targets, config, after_step)
    known = torch.nn.functional.pad(head.standardise(embeddings), (0, 1), value=1.0)  # [rows, E+1]
    linear = head.linear
    weight = torch.cat([linear.weight.T, linear.bias[None]]).detach()  # [E+1, R]
    optimiser = Adam([weight])
    settled = Settled(config.settle_window, config.settle_ratio)
    losses: list[float] = []
    for step in range(config.steps):
        at, wanted = known, targets
        if len(known) > ROWS:
            rows = torch.randint(len(known), (ROWS,), device="cpu")
            at, wanted = known[rows], targets[rows]
        keep = _dropped(len(weight), config.dropout)
        # Few columns: the products run 3 and 5 times faster with the rows on the right.
        logits = ((weight * keep).T @ at.T).T.contiguous().requires_grad_()
        loss = soft_cross_entropy(logits, wanted)
        loss.backward()
        assert logits.grad is not None
        # Contiguous: fused Adam reads a gradient as if it lay like its parameter.
        weight.grad = ((logits.grad.T @ at).T * keep).contiguous()
        optimiser.step(config.learning_rate * cosine(step / config.steps))
        losses.append(loss.item())
        after_step()
        if settled(losses[-1]):
            break
    with torch.no_grad():
        linear.weight.copy_(weight[:-1].T)
        linear.bias.copy_(weight[-1])
    return losses


def _dropped(inputs: int, dropout: float) -> Tensor:
    """What each input of a step is multiplied by. [E + 1, 1], on the CPU."""
    drawn = torch.rand(inputs, 1, device="cpu")
    keep = (drawn >= dropout).float() / (1 - dropout)
    keep[-1] = 1.0  # the bias
    return keep


def learn_head_ahead(
    head: Head,
    embeddings: Tensor,  # [rows, E]
    targets: Tensor,  # [rows, R]
    config: DistillConfig,
    after_step: Callable[[], None],
) -> list[float]:
    """learn_head for a device that is not waited for: it runs ahead, and the host looks back.

    The same draws as on the CPU, made ahead.  A window of steps runs before the host reads their
    losses; where they settled in between, the weights of that step are taken and the rest is
    forgotten.  So the answer is learn_head's but for rounding.
    """
    known = torch.nn.functional.pad(head.standardise(embeddings), (0, 1), value=1.0)  # [rows, E+1]
    linear, count, batch = head.linear, config.steps, min(ROWS, len(known))
    weight = torch.cat([linear.weight.T, linear.bias[None]]).detach()  # [E+1, R]
    picked, kept, after = [], [], []
    for _ in range(count):
        if batch < len(known):
            picked.append(torch.randint(len(known), (batch,), device="cpu"))
        kept.append(_dropped(len(weight), config.dropout))
        after.append(torch.get_rng_state())
    rates = [config.learning_rate * cosine(step / count) for step in range(count)]
    size = (len(known), len(weight), batch, targets.shape[1], count)
    ahead = head_steps(*size, known.device)
    rows = torch.stack(picked) if picked else None
    ahead.begin(known, targets, weight, rates, torch.stack(kept), rows)
    settled = Settled(config.settle_window, config.settle_ratio)
    losses: list[float] = []
    done = False
    while not done and len(losses) < count:
        window = range(len(losses), min(len(losses) + config.settle_window, count))
        for _ in window:
            ahead.step()
        for loss in ahead.losses[window.start : window.stop].tolist():
            losses.append(loss)
            after_step()
            done = settled(loss)
            if done:
                break
    torch.set_rng_state(after[len(losses) - 1])  # as if no more had been drawn
    with torch.no_grad():
        learned = ahead.weights[len(losses) - 1]
        linear.weight.copy_(learned[:-1].T)
        linear.bias.copy_(learned[-1])
    return losses


def learn_all(
    student: Student,
    shapes: Sequence[Prepared],
    targets: Sequence[Tensor],  # [A, R] each
    config: DistillConfig,
    after_step: Callable[[], None],
) -> list[float]:
    """Align encoder and head together, a few shapes per step.  Returns the loss of each step."""
    if len(shapes) == 1 and targets[0].is_cuda:  # every step is the same, but for its rates
        return learn_one_ahead(student, shapes[0], targets[0], config, after_step)
    student.train()
    optimisers = [(Adam(tensors), rate) for tensors, rate in _groups(student, config)]
    standardised = student.encoder.standardised
    told = [
        tell(standardised(shape.around.features()), wanted, shape.grid)
        for shape, wanted in zip(shapes, targets, strict=True)
    ]
    levels = len(shapes[0].grid.levels)
    losses: list[float] = []
    steps = steps_of_all(len(shapes), config)
    while len(losses) < steps:
        for some in torch.randperm(len(shapes), device="cpu").split(_BATCH):
            chosen = some.tolist()
            grid = shapes[chosen[0]].grid
            if len(chosen) > 1:
                grid = make_grid([shapes[k].around.xyz for k in chosen], levels)
            loss = student.loss(tell_together([told[k] for k in chosen]), grid)
            for optimiser, _ in optimisers:
                optimiser.forget()
            loss.backward()
            for optimiser, rate in optimisers:
                optimiser.step(rate * cosine(len(losses) / steps))
            losses.append(loss.item())
            after_step()
    student.eval()
    return losses


def learn_one_ahead(
    student: Student,
    shape: Prepared,
    targets: Tensor,  # [A, R]
    config: DistillConfig,
    after_step: Callable[[], None],
) -> list[float]:
    """learn_all of one shape for a device that is not waited for: the host looks at the end."""
    student.train()
    features = student.encoder.standardised(shape.around.features())
    grid, steps, groups = shape.grid, steps_of_all(1, config), _groups(student, config)
    rates = [[rate * cosine(step / steps) for _, rate in groups] for step in range(steps)]
    losses = all_steps(
        student,
        lambda: student.encoder(features, grid),
        targets,
        [tensors for tensors, _ in groups],
        torch.tensor(rates, device=targets.device),
    )
    for _ in losses:
        after_step()
    student.eval()
    return losses


def _groups(student: Student, config: DistillConfig) -> list[tuple[list[nn.Parameter], float]]:
    """Adam's rates: the encoder already knows something, and moves less."""
    return [
        (list(student.encoder.parameters()), _FINE_RATE),
        (list(student.head.parameters()), config.learning_rate / 10),
    ]


def steps_of_all(shapes: int, config: DistillConfig) -> int:
    """How many steps learn_all takes over this many shapes."""
    return config.passes * math.ceil(shapes / _BATCH)


def cosine(share: float) -> float:
    """From 1 down to a hundredth."""
    return 0.01 + 0.99 * (1 + math.cos(math.pi * share)) / 2
