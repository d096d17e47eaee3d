"""point_head, as a definition."""

from __future__ import annotations

import torch
from torch import Tensor


def point_head(
    voxel: Tensor,  # [M, E]
    offsets: Tensor,  # [M + 1]
    features: Tensor,  # [N, D]
    weight: Tensor,  # [E, D]
    head: Tensor,  # [R, E]
    bias: Tensor,  # [R]
) -> Tensor:  # [N, R]
    _, embedding = _embedded(voxel, offsets, features, weight)
    return embedding @ head.T + bias


def point_head_gradient(
    voxel: Tensor,  # [M, E]
    offsets: Tensor,  # [M + 1]
    features: Tensor,  # [N, D]
    weight: Tensor,  # [E, D]
    head: Tensor,  # [R, E]
    grad: Tensor,  # [N, R]
) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # [M, E], [E, D], [R, E], [R]
    of_point, embedding = _embedded(voxel, offsets, features, weight)
    d_embedding = torch.where(embedding <= 0, 0.0, grad @ head)  # [N, E]
    d_voxel = torch.zeros_like(voxel).index_add(0, of_point, d_embedding)
    return d_voxel, d_embedding.T @ features, grad.T @ embedding, grad.sum(0)


def _embedded(
    voxel: Tensor, offsets: Tensor, features: Tensor, weight: Tensor
) -> tuple[Tensor, Tensor]:
    """Each point's voxel [N], and its embedding [N, E]."""
    of_point = torch.repeat_interleave(offsets.diff(), output_size=len(features))
    return of_point, torch.relu(voxel[of_point] + features @ weight.T)
