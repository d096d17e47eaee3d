"""Alignment: distil the teacher's units into a student, on one shape or on a collection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from threading import RLock

import torch

from pdengine.config import DistillConfig
from pdengine.distill.encoder import Encoder
from pdengine.distill.encoder_file import load_encoder
from pdengine.distill.features import COLUMNS, directed
from pdengine.distill.lesson import Alignment, Lesson
from pdengine.distill.rounds import Run
from pdengine.distill.sizes import can_stack, stacks
from pdengine.distill.stacked import align_stacked
from pdengine.distill.threads import one_thread

Progress = Callable[[int, int], None]  # steps done, at most this many

_one_at_a_time = RLock()


def _turn(lessons: Sequence[Lesson]) -> AbstractContextManager[object]:
    """Threads align side by side on a CPU, and one after the other on a GPU.

    While one of them records its steps there, no other may wait for the device.
    """
    return _one_at_a_time if lessons[0].shape.cloud.xyz.is_cuda else nullcontext()


def _dice(seed: int) -> torch.Generator:
    """What an alignment draws from, the CPU's for every device; the user's own stays as it is."""
    return torch.Generator("cpu").manual_seed(seed)


def make_encoder(config: DistillConfig, dice: torch.Generator | None = None) -> Encoder:
    """The pre-trained encoder, or a random one with the same input scales.

    Args:
        config: encoder and pose.
        dice: what a random one is drawn from, the CPU's; None draws what seed 0 draws.
    """
    encoder = load_encoder()
    if config.encoder != "pretrained":
        random = Encoder(COLUMNS, dice=dice or _dice(0))
        random.mean.copy_(encoder.mean)
        random.deviation.copy_(encoder.deviation)
        encoder = random
    if config.pose == "invariant":
        encoder.deviation[directed()] = torch.inf  # standardised, these columns are 0
    return encoder


def align(
    lessons: Sequence[Lesson],
    parts: int,
    config: DistillConfig,
    seed: int = 0,
    *,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Alignment:
    """Train one student on the units of all shapes; no label is read but trusted ones.

    Forward: a fresh head learns the targets of all shapes at once.  Backward: what it believes
    tells which units to trust, and makes the next targets.  It ends when the labels stay, or after
    config.rounds.  The same arguments give the same bits, on any number of threads and beside
    alignments of other threads.  torch's own generators are neither read nor moved.

    Args:
        lessons: at least one with a unit or a trusted label.
        parts: R.
        config: see DistillConfig.
        seed: of the student's initial weights and its dropout.
        encoder: make_encoder's, if it is at hand.
        progress: called with (steps done, at most this many).

    Raises:
        ValueError: there is no unit, or units talk about another number of points.
    """
    _check(lessons)
    dice = _dice(seed)
    with _turn(lessons), one_thread():
        encoder = _placed(encoder, lessons, config, dice)
        return Run(lessons, parts, config, encoder, dice, progress).all()


def align_each(
    lessons: Sequence[Lesson],
    parts: Sequence[int],
    config: DistillConfig,
    seed: int = 0,
    *,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> list[Alignment]:
    """Train a student of its own on each shape: what align makes of every lesson alone.

    On a GPU many shapes share each step, see align_stacked: at least 99.9 % of the labels are those
    of a shape alone, for sums round differently in products of another size.  A CPU is as busy with
    one shape, and takes one after the other: the same bits.

    Args:
        lessons: any number, on one device, each with a unit or a trusted label.
        parts: R of each.
        config, seed, encoder, progress: as align takes them; steps are counted over all shapes.

    Raises:
        ValueError: as align does, of any lesson; nothing is aligned then.
    """
    for lesson in lessons:
        _check([lesson])
    if not lessons:
        return []
    with _turn(lessons), one_thread():
        encoder = _placed(encoder, lessons, config, _dice(seed))
        found: dict[int, Alignment] = {}
        for rows in stacks(lessons, parts, config):
            some, counts = [lessons[k] for k in rows], [parts[k] for k in rows]
            tell = _share(progress, len(found), len(rows), len(lessons))
            if can_stack(some[0], config):
                done = align_stacked(some, counts, config, seed, encoder, tell)
            else:
                done = [align(some, counts[0], config, seed, encoder=encoder, progress=tell)]
            found |= dict(zip(rows, done, strict=True))
    return [found[k] for k in range(len(lessons))]


def _share(progress: Progress | None, before: int, now: int, shapes: int) -> Progress | None:
    """Progress of some of the shapes as progress of all of them."""
    if progress is None:
        return None
    return lambda done, most: progress(before * most + now * done, shapes * most)


def _check(lessons: Sequence[Lesson]) -> None:
    for lesson in lessons:
        if lesson.units.count != len(lesson.shape.cloud):
            rule = f"units must be about {len(lesson.shape.cloud)} points"
            raise ValueError(f"{rule}, got {lesson.units.count}")
    if not any(len(lesson.units) or lesson.labels is not None for lesson in lessons):
        raise ValueError("units must hold at least one unit, got 0: there is nothing to align to")


def _placed(
    encoder: Encoder | None,
    lessons: Sequence[Lesson],
    config: DistillConfig,
    dice: torch.Generator,
) -> Encoder:
    """The encoder where the lessons are; the caller's stays where it is."""
    encoder = encoder or make_encoder(config, dice)
    device = lessons[0].shape.cloud.xyz.device
    return encoder if encoder.mean.device == device else deepcopy(encoder).to(device)
