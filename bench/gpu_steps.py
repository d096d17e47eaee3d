"""Optimiser steps of the student on a GPU, and how often the host waits for it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import torch
from gpu_clock import timed
from pipeline import chair_cloud

from pdengine.config import DistillConfig
from pdengine.devices import on
from pdengine.distill import make_encoder, prepare
from pdengine.distill.encoder import EMBEDDING, WIDTHS
from pdengine.distill.grid import make_grid
from pdengine.distill.learn import rates_of
from pdengine.distill.replay import HeadSteps, all_steps
from pdengine.distill.student import Head, Student

ROUNDS = 9
PARTS = 4

Row = dict[str, Any]


def wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def waits(run: Callable[[], object], device: torch.device) -> int | str:
    """How often the host waited for the GPU in one run, as far as torch sees it."""
    if device.type != "cuda":
        return ""
    before = torch.cuda.get_sync_debug_mode()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            run()
        finally:
            torch.cuda.set_sync_debug_mode(before)
    return sum("synchronizing" in str(one.message) for one in said)


def row(case: str, spent: list[float], count: int | str, agree: float) -> Row:
    waited = f"waits {count}, " if count != "" else ""
    return timed(case, spent, note=f"{waited}{agree:.4f} of the CPU's") | {"agreement": agree}


def of_the_head(points: int, device: torch.device) -> list[Row]:
    """An optimiser step of the head alone on so many anchors: 50 at a time, as the engine does."""
    dice, settings = torch.Generator().manual_seed(0), DistillConfig()
    known = torch.randn(points, EMBEDDING + 1, generator=dice)
    targets = torch.rand(points, PARTS, generator=dice)
    weight = torch.randn(1, EMBEDDING + 1, PARTS, generator=dice) * 0.1
    keep_all = torch.ones(settings.steps, 1, EMBEDDING + 1, 1)

    def begun(where: torch.device) -> HeadSteps:
        size = (1, points, EMBEDDING + 1, points, PARTS, settings.steps)
        steps = HeadSteps(*size, device=where)
        steps.known.copy_(known)
        steps.targets.copy_(targets)
        steps.begin(weight.to(where), rates_of(settings), keep_all)
        return steps

    expected, found = begun(torch.device("cpu")), begun(device)
    for _ in range(4):  # the second records
        expected.step()
        found.step()
    agree = alike(float(expected.losses[3]), float(found.losses[3]))
    spent: list[float] = []
    for _ in range(ROUNDS):
        found.begin(weight.to(device), rates_of(settings), keep_all)
        wait(device)
        start = time.perf_counter()
        for _ in range(50):
            found.step()
        wait(device)
        spent.append((time.perf_counter() - start) * 1e3 / 50)
    return [row(f"step_head_{points}", spent, waits(found.step, device), agree)]


def of_all_weights(points: int, apart: float, shapes: int, device: torch.device) -> list[Row]:
    """A step of encoder and head: what 40 steps more take of 50, without making and recording.

    Args:
        points: of each shape.
        apart: so many times as far from each other as a shape's: more voxels for the network.
        shapes: in one grid.
    """
    clouds = [prepare(chair_cloud(points, k), DistillConfig(anchors=points)) for k in range(shapes)]
    around = [cloud.around.xyz * apart for cloud in clouds]
    features = torch.cat([cloud.around.features() for cloud in clouds])
    dice = torch.Generator().manual_seed(0)
    targets = torch.rand(len(features), PARTS, generator=dice)
    head = Head(EMBEDDING, PARTS, dice=dice)
    encoder = make_encoder(DistillConfig())

    def run(where: torch.device) -> Callable[[int], list[float]]:
        wanted, rows, own = on((targets, features, deepcopy(encoder)), where)
        grid = make_grid(on(around, where), len(WIDTHS))
        student = Student(own, deepcopy(head).to(where)).requires_grad_(True)
        told = own.standardised(rows)
        groups = [list(own.parameters()), list(student.head.parameters())]

        def steps(count: int) -> list[float]:
            rates = torch.full((count, 2), 1e-5, device=where)
            return all_steps(student, lambda: own(told, grid), wanted, groups, rates)

        return steps

    voxels = len(make_grid(around, 1).count)
    expected = run(torch.device("cpu"))(1)[0]
    steps = run(device)
    agree = alike(expected, steps(10)[0])
    spent: list[float] = []
    for _ in range(3):
        ends = []
        for count in (10, 50):
            wait(device)
            start = time.perf_counter()
            steps(count)
            ends.append(time.perf_counter() - start)
        spent.append((ends[1] - ends[0]) * 1e3 / 40)
    return [row(f"step_all_{points}/{voxels} voxels", spent, "", agree)]


def alike(one: float, other: float) -> float:
    """1 where two losses are the same, less the further they are apart."""
    return min(one, other) / max(one, other)
