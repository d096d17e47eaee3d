"""The Triton backend of sparse_conv: on a GPU, or without one in Triton's interpreter.

The interpreter multiplies bfloat16 wrongly (triton 3.9), so bfloat16 is tested on a GPU alone, and
it multiplies all of float32, so what tensor cores lose is too.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

from pdengine.kernels.kernel_map import KernelMap, stride_map, submanifold_map
from pdengine.kernels.sparse_conv import sparse_conv
from pdengine.kernels.sparse_conv.blocks import block_of_convolution, block_of_gradient
from pdengine.kernels.sparse_conv.plan import pairs_of, tiles_of

pytest.importorskip("triton")
gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


@pytest.fixture(autouse=True)
def _device_of_triton(device: str) -> None:
    if device == "cpu" and torch.cuda.is_available():
        pytest.skip("where there is a GPU, Triton's interpreter is off")


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def grid(count: int, edge: int) -> torch.Tensor:
    g = torch.Generator().manual_seed(count * 31 + edge)
    return torch.unique(torch.randint(0, edge, (count, 3), generator=g).int(), dim=0)


def a_map(way: str, count: int, edge: int = 5) -> KernelMap:
    if way == "submanifold":
        return submanifold_map(grid(count, edge))
    _, down = stride_map(grid(count, edge))
    return down if way == "down" else down.transposed


def on(kernel_map: KernelMap, device: str) -> KernelMap:
    return KernelMap(kernel_map.forward.to(device), kernel_map.backward.to(device))


def operands(kernel_map: KernelMap, inputs: int, outputs: int) -> list[torch.Tensor]:
    taps = kernel_map.forward.shape[1]
    rows = len(kernel_map.backward)
    return [random(rows, inputs), random(taps, inputs, outputs, seed=1), random(outputs, seed=2)]


def run(
    tensors: list[torch.Tensor],
    kernel_map: KernelMap,
    device: str,
    backend: str = "triton",
    precision: str = "ieee",
) -> list[torch.Tensor]:
    """The output, and the gradients of a fixed weighing of it, on the CPU."""
    features, weight, *rest = (t.detach().to(device).requires_grad_() for t in tensors)
    bias = rest[0] if rest else None
    placed = on(kernel_map, device)
    out = sparse_conv(features, weight, placed, bias, backend=backend, precision=precision)
    out.backward(random(*out.shape, seed=9).to(out))
    grads = [t.grad for t in (features, weight, *rest)]
    assert all(grad is not None for grad in grads)
    return [t.detach().cpu() for t in (out, *grads) if t is not None]


def assert_errs_at_most_twice_as_much(
    tensors: list[torch.Tensor], kernel_map: KernelMap, device: str, **options: str
) -> None:
    truth = run([t.double() for t in tensors], kernel_map, "cpu", "reference")
    torchs = run(tensors, kernel_map, "cpu", "reference")
    ours = run(tensors, kernel_map, device, **options)
    for mine, theirs, true in zip(ours, torchs, truth, strict=True):
        assert mine.dtype == theirs.dtype == torch.float32
        assert mine.isfinite().all()
        ulp = torch.finfo(torch.float32).eps * true.abs().max()
        assert (mine - true).abs().max() <= 2 * (theirs - true).abs().max() + ulp


def test_a_voxel_adds_its_neighbour(device: str) -> None:
    pair = on(submanifold_map(torch.tensor([[0, 0, 0], [0, 0, 1]], dtype=torch.int32)), device)
    weight = torch.zeros(27, 1, 1, device=device)
    weight[13], weight[14] = 1, 10  # itself, and the voxel above
    features = torch.tensor([[1.0], [2.0]], device=device)
    assert sparse_conv(features, weight, pair, backend="triton").tolist() == [[21.0], [2.0]]


@pytest.mark.parametrize("way", ["submanifold", "down", "up"])
@pytest.mark.parametrize(
    ("count", "inputs", "outputs"),
    [(1, 1, 1), (9, 3, 5), (40, 17, 33), (60, 32, 16), (50, 33, 48)],
)
def test_errs_at_most_twice_as_much_as_torch(
    device: str, way: str, count: int, inputs: int, outputs: int
) -> None:
    kernel_map = a_map(way, count)
    assert_errs_at_most_twice_as_much(operands(kernel_map, inputs, outputs), kernel_map, device)


def test_without_a_bias(device: str) -> None:
    kernel_map = a_map("submanifold", 40)
    assert_errs_at_most_twice_as_much(operands(kernel_map, 8, 8)[:2], kernel_map, device)


@pytest.mark.parametrize("rows", [31, 32, 33])
def test_rows_around_the_edge_of_a_tile(device: str, rows: int) -> None:
    column = torch.zeros(rows, 3, dtype=torch.int32)
    column[:, 2] = torch.arange(rows)
    kernel_map = submanifold_map(column)
    assert_errs_at_most_twice_as_much(operands(kernel_map, 4, 4), kernel_map, device)


def test_many_rows_take_taller_tiles(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes that would take the interpreter minutes, by the rule for them."""
    monkeypatch.setattr("pdengine.kernels.sparse_conv.blocks.FEW_ROWS", 0)
    kernel_map = a_map("submanifold", 200, 7)
    rows = len(kernel_map.forward)
    assert block_of_convolution(rows, 40, 33, torch.float32, "ieee").rows == 128 < rows
    tensors = operands(kernel_map, 40, 33)
    assert_errs_at_most_twice_as_much(tensors, kernel_map, device)
    assert block_of_convolution(rows, 40, 33, torch.float16, "ieee").rows == 64
    assert_half([tensors[0].half(), *tensors[1:]], kernel_map, device)


def test_pairs_are_shared_among_programs(device: str) -> None:
    column = torch.zeros(600, 3, dtype=torch.int32)
    column[:, 2] = torch.arange(600)
    kernel_map = submanifold_map(column)
    assert_errs_at_most_twice_as_much(operands(kernel_map, 2, 3), kernel_map, device)


@pytest.mark.parametrize("way", ["submanifold", "down"])
def test_half_floats(device: str, way: str) -> None:
    """Both round the same float32 sums: a result is off by one rounding, a weight's by none."""
    kernel_map = a_map(way, 60)
    features, weight, bias = operands(kernel_map, 20, 24)
    tensors = [features.half(), weight, bias]
    assert_half(tensors, kernel_map, device)


@gpu
@pytest.mark.parametrize("way", ["submanifold", "down", "up"])
@pytest.mark.parametrize(("inputs", "outputs"), [(3, 32), (64, 64), (96, 96), (96, 128)])
def test_bfloat16(device: str, way: str, inputs: int, outputs: int) -> None:
    kernel_map = a_map(way, 900, 12)
    features, weight, bias = operands(kernel_map, inputs, outputs)
    assert_half([features.bfloat16(), weight, bias], kernel_map, device)
    narrow = run([t.bfloat16() for t in (features, weight, bias)], kernel_map, device)
    assert [t.dtype for t in narrow] == [torch.bfloat16] * 4


@gpu
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("count", [2_000, 9_000])
@pytest.mark.parametrize(("inputs", "outputs"), [(3, 32), (64, 64), (96, 96), (96, 128)])
def test_sizes_of_a_student(
    device: str, dtype: torch.dtype, count: int, inputs: int, outputs: int
) -> None:
    kernel_map = a_map("submanifold", count, 24)
    features, weight, bias = operands(kernel_map, inputs, outputs)
    if dtype == torch.float32:
        assert_errs_at_most_twice_as_much([features, weight, bias], kernel_map, device)
    else:
        assert_half([features.to(dtype), weight, bias], kernel_map, device)


def assert_half(tensors: list[torch.Tensor], kernel_map: KernelMap, device: str) -> None:
    """Against the float64 sums of the rounded inputs."""
    features, weight, bias = tensors
    dtype = features.dtype
    rounded = [features.double(), weight.to(dtype).double(), bias.double()]
    upstream = random(len(kernel_map.forward), weight.shape[2], seed=9).to(dtype).double()
    doubles = [t.requires_grad_() for t in rounded]
    true_out = sparse_conv(doubles[0], doubles[1], kernel_map, doubles[2], backend="reference")
    true_out.backward(upstream)
    truth = [true_out.detach(), *(t.grad for t in doubles)]
    found = run(tensors, kernel_map, device)
    assert [t.dtype for t in found] == [dtype, dtype, torch.float32, torch.float32]
    # A float32 sum of n products errs by far less than n roundings of its largest part.
    sums = 27 * max(weight.shape[1:]) * torch.finfo(torch.float32).eps
    rows = (len(kernel_map.forward) + 1) * torch.finfo(torch.float32).eps
    once = torch.finfo(dtype).eps / 2
    for mine, true, slack in zip(found, truth, (sums, sums, rows, rows), strict=True):
        assert true is not None
        rounding = once * true.abs() if mine.dtype == dtype else 0
        assert ((mine - true).abs() <= rounding + slack * true.abs().max()).all()


@gpu
# Each factor loses at most 2^-10 of itself in tf32.  In tf32x3 the products of what is lost are
# left out, 2^-22, and tensor cores truncate the sums of the 32 products of a step.
@pytest.mark.parametrize(("precision", "loses"), [("tf32x3", 2**-19), ("tf32", 2**-9)])
@pytest.mark.parametrize("count", [2_000, 9_000])
def test_what_tensor_cores_lose(device: str, precision: str, loses: float, count: int) -> None:
    kernel_map = a_map("submanifold", count, 24)
    tensors = operands(kernel_map, 64, 64)
    truth = run([t.double() for t in tensors], kernel_map, "cpu", "reference")
    found = run(tensors, kernel_map, device, precision=precision)
    for mine, true in zip(found[:3], truth[:3], strict=True):
        assert (mine - true).norm() <= loses * true.norm()


def test_strict_float32_stays_off_the_tensor_cores(device: str) -> None:
    """In a process of its own: here the kernels are interpreted."""
    code = (
        "from pdengine.kernels._triton import compile_ahead\n"
        "from pdengine.kernels.sparse_conv.triton_kernels import BUILDS\n"
        "for build in BUILDS:\n"
        "    if 'fp32 ieee 96 to 96' in build.name:\n"
        "        sass = compile_ahead(build).sass\n"
        "        print('HMMA' in sass or 'HGMMA' in sass, 'FFMA' in sass)"
    )
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert found.stdout.splitlines() == ["False True"] * 5, found.stderr


@pytest.mark.parametrize("precision", ["tf32x3", "tf32"])
def test_the_faster_modes_run(device: str, precision: str) -> None:
    kernel_map = a_map("submanifold", 20)
    tensors = operands(kernel_map, 8, 8)
    exact = run(tensors, kernel_map, device)
    ours = run(tensors, kernel_map, device, precision=precision)
    for mine, true in zip(ours, exact, strict=True):
        assert (mine - true).norm() <= 2**-9 * true.norm()


@pytest.mark.parametrize(("sources", "targets"), [(0, 0), (0, 4), (4, 0), (4, 4)])
def test_without_pairs_the_bias_is_left(device: str, sources: int, targets: int) -> None:
    nothing = KernelMap(
        torch.full((targets, 8), -1, dtype=torch.int32),
        torch.full((sources, 8), -1, dtype=torch.int32),
    )
    bias = torch.tensor([1.0, 2.0])
    out, d_features, d_weight, d_bias = run(
        [random(sources, 3), random(8, 3, 2), bias], nothing, device
    )
    assert torch.equal(out, bias.expand(targets, 2))
    assert not d_features.any()
    assert not d_weight.any()
    assert d_bias.shape == (2,)


def test_without_channels_the_bias_is_left(device: str) -> None:
    kernel_map = a_map("submanifold", 9)
    bias = torch.tensor([1.0, 2.0])
    out, d_features, d_weight, _ = run(
        [random(len(kernel_map.backward), 0), random(27, 0, 2), bias], kernel_map, device
    )
    assert torch.equal(out, bias.expand(len(out), 2))
    assert d_features.shape == (len(out), 0)
    assert d_weight.shape == (27, 0, 2)


def test_rows_and_taps_without_pairs(device: str) -> None:
    few = a_map("submanifold", 50)
    forward, backward = few.forward.clone(), few.backward.clone()
    forward[::3] = -1  # those rows receive nothing
    forward[:, 4:20] = -1  # nobody has those taps
    received = torch.zeros(few.forward.shape, dtype=torch.bool)
    received[forward >= 0] = True
    for tap in range(27):
        kept = few.forward[received[:, tap], tap].long()
        gone = torch.ones(len(backward), dtype=torch.bool)
        gone[kept] = False
        backward[gone, tap] = -1
    kernel_map = KernelMap(forward, backward)
    assert_errs_at_most_twice_as_much(operands(kernel_map, 6, 7), kernel_map, device)


def test_what_is_not_finite_stays_in_its_rows(device: str) -> None:
    column = torch.zeros(5, 3, dtype=torch.int32)
    column[:, 2] = torch.arange(5)
    kernel_map = on(submanifold_map(column), device)
    features = torch.ones(5, 2, device=device)
    features[0] = torch.inf
    features[4] = torch.nan
    weight = torch.ones(27, 2, 2, device=device)
    out = sparse_conv(features, weight, kernel_map, backend="triton").cpu()
    assert out[:2].isinf().all()
    assert (out[2] == 6).all()
    assert out[3:].isnan().all()


def test_strided_inputs(device: str) -> None:
    kernel_map = a_map("submanifold", 50)
    tensors = operands(kernel_map, 6, 4)
    truth = run(tensors, kernel_map, device)
    strided = [t.mT.contiguous().mT if t.dim() > 1 else t for t in tensors]
    flipped = KernelMap(*(m.T.contiguous().T for m in (kernel_map.forward, kernel_map.backward)))
    assert all(map(torch.equal, run(strided, flipped, device), truth))


def test_three_runs_give_the_same_bits(device: str) -> None:
    kernel_map = a_map("submanifold", 60)
    tensors = operands(kernel_map, 20, 16)
    first, *others = (run(tensors, kernel_map, device) for _ in range(3))
    assert all(all(map(torch.equal, other, first)) for other in others)


def test_only_what_needs_a_gradient_gets_one(device: str) -> None:
    kernel_map = on(a_map("down", 50), device)
    features = random(len(kernel_map.backward), 3).to(device)
    weight = random(8, 3, 4).to(device).requires_grad_()
    sparse_conv(features, weight, kernel_map, backend="triton").sum().backward()
    assert features.grad is None
    assert weight.grad is not None


def test_a_map_is_worked_out_once(device: str) -> None:
    kernel_map = a_map("submanifold", 50)
    assert tiles_of(kernel_map, 32) is tiles_of(kernel_map, 32)
    assert pairs_of(kernel_map) is pairs_of(kernel_map)


@pytest.mark.parametrize("way", ["submanifold", "down", "up"])
@pytest.mark.parametrize("rows", [16, 32])
def test_tiles_hold_every_pair_once(device: str, way: str, rows: int) -> None:
    kernel_map = a_map(way, 70)
    tiles = tiles_of(kernel_map, rows)
    assert sorted(r for r in tiles.row.tolist() if r >= 0) == list(range(len(kernel_map.forward)))
    seen = torch.full_like(kernel_map.forward, -1)
    for tile, slots in enumerate(tiles.row.reshape(-1, rows)):
        for k in range(int(tiles.count[tile])):
            inside = slots >= 0
            seen[slots[inside].long(), tiles.taps[tile, k].long()] = tiles.source[tile, k][inside]
        assert (tiles.source[tile, int(tiles.count[tile]) :] == -1).all()
    assert torch.equal(seen, kernel_map.forward)
    assert tiles.most == int(tiles.count.max())


def test_pairs_are_those_of_the_map(device: str) -> None:
    kernel_map = a_map("submanifold", 70)
    pairs = pairs_of(kernel_map)
    for tap, (first, end) in enumerate(zip(pairs.first[:-1], pairs.first[1:], strict=True)):
        target = pairs.target[first:end].long()
        assert torch.equal(target, (kernel_map.forward[:, tap] >= 0).nonzero()[:, 0])
        assert torch.equal(pairs.source[first:end], kernel_map.forward[target, tap])


@pytest.mark.parametrize("channels", [1, 16, 17, 33, 48, 64, 96, 128, 200])
@pytest.mark.parametrize("precision", ["ieee", "tf32"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_blocks_are_powers_of_two_that_waste_little(
    device: str, channels: int, dtype: torch.dtype, precision: str
) -> None:
    for block in (
        block_of_convolution(100, channels, channels, dtype, precision),
        block_of_convolution(9_000, channels, channels, dtype, precision),
        block_of_convolution(100_000, channels, channels, dtype, precision),
        block_of_gradient(channels, channels, dtype, precision),
    ):
        for size in (block.rows, block.columns, block.depth):
            assert size >= 16
            assert size & (size - 1) == 0
        spare = -channels % block.columns
        strict = dtype == torch.float32 and precision == "ieee"
        assert spare < 16 or (not strict and 4 * spare <= channels + spare)


def test_says_why_it_cannot_run(device: str) -> None:
    pair = on(submanifold_map(torch.tensor([[0, 0, 0], [0, 0, 1]], dtype=torch.int32)), device)
    features, weight = random(2, 3).to(device), random(27, 3, 4).to(device)
    with pytest.raises(RuntimeError, match="the Triton kernel sums in float32, got float64"):
        sparse_conv(features.double(), weight.double(), pair, backend="triton")
    if device == "cpu":
        with pytest.raises(RuntimeError, match="interpreter multiplies bfloat16 wrongly"):
            sparse_conv(features.bfloat16(), weight, pair, backend="triton")
