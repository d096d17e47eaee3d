"""norm_relu, as a definition."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def norm_relu(
    features: Tensor,  # [M, C]
    weight: Tensor,  # [C]
    bias: Tensor,  # [C]
    eps: float,
) -> Tensor:  # [M, C]
    return F.relu(F.layer_norm(features, weight.shape, weight, bias, eps))


def norm_relu_gradient(
    features: Tensor,  # [M, C]
    weight: Tensor,  # [C]
    bias: Tensor,  # [C]
    grad: Tensor,  # [M, C]
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:  # [M, C], [C], [C]
    variance, mean = torch.var_mean(features, dim=1, unbiased=False, keepdim=True)  # [M, 1]
    scale = torch.rsqrt(variance + eps)
    normed = (features - mean) * scale
    passed = torch.where(normed * weight + bias <= 0, 0.0, grad)
    at = passed * weight
    # Neither the row's mean nor its deviation can change.
    level, slope = at.mean(1, keepdim=True), (at * normed).mean(1, keepdim=True)
    d_features = (at - level - normed * slope) * scale
    return d_features, (passed * normed).sum(0), passed.sum(0)
