from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from pdengine.kernels import set_thread_limit
from pdengine.kernels.norm_relu import norm_relu
from pdengine.kernels.norm_relu.op import norm_relu_gradient


def case(rows: int, channels: int, seed: int = 0) -> tuple[Tensor, ...]:
    """Features, weight, bias and a gradient of the output."""
    g = torch.Generator().manual_seed(rows * 31 + channels + 1000 * seed)
    features = 3 * torch.randn(rows, channels, generator=g) + 1
    weight, bias = torch.randn(2, channels, generator=g)
    return features, weight, bias, torch.randn(rows, channels, generator=g)


def run(
    given: tuple[Tensor, ...], backend: str, dtype: torch.dtype = torch.float32
) -> list[Tensor]:
    """The output and the gradients of features, weight and bias."""
    *leaves, came = (tensor.to(dtype) for tensor in given)
    leaves = [tensor.clone().requires_grad_() for tensor in leaves]
    out = norm_relu(*leaves, backend=backend)  # type: ignore[call-arg]
    return [out.detach(), *torch.autograd.grad(out, leaves, came)]


def test_a_row_of_ones_and_threes_is_zeros_and_ones(backend: str) -> None:
    features = torch.tensor([[1.0, 3, 1, 3], [5, 5, 5, 5]])
    out = norm_relu(features, torch.ones(4), torch.zeros(4), backend=backend)
    torch.testing.assert_close(out, torch.tensor([[0.0, 1, 0, 1], [0, 0, 0, 0]]), atol=1e-5, rtol=0)
    moved = norm_relu(features, 2 * torch.ones(4), -torch.ones(4), backend=backend)
    torch.testing.assert_close(moved[0], torch.tensor([0.0, 1, 0, 1]), atol=2e-5, rtol=0)


def test_it_is_torchs_layer_norm_and_its_relu(backend: str) -> None:
    features, weight, bias, _ = (tensor.double() for tensor in case(40, 24))
    theirs = F.relu(F.layer_norm(features, (24,), weight, bias, 1e-3))
    ours = norm_relu(features, weight, bias, 1e-3, backend=backend)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("channels", [1, 3, 8, 31, 32, 96, 130])
@pytest.mark.parametrize("rows", [1, 7, 65, 300])
def test_errs_at_most_twice_as_much_as_torch(backend: str, rows: int, channels: int) -> None:
    errors = []  # a single row may be exact by luck, so the worst of several is compared
    for seed in range(20 if rows < 50 else 3):
        given = case(rows, channels, seed)
        truth = run(given, "reference", torch.float64)
        for name in (backend, "reference"):
            found = run(given, name)
            errors.append([(a - b).abs().max() for a, b in zip(found, truth, strict=True)])
        errors.append([torch.finfo(torch.float32).eps * true.abs().max() for true in truth])
    ours, torchs, ulp = torch.tensor(errors).reshape(-1, 3, 4).amax(dim=0)
    assert (ours <= 2 * torchs + ulp).all(), (ours, torchs, ulp)


@pytest.mark.parametrize("channels", [3, 8, 20])
def test_gradient_in_float64(backend: str, channels: int) -> None:
    leaves = [tensor.double().requires_grad_() for tensor in case(5, channels)[:3]]
    assert torch.autograd.gradcheck(
        lambda *tensors: norm_relu(*tensors, 1e-2, backend=backend), leaves
    )


def test_the_gradient_alone_is_that_of_the_op(backend: str) -> None:
    given = case(30, 9)
    alone = norm_relu_gradient(*given, backend=backend)
    for found, true in zip(alone, run(given, backend)[1:], strict=True):
        torch.testing.assert_close(found, true, rtol=1e-5, atol=1e-5)


def test_every_thread_count_gives_the_same_bits() -> None:
    given = case(60_000, 33)
    truth = run(given, "cpu")
    try:
        for limit in (1, 2, 5):
            set_thread_limit(limit)
            assert all(map(torch.equal, run(given, "cpu"), truth))
    finally:
        set_thread_limit(None)


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_a_broken_row_is_nan_and_its_neighbours_are_not(backend: str, broken: float) -> None:
    features, weight, bias, _ = case(3, 10)
    features[1, 4] = broken
    out = norm_relu(features, weight, bias, backend=backend)
    assert out[1].isnan().all()
    assert out[[0, 2]].isfinite().all()


@pytest.mark.parametrize("shape", [(0, 4), (0, 1)])
def test_no_rows_give_no_rows(backend: str, shape: tuple[int, int]) -> None:
    leaves = [t.requires_grad_() for t in (torch.ones(shape), *torch.ones(2, shape[1]))]
    out = norm_relu(*leaves, backend=backend)  # type: ignore[call-arg]
    assert out.shape == shape
    d_features, d_weight, d_bias = torch.autograd.grad(out, leaves, torch.ones(shape))
    assert d_features.shape == shape
    assert not d_weight.any()
    assert not d_bias.any()


def test_strided_inputs(backend: str) -> None:
    features, weight, bias, came = case(20, 6)
    strided = (features.T.contiguous().T, weight.repeat(2, 1).T[:, 0], bias, came.T.contiguous().T)
    for found, true in zip(
        run(strided, backend), run((features, weight, bias, came), backend), strict=True
    ):
        assert torch.equal(found, true)


ROW = torch.ones(3)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ((ROW, ROW, ROW), ValueError, r"features must be \[M, C\], got \[3\]"),
        ((torch.ones(2, 3), ROW[:2], ROW), ValueError, r"weight must be \[C\] with C=3, got \[2\]"),
        ((torch.ones(2, 3), ROW, ROW[:1]), ValueError, r"bias must be \[C\] with C=3, got \[1\]"),
        ((torch.ones(2, 3).half(), ROW, ROW), TypeError, "features must be float32 or float64, g"),
        ((torch.ones(2, 3), ROW.double(), ROW), TypeError, "weight must be float32, got float64"),
        ((torch.ones(2, 3), ROW, ROW, 0.0), ValueError, "eps must be positive and finite, got 0.0"),
        ((torch.ones(2, 0), ROW[:0], ROW[:0]), ValueError, "at least one channel, got C=0"),
    ],
)
def test_says_what_is_wrong(given, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=message):
        norm_relu(*given)


def test_torchs_own_is_for_a_gpu() -> None:
    with pytest.raises(
        RuntimeError, match="'torch' cannot run here, it is for a GPU, got a tensor"
    ):
        norm_relu(torch.ones(2, 3), ROW, ROW, backend="torch")
