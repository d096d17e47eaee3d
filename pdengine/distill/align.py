"""Test-time alignment: distil the teacher's units on one shape into a student."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine.config import DistillConfig
from pdengine.distill.evidence import opportunity_targets, published_targets, smoothed
from pdengine.distill.prepared import Prepared
from pdengine.distill.rescore import rescore
from pdengine.distill.settled import Settled
from pdengine.distill.student import SparseUNet
from pdengine.distill.threads import one_thread
from pdengine.kernels.soft_cross_entropy import soft_cross_entropy
from pdengine.types import Units

log = logging.getLogger("pdengine.distill")

# Four rounds over 16 neighbours were best at 2,048 points; the same area of surface holds more
# points of a denser cloud, and so takes more rounds.
POINTS_PER_ROUND = 512
MOST_ROUNDS = 24


@dataclass(frozen=True)
class Alignment:
    """A student that has been aligned on one shape.

    Attributes:
        logits: [N, R] float32, of every point, covered by a unit or not.
        units: the units, with the scores of the backward distillation if there was one.
        losses: one per step.
        steps: optimiser steps taken.
        rescored_at: the step of the backward distillation, or None.
    """

    logits: Tensor
    units: Units
    losses: tuple[float, ...]
    steps: int
    rescored_at: int | None


def align(
    shape: Prepared,
    units: Units,
    parts: int,
    config: DistillConfig,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Alignment:
    """Train a student on the units of one shape until its loss has settled; no label is read.

    Once the loss has settled the units are re-scored and the alignment goes on; when it settles
    again, or after config.steps, it ends.  The same arguments give the same bits, in any number of
    threads.

    Args:
        shape: what prepare made of the cloud that the units talk about.
        units: K >= 1.
        parts: R.
        config: see DistillConfig.
        seed: of the student's initial weights.
        progress: called with (steps done, at most this many).

    Raises:
        ValueError: there is no unit, or the units talk about another number of points.
    """
    if len(units) == 0:
        raise ValueError("units must hold at least one unit, got 0: there is nothing to align to")
    if units.count != len(shape.cloud):
        raise ValueError(f"units must be about {len(shape.cloud)} points, got {units.count}")

    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        student = SparseUNet(shape.features.shape[1], config.widths, parts)
        optimiser = torch.optim.Adam(student.parameters(), lr=config.learning_rate, fused=True)
        targets = evidence(shape, units, parts, config)
        settled = Settled(config.settle_window, config.settle_ratio)
        losses: list[float] = []
        rescored_at = None
        for step in range(config.steps):
            for group in optimiser.param_groups:
                group["lr"] = config.learning_rate * _cosine(step / config.steps)
            optimiser.zero_grad()
            logits = student(shape)
            loss = soft_cross_entropy(logits, targets)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
            if progress is not None:
                progress(step + 1, config.steps)
            if not settled(losses[-1]):
                continue
            if not config.rescore or rescored_at is not None:
                break
            units = rescore(units, logits.detach().argmax(1), config.rescore_form)
            targets = evidence(shape, units, parts, config)
            settled.restart()
            rescored_at = step + 1
        with torch.no_grad():
            logits = student(shape)
            if config.prior > 0:
                share = targets / targets.sum(1, keepdim=True).clamp(min=1e-6)
                logits = logits + config.prior * (share + 1 / 50).log()
    log.debug("aligned in %d steps, re-scored at %s", len(losses), rescored_at)
    return Alignment(logits, units, tuple(losses), len(losses), rescored_at)


def evidence(shape: Prepared, units: Units, parts: int, config: DistillConfig) -> Tensor:
    """The targets that the configuration asks for. [N, R] float32."""
    if config.targets == "published":
        return published_targets(units, parts)
    targets = opportunity_targets(units, parts)
    rounds = round(config.smoothing * len(shape.cloud) / POINTS_PER_ROUND)
    return smoothed(targets, shape.neighbours, min(rounds, MOST_ROUNDS))


def _cosine(share: float) -> float:
    """From 1 down to a hundredth."""
    return 0.01 + 0.99 * (1 + math.cos(math.pi * share)) / 2
