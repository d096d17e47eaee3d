"""LZF, the compression of binary_compressed PCD files (M. Lehmann's liblzf)."""

from __future__ import annotations


def decompress(stored: bytes, size: int) -> bytes:
    """Decode exactly size bytes; 16 MB take 0.1 s (noise) to 1 s (a token per 8 bytes).

    A control byte below 32 is followed by control + 1 literal bytes.  Otherwise its upper three
    bits are the length - 2 (7: one more byte adds to it) and the lower five with the next byte the
    distance back - 1; the copy may overlap what it writes.

    Raises:
        ValueError: a copy starts before the data, or the data decodes to another size.
    """
    out = bytearray()
    at, end = 0, len(stored)
    while at < end:
        control = stored[at]
        at += 1
        if control < 32:
            out += stored[at : at + control + 1]
            at += control + 1
            if at > end:
                raise ValueError("a literal run is cut short")
        else:
            length = control >> 5
            if at + (length == 7) >= end:
                raise ValueError("a back reference is cut short")
            if length == 7:
                length += stored[at]
                at += 1
            length += 2
            distance = ((control & 31) << 8) + stored[at] + 1
            at += 1
            first = len(out) - distance
            if first < 0:
                raise ValueError("a back reference starts before the data")
            if distance >= length:
                out += out[first : first + length]
            else:
                out += (bytes(out[first:]) * (length // distance + 1))[:length]
        if len(out) > size:
            raise ValueError(f"it decodes to more than the {size} bytes it declares")
    if len(out) != size:
        raise ValueError(f"it decodes to {len(out)} bytes, not the {size} it declares")
    return bytes(out)
