"""Adam over one tensor takes torch's steps."""

from __future__ import annotations

import torch

from pdengine.distill.adam import Adam


def test_its_steps_are_torchs() -> None:
    dice = torch.Generator().manual_seed(0)
    ours = torch.randn(65, 5, generator=dice)
    theirs = ours.clone()
    adam, torchs = Adam(ours), torch.optim.Adam([theirs])
    for step in range(60):
        gradient = torch.randn(65, 5, generator=dice) * 10 ** torch.randn(1, generator=dice)
        gradient[3] = 0
        rate = 0.1 / (1 + step)
        adam.step(gradient, rate)
        torchs.param_groups[0]["lr"] = rate
        theirs.grad = gradient
        torchs.step()
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-5)
