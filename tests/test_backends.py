"""The engine whatever its ops run on: the labels of their definitions, and no array of [K, N]."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

import pdengine as pde
from pdengine.config import DistillConfig, EngineConfig, RenderConfig, with_options
from pdengine.kernels._dispatch import Backend, choose, taken
from pdengine.shapes import make
from pdengine.types import Boxes, Detections, Masks, PartList, PixelScores, Views

ROOMS = sorted(path.parent.name for path in Path(pde.__file__).parent.glob("kernels/*/op.py"))
CONFIG = EngineConfig(
    up="y",
    points=401,
    render=RenderConfig(views=3, size=(40, 40), surface_points=3_000),
    distill=DistillConfig(anchors=401, steps=6, rounds=2),
)
BANDS = 20  # boxes or masks of a view, one below the other


def said(kind: str) -> Callable[[Views, PartList], Detections]:
    """A teacher that calls every second band of a picture the first part, the others the second."""

    def teacher(views: Views, parts: PartList) -> Detections:
        V, H, W = views.index.shape
        view = torch.arange(V).repeat_interleave(BANDS)
        edge = torch.linspace(0, H, BANDS + 1)
        top, bottom = edge[:-1].repeat(V), edge[1:].repeat(V)
        label = (torch.arange(BANDS) % 2).repeat(V)
        score = torch.linspace(0.5, 0.9, len(view))
        if kind == "boxes":
            none = torch.zeros_like(top)
            return Boxes(torch.stack([none, top, none + W, bottom], 1), view, label, score)
        row = torch.arange(H)[None, :, None] + 0.5
        mask = (row >= top[:, None, None]) & (row < bottom[:, None, None])
        mask = mask.expand(-1, H, W).contiguous()
        if kind == "masks":
            return Masks(mask, view, label, score)
        first = mask[label == 0].view(V, -1, H, W).any(1)
        maps = torch.stack([first, ~first], 1) & (views.index >= 0)[:, None]
        return PixelScores(maps.float() * 0.8)

    return teacher


def cloud() -> Tensor:
    """Points of a chair, [401, 3]."""
    vertices = make("chair", 0).vertices
    return torch.from_numpy(vertices[:: len(vertices) // 401][:401])


@pytest.mark.parametrize("kind", ["boxes", "masks", "pixels"])
def test_the_definitions_give_the_same_labels(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def defined(op: str, backends: Sequence[Backend], wanted: str | None, tensor: Tensor) -> Any:
        return choose(op, backends, "reference", tensor)

    answers = []
    for backend in ("cpu", "reference"):
        if backend == "reference":
            for room in ROOMS:
                monkeypatch.setattr(import_module(f"pdengine.kernels.{room}.op"), "choose", defined)
        taken.clear()
        found = pde.segment(cloud(), "even, odd", teacher=said(kind), config=CONFIG, mode="vote")
        assert {"splat_points", "lift_seen"} <= set(taken)
        assert set(taken.values()) == {backend}
        answers.append(found)
    assert len(answers[0].labels.unique()) == 2
    assert torch.equal(answers[0].labels, answers[1].labels)


class Shapes(TorchDispatchMode):
    """Remembers the shape of everything that torch makes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[int, ...]] = set()

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        out = function(*args, **(kwargs or {}))
        self.seen |= {tuple(t.shape) for t in tree_leaves(out) if isinstance(t, Tensor)}
        return out


@pytest.mark.parametrize("kind", ["boxes", "masks", "pixels"])
@pytest.mark.parametrize("mode", ["vote", "tta"])
def test_nothing_is_as_large_as_units_times_points(kind: str, mode: str) -> None:
    engine = pde.Engine(with_options(CONFIG, mode=mode), teacher=said(kind))
    engine.set_shape(cloud())
    with Shapes() as shapes:
        engine.segment("even, odd")
    assert engine.trace is not None
    units, points = len(engine.trace.units.label), engine.trace.units.count
    assert points == 401
    assert units >= 17  # more than a point has neighbours: their arrays are [16, N]
    assert (points,) in shapes.seen
    assert [s for s in shapes.seen if points in s and (units in s or units + 1 in s)] == []
