"""Calls into the CUDA library: on the tensors' device, on torch's current stream."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def call(function: Callable[..., None], **arguments: Tensor | float) -> None:
    """Run one of _C's functions of the CUDA library.

    Nothing waits for the device.  Memory that torch gives back while kernels still use it is safe:
    torch hands it out again to the same stream alone.

    Args:
        function: takes each argument by name, and device and stream.
        arguments: tensors, contiguous and on one device, become their addresses.

    Raises:
        RuntimeError: CUDA says no; names the op and the reason.
    """
    plain: dict[str, float] = {}
    device = torch.device("cpu")
    for name, value in arguments.items():
        if isinstance(value, Tensor):
            assert value.is_contiguous(), name
            device = value.device
            plain[name] = value.data_ptr()
        else:
            plain[name] = value
    if device.type == "cpu":  # emulated
        function(**plain, device=0, stream=0)
        return
    with torch.cuda.device(device):
        stream = torch.cuda.current_stream(device).cuda_stream
        function(**plain, device=torch.cuda.current_device(), stream=stream)


def unique_keys(table: Tensor) -> tuple[Tensor, Tensor]:
    """The keys in a hash table, ascending, and the slots they are in: [S] int64 -> [M], [M] int64.

    A free slot is all ones.  Waits for the device, because nobody knows M before.
    """
    found = (table != -1).nonzero().squeeze(1)
    keys, order = table[found].sort()
    return keys, found[order]


def slots_for(keys: int) -> int:
    """The size of a hash table for so many keys: a power of two, at most half full."""
    return 1 << max(1, (2 * keys - 1).bit_length())
