"""Forward distillation: a student learns targets."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

from pdengine.config import DistillConfig
from pdengine.distill.adam import Adam
from pdengine.distill.grid import make_grid, tell, tell_together
from pdengine.distill.prepared import Prepared
from pdengine.distill.replay import HeadSteps, all_steps, kept
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
    dice: torch.Generator,
) -> list[float]:
    """Align the head alone; the embeddings are computed once.  Returns the loss of each step.

    Every step sees ROWS of the rows, drawn anew, and another part of the embedding's channels: a
    student that could learn every point by heart would repeat the teacher's errors.  The gradient
    of one linear layer is written out: autograd would take longer than the layer.  All draws are
    the CPU's, the same for every device.
    """
    if embeddings.is_cuda:
        return learn_head_ahead(head, embeddings, targets, config, after_step, dice)
    known, weight = head.known(embeddings), head.joined()  # [rows, E + 1], [E + 1, R]
    optimiser = Adam([weight])
    settled = Settled(config.settle_window, config.settle_ratio)
    losses: list[float] = []
    for step in range(config.steps):
        at, wanted = known, targets
        if len(known) > ROWS:
            rows = torch.randint(len(known), (ROWS,), generator=dice, device="cpu")
            at, wanted = known[rows], targets[rows]
        keep = dropped(1, len(weight), config.dropout, dice)[0]
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
    head.take(weight)
    return losses


def dropped(steps: int, inputs: int, dropout: float, dice: torch.Generator) -> Tensor:
    """What each input of each step is multiplied by. [steps, E + 1, 1], on the CPU.

    The draws of so many steps at once are those of one after the other.
    """
    drawn = torch.rand(steps, inputs, 1, generator=dice, device="cpu")
    keep = (drawn >= dropout).float() / (1 - dropout)
    keep[:, -1] = 1.0  # the bias
    return keep


def learn_head_ahead(
    head: Head,
    embeddings: Tensor,  # [rows, E]
    targets: Tensor,  # [rows, R]
    config: DistillConfig,
    after_step: Callable[[], None],
    dice: torch.Generator,
) -> list[float]:
    """learn_head for a device that is not waited for: it runs ahead, and the host looks back.

    The same draws as on the CPU, made ahead.  A window of steps runs before the host reads their
    losses; where they settled in between, the weights of that step are taken and the rest is
    forgotten.  So the answer is learn_head's but for rounding.
    """
    known, weight = head.known(embeddings), head.joined()  # [rows, E + 1], [E + 1, R]
    count, batch = config.steps, min(ROWS, len(known))
    picked, keep, after = [], [], []
    for _ in range(count):
        if batch < len(known):
            picked.append(torch.randint(len(known), (batch,), generator=dice, device="cpu"))
        keep.append(dropped(1, len(weight), config.dropout, dice))
        after.append(dice.get_state())
    size = (1, len(known), len(weight), batch, targets.shape[1], count)
    ahead = kept(HeadSteps, *size, device=known.device)
    ahead.known.copy_(known)
    ahead.targets.copy_(targets)
    rows = torch.stack(picked) if picked else None
    ahead.begin(weight[None], rates_of(config), torch.stack(keep), rows)
    losses = run_until_settled(ahead, [0], config, after_step)[0]
    dice.set_state(after[len(losses) - 1])  # as if no more had been drawn
    head.take(ahead.weights[len(losses) - 1, 0])
    return losses


def run_until_settled(
    ahead: HeadSteps, layers: Iterable[int], config: DistillConfig, after_step: Callable[[], None]
) -> dict[int, list[float]]:
    """Run until these layers have settled; the losses of each, up to the step where it had.

    The host reads the losses of a window of steps at once.  A layer that has settled goes on with
    the others: what it was in the step where it settled is in ahead.weights.
    """
    open_ = {k: Settled(config.settle_window, config.settle_ratio) for k in layers}
    losses: dict[int, list[float]] = {k: [] for k in open_}
    for start in range(0, config.steps, config.settle_window):
        stop = min(start + config.settle_window, config.steps)
        for _ in range(start, stop):
            ahead.step()
        for row in ahead.losses[start:stop].tolist():
            after_step()
            for k in open_:
                losses[k].append(row[k])
            open_ = {k: settled for k, settled in open_.items() if not settled(row[k])}
            if not open_:
                return losses
    return losses


def rates_of(config: DistillConfig) -> list[float]:
    """Adam's rate in each step of a head."""
    return [config.learning_rate * cosine(step / config.steps) for step in range(config.steps)]


def learn_all(
    student: Student,
    shapes: Sequence[Prepared],
    targets: Sequence[Tensor],  # [A, R] each
    config: DistillConfig,
    after_step: Callable[[], None],
    dice: torch.Generator,
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
        for some in torch.randperm(len(shapes), generator=dice, device="cpu").split(_BATCH):
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
