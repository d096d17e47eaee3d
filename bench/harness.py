"""Shared by the bench files: real workloads, the check before the clock, and threads."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
import torch
from torch import Tensor

from pdengine.cameras import rig
from pdengine.io import mesh_from_arrays, sample_mesh
from pdengine.kernels import set_thread_limit
from pdengine.shapes import make

on_threads = pytest.mark.parametrize("threads", [1, 2])


@lru_cache(maxsize=8)
def chair(points: int) -> tuple[Tensor, Tensor]:
    """Points on a generated chair and their parts: xyz [N, 3] float32, part [N] int32."""
    shape = make("chair", 0)
    sampled = sample_mesh(mesh_from_arrays(shape.vertices, shape.faces.astype("int64")), points, 0)
    part = torch.as_tensor(shape.face_label)[sampled.face]
    return sampled.cloud.xyz.contiguous(), part.to(torch.int32)


@lru_cache(maxsize=8)
def units(points: int, count: int, parts: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Balls of 5 to 35 % of the radius on a chair: label [K], score [K], offsets [K + 1], point."""
    xyz, _ = chair(points)
    g = torch.Generator().manual_seed(count)
    centre = xyz[torch.randint(points, (count,), generator=g)]
    radius = 0.05 + 0.3 * torch.rand(count, 1, generator=g)
    inside = [
        ((xyz - c).norm(dim=1) <= r).nonzero()[:, 0] for c, r in zip(centre, radius, strict=True)
    ]
    size = torch.tensor([0, *map(len, inside)])
    label = torch.randint(parts, (count,), generator=g)
    return label, torch.rand(count, generator=g), size.cumsum(0), torch.cat(inside)


def cameras(views: int = 10) -> tuple[Tensor, Tensor, Tensor]:
    """Rotation, translation and focal of PartSLIP's rig."""
    around = rig(views)
    return around.rotation, around.translation, around.focal


def same(found: Any, expected: Any) -> None:
    """The gate: every tensor of two results is equal, bit for bit."""
    if isinstance(found, Tensor):
        assert torch.equal(found, expected)
        return
    fields = found if isinstance(found, tuple) else vars(found).values()
    others = expected if isinstance(expected, tuple) else vars(expected).values()
    for one, other in zip(fields, others, strict=True):
        same(one, other)


def clock(
    benchmark: Any,
    threads: int,
    run: Callable[[], object],
    rounds: int = 15,
    torch_threads: int = 1,
) -> None:
    """Time run on at most this many threads of our own; torch's stay at one, unless it is timed."""
    torch.set_num_threads(torch_threads)
    set_thread_limit(threads)
    try:
        benchmark.pedantic(run, rounds=rounds, warmup_rounds=2)
    finally:
        set_thread_limit(None)
        torch.set_num_threads(1)
