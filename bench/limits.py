"""What this machine can do: the ceilings that every case is measured against.

    python bench/limits.py

Copy bandwidth (bytes read and written), gathers of 4 bytes from a table of the size of one depth
image, and the float32 multiply-add rate of a matrix product, on 1 and on 2 threads.  The product is
torch's or that of our own tiles: torch's library multiplies without AVX-512 on some processors that
have it, and what half of a machine can do is no ceiling.  Each is the best of its rounds: the most,
not what is typical.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from harness import on_threads, times_ms

from pdengine.kernels.kernel_map import KernelMap
from pdengine.kernels.sparse_conv import sparse_conv

NAMES = {
    "copy_bytes_per_s": "copy, bytes read and written per second",
    "gathers_per_s": "gathers of 4 bytes from a table of 1 MiB per second",
    "flop_per_s": "float32 operations of a matrix product per second",
}


def _best_seconds(runs: list[Callable[[], object]], seconds: float) -> float:
    return min(min(times_ms(run, seconds)) for run in runs) * 1e-3


def machine_limits(threads: int, seconds: float = 0.5, megabytes: int = 256) -> dict[str, float]:
    """The three limits on so many threads.

    Args:
        threads: torch's.
        seconds: spent on each.
        megabytes: of the array that is copied; more than the last cache holds.
    """
    random = torch.Generator().manual_seed(0)
    source = torch.ones(megabytes * 2**18)
    target = torch.ones_like(source)
    table = torch.randn(512 * 512, generator=random)
    place = torch.randint(len(table), (2**20,), generator=random)
    narrow, out = place.to(torch.int32), torch.empty(len(place))
    square = torch.randn(1024, 1024, generator=random)
    product = torch.empty_like(square)
    # 27 products of [2048, 128] and [128, 128]: a convolution in which every row has itself alone.
    itself = torch.arange(2048, dtype=torch.int32)[:, None].repeat(1, 27)
    pairs = KernelMap(itself, itself)
    rows, weight = (torch.randn(shape, generator=random) for shape in ((2048, 128), (27, 128, 128)))
    with on_threads(threads):
        copy = _best_seconds([lambda: target.copy_(source)], seconds)
        gather = _best_seconds(
            [
                lambda: torch.index_select(table, 0, narrow, out=out),
                lambda: torch.index_select(table, 0, place, out=out),
                lambda: torch.take(table, place, out=out),
            ],
            seconds / 3,
        )
        multiply = _best_seconds([lambda: torch.mm(square, square, out=product)], seconds)
        convolve = _best_seconds([lambda: sparse_conv(rows, weight, pairs)], seconds)
    return {
        "copy_bytes_per_s": 2 * 4 * len(source) / copy,
        "gathers_per_s": len(place) / gather,
        "flop_per_s": max(2 * 1024**3 / multiply, 2 * 27 * 2048 * 128**2 / convolve),
    }


def main() -> None:
    for threads in (1, 2):
        for name, value in machine_limits(threads).items():
            print(f"{threads} threads  {value:9.3e}  {NAMES[name]}")


if __name__ == "__main__":
    main()
