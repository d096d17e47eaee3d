"""Normals of a cloud that has none."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from pdengine.kernels.knn import knn


def estimate_normals(
    xyz: Tensor,  # [N, 3]
    k: int = 16,
    at: Tensor | None = None,  # [Q]
    neighbour: Tensor | None = None,  # [Q, k]
) -> Tensor:  # [Q, 3]
    """The direction in which each point's neighbourhood is thinnest.

    The sign is arbitrary: a cloud has no inside.  Fewer than three points have no normal and get
    (0, 0, 1), as does a neighbourhood without extent.

    Args:
        xyz: [N, 3] float32.
        k: neighbours, the point itself among them.
        at: int64, the rows of the points whose normals are wanted; None for all of them.
        neighbour: int64, the rows of their nearest points where a caller has them, instead of k;
            None looks for them.

    Returns:
        [Q, 3] float32, unit length; Q is N where all are wanted.

    Source: Hoppe et al. 1992, the smallest principal axis of the k nearest neighbours.
    """
    query = xyz if at is None else xyz[at]
    if len(xyz) < 3:
        return xyz.new_tensor([0.0, 0.0, 1.0]).expand(len(query), 3).clone()
    if neighbour is None:
        neighbour = knn(query, xyz, min(k, len(xyz)))[0]
    offset = xyz[neighbour] - query[:, None]
    offset = offset - offset.mean(dim=1, keepdim=True)
    x, y, z = offset.unbind(-1)
    entries = [(a * b).sum(dim=1) for a, b in ((x, x), (y, y), (z, z), (x, y), (x, z), (y, z))]
    return _smallest_axis(torch.stack(entries).double()).float()


def _smallest_axis(
    covariance: Tensor,  # [6, N]: xx, yy, zz, xy, xz, yz
) -> Tensor:  # [N, 3]
    """The eigenvector of the smallest eigenvalue, in closed form.

    torch.linalg.eigh takes 20 times longer on many 3 x 3 matrices.  Source: Smith 1961 (eigenvalues
    by the trigonometric formula); the eigenvector is the longest cross product of two rows of
    A - lambda I.
    """
    trace = covariance[:3].sum(0)
    scale = trace.clamp_min(1e-30)
    xx, yy, zz, xy, xz, yz = covariance / scale
    third = (xx + yy + zz) / 3
    a, b, c = xx - third, yy - third, zz - third
    off = xy * xy + xz * xz + yz * yz
    p = ((a * a + b * b + c * c + 2 * off) / 6).sqrt()
    determinant = a * (b * c - yz * yz) - xy * (xy * c - yz * xz) + xz * (xy * yz - b * xz)
    cosine = (determinant / (2 * p**3).clamp_min(1e-30)).clamp(-1, 1)
    smallest = third + 2 * p * torch.cos(torch.acos(cosine) / 3 + 2 * math.pi / 3)

    rows = torch.stack(
        [
            torch.stack([xx - smallest, xy, xz], -1),
            torch.stack([xy, yy - smallest, yz], -1),
            torch.stack([xz, yz, zz - smallest], -1),
        ],
        dim=1,
    )
    crosses = torch.linalg.cross(rows, rows.roll(-1, dims=1))
    length = crosses.norm(dim=-1)
    best = length.argmax(dim=1)
    pick = torch.arange(len(best), device=best.device)
    axis = crosses[pick, best]
    # On a line every direction across it is as thin: the rows are parallel, and any of them is
    # replaced by a direction across the largest row's own.
    line = length[pick, best] < 1e-9
    if bool(line.any()):
        axis = torch.where(line[:, None], _across(rows), axis)
    flat = trace <= 1e-30
    axis = torch.where(flat[:, None], axis.new_tensor([0.0, 0.0, 1.0]), axis)
    return F.normalize(axis, dim=-1)


def _across(
    rows: Tensor,  # [N, 3, 3] of A - lambda I, all parallel to the line itself
) -> Tensor:  # [N, 3]
    along = rows.gather(1, rows.norm(dim=-1).argmax(1)[:, None, None].expand(-1, 1, 3))[:, 0]
    axis = F.one_hot(along.abs().argmin(dim=1), 3).to(along.dtype)
    across: Tensor = torch.linalg.cross(along, axis)
    return across
