"""Shared by every test: a clean sys.path, torch.empty that is never a lucky zero, and towers."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

ROOT = Path(__file__).resolve().parent.parent

# kernels/ at the top of the tree must never be importable as top-level "kernels": that is the name
# of another package, which transformers looks for.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != ROOT]

from pdengine.types import PartList, PixelScores, Views  # noqa: E402  the one on that path

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]

# What a shell starts in the background ignores Ctrl-C, and so would what tests send it to.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Without a GPU, Triton kernels run in Triton's interpreter; it must know before they are imported.
if DEVICES == ["cpu"]:
    os.environ["TRITON_INTERPRET"] = "1"


def _poisoned(empty):  # type: ignore[no-untyped-def]
    def run(*args, **kwargs):  # type: ignore[no-untyped-def]
        tensor = empty(*args, **kwargs)
        if tensor.is_floating_point():
            return tensor.fill_(float("nan"))
        if tensor.dtype not in (torch.bool, torch.uint8):
            return tensor.fill_(
                -123456789 if tensor.dtype not in (torch.int8, torch.int16) else -77
            )
        return tensor.fill_(1)

    return run


@pytest.fixture(autouse=True)
def poisoned_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory that a kernel forgets to write is NaN or garbage, never zero by luck."""
    monkeypatch.setattr(torch, "empty", _poisoned(torch.empty))
    monkeypatch.setattr(torch, "empty_like", _poisoned(torch.empty_like))
    monkeypatch.setattr(torch.Tensor, "new_empty", _poisoned(torch.Tensor.new_empty))


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def helper(name: str) -> ModuleType:
    """A module among the tests that is no test: tests are not a package."""
    path = Path(__file__).parent / name
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def pretend_gpu() -> Iterator[Any]:
    """Everything that is taken to "cuda" is watched, see device_mode.py; needs no GPU."""
    with helper("device_mode.py").PretendGPU() as gpu:
        yield gpu


@pytest.fixture(scope="session")
def miniatures() -> Any:
    """Writes small copies of the datasets, see data/miniatures.py."""
    return helper("data/miniatures.py")


class Stripes:
    """Calls the upper half of every image the first part, the lower half the last."""

    name = "stripes"
    licence = "public domain"
    identity = "stripes 1"

    def __init__(self, blind_after: int | None = None) -> None:
        self.calls = 0
        self.blind_after = blind_after

    def __call__(self, views: Views, parts: PartList) -> PixelScores:
        self.calls += 1
        H, W = views.size
        score = views.depth.new_zeros(len(views), len(parts), H, W)
        if self.blind_after is None or self.calls <= self.blind_after:
            score[:, 0, : H // 2] = 0.9
            score[:, -1, H // 2 :] = 0.9
        return PixelScores(score * (views.index >= 0)[:, None])


def tower_file(path: Path, seed: int) -> Path:
    dice = torch.Generator().manual_seed(seed)
    points = torch.rand(300, 3, generator=dice) * torch.tensor([1.0, 3.0, 1.0])
    points[points[:, 1] > 1.5] *= torch.tensor([0.3, 1.0, 0.3])  # a spire on a block
    path.write_text("\n".join(" ".join(f"{v:.5f}" for v in p) for p in points.tolist()))
    return path


@pytest.fixture
def stripes() -> type[Stripes]:
    """A teacher that needs no weights; it can go blind after some calls, and counts them."""
    return Stripes


@pytest.fixture
def write_tower() -> Callable[[Path, int], Path]:
    """Writes 300 points, y up; every seed draws others."""
    return tower_file


@pytest.fixture
def towers(tmp_path: Path) -> list[Path]:
    """Three files, alone in their folder."""
    folder = tmp_path / "towers"
    folder.mkdir()
    return [tower_file(folder / f"tower{k}.xyz", k) for k in range(3)]


@pytest.fixture
def psb(tmp_path: Path) -> Path:
    """Two tables: a slab on a post."""
    import trimesh  # not on every machine with a GPU, see bench/gpu_check.sh

    (tmp_path / "mesh").mkdir()
    listed = []
    for number in (1, 2):
        top = trimesh.creation.box((2.0, 0.2, 1.0 + 0.2 * number)).subdivide()
        top.apply_translation((0, 1.0, 0))
        leg = trimesh.creation.box((0.3, 1.8, 0.3)).subdivide()
        vertices = np.concatenate([leg.vertices, top.vertices])
        faces = np.concatenate([leg.faces, top.faces + len(leg.vertices)])
        label = np.repeat([0, 1], [len(leg.faces), len(top.faces)])
        lo = vertices.min(0)
        s = float((vertices - lo).max())
        q = np.round((vertices - lo) / s * 65535).astype(np.uint16)
        arrays = {"q": q, "lo": lo, "s": s, "f": faces.astype(np.int32), "face_label": label}
        np.savez(tmp_path / "mesh" / f"Table_{number}.npz", **arrays)
        parts = ["leg", "support"]
        listed.append({"id": number, "category": "Table", "parts": parts, "nf": len(faces)})
    (tmp_path / "manifest.json").write_text(json.dumps(listed))
    return tmp_path
