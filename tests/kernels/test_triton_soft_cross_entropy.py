from __future__ import annotations

import math

import pytest
import torch

from pdengine.kernels.soft_cross_entropy import soft_cross_entropy


def case(
    rows: int, parts: int, dtype: torch.dtype = torch.float32, seed: int = 0
) -> tuple[torch.Tensor, ...]:
    g = torch.Generator().manual_seed(rows * 31 + parts + 1000 * seed)
    logits = 8 * torch.randn(rows, parts, generator=g, dtype=dtype)
    targets = torch.rand(rows, parts, generator=g, dtype=dtype)
    targets[torch.rand(rows, generator=g) < 0.3] = 0  # points of no unit
    return logits, targets


def run(
    logits: torch.Tensor, targets: torch.Tensor, device: str, backend: str = "triton"
) -> tuple[torch.Tensor, ...]:
    """The loss and its gradient, brought back to the CPU."""
    logits = logits.detach().to(device, copy=True).requires_grad_()  # the caller's stays as it is
    loss = soft_cross_entropy(logits, targets.to(device), backend=backend)
    loss.backward()
    assert logits.grad is not None
    assert logits.grad.device == loss.device == logits.device
    return loss.detach().cpu(), logits.grad.cpu()


def test_two_equal_logits_cost_one_bit_each(triton_device: str) -> None:
    loss, grad = run(torch.zeros(2, 2), torch.tensor([[1.0, 0], [0, 0]]), triton_device)
    assert loss.item() == pytest.approx(math.log(2) / 2)
    assert grad.tolist() == [[-0.25, 0.25], [0, 0]]


# A block has 1024 float32: 1024 rows of one part, 256 of three or four, one of 1000.
EDGES = [
    *((1, 1), (1023, 1), (1025, 1), (255, 3), (257, 3), (512, 4), (65, 10), (31, 33)),
    *((3, 1000), (2, 1025), (1, 4096)),
]


@pytest.mark.parametrize(("rows", "parts"), EDGES)
def test_errs_at_most_twice_as_much_as_torch(triton_device: str, rows: int, parts: int) -> None:
    errors = []  # a single loss may be exact by luck, so the worst of several is compared
    for seed in range(8 if rows < 100 else 2):
        logits, targets = case(rows, parts, seed=seed)
        truth = run(logits.double(), targets.double(), "cpu", "reference")
        for name in ("triton", "reference"):
            found = run(logits, targets, triton_device, name)
            errors.append([(a - b).abs().max() for a, b in zip(found, truth, strict=True)])
        errors.append([torch.finfo(torch.float32).eps * true.abs().max() for true in truth])
    ours, torchs, ulp = torch.tensor(errors).reshape(-1, 3, 2).amax(dim=0)
    assert (ours <= 2 * torchs + ulp).all()


@pytest.mark.parametrize(("rows", "parts"), [(1, 1), (17, 3), (257, 10), (1, 4096)])
def test_float64_errs_by_its_sums_alone(triton_device: str, rows: int, parts: int) -> None:
    logits, targets = case(rows, parts, torch.float64)
    truth = run(logits, targets, "cpu", "reference")
    for mine, true in zip(run(logits, targets, triton_device), truth, strict=True):
        assert mine.dtype == torch.float64
        bound = 4 * (parts + 2) * torch.finfo(torch.float64).eps
        assert (mine - true).abs().max() <= bound * true.abs().max()


def test_gradient_in_float64(triton_device: str) -> None:
    logits, targets = (tensor.to(triton_device) for tensor in case(5, 3, torch.float64))
    logits.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda z: 3 * soft_cross_entropy(z, targets, backend="triton"), logits
    )


def test_every_run_gives_the_same_bits(triton_device: str) -> None:
    rows = 20_000 if triton_device == "cuda" else 700  # one block has 128
    truth, *again = (run(*case(rows, 6), triton_device) for _ in range(3))
    for found in again:
        assert all(map(torch.equal, found, truth))


def test_exponential_and_logarithm_are_the_cpus(triton_device: str) -> None:
    """With one part asked for, a row's gradient holds exp alone, and its loss log alone."""
    shift = -torch.rand(300, generator=torch.Generator().manual_seed(0)) * 100
    logits = torch.stack([torch.zeros(300), shift], dim=1)
    targets = torch.tensor([[1.0, 0.0]]).repeat(300, 1)
    for rows in (slice(0, 300), *(slice(k, k + 1) for k in range(5))):
        loss, grad = run(logits[rows], targets[rows], triton_device)
        cpu_loss, cpu_grad = run(logits[rows], targets[rows], "cpu", "cpu")
        assert torch.equal(grad, cpu_grad)
        assert loss.item() == pytest.approx(cpu_loss.item(), rel=1e-7 if len(grad) > 1 else 0)


def test_more_blocks_than_are_added_at_once(triton_device: str) -> None:
    if triton_device == "cpu":
        pytest.skip("the interpreter is too slow for 1025 blocks")
    logits, targets = case(1025 * 1024, 1)
    logits, targets = logits / 8, 1 + targets
    truth = run(logits.double(), targets.double(), "cpu", "reference")
    found = run(logits, targets, triton_device)
    for mine, true in zip(found, truth, strict=True):
        assert (mine - true).abs().max() <= 1e-6 * true.abs().max() + 1e-12


def test_a_part_ruled_out_costs_nothing_unless_it_is_asked_for(triton_device: str) -> None:
    logits = torch.tensor([[0.0, 0.0, -torch.inf]])
    loss, grad = run(logits, torch.tensor([[1.0, 0, 0]]), triton_device)
    assert loss.item() == pytest.approx(math.log(2))
    assert grad.tolist() == [[-0.5, 0.5, 0]]
    loss, _ = run(logits, torch.tensor([[0.0, 0, 1]]), triton_device)
    assert loss.item() == math.inf


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "row", [[0, math.nan, 0], [math.nan, 0, 0], [0, 0, math.inf], [-math.inf] * 3]
)
def test_a_broken_row_makes_the_loss_nan(
    triton_device: str, row: list[float], dtype: torch.dtype
) -> None:
    logits = torch.zeros(20, 3, dtype=dtype)
    logits[11] = torch.tensor(row, dtype=dtype)
    loss, grad = run(logits, torch.zeros(20, 3, dtype=dtype), triton_device)
    assert loss.isnan()
    assert grad[11].isnan().any()
    assert (grad[:11] == 0).all()


def test_large_logits_do_not_overflow(triton_device: str) -> None:
    loss, grad = run(
        torch.tensor([[1e38, -1e38, 0]]), torch.tensor([[0.0, 0, 1e-37]]), triton_device
    )
    assert loss.item() == pytest.approx(10.0)
    assert grad.isfinite().all()


def test_no_points_cost_nothing(triton_device: str) -> None:
    loss, grad = run(torch.zeros(0, 3), torch.zeros(0, 3), triton_device)
    assert loss.item() == 0
    assert grad.shape == (0, 3)


def test_strided_inputs(triton_device: str) -> None:
    logits, targets = (tensor.to(triton_device) for tensor in case(50, 4))
    strided = soft_cross_entropy(
        logits.T.contiguous().T, targets.T.contiguous().T, backend="triton"
    )
    assert torch.equal(strided, soft_cross_entropy(logits, targets, backend="triton"))


def test_says_how_many_parts_it_takes(triton_device: str) -> None:
    logits = torch.zeros(1, 4097, device=triton_device)
    with pytest.raises(RuntimeError, match="takes at most 4096 parts, got 4097"):
        soft_cross_entropy(logits, logits, backend="triton")
