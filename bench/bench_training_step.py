"""training_step: encoder, head, loss and Adam, forward and backward; see training_step.py."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from cases import SHAPES
from harness import Case, Cost, Peer, Work, size_of
from torch import nn
from training_step import Case as Step
from training_step import Lesson, SparseConv, gate, make_cases, make_lesson, rebuilt

# Of the norm: ours and theirs sum in other orders, which a norm over a nearly constant voxel
# magnifies; of ten shapes somewhere by 7e-5.
CLOSE = 3e-4


def check() -> None:
    """Logits and gradients of ours, against float64; a peer's are held against ours later."""
    lesson = make_lesson(2_048)
    steps = make_cases(lesson, with_spconv=False)
    gate({"ours": steps["ours"]}, lesson.encoder, lesson.told)


def counted(lesson: Lesson) -> tuple[float, float]:
    """Floating-point operations of a step, and bytes of the activations that backward needs."""
    # The same network with nothing fused, so that every layer is a module that a hook can see.
    step = Step(rebuilt(lesson.encoder, lambda _, ours: ours), lesson.head, lambda: lesson.grid)
    operations, kept = 0.0, 0.0

    def count(module: nn.Module, inputs: tuple[Any, ...], out: Any) -> None:
        nonlocal operations, kept
        if len(out) < len(lesson.told.features):  # of points, ours keeps no embeddings
            kept += size_of(inputs[0]) + size_of(out)
        if isinstance(module, SparseConv):
            rows = int((inputs[1].forward >= 0).sum())
        elif isinstance(module, nn.Linear):
            rows = len(inputs[0])
        else:
            return
        # Forward and the gradient of the weights, and that of the inputs unless they are the
        # shape's own features; a product and a sum each.
        passes = 3 if inputs[0].requires_grad else 2
        operations += passes * 2 * rows * inputs[0].shape[-1] * out.shape[-1]

    modules = [*step.encoder.modules(), *step.head.modules()]
    handles = [one.register_forward_hook(count) for one in modules if not list(one.children())]
    step.backward(lesson.told)
    for handle in handles:
        handle.remove()
    return operations, kept


def work(shapes: int, points: int) -> Work:
    lesson = make_lesson(points, shapes)
    told = lesson.told
    steps = make_cases(lesson, with_spconv=False)
    ours = steps["ours"]
    operations, kept = counted(lesson)
    parameters = [*ours.encoder.parameters(), *ours.head.parameters()]
    weights = size_of(*parameters)

    def other(name: str, threads: int) -> Callable[[], object]:
        """Their step, where logits and gradients are ours; a step by itself answers nothing."""
        fresh = make_cases(lesson, with_spconv=name == "spconv")
        for mine, theirs in zip(fresh["ours"].gated(told), fresh[name].gated(told), strict=True):
            error = float((mine - theirs).norm() / mine.norm())
            assert error <= CLOSE, f"logits or gradients differ by {error:.1e}"
        return lambda: fresh[name].step(told)

    spconv, im2col = partial(other, "spconv"), partial(other, "im2col")
    peers = [Peer("torch im2col", "", im2col, None, (1, 2), "the same network")]
    if shapes == 1:  # theirs on several shapes would need a batch of its own
        peers.append(Peer("spconv", "spconv", spconv, None, (1,), "races on 2 threads"))
    return Work(
        run=lambda: ours.step(told),
        # Adam reads and writes a weight and two moments, reads a gradient; that is written before.
        cost=Cost(size_of(told) + 8 * weights, operations),
        # Half as much again for what stands between the layers: sums, rectifiers, the gather.
        most_bytes=1.5 * kept + weights,
        peers=tuple(peers),
    )


def case(points: int, shapes: int = 1) -> Case:
    sizes = {"shapes": shapes, "points": points}
    quick = points < 10_000 and shapes == 1
    return Case("training_step", dict(sizes), partial(work, shapes, points), check, quick)


CASES = [
    *(case(2_048, shapes) for shapes in SHAPES),
    *(case(points) for points in (10_000, 100_000)),
]
