"""What a point's surroundings look like, at several scales, without any learning."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pdengine.distill.threads import one_thread
from pdengine.kernels.knn import knn

# (every how many-th point is a neighbour, how many neighbours): about 8, 32, 96, 256 and 1,024
# points of the cloud.  Far scales look at a thinned cloud, so that no query asks for more than 32.
SCALES = ((1, 8), (1, 32), (8, 12), (8, 32), (32, 32))
POSITION = 7  # columns: x, |x|, distance
PER_SCALE = 10  # columns: 2 ratios, extent, offset, its length, |normal|
COLUMNS = POSITION + PER_SCALE * len(SCALES)


@dataclass(frozen=True)
class Surroundings:
    """What geometric features are made of; turning a shape turns it, nothing is searched again.

    Attributes:
        xyz: [N, 3] float32, the centroid is 0 and the root mean square distance from it 1.
        shape: [N, S, 3] float32, per scale how linear and how planar the neighbourhood is (ratios
            of the principal extents) and its largest extent.
        offset: [N, S, 3] float32, from the neighbourhood's mean to the point.
        normal: [N, S, 3] float32, the neighbourhood's normal; its sign means nothing.
    """

    xyz: Tensor
    shape: Tensor
    offset: Tensor
    normal: Tensor

    def turned(self, rotation: Tensor) -> Surroundings:
        """The same surroundings of the shape turned: rotation @ xyz. rotation is [3, 3]."""
        turn = rotation.to(self.xyz.device).T
        return replace(
            self, xyz=self.xyz @ turn, offset=self.offset @ turn, normal=self.normal @ turn
        )

    def features(self) -> Tensor:
        """One row per point: [N, COLUMNS] float32."""
        distance = self.offset.norm(dim=2, keepdim=True)
        scales = torch.cat([self.shape, self.offset, distance, self.normal.abs()], 2)
        xyz = self.xyz
        return torch.cat(
            [xyz, xyz.abs(), xyz.norm(dim=1, keepdim=True), scales.flatten(1)], 1
        ).float()


def directed() -> Tensor:
    """Which columns change when the shape turns. [COLUMNS] bool."""
    scale = [False] * 3 + [True] * 3 + [False] + [True] * 3  # shape, offset, its length, |normal|
    return torch.tensor([True] * 6 + [False] + scale * len(SCALES))


def centred(xyz: Tensor) -> Tensor:
    """The same points [N, 3], their centroid 0 and their root mean square distance from it 1."""
    xyz = xyz - xyz.mean(0)
    return xyz / (xyz * xyz).sum(1).mean().sqrt().clamp(min=1e-12)


def surroundings(xyz: Tensor) -> Surroundings:
    """Look at every point's neighbourhoods.

    Args:
        xyz: [N, 3] float32, N >= 1, any unit and place: the answer does not depend on them.
    """
    with one_thread():
        xyz = centred(xyz)
        found: dict[int, Tensor] = {}
        for stride, _ in SCALES:
            thin = xyz[::stride]
            most = min(max(k for s, k in SCALES if s == stride), len(thin))
            if stride not in found:
                found[stride] = thin[knn(xyz, thin, most)[0]]  # [N, k, 3]
        scales = [_neighbourhood(xyz, found[stride][:, :k]) for stride, k in SCALES]
        offset, covariance = (torch.stack(columns, 1) for columns in zip(*scales, strict=True))
        # Of all scales at once: a GPU is launched at a hundred times.
        values, normal = _principal(covariance.flatten(0, 1).double())
        extent = values.clamp(min=0).sqrt()  # [N S, 3] ascending
        longest = extent[:, 2:].clamp(min=1e-9)
        shape = torch.cat([extent[:, :2] / longest, extent[:, 2:]], 1).float()
        return Surroundings(xyz, shape.view_as(offset), offset, normal.float().view_as(offset))


def _neighbourhood(xyz: Tensor, near: Tensor) -> tuple[Tensor, Tensor]:
    """offset [N, 3] and covariance [N, 6], xx yy zz xy xz yz, of neighbourhoods [N, k, 3]."""
    mean = near.mean(1)
    spread = near - mean[:, None]
    x, y, z = spread.unbind(2)  # [N, k]
    covariance = [(a * b).mean(1) for a, b in ((x, x), (y, y), (z, z), (x, y), (x, z), (y, z))]
    return xyz - mean, torch.stack(covariance, 1)


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
    rows = torch.arange(len(cross), device=cross.device)
    normal = cross[rows, which] / longest.clamp(min=1e-60)[:, None]
    return values, normal
