from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import pdengine.kernels
from pdengine.kernels import _library_autograd
from pdengine.kernels.kernel_map import submanifold_map
from pdengine.kernels.soft_cross_entropy import soft_cross_entropy
from pdengine.kernels.sparse_conv import sparse_conv
from pdengine.kernels.voxelize import voxelize

OPS = sorted(path.parent.name for path in Path(pdengine.kernels.__file__).parent.glob("*/op.py"))
SIZE = (6, 8)
DICE = torch.Generator().manual_seed(0)


def rand(*shape: int) -> Tensor:
    return torch.rand(shape, generator=DICE)


def ints(high: int, *shape: int) -> Tensor:
    return torch.randint(-1, high, shape, generator=DICE, dtype=torch.int32)


XYZ = rand(40, 3) - 0.5
CAMERAS = (torch.eye(3).repeat(2, 1, 1), torch.tensor([[0.0, 0, 2]] * 2), torch.ones(2))
SEEN = (XYZ, *CAMERAS, torch.full((2, *SIZE), 2.0), 0.1)
PIXEL, VIEW = ints(48, 2, 40), torch.tensor([0, 1, 1])
BOXES = torch.tensor([[0.0, 0, 4, 6], [1, 1, 8, 3], [5, 5, 2, 2]])
LAYERS = torch.arange(3, dtype=torch.int32)[:, None, None].repeat(1, *SIZE)
LABEL, OFFSETS, POINT = torch.tensor([1, 0]), torch.tensor([0, 2, 3]), torch.tensor([0, 3, 1])
COORDS = voxelize(XYZ, 0.25).coords
MAP = submanifold_map(COORDS)
PAIRS = (MAP.forward, MAP.backward)
FEATURES, WEIGHT, BIAS = rand(len(COORDS), 3), rand(27, 3, 4), rand(4)
# Voxels of 1, 0 and 3 points.
ENDS = (rand(3, 5), torch.tensor([0, 1, 1, 4]), rand(4, 6), rand(5, 6) - 0.5, rand(2, 5))

# What each op is called with, and which of that may ask for a gradient.
CASES: dict[str, tuple[tuple[Any, ...], tuple[int, ...]]] = {
    "splat_points": ((XYZ, *CAMERAS, SIZE, 1.5), (0,)),
    "raster_triangles": ((XYZ, ints(38, 9, 3) + 1, *CAMERAS, SIZE), (0,)),
    "visible_points": (SEEN, (0,)),
    "lift_boxes": ((PIXEL, BOXES, VIEW, SIZE), (1,)),
    "lift_pixels": ((PIXEL, LAYERS, VIEW, 3), ()),
    "lift_seen_boxes": ((*SEEN, BOXES, VIEW), (0, 6)),
    "lift_seen_pixels": ((*SEEN, LAYERS, VIEW, 3), (0,)),
    "label_components": ((ints(2, 2, *SIZE),), ()),
    "unit_targets": ((LABEL, rand(2), OFFSETS, POINT, rand(3), 4), (1, 4)),
    "unit_agreement": ((LABEL, OFFSETS, POINT, torch.tensor([1, -1, 1, 0])), ()),
    "soft_cross_entropy": ((rand(7, 3), rand(7, 3)), (0,)),
    "soft_cross_entropy_and_gradient": ((rand(7, 3), rand(7, 3)), (0,)),
    "voxelize": ((XYZ, 0.25), (0,)),
    "submanifold_map": ((COORDS, 3), ()),
    "stride_map": ((COORDS,), ()),
    "sparse_conv": ((FEATURES, WEIGHT, *PAIRS, BIAS), (0, 1, 4)),
    "sparse_conv_weight_gradient": ((FEATURES, WEIGHT, rand(len(COORDS), 4), *PAIRS), ()),
    "norm_relu": ((rand(7, 3), rand(3), rand(3) - 0.5), (0, 1, 2)),
    "norm_relu_gradient": ((rand(7, 3), rand(3), rand(3) - 0.5, rand(7, 3)), ()),
    "point_head": ((*ENDS, rand(2)), (0, 3, 4, 5)),
    "point_head_gradient": ((*ENDS, rand(4, 2)), ()),
    "knn": ((XYZ[:5], XYZ, 3), (0,)),
    "farthest_points": ((XYZ, 3), (0,)),
    "superpoints": ((XYZ,), (0,)),
}
EMPTY: list[tuple[str, tuple[Any, ...]]] = [
    ("splat_points", (XYZ[:0], *CAMERAS, SIZE, 1.5)),
    ("lift_boxes", (PIXEL, BOXES[:0], VIEW[:0], SIZE)),
    ("lift_seen_boxes", (*SEEN, BOXES[:0], VIEW[:0])),
    ("lift_seen_pixels", (*SEEN, LAYERS[:0], VIEW[:0], 3)),
    ("lift_pixels", (PIXEL, LAYERS[:0], VIEW[:0], 3)),
    ("label_components", (ints(2, 0, *SIZE),)),
    ("unit_targets", (LABEL[:0], rand(0), OFFSETS[:1], POINT[:0], rand(3), 0)),
    ("soft_cross_entropy", (rand(0, 3).requires_grad_(), rand(0, 3))),
    ("voxelize", (XYZ[:0], 0.25)),
    ("submanifold_map", (COORDS[:0], 3)),
    ("stride_map", (COORDS[:0],)),
    ("sparse_conv", (FEATURES[:0], WEIGHT, MAP.forward[:0], MAP.backward[:0])),
    ("norm_relu", (rand(0, 3), rand(3), rand(3))),
    ("point_head", (rand(0, 5), OFFSETS[:1], rand(0, 6), rand(5, 6), rand(2, 5), rand(2))),
    ("knn", (XYZ[:0], XYZ, 3)),
    ("farthest_points", (XYZ[:0], 0)),
    ("superpoints", (XYZ[:0],)),
]


def registered(name: str) -> Callable[..., Any]:
    return getattr(torch.ops.pdengine, name)  # type: ignore[no-any-return]


def room_of(name: str) -> str:
    return next((op for op in OPS if name.startswith(op)), "kernel_map")


def flat(found: Any) -> list[Tensor]:
    if isinstance(found, Tensor):
        return [found]
    parts = found if isinstance(found, tuple) else vars(found).values()
    return [tensor for part in parts for tensor in flat(part)]


def test_every_op_is_registered() -> None:
    names = torch._C._dispatch_get_all_op_names()
    assert {n.removeprefix("pdengine::") for n in names if n.startswith("pdengine::")} == set(CASES)
    assert {room_of(name) for name in CASES} == set(OPS)


@pytest.mark.parametrize("name", CASES)
def test_gives_what_its_function_gives(name: str) -> None:
    arguments, _ = CASES[name]
    call = getattr(import_module(f"pdengine.kernels.{room_of(name)}.op"), name)
    if room_of(name) == "sparse_conv":  # takes the map as one
        given = tuple(a for a in arguments if a is not MAP.backward)
        true = call(*(MAP if a is MAP.forward else a for a in given))
    else:
        true = call(*arguments)
    found = flat(registered(name)(*arguments))
    assert len(found) == len(flat(true))
    assert all(map(torch.equal, found, flat(true)))
    by_reference = flat(registered(name)(*arguments, backend="reference"))
    assert [t.shape for t in by_reference] == [t.shape for t in found]


@pytest.mark.parametrize("name", CASES)
def test_torch_finds_nothing_wrong(name: str) -> None:
    arguments, asks = CASES[name]
    asked = (a.clone().requires_grad_() if k in asks else a for k, a in enumerate(arguments))
    torch.library.opcheck(registered(name).default, tuple(asked))  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "arguments"), EMPTY, ids=[name for name, _ in EMPTY])
def test_nothing_has_the_shape_that_was_promised(name: str, arguments: tuple[Any, ...]) -> None:
    op = registered(name).default  # type: ignore[attr-defined]
    torch.library.opcheck(op, arguments, test_utils=("test_schema", "test_faketensor"))


@pytest.mark.parametrize("name", CASES)
def test_compiles_whole_with_its_gradient(name: str) -> None:
    """In a function with other operators, for any size of what it is given."""
    arguments, asks = CASES[name]

    def call(*given: Any) -> tuple[Tensor, ...]:
        return tuple(2 * tensor for tensor in flat(registered(name)(*given)))

    torch._dynamo.reset()
    compiled = torch.compile(call, fullgraph=True, dynamic=True, backend="aot_eager")
    found = []
    for run in (call, compiled):
        given = [a.clone().requires_grad_() if k in asks else a for k, a in enumerate(arguments)]
        made = run(*given)
        grown = [tensor.sum() for tensor in made if tensor.requires_grad]
        if grown:
            torch.stack(grown).sum().backward()
        found.append([*made, *(given[k].grad for k in asks)])
    for true, other in zip(*found, strict=True):
        assert other is None if true is None else torch.equal(true, other)


def learn(xyz: Tensor, weight: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Points to voxels to one layer to the loss, and how many voxels there are."""
    ops = torch.ops.pdengine
    coords, voxel, _ = ops.voxelize(xyz, 0.25)
    ones = torch.ones(coords.shape[0], 2)
    logits = ops.sparse_conv(ones, weight, *ops.submanifold_map(coords))[voxel]
    coarse, *_ = ops.stride_map(coords)
    return ops.soft_cross_entropy(logits, targets), coarse


def look(xyz: Tensor, boxes: Tensor, score: Tensor) -> tuple[Tensor, ...]:
    """Points to images to what boxes call to targets."""
    ops = torch.ops.pdengine
    index, depth = ops.splat_points(xyz, *CAMERAS, SIZE, 1.0)
    pixel = ops.visible_points(xyz, *CAMERAS, depth, 0.1)
    offsets, point = ops.lift_boxes(pixel, boxes, torch.zeros(2, dtype=torch.int64), SIZE)
    label = torch.arange(2)
    targets = ops.unit_targets(label, score, offsets, point, torch.ones(2), xyz.shape[0])
    agreement = ops.unit_agreement(label, offsets, point, targets.argmax(1))
    return targets, agreement, *ops.label_components(index.clamp(max=0)), *ops.knn(xyz, xyz, 2)


def test_a_training_step_compiles_whole() -> None:
    compiled = torch.compile(learn, fullgraph=True, backend="aot_eager")
    targets, grads, losses = rand(40, 3), [], []
    for run in (learn, compiled):
        weight = WEIGHT[:, :2, :3].clone().requires_grad_()
        loss, coarse = run(XYZ, weight, targets)
        loss.backward()
        assert len(coarse) < len(COORDS)
        grads.append(weight.grad)
        losses.append(loss)
    assert torch.equal(*losses)
    assert torch.equal(*grads)  # type: ignore[arg-type]


def test_a_look_compiles_whole_and_once_for_all_counts() -> None:
    compiled = torch.compile(look, fullgraph=True, dynamic=True, backend="aot_eager")
    for count in (40, 33):
        arguments = XYZ[:count], BOXES[:2], torch.ones(2)
        assert all(map(torch.equal, compiled(*arguments), look(*arguments)))


@pytest.mark.parametrize("backend", ["cpu", "reference"])
def test_gradients_are_those_of_the_functions(backend: str) -> None:
    leaves = [t.double().requires_grad_() for t in (FEATURES, WEIGHT, BIAS)]
    found = torch.ops.pdengine.sparse_conv(*leaves[:2], *PAIRS, leaves[2], backend=backend)
    true = sparse_conv(*leaves[:2], MAP, leaves[2])
    targets = rand(*true.shape).double()
    loss = torch.ops.pdengine.soft_cross_entropy(found, targets, backend=backend)
    ours = torch.autograd.grad(3 * loss, leaves)
    theirs = torch.autograd.grad(3 * soft_cross_entropy(true, targets), leaves)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-12, atol=1e-14)


def test_half_floats_keep_a_weight_of_float32() -> None:
    leaves = [FEATURES.half(), WEIGHT.clone(), BIAS.clone()]
    grads = []
    for call in (
        lambda x, w, b: torch.ops.pdengine.sparse_conv(x, w, *PAIRS, b, backend="reference"),
        lambda x, w, b: sparse_conv(x, w, MAP, b, backend="reference"),
    ):
        asked = [t.clone().requires_grad_() for t in leaves]
        grads.append(torch.autograd.grad(call(*asked).float().square().sum(), asked))
    for mine, true in zip(*grads, strict=True):
        assert mine.dtype == true.dtype
        torch.testing.assert_close(mine, true)


def test_the_triton_gradient(triton_device: str) -> None:
    tensors = [t.to(triton_device) for t in (FEATURES, WEIGHT, rand(len(COORDS), 4), *PAIRS)]
    found = torch.ops.pdengine.sparse_conv_weight_gradient(*tensors, backend="triton")
    true = torch.ops.pdengine.sparse_conv_weight_gradient(*tensors, backend="reference")
    torch.testing.assert_close(found, true)


def test_the_gradient_over_a_strided_map() -> None:
    _, forward, backward = torch.ops.pdengine.stride_map(COORDS)
    features, weight = FEATURES.double().requires_grad_(), rand(8, 3, 2).double().requires_grad_()
    assert torch.autograd.gradcheck(
        lambda x, w: torch.ops.pdengine.sparse_conv(x, w, forward, backward), (features, weight)
    )


def test_a_gradient_of_a_gradient_is_refused() -> None:
    logits = rand(4, 3).requires_grad_()
    loss = torch.ops.pdengine.soft_cross_entropy(logits, rand(4, 3))
    (grad,) = torch.autograd.grad(loss, logits, create_graph=True)
    with pytest.raises(RuntimeError, match="does not require grad"):
        grad.sum().backward()


def test_a_map_is_checked_once_and_again_when_it_changes() -> None:
    forward, backward = (tensor.clone() for tensor in PAIRS)
    kept = _library_autograd._map_of(forward, backward)
    assert _library_autograd._map_of(forward, backward) is kept
    assert _library_autograd._map_of(forward, backward.clone()) is not kept
    forward[0, 0] = len(COORDS)
    with pytest.raises(ValueError, match=r"forward must be in \[-1, "):
        torch.ops.pdengine.sparse_conv(FEATURES, WEIGHT, forward, backward)


def test_a_map_is_forgotten_with_its_tensors() -> None:
    forward, backward = (tensor.clone() for tensor in PAIRS)
    kept = weakref.ref(_library_autograd._map_of(forward, backward))
    assert kept() is not None
    del forward
    gc.collect()
    assert kept() is None


def test_a_map_made_without_versions_convolves() -> None:
    with torch.inference_mode():
        pairs = [tensor.clone() for tensor in PAIRS]
        found = torch.ops.pdengine.sparse_conv(FEATURES, WEIGHT, *pairs)
    assert torch.equal(found, sparse_conv(FEATURES, WEIGHT, MAP))


def test_says_what_the_function_says() -> None:
    with pytest.raises(TypeError, match="points must be float32, got float64"):
        torch.ops.pdengine.knn(XYZ, XYZ.double(), 1)
    with pytest.raises(ValueError, match="targets must not require a gradient"):
        torch.ops.pdengine.soft_cross_entropy(rand(2, 3), rand(2, 3).requires_grad_())
    with pytest.raises(ValueError, match="backend must be one of cpu, "):
        torch.ops.pdengine.label_components(ints(2, 1, 2, 2), backend="gpu")


def test_names_alone_are_registered_at_import() -> None:
    code = (
        "import sys, torch, pdengine.kernels; torch.ops.pdengine.knn.default; m = sys.modules;"
        "print('triton' in m, 'pdengine.kernels.knn' in m)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/")
    assert done.stdout.split() == ["False"] * 2, done.stderr
