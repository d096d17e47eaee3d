"""Rounds of forward and backward distillation, on one shape or on a collection."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from copy import deepcopy

import torch
from torch import Tensor

from pdengine.config import DistillConfig
from pdengine.distill.canonical import random_rotation
from pdengine.distill.encoder import Encoder
from pdengine.distill.evidence import (
    opportunity_targets,
    per_point_targets,
    per_unit_targets,
    smoothed,
)
from pdengine.distill.learn import learn_all, learn_head, steps_of_all
from pdengine.distill.lesson import Alignment, Lesson
from pdengine.distill.reliability import Observations, hit_rates, log_evidence, observe
from pdengine.distill.rescore import rescore
from pdengine.distill.student import Head, Student, embed

log = logging.getLogger("pdengine.distill")

STAYED = 0.005  # labels have settled when fewer than this share of them changed in a round
_ESTIMATES = 2  # rates and beliefs depend on each other: estimated in turn, so often per round
_TURNS = 3  # random rotations in which a shape is learned besides its own pose
_FAINT = 0.02  # added to shares before their logarithm: nothing is impossible


class Run:
    """One alignment under way.

    Args:
        lessons, parts, config: as align takes them.
        encoder: where the lessons are.
        dice: what everything random is drawn from, the CPU's.
        progress: as align takes it.
        embeddings: [A, E] of each lesson's anchors, where somebody has them.
    """

    def __init__(
        self,
        lessons: Sequence[Lesson],
        parts: int,
        config: DistillConfig,
        encoder: Encoder,
        dice: torch.Generator,
        progress: Callable[[int, int], None] | None = None,
        embeddings: Sequence[Tensor] | None = None,
    ) -> None:
        self.lessons, self.parts, self.config = lessons, parts, config
        self.encoder, self.dice, self.progress = encoder, dice, progress
        with torch.no_grad():
            self.embeddings = list(
                embeddings or [embed(encoder, lesson.shape) for lesson in lessons]
            )
            self.turned = [
                lesson.shape.turned(
                    random_rotation(torch.randn(3, 3, generator=dice, device="cpu"))
                )
                for _ in range(_TURNS if config.pose == "turned" else 0)
                for lesson in lessons
            ]
            self.turned_embeddings = [embed(self.encoder, shape) for shape in self.turned]
        self.units = [lesson.units for lesson in lessons]
        self.told = [self._observed(lesson) for lesson in lessons]
        self.told_anchors = [
            None if told is None else told.at(lesson.shape.anchors)
            for told, lesson in zip(self.told, lessons, strict=True)
        ]
        self.targets = [self._forward(k) for k in range(len(lessons))]
        self.first = [_log_share(targets) for targets in self.targets]
        self.losses: list[float] = []
        self.taken = 0  # steps
        self.rounds = rounds_of(config)
        self.most = config.steps * (self.rounds + 1)
        if config.weights == "all":
            self.most += steps_of_all(len(lessons) + len(self.turned), config)

    def _observed(self, lesson: Lesson) -> Observations | None:
        if len(lesson.units) == 0 or lesson.labels is not None:
            return None
        return observe(lesson.units, self.parts)

    def _forward(self, k: int) -> Tensor:
        """The targets of a lesson's anchors. [A, R]."""
        lesson, units, told = self.lessons[k], self.units[k], self.told[k]
        shape, config = lesson.shape, self.config
        if lesson.labels is not None:
            return _one_hot(lesson.labels[shape.anchors], self.parts)
        if told is None:
            return shape.around.xyz.new_zeros(len(shape.anchors), self.parts)
        if config.targets == "per-point":
            return per_point_targets(units, self.parts, config.class_weights)[shape.anchors]
        if config.targets == "per-unit":
            return per_unit_targets(units, self.parts, config.class_weights)[shape.anchors]
        targets = opportunity_targets(units, told, config.silence)[shape.anchors]
        return smoothed(targets, shape.group, config.grouping)

    def all(self) -> Alignment:
        config = self.config
        rescored_at = None
        said: Tensor | None = None
        for done in range(self.rounds + 1):
            student = self._student()
            logits = [student.head(e).detach() for e in self.embeddings]
            last = done == self.rounds
            if not last:
                rescored_at = rescored_at or len(self.losses)
                logits = [self._backward(k, z) for k, z in enumerate(logits)]
            now = torch.cat([z.argmax(1) for z in logits])
            stayed = said is not None and float((now != said).float().mean()) < STAYED
            said = now
            if last or stayed:
                break
        if config.weights == "all":
            student = self._all_weights(student)
        return self.ended(student, done + 1, rescored_at)

    def _all_weights(self, student: Student) -> Student:
        # An earlier alignment with the same encoder has frozen it.
        student = Student(deepcopy(self.encoder), student.head).requires_grad_(True)
        shapes = [lesson.shape for lesson in self.lessons]
        targets, every = self._for_turned(self.targets), [*shapes, *self.turned]
        self.losses += learn_all(student, every, targets, self.config, self._step, self.dice)
        with torch.no_grad():
            self.embeddings = [embed(student.encoder, shape) for shape in shapes]
        return student

    def ended(self, student: Student, rounds: int, rescored_at: int | None) -> Alignment:
        """What the student of the last round makes of the lessons' points."""
        with torch.no_grad():
            logits = [
                lesson.shape.spread(student.head(embeddings))
                for lesson, embeddings in zip(self.lessons, self.embeddings, strict=True)
            ]
        log.debug("aligned in %d rounds, %d steps", rounds, len(self.losses))
        return Alignment(
            student.requires_grad_(False),
            tuple(self._answer(k, z) for k, z in enumerate(logits)),
            tuple(self.units),
            tuple(self.losses),
            rounds,
            rescored_at,
        )

    def _student(self) -> Student:
        """A fresh head, aligned to the targets; a used one would remember what it must unlearn."""
        embeddings = torch.cat([*self.embeddings, *self.turned_embeddings])
        targets = torch.cat(self._for_turned(self.targets))
        head = Head(embeddings.shape[1], self.parts, dice=self.dice).to(embeddings.device)
        self.losses += learn_head(head, embeddings, targets, self.config, self._step, self.dice)
        return Student(self.encoder, head)

    def _for_turned(self, targets: list[Tensor]) -> list[Tensor]:
        """The lessons' targets, and once more for each of their rotations."""
        return targets * (1 + len(self.turned) // len(self.lessons))

    def _step(self) -> None:
        self.taken += 1
        if self.progress is not None:
            self.progress(self.taken, self.most)

    def _backward(self, k: int, logits: Tensor) -> Tensor:
        """Re-score a lesson's units by the student's logits [A, R], and make its next targets."""
        lesson, told = self.lessons[k], self.told[k]
        if lesson.labels is not None:
            return logits
        if self.config.backward == "calibrated":
            belief = self._belief(k, logits, lesson.shape.group, anchors=True)
            self.targets[k] = belief
            return belief
        if told is not None:
            probability = lesson.shape.spread(logits).softmax(1)
            self.units[k] = rescore(lesson.units, probability, self.config.backward)
            self.targets[k] = self._forward(k)
        return logits

    def _belief(self, k: int, logits: Tensor, group: Tensor, anchors: bool = False) -> Tensor:
        """Student and evidence together, of a lesson's points or of its anchors. [rows, R]."""
        config, told = self.config, self.told_anchors[k] if anchors else self.told[k]
        student = config.prior * logits.log_softmax(1)
        if told is None:
            return student.softmax(1)
        # In a collection the other shapes may know better than this shape's own teacher.
        if len(self.lessons) == 1 and told.exclusive:
            first, shape = self.first[k], self.lessons[k].shape
            student = student + config.trust * (first if anchors else shape.spread(first))
        return estimated(student, told, group, config)

    def _answer(self, k: int, logits: Tensor) -> Tensor:
        """The final belief of a lesson's points from the student's logits. [N, R]."""
        lesson = self.lessons[k]
        if lesson.labels is not None:
            known = _one_hot(lesson.labels, self.parts)
            return torch.where((lesson.labels >= 0)[:, None], known, logits.softmax(1))
        if self.config.backward == "calibrated" and self.rounds > 0:
            return self._belief(k, logits, lesson.shape.neighbours)
        # As released the student answers alone; the targets it learned stand beside it.
        return (
            logits + self.config.prior * lesson.shape.spread(_log_share(self.targets[k]))
        ).softmax(1)


def rounds_of(config: DistillConfig) -> int:
    """How many rounds of backward distillation follow the first forward one, at most."""
    return 0 if config.backward == "none" else config.rounds


def estimated(student: Tensor, told: Observations, near: Tensor, config: DistillConfig) -> Tensor:
    """What the student says and the views do, each judged by the other. [..., N, R].

    Args:
        student: [..., N, R] float32, log-probabilities but for a sum per row.
        told: of the same points.
        near: [all N, k] int64, the neighbours of each row, of all shapes together.
        config: doubt and grouping.
    """
    belief = student.softmax(-1)
    for _ in range(_ESTIMATES):
        rates = hit_rates(told, belief, config.doubt)
        belief = (student + log_evidence(told, rates)).softmax(-1)
        belief = smoothed(belief.flatten(0, -2), near, config.grouping).view_as(belief)
    return belief


def _one_hot(labels: Tensor, parts: int) -> Tensor:
    """1 in the column of each trusted label, nothing where it is -1. [rows, R]."""
    return torch.nn.functional.one_hot(labels + 1, parts + 1)[:, 1:].float()


def _log_share(targets: Tensor) -> Tensor:
    """Logarithm of each part's share of the targets; equal where there is none. [rows, R]."""
    return (targets / targets.sum(1, keepdim=True).clamp(min=1e-6) + _FAINT).log()
