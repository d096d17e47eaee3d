"""Many shapes aligned side by side, a head of their own for each, on a device that runs ahead."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from pdengine.config import DistillConfig
from pdengine.distill.encoder import EMBEDDING, Encoder
from pdengine.distill.learn import dropped, rates_of, run_until_settled
from pdengine.distill.lesson import Alignment, Lesson
from pdengine.distill.reliability import Observations
from pdengine.distill.replay import HIDDEN, HeadSteps, Repeated, kept
from pdengine.distill.rounds import STAYED, Run, estimated, rounds_of
from pdengine.distill.sizes import Sizes, size_of, together
from pdengine.distill.student import Head, Student, embed_each


class Stack:
    """The fixed memory of shapes that are aligned side by side, and what a GPU repeats in it.

    Anchors that a shape does not have know nothing, are told nothing and ask for nothing; parts
    that it does not have are HIDDEN; views that it does not have show nothing.

    Attributes:
        heads: the forward steps; their targets are what backward makes.
        moved: [B] float32, the share of a shape's anchors whose label the last backward step
            changed; of the first one it says nothing.
    """

    def __init__(self, sizes: Sizes, config: DistillConfig, *, device: torch.device) -> None:
        shapes, anchors, parts, views = sizes.shapes, sizes.anchors, sizes.parts, sizes.views

        def zeros(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
            return torch.zeros(shape, dtype=dtype, device=device)

        size = (shapes, anchors, EMBEDDING + 1, anchors, parts, config.steps)
        self.heads = HeadSteps(*size, device=device)
        self.moved = zeros(shapes)
        self._config = config
        self._said = zeros(shapes, anchors, dtype=torch.int64)
        self._hidden = zeros(shapes, 1, parts)
        self._inside = zeros(shapes, views, parts, anchors, dtype=torch.bool)
        self._seen = zeros(shapes, views, anchors, dtype=torch.bool)
        self._first = zeros(shapes, anchors, parts)
        self._live = zeros(shapes, anchors, dtype=torch.bool)
        self._near = zeros(shapes * anchors, sizes.near, dtype=torch.int64)
        self._weight = zeros(shapes, EMBEDDING + 1, parts)
        self._repeated = Repeated(self._backward, device)

    def fill(self, runs: Sequence[Run], known: Sequence[Tensor]) -> None:
        """Take shapes, as many as there is place for; what the last ones left is overwritten.

        Args:
            runs: of one lesson each.
            known: [its anchors, E + 1] of each, standardised, the bias's column last.
        """
        heads, anchors = self.heads, self._live.shape[1]
        for fixed in (heads.known, heads.targets, self._inside, self._seen, self._first):
            fixed.zero_()
        self._hidden.fill_(HIDDEN)
        self._live.zero_()
        own = torch.arange(len(self._near), device=self._near.device)
        self._near.copy_(own[:, None].expand_as(self._near))
        for k, (run, embedded) in enumerate(zip(runs, known, strict=True)):
            count, parts, group = len(embedded), run.parts, run.lessons[0].shape.group
            told = run.told_anchors[0]
            assert told is not None, "a shape without units is not aligned"
            heads.known[k, :count] = embedded
            heads.targets[k, :count, :parts] = run.targets[0]
            self._hidden[k, :, :parts] = 0.0
            heads.rows[k].fill_(count)
            self._inside[k, : len(told.inside), :parts, :count] = told.inside
            self._seen[k, : len(told.seen), :count] = told.seen
            if told.exclusive:
                self._first[k, :count, :parts] = self._config.trust * run.first[0]
            self._live[k, :count] = True
            self._near[k * anchors : k * anchors + count] = group + k * anchors

    def backward(self, weight: Tensor) -> list[float]:
        """Make the next targets of what these heads [B, E + 1, R] believe.  Returns moved."""
        self._weight.copy_(weight)
        self._repeated()
        found: list[float] = self.moved.tolist()  # waits
        return found

    def _backward(self) -> None:
        heads, config = self.heads, self._config
        likely = (heads.known @ self._weight).log_softmax(2)
        student = config.prior * likely + self._first + self._hidden
        told = Observations(self._inside, self._seen)
        belief = estimated(student, told, self._near, config)
        now = belief.argmax(2)
        changed = (now != self._said) & self._live
        heads.targets.copy_(belief * self._live[:, :, None])
        self.moved.copy_(changed.sum(1) / heads.rows[:, 0, 0])
        self._said.copy_(now)


class Dice:
    """What a shape would draw alone: the same for all shapes that have as many parts.

    Args:
        seed: of every shape.
        config: steps and dropout.
    """

    def __init__(self, seed: int, config: DistillConfig) -> None:
        self._seed, self._config = seed, config
        self._found: dict[tuple[int, tuple[int, ...]], tuple[Tensor, Tensor]] = {}

    def draw(self, parts: int, taken: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        """A fresh head [E + 1, R], and what its steps leave out [steps, E + 1, 1].

        Args:
            parts: R.
            taken: the steps of each round before this one.
        """
        key, config = (parts, taken), self._config
        if key not in self._found:
            dice = torch.Generator("cpu").manual_seed(self._seed)
            for steps in taken:
                Head(EMBEDDING, parts, dice=dice)
                dropped(steps, EMBEDDING + 1, config.dropout, dice)
            weight = Head(EMBEDDING, parts, dice=dice).joined()
            keep = dropped(config.steps, EMBEDDING + 1, config.dropout, dice)
            self._found[key] = weight, keep
        return self._found[key]


@torch.no_grad()
def align_stacked(
    lessons: Sequence[Lesson],
    parts: Sequence[int],
    config: DistillConfig,
    seed: int,
    encoder: Encoder,
    progress: Callable[[int, int], None] | None = None,
) -> list[Alignment]:
    """A student of its own for each shape: align of every lesson alone, but for rounding.

    The encoder runs once over all shapes, every optimiser step and every backward distillation is
    one of all shapes.  A shape that has settled, or whose labels stay, keeps the weights that it
    had then.

    Args:
        lessons: which can_stack, each with units.
        parts: R of each.
        encoder: where the lessons are.
        progress: called with (steps done, at most this many).
    """
    device = lessons[0].shape.cloud.xyz.device
    embeddings = embed_each(encoder, [lesson.shape for lesson in lessons])
    dice = torch.Generator("cpu").manual_seed(seed)
    runs = [
        Run([lesson], count, config, encoder, dice, embeddings=[embedded])
        for lesson, count, embedded in zip(lessons, parts, embeddings, strict=True)
    ]
    sizes = together([size_of(*one) for one in zip(lessons, parts, strict=True)])
    stack = kept(Stack, sizes, config, device=device)
    heads = [Head(EMBEDDING, count, dice=None).to(device) for count in parts]
    stack.fill(runs, [head.known(e) for head, e in zip(heads, embeddings, strict=True)])
    return _Rounds(stack, runs, heads, Dice(seed, config), config, progress).all()


class _Rounds:
    """The rounds of a stack that is filled."""

    def __init__(
        self,
        stack: Stack,
        runs: Sequence[Run],
        heads: Sequence[Head],
        dice: Dice,
        config: DistillConfig,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.stack, self.runs, self.heads, self.dice = stack, runs, heads, dice
        self.config, self.progress = config, progress
        self.taken: list[tuple[int, ...]] = [()] * len(runs)  # steps per round
        self.steps, self.rounds = 0, rounds_of(config)

    def all(self) -> list[Alignment]:
        open_ = list(range(len(self.runs)))
        found: dict[int, Alignment] = {}
        for done in range(self.rounds + 1):
            weight = self._forward(open_)
            ending = open_
            if done < self.rounds:
                moved = self.stack.backward(weight)
                ending = [k for k in open_ if done > 0 and moved[k] < STAYED]
            found |= {k: self._ended(k, weight[k], done + 1) for k in ending}
            open_ = [k for k in open_ if k not in found]
            if not open_:
                break
        return [found[k] for k in range(len(self.runs))]

    def _forward(self, open_: Sequence[int]) -> Tensor:
        """Align fresh heads to the targets. [B, E + 1, R]; of shapes that have ended anything."""
        forward, keep = self.stack.heads, []
        weight = torch.zeros(forward.weights.shape[1:], device="cpu")
        weight[:, -1] = HIDDEN
        for k, run in enumerate(self.runs):
            weight[k, :, : run.parts], left = self.dice.draw(run.parts, self.taken[k])
            keep.append(left)
        forward.begin(weight, rates_of(self.config), torch.stack(keep, 1))
        losses = run_until_settled(forward, open_, self.config, self._step)
        for k, some in losses.items():
            self.runs[k].losses += some
            self.taken[k] += (len(some),)
        last = [len(losses.get(k, (0.0,))) - 1 for k in range(len(self.runs))]
        place = forward.weights.device
        rows = torch.arange(len(last), device=place)
        return forward.weights[torch.tensor(last, device=place), rows]

    def _ended(self, k: int, weight: Tensor, rounds: int) -> Alignment:
        run, head = self.runs[k], self.heads[k]
        head.take(weight[:, : run.parts])
        rescored_at = self.taken[k][0] if self.rounds > 0 else None
        return run.ended(Student(run.encoder, head), rounds, rescored_at)

    def _step(self) -> None:
        self.steps += 1
        if self.progress is not None:
            self.progress(self.steps, self.config.steps * (self.rounds + 1))
