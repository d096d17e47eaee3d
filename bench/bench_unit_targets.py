"""unit_targets: 200 units on a chair, and the reference in torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from harness import clock, on_threads, same, units

from pdengine.kernels.unit_targets import unit_targets

PARTS = 10


@on_threads
@pytest.mark.parametrize("backend", [None, "reference"], ids=["ours", "torch"])
@pytest.mark.parametrize("points", [10_000, 100_000])
def test_unit_targets_k200(benchmark: Any, points: int, backend: str | None, threads: int) -> None:
    weight = torch.linspace(1, 4, PARTS)
    few = units(500, 40, PARTS)
    same(
        unit_targets(*few, weight, 500, backend=backend),
        unit_targets(*few, weight, 500, backend="reference"),
    )
    case = units(points, 200, PARTS)
    run = lambda: unit_targets(*case, weight, points, backend=backend)  # noqa: E731
    clock(benchmark, threads, run, torch_threads=threads if backend else 1)
