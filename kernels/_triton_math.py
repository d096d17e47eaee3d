"""What several Triton kernels compute, rounded as on the CPU.

Only kernels/<op>/triton_kernels.py import this module: it imports triton.
"""

from __future__ import annotations

import triton
import triton.language as tl

# The least argument of exponential in float32; its answer is 0.
_LEAST = tl.constexpr(-88.0)
_ROUND = tl.constexpr(12582912.0)  # 1.5 * 2^23: adding it leaves the integer in the bits
_ROUND_BITS = tl.constexpr(0x4B400000)
_HALF_ROOT_BITS = tl.constexpr(0x3F3504F3)  # sqrt(1/2)


@triton.jit
def divide(x, y):
    """x / y rounded to nearest; Triton's own float32 quotient may be off by two units."""
    return tl.div_rn(x, y) if x.dtype == tl.float32 else x / y


@triton.jit
def exponential(x):
    """exp(x) for x <= 0, -inf included; NaN stays NaN.

    In float32 the polynomial of the C++ kernel (Cephes expf), since Triton's is the hardware's
    approximation: x = n ln 2 + r, times 2^n made of its exponent bits, which at n = -127 are 0's.
    """
    if x.dtype == tl.float32:
        x = tl.where(x < _LEAST, _LEAST, x)
        shifted = x * 1.44269504088896341 + _ROUND
        n = shifted - _ROUND
        r = (x - n * 0.693359375) - n * -2.12194440e-4
        p = r * 1.9875691500e-4 + 1.3981999507e-3
        p = p * r + 8.3334519073e-3
        p = p * r + 4.1665795894e-2
        p = p * r + 1.6666665459e-1
        p = p * r + 5.0000001201e-1
        p = (p * (r * r) + r) + 1.0
        exponent = (shifted.to(tl.int32, bitcast=True) - _ROUND_BITS + 127) << 23
        power = p * exponent.to(tl.float32, bitcast=True)
    else:
        power = tl.exp(x)
    return power


@triton.jit
def logarithm(x):
    """log(x) for finite x >= 1; NaN stays NaN.  In float32 the C++ kernel's (Cephes logf)."""
    if x.dtype == tl.float32:
        bits = x.to(tl.int32, bitcast=True) - _HALF_ROOT_BITS
        e = (bits >> 23).to(tl.float32)
        f = ((bits & 0x007FFFFF) + _HALF_ROOT_BITS).to(tl.float32, bitcast=True) - 1.0
        p = f * 7.0376836292e-2 - 1.1514610310e-1
        p = p * f + 1.1676998740e-1
        p = p * f - 1.2420140846e-1
        p = p * f + 1.4249322787e-1
        p = p * f - 1.6668057665e-1
        p = p * f + 2.0000714765e-1
        p = p * f - 2.4999993993e-1
        p = p * f + 3.3333331174e-1
        square = f * f
        y = ((p * f) * square + e * -2.12194440e-4) - square * 0.5
        # x - x is 0, or NaN where x is.
        log = ((f + y) + e * 0.693359375) + (x - x)
    else:
        log = tl.log(x)
    return log


@triton.jit
def row_of(offsets, rows, at, steps):
    """The row that holds entry `at` of compressed rows: the last k with offsets[k] <= at.

    Args:
        offsets: [rows + 1] int64 ascending from 0.
        rows: at least 1.
        at: int64, at least 0; past the end it belongs to the last row.
        steps: of the binary search, at least the bits of rows.
    """
    low = at * 0
    high = low + rows
    for _ in range(steps):
        middle = (low + high) // 2
        reached = tl.load(offsets + middle) <= at
        low = tl.where(reached, middle, low)
        high = tl.where(reached, high, middle)
    return low


@triton.jit
def count_bits(word):
    """The number of ones in each int32."""
    word = word - ((word >> 1) & 0x55555555)
    word = (word & 0x33333333) + ((word >> 2) & 0x33333333)
    word = (word + (word >> 4)) & 0x0F0F0F0F
    return (word * 0x01010101) >> 24
