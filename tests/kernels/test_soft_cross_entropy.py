from __future__ import annotations

import math

import pytest
import torch

from pdengine.kernels import set_thread_limit
from pdengine.kernels.soft_cross_entropy import soft_cross_entropy


def case(
    rows: int, parts: int, dtype: torch.dtype = torch.float32, seed: int = 0
) -> tuple[torch.Tensor, ...]:
    g = torch.Generator().manual_seed(rows * 31 + parts + 1000 * seed)
    logits = 8 * torch.randn(rows, parts, generator=g, dtype=dtype)
    targets = torch.rand(rows, parts, generator=g, dtype=dtype)
    targets[torch.rand(rows, generator=g) < 0.3] = 0  # points of no unit
    return logits, targets


def run(logits: torch.Tensor, targets: torch.Tensor, backend: str) -> tuple[torch.Tensor, ...]:
    logits = logits.clone().requires_grad_()
    loss = soft_cross_entropy(logits, targets, backend=backend)
    loss.backward()
    assert logits.grad is not None
    return loss.detach(), logits.grad


def test_two_equal_logits_cost_one_bit_each(backend: str) -> None:
    loss, grad = run(torch.zeros(2, 2), torch.tensor([[1.0, 0], [0, 0]]), backend)
    assert loss.item() == pytest.approx(math.log(2) / 2)
    assert grad.tolist() == [[-0.25, 0.25], [0, 0]]


@pytest.mark.parametrize("parts", [1, 2, 3, 8, 10, 33])
@pytest.mark.parametrize("rows", [1, 7, 16, 17, 1023, 2050])
def test_errs_at_most_twice_as_much_as_torch(backend: str, rows: int, parts: int) -> None:
    errors = []  # a single loss may be exact by luck, so the worst of several is compared
    for seed in range(20 if rows < 100 else 2):
        logits, targets = case(rows, parts, seed=seed)
        truth = run(logits.double(), targets.double(), "reference")
        for name in (backend, "reference"):
            found = run(logits, targets, name)
            errors.append([(a - b).abs().max() for a, b in zip(found, truth, strict=True)])
        errors.append([torch.finfo(torch.float32).eps * true.abs().max() for true in truth])
    ours, torchs, ulp = torch.tensor(errors).reshape(-1, 3, 2).amax(dim=0)
    assert (ours <= 2 * torchs + ulp).all()


@pytest.mark.parametrize(("rows", "parts"), [(1, 1), (17, 3), (2050, 10)])
def test_float64_errs_by_its_sums_alone(backend: str, rows: int, parts: int) -> None:
    logits, targets = case(rows, parts, torch.float64)
    truth, ours = (run(logits, targets, name) for name in ("reference", backend))
    for mine, true in zip(ours, truth, strict=True):
        assert mine.dtype == torch.float64
        bound = 4 * (parts + 2) * torch.finfo(torch.float64).eps
        assert (mine - true).abs().max() <= bound * true.abs().max()


def test_gradient_in_float64(backend: str) -> None:
    logits, targets = case(9, 4, torch.float64)
    logits.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda z: 3 * soft_cross_entropy(z, targets, backend=backend), logits
    )


def test_every_processor_and_thread_count_gives_the_same_bits() -> None:
    logits, targets = case(300_000, 6)
    truth = run(logits, targets, "cpu")
    try:
        for limit in (1, 2, 5):
            set_thread_limit(limit)
            assert all(map(torch.equal, run(logits, targets, "cpu"), truth))
    finally:
        set_thread_limit(None)


def test_a_part_ruled_out_costs_nothing_unless_it_is_asked_for(backend: str) -> None:
    logits = torch.tensor([[0.0, 0.0, -torch.inf]])
    loss, grad = run(logits, torch.tensor([[1.0, 0, 0]]), backend)
    assert loss.item() == pytest.approx(math.log(2))
    assert grad.tolist() == [[-0.5, 0.5, 0]]
    loss, _ = run(logits, torch.tensor([[0.0, 0, 1]]), backend)
    assert loss.item() == math.inf


@pytest.mark.parametrize(
    "row", [[0, math.nan, 0], [math.nan, 0, 0], [0, 0, math.inf], [-math.inf] * 3]
)
def test_a_broken_row_makes_the_loss_nan(backend: str, row: list[float]) -> None:
    logits = torch.zeros(20, 3)
    logits[11] = torch.tensor(row)
    assert soft_cross_entropy(logits, torch.zeros(20, 3), backend=backend).isnan()


def test_large_logits_do_not_overflow(backend: str) -> None:
    loss, grad = run(torch.tensor([[1e38, -1e38, 0]]), torch.tensor([[0.0, 0, 1e-37]]), backend)
    assert loss.item() == pytest.approx(10.0)
    assert grad.isfinite().all()


def test_no_points_cost_nothing(backend: str) -> None:
    loss, grad = run(torch.zeros(0, 3), torch.zeros(0, 3), backend)
    assert loss.item() == 0
    assert grad.shape == (0, 3)


def test_strided_inputs(backend: str) -> None:
    logits, targets = case(50, 4)
    truth = run(logits, targets, backend)
    found = run(logits.T.contiguous().T, targets.T.contiguous().T, backend)
    assert all(map(torch.equal, found, truth))


@pytest.mark.parametrize(
    ("logits", "targets", "error", "message"),
    [
        (torch.zeros(3), torch.zeros(3), ValueError, r"logits must be \[N, R\], got \[3\]"),
        (torch.zeros(3, 2), torch.zeros(3, 1), ValueError, r"with N=3, R=2, got \[3, 1\]"),
        (torch.zeros(3, 2).half(), torch.zeros(3, 2), TypeError, "logits must be float32 or float"),
        (torch.zeros(3, 2), torch.zeros(3, 2).double(), TypeError, "targets must be float32, got"),
        (torch.zeros(3, 0), torch.zeros(3, 0), ValueError, "at least one part, got R=0"),
        (
            torch.zeros(3, 2),
            torch.zeros(3, 2, requires_grad=True),
            ValueError,
            "targets must not require a gradient",
        ),
    ],
)
def test_says_what_is_wrong(logits, targets, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=message):
        soft_cross_entropy(logits, targets)
