"""unit_agreement: 200 units on a chair, and the reference in torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from harness import clock, on_threads, same, units

from pdengine.kernels.unit_agreement import unit_agreement

PARTS = 10


@on_threads
@pytest.mark.parametrize("backend", [None, "reference"], ids=["ours", "torch"])
@pytest.mark.parametrize("points", [10_000, 100_000])
def test_unit_agreement_k200(
    benchmark: Any, points: int, backend: str | None, threads: int
) -> None:
    label, _, offsets, point = units(500, 40, PARTS)
    prediction = torch.arange(500) % PARTS
    same(
        unit_agreement(label, offsets, point, prediction, backend=backend),
        unit_agreement(label, offsets, point, prediction, backend="reference"),
    )
    label, _, offsets, point = units(points, 200, PARTS)
    prediction = torch.arange(points) % PARTS
    run = lambda: unit_agreement(label, offsets, point, prediction, backend=backend)  # noqa: E731
    clock(benchmark, threads, run, torch_threads=threads if backend else 1)
