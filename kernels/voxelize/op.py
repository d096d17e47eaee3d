"""Points to the sorted, unique voxels that hold them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._checks import check_dtype, check_positive, check_shape
from pdengine.kernels._cuda import call, slots_for, unique_keys
from pdengine.kernels._dispatch import Backend, choose, cpu_only, cuda_only
from pdengine.kernels.voxelize import reference

# 20 bits a coordinate: three of them and a neighbour's step fit one 64-bit key.
LIMIT = 2**19


@dataclass(frozen=True)
class Voxels:
    """The occupied cells of a grid.

    Attributes:
        coords: [M, 3] int32, unique, sorted by x, then y, then z; each in [-2^19, 2^19).
        voxel: [N] int64, the row of coords that holds each point.
        count: [M] int64, the points in each voxel, at least 1.
    """

    coords: Tensor
    voxel: Tensor
    count: Tensor

    def __len__(self) -> int:
        return len(self.coords)


def _cpu(xyz: Tensor, size: float, origin: float) -> tuple[Tensor, Tensor, Tensor]:
    coords = torch.empty((len(xyz), 3), dtype=torch.int32)
    voxel = torch.empty(len(xyz), dtype=torch.int64)
    count = torch.empty(len(xyz), dtype=torch.int64)
    found = _C.voxelize(xyz.numpy(), size, origin, coords.numpy(), voxel.numpy(), count.numpy())
    return coords[:found].clone(), voxel, count[:found].clone()


def _cuda(xyz: Tensor, size: float, origin: float) -> tuple[Tensor, Tensor, Tensor]:
    points, slots = len(xyz), slots_for(len(xyz))
    table, row = xyz.new_empty((2, slots), dtype=torch.int64)
    slot = xyz.new_empty(points, dtype=torch.int64)
    voxel = torch.empty_like(slot)
    call(
        _C.find_voxels_cuda,
        xyz=xyz,
        points=points,
        size=size,
        origin=origin,
        table=table,
        slots=slots,
        slot=slot,
    )
    key, found = unique_keys(table)
    coords = xyz.new_empty((len(key), 3), dtype=torch.int32)
    count = torch.empty_like(key)
    call(
        _C.number_voxels_cuda,
        key=key,
        found=found,
        voxels=len(key),
        row=row,
        slot=slot,
        points=points,
        coords=coords,
        voxel=voxel,
        count=count,
    )
    return coords, voxel, count


BACKENDS = (
    Backend("cpu", _cpu, cpu_only),
    Backend("cuda", _cuda, cuda_only),
    Backend("reference", reference.voxelize),
)


def voxelize(
    xyz: Tensor,  # [N, 3]
    size: float,
    origin: float = -1.0,
    *,
    backend: str | None = None,
) -> Voxels:
    """The voxel of a point is floor((xyz - origin) / size), in float32, one rounding a step.

    Args:
        xyz: [N, 3] float32.
        size: the voxel's edge, in the unit of xyz.
        origin: the corner of voxel (0, 0, 0), the same on the three axes.
        backend: a backend's name, or None for the first that can run.

    Returns:
        The occupied voxels.  Equal on all backends, in any number of threads.

    Raises:
        TypeError: xyz is not float32.
        ValueError: a shape does not match, size is not positive, or a coordinate is not finite or
            its voxel leaves [-2^19, 2^19).
    """
    check_shape("xyz", xyz, "N", 3)
    check_dtype("xyz", xyz, torch.float32)
    check_positive("size", size)

    if len(xyz) == 0:  # no point, no voxel
        none = xyz.new_zeros(0, dtype=torch.int64)
        return Voxels(xyz.new_zeros((0, 3), dtype=torch.int32), none, none.clone())

    xyz = xyz.detach()
    # Each step rounds monotonically, so the extremes bound every voxel; NaN passes through both.
    extremes = (torch.stack(xyz.aminmax()) - xyz.new_tensor([origin])) / xyz.new_tensor([size])
    low, high = extremes.floor().tolist()
    if not (low >= -LIMIT and high < LIMIT):
        raise ValueError(
            f"xyz must be finite and its voxels in [-2^19, 2^19), got voxels {low} to {high}"
        )
    run = choose("voxelize", BACKENDS, backend, xyz).run
    return Voxels(*run(xyz.contiguous(), float(size), float(origin)))
