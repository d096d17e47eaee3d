from __future__ import annotations

import pytest
import torch

from pdengine.kernels import set_thread_limit
from pdengine.kernels.kernel_map import KernelMap, stride_map, submanifold_map
from pdengine.kernels.sparse_conv import sparse_conv


def grid(count: int, edge: int) -> torch.Tensor:
    g = torch.Generator().manual_seed(count * 31 + edge)
    return torch.unique(torch.randint(0, edge, (count, 3), generator=g).int(), dim=0)


def maps(coords: torch.Tensor) -> dict[str, KernelMap]:
    _, down = stride_map(coords)
    return {"submanifold": submanifold_map(coords), "down": down, "up": down.transposed}


def random(*shape: int, dtype: torch.dtype = torch.float32, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def run(*tensors: torch.Tensor, kernel_map: KernelMap, backend: str) -> list[torch.Tensor]:
    """The output, and the gradients of a fixed weighing of it."""
    features, weight, bias = (t.clone().requires_grad_() for t in tensors)
    out = sparse_conv(features, weight, kernel_map, bias, backend=backend)
    out.backward(random(*out.shape, seed=9).to(out.dtype))
    return [out.detach(), *(t.grad for t in (features, weight, bias) if t.grad is not None)]


def test_a_voxel_adds_its_neighbour(backend: str) -> None:
    pair = submanifold_map(torch.tensor([[0, 0, 0], [0, 0, 1]], dtype=torch.int32))
    weight = torch.zeros(27, 1, 1)
    weight[13], weight[14] = 1, 10  # itself, and the voxel above
    out = sparse_conv(torch.tensor([[1.0], [2.0]]), weight, pair, backend=backend)
    assert out.tolist() == [[21.0], [2.0]]


@pytest.mark.parametrize("way", ["submanifold", "down", "up"])
@pytest.mark.parametrize(
    ("count", "inputs", "outputs"),
    [(1, 1, 1), (9, 3, 5), (300, 17, 33), (700, 64, 32), (700, 33, 96), (60, 1, 64)],
)
def test_errs_at_most_twice_as_much_as_torch(
    backend: str, way: str, count: int, inputs: int, outputs: int
) -> None:
    kernel_map = maps(grid(count, 9))[way]
    taps = kernel_map.forward.shape[1]
    tensors = [
        random(len(kernel_map.backward), inputs),
        random(taps, inputs, outputs, seed=1),
        random(outputs, seed=2),
    ]
    truth = run(*(t.double() for t in tensors), kernel_map=kernel_map, backend="reference")
    torchs = run(*tensors, kernel_map=kernel_map, backend="reference")
    ours = run(*tensors, kernel_map=kernel_map, backend=backend)
    assert len(ours) == 4
    for mine, theirs, true in zip(ours, torchs, truth, strict=True):
        assert mine.dtype == torch.float32
        ulp = torch.finfo(torch.float32).eps * true.abs().max()
        assert (mine - true).abs().max() <= 2 * (theirs - true).abs().max() + ulp


def test_matches_a_dense_convolution(backend: str) -> None:
    coords = grid(400, 8)
    features = random(len(coords), 5, dtype=torch.float64)
    weight = random(27, 5, 6, dtype=torch.float64, seed=1)
    x, y, z = coords.long().unbind(1)
    volume = torch.zeros(1, 5, 8, 8, 8, dtype=torch.float64)
    volume[0, :, x, y, z] = features.T
    kernel = weight.reshape(3, 3, 3, 5, 6).permute(4, 3, 0, 1, 2)
    dense = torch.nn.functional.conv3d(volume, kernel, padding=1)[0, :, x, y, z].T
    out = sparse_conv(features, weight, submanifold_map(coords), backend=backend)
    torch.testing.assert_close(out, dense, rtol=1e-12, atol=1e-12)


def test_matches_a_dense_strided_convolution(backend: str) -> None:
    coords = grid(400, 8)
    features = random(len(coords), 5, dtype=torch.float64)
    weight = random(8, 5, 6, dtype=torch.float64, seed=1)
    x, y, z = coords.long().unbind(1)
    volume = torch.zeros(1, 5, 8, 8, 8, dtype=torch.float64)
    volume[0, :, x, y, z] = features.T
    kernel = weight.reshape(2, 2, 2, 5, 6).permute(4, 3, 0, 1, 2)
    coarse, down = stride_map(coords)
    x, y, z = coarse.long().unbind(1)
    dense = torch.nn.functional.conv3d(volume, kernel, stride=2)[0, :, x, y, z].T
    out = sparse_conv(features, weight, down, backend=backend)
    torch.testing.assert_close(out, dense, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("way", ["submanifold", "down", "up"])
def test_the_transposed_map_is_the_adjoint(backend: str, way: str) -> None:
    kernel_map = maps(grid(200, 7))[way]
    weight = random(kernel_map.forward.shape[1], 4, 6, dtype=torch.float64)
    x = random(len(kernel_map.backward), 4, dtype=torch.float64, seed=1)
    y = random(len(kernel_map.forward), 6, dtype=torch.float64, seed=2)
    there = sparse_conv(x, weight, kernel_map, backend=backend)
    back = sparse_conv(y, weight.mT.contiguous(), kernel_map.transposed, backend=backend)
    torch.testing.assert_close((there * y).sum(), (x * back).sum(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("way", ["submanifold", "down", "up"])
def test_gradient_in_float64(backend: str, way: str) -> None:
    kernel_map = maps(grid(20, 3))[way]
    tensors = [
        random(len(kernel_map.backward), 3, dtype=torch.float64),
        random(kernel_map.forward.shape[1], 3, 2, dtype=torch.float64, seed=1),
        random(2, dtype=torch.float64, seed=2),
    ]
    assert torch.autograd.gradcheck(
        lambda x, w, b: sparse_conv(x, w, kernel_map, b, backend=backend),
        [t.requires_grad_() for t in tensors],
    )


@pytest.mark.parametrize("way", ["submanifold", "down", "up"])
def test_any_number_of_threads_gives_the_same_bits(way: str) -> None:
    kernel_map = maps(grid(4000, 20))[way]
    tensors = [
        random(len(kernel_map.backward), 32),
        random(kernel_map.forward.shape[1], 32, 40, seed=1),
        random(40, seed=2),
    ]
    found = []
    try:
        for limit in (1, 2, 3, 7):
            set_thread_limit(limit)
            found.append(run(*tensors, kernel_map=kernel_map, backend="cpu"))
    finally:
        set_thread_limit(None)
    for other in found[1:]:
        assert all(map(torch.equal, other, found[0]))


def test_features_need_no_gradient(backend: str) -> None:
    kernel_map = maps(grid(50, 4))["down"]
    features = random(len(kernel_map.backward), 3)
    weight = random(8, 3, 4).requires_grad_()
    sparse_conv(features, weight, kernel_map, backend=backend).sum().backward()
    assert features.grad is None
    assert weight.grad is not None


@pytest.mark.parametrize(("sources", "targets"), [(0, 0), (0, 4), (4, 0), (4, 4)])
def test_without_pairs_the_bias_is_left(backend: str, sources: int, targets: int) -> None:
    nothing = KernelMap(
        torch.full((targets, 8), -1, dtype=torch.int32),
        torch.full((sources, 8), -1, dtype=torch.int32),
    )
    bias = torch.tensor([1.0, 2.0])
    out, d_features, d_weight, d_bias = run(
        random(sources, 3), random(8, 3, 2), bias, kernel_map=nothing, backend=backend
    )
    assert torch.equal(out, bias.expand(targets, 2))
    assert not d_features.any()
    assert not d_weight.any()
    assert d_bias.shape == (2,)


def test_strided_inputs(backend: str) -> None:
    kernel_map = maps(grid(50, 4))["submanifold"]
    tensors = [random(len(kernel_map.forward), 6), random(27, 6, 4, seed=1), random(4, seed=2)]
    truth = run(*tensors, kernel_map=kernel_map, backend=backend)
    strided = [t.mT.contiguous().mT if t.dim() > 1 else t for t in tensors]
    flipped = KernelMap(*(m.T.contiguous().T for m in (kernel_map.forward, kernel_map.backward)))
    found = run(*strided, kernel_map=flipped, backend=backend)
    for mine, true in zip(found, truth, strict=True):
        torch.testing.assert_close(mine, true)


PAIR = submanifold_map(torch.tensor([[0, 0, 0], [0, 0, 1]], dtype=torch.int32))


@pytest.mark.parametrize(
    ("features", "weight", "bias", "error", "message"),
    [
        (random(2), random(27, 3, 4), None, ValueError, r"features must be \[M_in, Cin\], got"),
        (random(2, 3), random(27, 2, 4), None, ValueError, r"weight must be \[T, Cin, Cout\] with"),
        (random(2, 3), random(8, 3, 4), None, ValueError, r"kernel_map.forward must be .* T=8"),
        (random(3, 3), random(27, 3, 4), None, ValueError, r"kernel_map.backward must be \[M_in"),
        (random(2, 3), random(27, 3, 4), random(3), ValueError, r"bias must be \[Cout\] with Cout"),
        (random(2, 3).int(), random(27, 3, 4), None, TypeError, "features must be float32 or"),
        (random(2, 3).half(), random(27, 3, 4).bfloat16(), None, TypeError, "weight must be float"),
        (random(2, 3), random(27, 3, 4).half(), None, TypeError, "weight must be float32, got"),
        (random(2, 3), random(27, 3, 4).double(), None, TypeError, "weight must be float32, got"),
    ],
)
def test_says_what_is_wrong(features, weight, bias, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=message):
        sparse_conv(features, weight, PAIR, bias)


def test_a_precision_is_one_of_three() -> None:
    with pytest.raises(ValueError, match="precision must be one of ieee, tf32x3, tf32, got 'low'"):
        sparse_conv(random(2, 3), random(27, 3, 4), PAIR, precision="low")


def test_the_cpu_kernel_says_that_it_has_no_half_floats() -> None:
    with pytest.raises(RuntimeError, match="multiplies float32 or float64, got bfloat16"):
        sparse_conv(random(2, 3).bfloat16(), random(27, 3, 4), PAIR, backend="cpu")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_floats_are_summed_in_float32_and_rounded_once(dtype: torch.dtype) -> None:
    kernel_map = maps(grid(60, 4))["submanifold"]
    features, weight = random(len(kernel_map.forward), 8).to(dtype), random(27, 8, 4, seed=1)
    bias = random(4, seed=2)
    wide = run(
        features.float(), weight.to(dtype).float(), bias, kernel_map=kernel_map, backend="reference"
    )
    half = run(features, weight, bias, kernel_map=kernel_map, backend="reference")
    assert [t.dtype for t in half] == [dtype, dtype, torch.float32, torch.float32]
    assert torch.equal(half[0], wide[0].to(dtype))
