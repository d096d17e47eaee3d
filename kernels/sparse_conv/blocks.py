"""Which block sizes the GPU kernels take, by dtype, precision and size."""

from __future__ import annotations

from dataclasses import dataclass

import torch

FEW_ROWS = 4096  # at most: then a launch has too few tiles of 64 rows for 132 multiprocessors
MANY_ROWS = 65536  # more: then blocks of 128 columns still fill the machine
PROGRAMS = 264  # two for each multiprocessor of an H200
# Of a product's channels.  Tensor cores multiply faster than the cache delivers: fewer and wider
# blocks read less.
WASTED = 0.25


@dataclass(frozen=True)
class Block:
    """What one program multiplies at a time, and with what.

    Attributes:
        rows: of the result.
        columns: of the result.
        depth: of the sums, per step.
        warps: per program.
        stages: of the software pipeline.  In the convolution a gather waits for its index, so that
            two stages buy one more gather in flight.
    """

    rows: int
    columns: int
    depth: int
    warps: int
    stages: int


def block_of_convolution(
    rows: int, inputs: int, outputs: int, dtype: torch.dtype, precision: str
) -> Block:
    """For [rows, outputs] sums over taps and inputs."""
    half = dtype != torch.float32
    strict = not half and precision == "ieee"
    depth = _fitting(inputs, 64 if half else 32)
    if rows <= FEW_ROWS:
        return Block(32, _fitting(outputs, 32), depth, 4, 7)
    if strict:  # as many sums, but 64 x 64 of them spilled registers
        return Block(128, _fitting(outputs, 32), depth, 8, 5)
    # Every block of columns gathers its rows anew.  Half floats leave registers for wide ones.
    most = 128 if half and rows > MANY_ROWS else 64
    return Block(64, _fitting(outputs, most, WASTED), depth, 4, 5)


def block_of_gradient(inputs: int, outputs: int, dtype: torch.dtype, precision: str) -> Block:
    """For [inputs, outputs] sums over pairs."""
    half = dtype != torch.float32
    strict = not half and precision == "ieee"
    columns = _fitting(outputs, 64, 0.0 if strict else WASTED)
    return Block(_fitting(inputs, 64, WASTED), columns, 64 if half else 32, 4, 5)


def splits_of_convolution(programs: int, taps: int) -> int:
    """How many programs share the taps of one tile.  Each takes three at least."""
    return _power_of_two_below(min(PROGRAMS // max(programs, 1), taps // 3, 8))


def splits_of_gradient(programs: int, rows: int) -> int:
    """How many programs share the pairs of one tap, when programs share its channels.

    Half of the rows have a tap: each takes 128 of them at least.
    """
    return _power_of_two_below(min(4 * PROGRAMS // max(programs, 1), rows // 256, 32))


def _power_of_two_below(number: int) -> int:
    return 1 << (max(number, 1).bit_length() - 1)


def _fitting(channels: int, most: int, wasted: float = 0.0) -> int:
    """A power of two from 16 to most: the widest block that adds less than 16 channels, or no more
    than this share of all that are then multiplied.
    """
    block = most
    while block > 16:
        spare = -channels % block
        if spare < 16 or spare <= wasted * (channels + spare):
            break
        block //= 2
    return block
