"""Threads of the C++ core: helpers that sleep between calls, and answers that do not know them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from torch import Tensor

from pdengine.kernels import set_thread_limit
from pdengine.kernels.kernel_map import submanifold_map
from pdengine.kernels.knn import knn
from pdengine.kernels.label_components import label_components
from pdengine.kernels.lift_boxes import lift_boxes
from pdengine.kernels.lift_pixels import lift_pixels
from pdengine.kernels.soft_cross_entropy import soft_cross_entropy
from pdengine.kernels.superpoints import superpoints
from pdengine.kernels.unit_agreement import unit_agreement
from pdengine.kernels.unit_targets import unit_targets
from pdengine.kernels.voxelize import voxelize

ROOT = Path(__file__).resolve().parents[2]


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def maps(work: float) -> object:
    side = int((work / 2) ** 0.5)
    found = label_components((random(4, side, side) * 5).int() - 1)
    return found.label, found.view, found.class_, found.size


def units(work: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Every second point of a stretch: label, score, offsets, point."""
    count = max(int(work / 300), 4)
    point = torch.arange(0, count, 2).repeat(100)
    return torch.arange(100) % 7, random(100), torch.arange(101) * ((count + 1) // 2), point


def targets(work: float) -> Tensor:
    label, score, offsets, point = units(work)
    return unit_targets(label, score, offsets, point, random(7) + 1, int(point.max()) + 1)


def agreement(work: float) -> Tensor:
    label, _, offsets, point = units(work)
    return unit_agreement(label, offsets, point, torch.arange(int(point.max()) + 1) % 7)


def loss(work: float) -> tuple[Tensor, Tensor]:
    logits = random(int(work / 20), 10).requires_grad_()
    value = soft_cross_entropy(logits, random(int(work / 20), 10, seed=1))
    value.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    return value.detach(), logits.grad


def boxes(work: float) -> object:
    pixel = ((random(6, int(work / 20)) * 3000).int() - 1000).clamp(min=-1)
    corner = random(40, 2) * 30
    view = torch.arange(40) % 6
    return lift_boxes(pixel, torch.cat([corner, corner + 20], 1), view, (40, 50))


def regions(work: float) -> object:
    pixel = ((random(6, int(work / 30)) * 3000).int() - 1000).clamp(min=-1)
    layers = (random(12, 40, 50) * 9).int() - 1
    layers = torch.where(layers < 0, -1, layers + 8 * torch.arange(12)[:, None, None]).int()
    return lift_pixels(pixel, layers, torch.arange(12) % 6, 96)


def pieces(work: float) -> Tensor:
    count = max(int(work / 300), 20)
    normals = torch.nn.functional.normalize(random(count, 3, seed=1) - 0.5, dim=1)
    return superpoints(random(count, 3), normals)


OPS: dict[str, Callable[[float], object]] = {
    "label_components": maps,
    "unit_targets": targets,
    "unit_agreement": agreement,
    "soft_cross_entropy": loss,
    "lift_boxes": boxes,
    "lift_pixels": regions,
    "superpoints": pieces,
    "knn": lambda work: knn(random(int(work / 1300), 3), random(int(work / 1300), 3, seed=1), 5),
    "kernel_map": lambda work: submanifold_map(voxelize(random(int(work / 27), 3), 0.03).coords),
}


def tensors_of(answer: object) -> list[Tensor]:
    if isinstance(answer, Tensor):
        return [answer]
    values = answer if isinstance(answer, tuple | list) else vars(answer).values()
    return [tensor for value in values if value is not None for tensor in tensors_of(value)]


@pytest.fixture(autouse=True)
def no_limit_is_left():  # type: ignore[no-untyped-def]
    yield
    set_thread_limit(None)


# Nanoseconds of work, as the ops estimate it: one thread, about where a second one comes, and more.
@pytest.mark.parametrize("work", [2e5, 6e5, 3e6])
@pytest.mark.parametrize("op", OPS)
def test_the_bits_do_not_depend_on_the_threads(op: str, work: float) -> None:
    set_thread_limit(1)
    alone = tensors_of(OPS[op](work))
    assert sum(tensor.numel() for tensor in alone) > 0
    for threads in (2, 3, 7):
        set_thread_limit(threads)
        together = tensors_of(OPS[op](work))
        assert len(together) == len(alone)
        assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))


def test_calls_from_several_threads_do_not_disturb_each_other() -> None:
    set_thread_limit(1)
    expected = {op: tensors_of(run(1e6)) for op, run in OPS.items()}
    set_thread_limit(3)
    with ThreadPoolExecutor(4) as pool:
        runs = [(op, pool.submit(OPS[op], 1e6)) for _ in range(3) for op in OPS]
    for op, run in runs:
        found = tensors_of(run.result())
        assert all(torch.equal(a, b) for a, b in zip(found, expected[op], strict=True))


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's list of threads")
def test_helpers_are_kept_from_call_to_call() -> None:
    set_thread_limit(3)
    maps(3e6)
    before = len(os.listdir("/proc/self/task"))
    for _ in range(20):
        maps(3e6)
    assert len(os.listdir("/proc/self/task")) == before


FORK = """
import os, torch
from pdengine.kernels import set_thread_limit
from pdengine.kernels.label_components import label_components

torch.set_num_threads(1)
maps = (torch.rand(4, 700, 700) * 5).int() - 1
set_thread_limit(3)
before = label_components(maps).label
child = os.fork()
same = torch.equal(label_components(maps).label, before)
if child == 0:
    helpers = len(os.listdir("/proc/self/task")) - 1
    os._exit(0 if same and helpers == 2 else 1)
_, status = os.waitpid(child, 0)
raise SystemExit(0 if same and status == 0 else 1)
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's list of threads")
def test_a_fork_starts_helpers_of_its_own() -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", FORK], check=True, timeout=60, env=environment)


def test_ranges_errors_and_calls_inside_calls(tmp_path: Path) -> None:
    compiler = os.environ.get("CXX", "g++").split()
    if shutil.which(compiler[0]) is None:
        pytest.skip(f"no C++ compiler is here: {compiler[0]}")
    sources = [Path(__file__).parent / "threads" / "parallel.cpp", ROOT / "csrc/core/parallel.cpp"]
    program = tmp_path / "parallel"
    include = ["-std=c++17", "-O1", "-pthread", "-I", str(ROOT / "csrc")]
    subprocess.run([*compiler, *include, *map(str, sources), "-o", str(program)], check=True)
    done = subprocess.run([str(program)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "parallel\n"
