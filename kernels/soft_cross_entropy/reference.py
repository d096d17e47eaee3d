"""soft_cross_entropy, as a definition."""

from __future__ import annotations

import torch
from torch import Tensor


def soft_cross_entropy(
    logits: Tensor,  # [N, R]
    targets: Tensor,  # [N, R]
) -> Tensor:  # scalar
    # A part that is ruled out (-inf) and not asked for (0) costs nothing.
    ruled_out = (targets == 0) & (logits == -torch.inf)
    picked = torch.where(ruled_out, 0.0, logits)
    loss = targets * (torch.logsumexp(logits, dim=1, keepdim=True) - picked)  # [N, R]
    return loss.sum(dim=1).double().mean().to(logits.dtype)


def soft_cross_entropy_and_gradient(
    logits: Tensor,  # [N, R]
    targets: Tensor,  # [N, R]
) -> tuple[Tensor, Tensor]:  # scalar, [N, R]
    asked = targets.sum(dim=1, keepdim=True)  # [N, 1]
    gradient = (asked * torch.softmax(logits, dim=1) - targets) / len(logits)
    return soft_cross_entropy(logits, targets), gradient
