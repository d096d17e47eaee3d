"""sparse_conv, as a definition."""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine.kernels.kernel_map.op import KernelMap


def sparse_conv(
    features: Tensor,  # [M_in, Cin]
    weight: Tensor,  # [T, Cin, Cout]
    kernel_map: KernelMap,
    bias: Tensor | None,  # [Cout]
    precision: str = "ieee",  # the definition loses nothing
) -> Tensor:  # [M_out, Cout]
    wide = torch.promote_types(features.dtype, torch.float32)  # in which half floats are summed
    if weight.dtype != features.dtype:  # rounded, but its gradient is not
        weight = weight + (weight.to(features.dtype) - weight).detach()
    values, matrices = features.to(wide), weight.to(wide)
    source = kernel_map.forward.long()  # [M_out, T]
    out = values.new_zeros(len(source), weight.shape[2])
    for tap, matrix in enumerate(matrices):
        row = (source[:, tap] >= 0).nonzero()[:, 0]
        out = out.index_add(0, row, values[source[row, tap]] @ matrix)
    out = out if bias is None else out + bias.to(wide)
    return out.to(features.dtype)


def sparse_conv_weight_gradient(
    features: Tensor,  # [M_in, Cin]
    weight: Tensor,  # [T, Cin, Cout]
    grad: Tensor,  # [M_out, Cout]
    kernel_map: KernelMap,
    precision: str = "ieee",
) -> tuple[Tensor, Tensor]:  # [T, Cin, Cout], [Cout]
    wide = torch.promote_types(features.dtype, torch.float32)
    values, came = features.to(wide), grad.to(wide)
    source = kernel_map.forward.long()  # [M_out, T]
    taps = []
    for tap in range(len(weight)):
        row = (source[:, tap] >= 0).nonzero()[:, 0]
        taps.append(values[source[row, tap]].T @ came[row])
    return torch.stack(taps).to(weight.dtype), came.sum(dim=0)
