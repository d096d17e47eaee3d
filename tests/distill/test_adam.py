"""Adam: torch's steps, bit for bit."""

from __future__ import annotations

import pytest
import torch

from pdengine.distill.adam import Adam


def test_the_first_step_is_as_long_as_the_rate():
    weight = torch.tensor([1.0, 1.0, 1.0])
    weight.grad = torch.tensor([3.0, -0.5, 0.0])
    Adam([weight]).step(0.25)
    assert weight.tolist() == pytest.approx([0.75, 1.25, 1.0])


def test_every_step_has_the_bits_of_torchs(device):
    dice = torch.Generator().manual_seed(0)
    shapes = [(27, 8, 16), (33,), (5, 4)]
    made = [torch.randn(shape, generator=dice) for shape in shapes]
    ours, torchs = ([t.to(device).requires_grad_() for t in map(torch.clone, made)] for _ in "ab")
    mine, other = Adam(ours), torch.optim.Adam(torchs, fused=True)
    for step in range(12):
        rate = 0.1 / (step + 1)
        for group in other.param_groups:
            group["lr"] = rate
        for one, two in zip(ours, torchs, strict=True):
            one.grad = torch.randn(one.shape, generator=dice).to(device)
            two.grad = one.grad.clone()
        mine.step(rate)
        other.step()
        assert all(map(torch.equal, ours, torchs))


def test_gradients_are_forgotten():
    weight = torch.zeros(2)
    weight.grad = torch.ones(2)
    optimiser = Adam([weight])
    optimiser.forget()
    assert weight.grad is None


def test_a_tensor_without_a_gradient_is_our_own_mistake():
    with pytest.raises(AssertionError):
        Adam([torch.zeros(2)]).step(0.1)
