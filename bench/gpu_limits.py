"""What the GPU itself can do: the ceilings that every op is measured against.

    python bench/gpu_limits.py --json FILE

Copy bandwidth (bytes read and written), gathers of 4 bytes from a table that fits the second-level
cache, 64-bit minima at random places of a z-buffer, the cost of one node of a CUDA graph, and the
rate of a bf16 matrix product.  Each is written as it is measured; the exit status is how many fail.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import torch
import triton
import triton.language as tl
from gpu_clock import captured, median_ms

from pdengine.kernels._triton import Build


@triton.jit
def _gather(table, place, out, count, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    found = tl.load(table + tl.load(place + at, mask=inside, other=0), mask=inside, other=0)
    tl.store(out + at, found, mask=inside)


@triton.jit
def _minima(buffer, place, key, count, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    where = tl.load(place + at, mask=inside, other=0)
    value = tl.load(key + at, mask=inside, other=0)
    tl.atomic_min(buffer + where, value, mask=inside, sem="relaxed")


BUILDS = (
    Build(
        "_gather",
        _gather,
        {"table": "*fp32", "place": "*i32", "out": "*fp32", "count": "i32"},
        {"BLOCK": 1024},
    ),
    Build(
        "_minima",
        _minima,
        {"buffer": "*i64", "place": "*i32", "key": "*i64", "count": "i32"},
        {"BLOCK": 256},
        instructions=("REDG.E.MIN.S64",),  # native: no loop of compare-and-swap
    ),
)


def copy_bandwidth() -> float:
    """Bytes per second, reads and writes together."""
    source = torch.randint(2**30, (2**28,), dtype=torch.int32, device="cuda")
    target = torch.empty_like(source)
    return 2 * 4 * len(source) / (median_ms(lambda: target.copy_(source)) * 1e-3)


def gather_rate(count: int = 2**24, table: int = 2**22) -> float:
    """Gathers per second of 4 bytes each, from 16 MB."""
    values = torch.randn(table, device="cuda")
    place = torch.randint(table, (count,), dtype=torch.int32, device="cuda")
    out = torch.empty(count, device="cuda")
    run: Callable[[], object] = lambda: _gather[(count // 1024,)](values, place, out, count, 1024)  # noqa: E731
    return count / (median_ms(run) * 1e-3)


def minimum_rate(count: int = 2**22, pixels: int = 10 * 512 * 512) -> float:
    """64-bit minima per second at random pixels of 10 views of 512 x 512."""
    buffer = torch.full((pixels,), 2**62, device="cuda")
    place = torch.randint(pixels, (count,), dtype=torch.int32, device="cuda")
    key = torch.randint(2**62, (count,), device="cuda")
    run: Callable[[], object] = lambda: _minima[(count // 256,)](buffer, place, key, count, 256)  # noqa: E731
    return count / (median_ms(run) * 1e-3)


def graph_node_seconds(nodes: int = 1000) -> float:
    """What one small kernel costs inside a graph."""
    x = torch.zeros(32, device="cuda")

    def chain() -> None:
        for _ in range(nodes):
            x.add_(1)

    return median_ms(captured(chain)) * 1e-3 / nodes


def matrix_rate(side: int = 8192) -> float:
    """Floating-point operations per second of a bf16 matrix product."""
    a, b = (torch.randn(side, side, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    return 2 * side**3 / (median_ms(lambda: a @ b) * 1e-3)


LIMITS: dict[str, Callable[[], float]] = {
    "copy_bytes_per_s": copy_bandwidth,
    "l2_gathers_per_s": gather_rate,
    "minima_64_bit_per_s": minimum_rate,
    "graph_node_s": graph_node_seconds,
    "bf16_flop_per_s": matrix_rate,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--json", type=Path, required=True)
    options = parser.parse_args()
    found: dict[str, float | str] = {"gpu": torch.cuda.get_device_name()}
    for name, measure in LIMITS.items():
        try:
            found[name] = measure()
        except Exception as error:
            print(
                f"{name}: NOT MEASURED, {type(error).__name__}: {error}".splitlines()[0], flush=True
            )
            continue
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        print(f"{name:24s} {found[name]:.3e}", flush=True)
    return len(LIMITS) + 1 - len(found)


if __name__ == "__main__":
    sys.exit(main())
