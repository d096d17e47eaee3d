"""Which voxel feeds which through which tap of a sparse convolution."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._checks import check_dtype, check_range, check_shape, check_whole
from pdengine.kernels._cuda import call, slots_for, unique_keys
from pdengine.kernels._dispatch import Backend, choose, cpu_only, cuda_only, thread_limit
from pdengine.kernels.kernel_map import reference
from pdengine.kernels.voxelize.op import LIMIT


@dataclass(frozen=True)
class KernelMap:
    """The pairs of a sparse convolution, seen from both sides.

    Output row m receives from input row i through tap t exactly when forward[m, t] = i, and then
    backward[i, t] = m.  Taps are in lexicographic order of their (x, y, z) offset, z fastest.

    Attributes:
        forward: [M_out, T] int32, the input row that feeds each output row and tap, -1 none.
        backward: [M_in, T] int32, the output row that each input row feeds through a tap, -1 none.

    Raises:
        TypeError: an entry's dtype is not int32.
        ValueError: the two have different numbers of taps, or an entry is no row of the other side.
    """

    forward: Tensor
    backward: Tensor

    def __post_init__(self) -> None:
        # Checked here, once per map, because a convolution reads and writes where the entries say.
        sizes = check_shape("forward", self.forward, "M_out", "T")
        sizes = check_shape("backward", self.backward, "M_in", "T", T=sizes["T"]) | sizes
        for name, tensor, rows in (
            ("forward", self.forward, "M_in"),
            ("backward", self.backward, "M_out"),
        ):
            check_dtype(name, tensor, torch.int32)
            check_range(name, tensor, -1, sizes[rows])

    @cached_property
    def arrays(self) -> tuple[Any, Any]:
        """forward and backward as the C++ core takes them, tap by tap: [T, M_out] and [T, M_in]."""
        return self.forward.T.contiguous().numpy(), self.backward.T.contiguous().numpy()

    @cached_property
    def kept(self) -> dict[int | str, object]:
        """What a backend of sparse_conv worked out about this map, for its next convolution."""
        return {}

    @cached_property
    def transposed(self) -> KernelMap:
        """The map of the adjoint convolution: inputs and outputs change places."""
        return KernelMap(self.backward, self.forward)


def _submanifold_cpu(coords: Tensor, kernel: int) -> tuple[Tensor, Tensor]:
    forward = torch.empty((len(coords), kernel**3), dtype=torch.int32)
    backward = torch.empty((len(coords), kernel**3), dtype=torch.int32)
    _C.submanifold_map(coords.numpy(), kernel, forward.numpy(), backward.numpy(), thread_limit())
    return forward, backward


def _stride_cpu(coords: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    coarse = torch.empty((len(coords), 3), dtype=torch.int32)
    forward = torch.empty((len(coords), 8), dtype=torch.int32)
    backward = torch.empty((len(coords), 8), dtype=torch.int32)
    found = _C.stride_map(coords.numpy(), coarse.numpy(), forward.numpy(), backward.numpy())
    return coarse[:found].clone(), forward[:found].clone(), backward


def _submanifold_cuda(coords: Tensor, kernel: int) -> tuple[Tensor, Tensor]:
    voxels, slots = len(coords), slots_for(len(coords))
    forward = coords.new_empty((voxels, kernel**3))
    backward = torch.empty_like(forward)
    call(
        _C.submanifold_map_cuda,
        coords=coords,
        voxels=voxels,
        kernel=kernel,
        table=coords.new_empty(slots, dtype=torch.int64),
        row=coords.new_empty(slots),
        slots=slots,
        forward=forward,
        backward=backward,
    )
    return forward, backward


def _stride_cuda(coords: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    voxels, slots = len(coords), slots_for(len(coords))
    table = coords.new_empty(slots, dtype=torch.int64)
    slot = coords.new_empty(voxels, dtype=torch.int64)
    fine: dict[str, Tensor | int]
    fine = {"coords": coords, "voxels": voxels, "slot": slot}
    call(_C.find_parents_cuda, **fine, table=table, slots=slots)
    key, found = unique_keys(table)
    coarse, forward = coords.new_empty((len(key), 3)), coords.new_empty((len(key), 8))
    backward = coords.new_empty((voxels, 8))
    call(
        _C.stride_map_cuda,
        **fine,
        key=key,
        found=found,
        parents=len(key),
        row=coords.new_empty(slots),
        coarse=coarse,
        forward=forward,
        backward=backward,
    )
    return coarse, forward, backward


SUBMANIFOLD = (
    Backend("cpu", _submanifold_cpu, cpu_only),
    Backend("cuda", _submanifold_cuda, cuda_only),
    Backend("reference", reference.submanifold_map),
)
STRIDE = (
    Backend("cpu", _stride_cpu, cpu_only),
    Backend("cuda", _stride_cuda, cuda_only),
    Backend("reference", reference.stride_map),
)


def check_coords(coords: Tensor) -> None:
    """Voxels as voxelize returns them: int32, unique, sorted, inside 20 bits."""
    check_shape("coords", coords, "M", 3)
    check_dtype("coords", coords, torch.int32)
    check_range("coords", coords, -LIMIT, LIMIT)
    if bool((reference.key(coords).diff() <= 0).any()):
        raise ValueError("coords must be unique and sorted by x, then y, then z")


def submanifold_map(
    coords: Tensor,  # [M, 3]
    kernel: int = 3,
    *,
    backend: str | None = None,
) -> KernelMap:
    """Every voxel and its neighbours in a cube: outputs are the inputs' own voxels.

    With k = kernel // 2, tap t = ((dx + k) * kernel + (dy + k)) * kernel + (dz + k) reads the voxel
    at coords + (dx, dy, dz); the middle tap is the voxel itself.  T = kernel^3.

    Args:
        coords: [M, 3] int32, unique and sorted as voxelize returns them, in [-2^19, 2^19).
        kernel: the cube's edge in voxels, 1, 3, 5 or 7.
        backend: a backend's name, or None for the first that can run.

    Raises:
        TypeError: coords is not int32.
        ValueError: a shape or range does not match, coords is not sorted and unique, or kernel is
            not 1, 3, 5 or 7.

    Source: submanifold sparse convolution, Graham et al. (CVPR 2018).
    """
    check_coords(coords)
    kernel = check_whole("kernel", kernel)
    if kernel not in (1, 3, 5, 7):
        raise ValueError(f"kernel must be 1, 3, 5 or 7, got {kernel}")

    if len(coords) == 0:  # no voxel, no pair
        none = coords.new_zeros(0, kernel**3)
        return KernelMap(none, none.clone())

    run = choose("kernel_map", SUBMANIFOLD, backend, coords).run
    return KernelMap(*run(coords.contiguous(), kernel))


def stride_map(
    coords: Tensor,  # [M, 3]
    *,
    backend: str | None = None,
) -> tuple[Tensor, KernelMap]:  # [M_out, 3]
    """The next coarser grid: eight voxels to one, floor(coords / 2).

    Tap t = 4 * (x & 1) + 2 * (y & 1) + (z & 1): each input feeds one output through one tap.
    T = 8.  The map's transpose takes features back to the fine grid.

    Args:
        coords: [M, 3] int32, unique and sorted as voxelize returns them, in [-2^19, 2^19).
        backend: a backend's name, or None for the first that can run.

    Returns:
        The coarse voxels, [M_out, 3] int32, unique and sorted, and the map to them.

    Raises:
        TypeError: coords is not int32.
        ValueError: a shape or range does not match, or coords is not sorted and unique.
    """
    check_coords(coords)

    if len(coords) == 0:  # no voxel, no pair
        none = coords.new_zeros(0, 8)
        return coords.new_zeros(0, 3), KernelMap(none, none.clone())

    coarse, forward, back = choose("kernel_map", STRIDE, backend, coords).run(coords.contiguous())
    return coarse, KernelMap(forward, back)
