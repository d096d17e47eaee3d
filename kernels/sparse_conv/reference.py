"""sparse_conv, as a definition."""

from __future__ import annotations

from torch import Tensor

from pdengine.kernels.kernel_map.op import KernelMap


def sparse_conv(
    features: Tensor,  # [M_in, Cin]
    weight: Tensor,  # [T, Cin, Cout]
    kernel_map: KernelMap,
    bias: Tensor | None,  # [Cout]
) -> Tensor:  # [M_out, Cout]
    source = kernel_map.forward.long()  # [M_out, T]
    out = features.new_zeros(len(source), weight.shape[2])
    for tap, matrix in enumerate(weight):
        row = (source[:, tap] >= 0).nonzero()[:, 0]
        out = out.index_add(0, row, features[source[row, tap]] @ matrix)
    return out if bias is None else out + bias
