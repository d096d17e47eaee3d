"""What a point's surroundings look like, at several scales, without any learning."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from pdengine.distill.threads import one_thread
from pdengine.kernels.knn import knn
from pdengine.types import PointCloud

# (every how many-th point is a neighbour, how many neighbours): about 8, 32, 96, 256 and 1,024
# points of the cloud.  Far scales look at a thinned cloud, so that no query asks for more than 32.
SCALES = ((1, 8), (1, 32), (8, 12), (8, 32), (32, 32))


def geometric_features(cloud: PointCloud) -> Tensor:
    """Describe each point by its position and its neighbourhoods.

    Per scale: how linear and how planar the neighbourhood is (ratios of the principal extents), its
    size, the offset to its mean, and its normal as absolute values, since a fitted normal has no
    sign.  Every column is standardised over the cloud.

    Args:
        cloud: N >= 1 points.

    Returns:
        features: [N, D] float32, mean 0 and deviation 1 per column, 0 where a column is constant.
    """
    with one_thread():
        xyz = cloud.xyz
        columns = [xyz, xyz.abs(), xyz.norm(dim=1, keepdim=True)]
        found: dict[int, Tensor] = {}
        for stride, _ in SCALES:
            thin = xyz[::stride]
            most = min(max(k for s, k in SCALES if s == stride), len(thin))
            if stride not in found:
                found[stride] = thin[knn(xyz, thin, most)[0]]  # [N, k, 3]
        for stride, k in SCALES:
            columns += _neighbourhood(xyz, found[stride][:, :k])
        features = torch.cat(columns, 1).double()
        features = features - features.mean(0)
        deviation = (features * features).mean(0).sqrt()
        # A column that varies by rounding alone says nothing and must not be blown up.
        return torch.where(deviation > 1e-6, features / deviation.clamp(min=1e-6), 0.0).float()


def _neighbourhood(xyz: Tensor, near: Tensor) -> list[Tensor]:
    mean = near.mean(1)
    spread = near - mean[:, None]
    x, y, z = spread.unbind(2)  # [N, k]
    covariance = [(a * b).mean(1) for a, b in ((x, x), (y, y), (z, z), (x, y), (x, z), (y, z))]
    values, normal = _principal(torch.stack(covariance, 1).double())
    extent = values.clamp(min=0).sqrt()  # [N, 3] ascending
    longest = extent[:, 2:].clamp(min=1e-9)
    offset = xyz - mean
    return [
        (extent[:, :2] / longest).float(),
        extent[:, 2:].float(),
        offset,
        offset.norm(dim=1, keepdim=True),
        normal.abs().float(),
    ]


def _principal(covariance: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues [N, 3], ascending, and the eigenvector of the smallest, [N, 3].

    In closed form: LAPACK takes 3 us a matrix, this 0.1.

    Args:
        covariance: [N, 6] float64, xx yy zz xy xz yz.

    Source: Smith, Eigenvalues of a symmetric 3 x 3 matrix, CACM 1961.
    """
    a, b, c, d, e, f = covariance.unbind(1)
    third = (a + b + c) / 3
    p = (a - third) ** 2 + (b - third) ** 2 + (c - third) ** 2 + 2 * (d * d + e * e + f * f)
    p = (p / 6).sqrt()
    safe = p.clamp(min=1e-30)
    a1, b1, c1, d1, e1, f1 = ((v / safe) for v in (a - third, b - third, c - third, d, e, f))
    half = (a1 * (b1 * c1 - f1 * f1) - d1 * (d1 * c1 - f1 * e1) + e1 * (d1 * f1 - b1 * e1)) / 2
    angle = half.clamp(-1, 1).acos() / 3
    high = third + 2 * p * angle.cos()
    low = third + 2 * p * (angle + 2 * math.pi / 3).cos()
    values = torch.stack([low, 3 * third - high - low, high], 1)

    # Rows of (matrix - low) span the plane across the normal: the longest of their cross products.
    row0 = torch.stack([a - low, d, e], 1)
    row1 = torch.stack([d, b - low, f], 1)
    row2 = torch.stack([e, f, c - low], 1)
    crosses = [torch.linalg.cross(row0, row1), torch.linalg.cross(row0, row2)]
    cross = torch.stack([*crosses, torch.linalg.cross(row1, row2)], 1)  # [N, 3, 3]
    length = cross.norm(dim=2)
    longest, which = length.max(1)
    normal = cross[torch.arange(len(cross)), which] / longest.clamp(min=1e-60)[:, None]
    return values, normal
