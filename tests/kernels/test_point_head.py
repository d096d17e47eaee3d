from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from pdengine.kernels import set_thread_limit
from pdengine.kernels.point_head import point_head
from pdengine.kernels.point_head.op import point_head_gradient

ASKED = (0, 3, 4, 5)  # all but offsets and features


def case(
    voxels: int, points: int, sizes: tuple[int, int, int], seed: int = 0
) -> tuple[tuple[Tensor, ...], Tensor]:
    """The six inputs and a gradient of the logits; sizes are D, E and R.  Some voxels are empty."""
    inputs, width, parts = sizes
    g = torch.Generator().manual_seed(points * 31 + width + 1000 * seed)
    index = torch.randint(voxels, (points,), generator=g).sort().values
    offsets = torch.searchsorted(index, torch.arange(voxels + 1))

    def randn(*shape: int) -> Tensor:
        return torch.randn(shape, generator=g)

    ends = randn(width, inputs) / 4, randn(parts, width), randn(parts)
    given = (randn(voxels, width), offsets, randn(points, inputs), *ends)
    return given, randn(points, parts)


def run(
    given: tuple[Tensor, ...], came: Tensor, backend: str, dtype: torch.dtype = torch.float32
) -> list[Tensor]:
    """The logits, and the gradients of what may have one."""
    given = tuple(t.to(dtype) if t.is_floating_point() else t for t in given)
    given = tuple(t.clone().requires_grad_() if k in ASKED else t for k, t in enumerate(given))
    logits = point_head(*given, backend=backend)  # type: ignore[call-arg]
    leaves = [given[k] for k in ASKED]
    return [logits.detach(), *torch.autograd.grad(logits, leaves, came.to(dtype))]


def test_three_points_in_two_voxels(backend: str) -> None:
    voxel = torch.tensor([[1.0, -1], [2, 0]], requires_grad=True)
    features, weight = torch.tensor([[1.0], [0], [-1]]), torch.tensor([[1.0], [1]])
    head, bias = torch.tensor([[1.0, 10]]), torch.tensor([0.5])
    offsets = torch.tensor([0, 1, 3])
    logits = point_head(voxel, offsets, features, weight, head, bias, backend=backend)
    # Embeddings: (2, 0); (2, 0) and (1, -1 -> 0).
    assert logits.tolist() == [[2.5], [2.5], [1.5]]
    logits.sum().backward()
    assert voxel.grad is not None
    assert voxel.grad.tolist() == [[1.0, 0], [2, 0]]


SIZES = [(1, 1, 1), (57, 96, 4), (5, 33, 3), (17, 8, 10), (3, 130, 37)]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("voxels", "points"), [(1, 1), (5, 63), (40, 65), (300, 2_500)])
def test_errs_at_most_twice_as_much_as_torch(
    backend: str, voxels: int, points: int, sizes: tuple[int, int, int]
) -> None:
    errors = []
    for seed in range(10 if points < 100 else 2):
        given, came = case(voxels, points, sizes, seed)
        truth = run(given, came, "reference", torch.float64)
        for name in (backend, "reference"):
            found = run(given, came, name)
            errors.append([(a - b).abs().max() for a, b in zip(found, truth, strict=True)])
        errors.append([torch.finfo(torch.float32).eps * true.abs().max() for true in truth])
    ours, torchs, ulp = torch.tensor(errors).reshape(-1, 3, 5).amax(dim=0)
    assert (ours <= 2 * torchs + ulp).all(), (ours, torchs, ulp)


@pytest.mark.parametrize("sizes", [(2, 3, 2), (4, 17, 5)])
def test_gradient_in_float64(backend: str, sizes: tuple[int, int, int]) -> None:
    given, _ = case(4, 9, sizes)
    given = tuple(t.double() if t.is_floating_point() else t for t in given)
    leaves = [given[k].clone().requires_grad_() for k in ASKED]

    def logits(voxel: Tensor, weight: Tensor, head: Tensor, bias: Tensor) -> Tensor:
        return point_head(voxel, given[1], given[2], weight, head, bias, backend=backend)

    assert torch.autograd.gradcheck(logits, leaves)


def test_the_gradient_alone_is_that_of_the_op(backend: str) -> None:
    given, came = case(20, 90, (6, 20, 3))
    alone = point_head_gradient(*given[:-1], came, backend=backend)
    for found, true in zip(alone, run(given, came, backend)[1:], strict=True):
        torch.testing.assert_close(found, true, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("voxels", [1, 900])
def test_every_thread_count_gives_the_same_bits(voxels: int) -> None:
    given, came = case(voxels, 70_000, (20, 40, 4))
    truth = run(given, came, "cpu")
    try:
        for limit in (1, 2, 5):
            set_thread_limit(limit)
            assert all(map(torch.equal, run(given, came, "cpu"), truth))
    finally:
        set_thread_limit(None)


def test_a_point_does_not_depend_on_the_others(backend: str) -> None:
    given, _ = case(3, 200, (9, 40, 3))
    voxel, offsets, features, *ends = given
    m = 1
    lone = slice(int(offsets[m]), int(offsets[m + 1]))
    own = torch.tensor([0, lone.stop - lone.start])
    alone = point_head(voxel[m : m + 1], own, features[lone], *ends, backend=backend)
    together = point_head(*given, backend=backend)[lone]  # type: ignore[call-arg]
    torch.testing.assert_close(alone, together, rtol=1e-5, atol=1e-5)


def test_a_nan_reaches_its_own_point_alone(backend: str) -> None:
    given, _ = case(3, 20, (4, 16, 2))
    given[2][7, 1] = math.nan
    broken = point_head(*given, backend=backend).isnan().any(1)  # type: ignore[call-arg]
    assert broken.nonzero().tolist() == [[7]]


def test_empty_voxels_get_a_gradient_of_zero(backend: str) -> None:
    given, came = case(50, 6, (3, 20, 2))
    _, d_voxel, *_ = run(given, came, backend)
    empty = given[1].diff() == 0
    assert empty.any()
    assert not d_voxel[empty].any()


@pytest.mark.parametrize("voxels", [0, 4])
def test_no_points_have_no_logits(backend: str, voxels: int) -> None:
    given = (torch.rand(voxels, 5), torch.zeros(voxels + 1, dtype=torch.int64), torch.rand(0, 3))
    ends = torch.rand(5, 3), torch.rand(2, 5), torch.rand(2)
    logits, *gradients = run((*given, *ends), torch.zeros(0, 2), backend)
    assert logits.shape == (0, 2)
    assert not any(gradient.any() for gradient in gradients)


@pytest.mark.parametrize("sizes", [(0, 4, 2), (3, 0, 2)])
def test_no_features_or_no_embedding(backend: str, sizes: tuple[int, int, int]) -> None:
    given, came = case(3, 70, sizes)
    truth = run(given, came, "reference", torch.float64)
    for found, true in zip(run(given, came, backend), truth, strict=True):
        torch.testing.assert_close(found, true.float(), rtol=1e-5, atol=1e-5)


def test_strided_inputs(backend: str) -> None:
    given, came = case(9, 80, (7, 12, 3))
    strided = tuple(t.T.contiguous().T if t.dim() == 2 else t for t in given)
    truth = run(given, came, backend)
    for found, true in zip(run(strided, came.T.contiguous().T, backend), truth, strict=True):
        torch.testing.assert_close(found, true, rtol=1e-5, atol=1e-5)


GOOD = case(2, 5, (3, 4, 2))[0]


def with_one(place: int, tensor: Tensor) -> tuple[Tensor, ...]:
    return (*GOOD[:place], tensor, *GOOD[place + 1 :])


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (with_one(0, torch.zeros(2)), ValueError, r"voxel must be \[M, E\], got \[2\]"),
        (with_one(1, GOOD[1][:2]), ValueError, r"offsets must be \[3\], got \[2\]"),
        (with_one(1, torch.tensor([0, 3, 4])), ValueError, "ascend from 0 to N=5, got 0 to 4"),
        (with_one(1, torch.tensor([0, 6, 5])), ValueError, "ascend from 0 to N=5, got 0 to 5"),
        (with_one(1, torch.tensor([1, 2, 5])), ValueError, "ascend from 0 to N=5, got 1 to 5"),
        (with_one(1, GOOD[1].int()), TypeError, "offsets must be int64, got int32"),
        (with_one(2, GOOD[2].double()), TypeError, "features must be float32, got float64"),
        (
            with_one(2, GOOD[2].clone().requires_grad_()),
            ValueError,
            "features must not require a gradient",
        ),
        (with_one(3, torch.zeros(4, 2)), ValueError, r"weight must be \[E, D\] with E=4, D=3, got"),
        (with_one(4, torch.zeros(2, 3)), ValueError, r"head must be \[R, E\] with E=4, got \[2, 3"),
        (with_one(4, torch.zeros(0, 4)), ValueError, "head must have at least one part, got R=0"),
        (with_one(5, torch.zeros(3)), ValueError, r"bias must be \[R\] with R=2, got \[3\]"),
    ],
)
def test_says_what_is_wrong(given, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=message):
        point_head(*given)
