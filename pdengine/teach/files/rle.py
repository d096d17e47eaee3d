"""COCO's run-length encoding of masks, read without its own library.

A mask is read column by column from the left, and its counts are the lengths of the runs: of
pixels outside first, then inside, in turn.  The compressed form is text: each count but the first
three is less the count two before it, and every number is cut into groups of five bits, lowest
first, one character each: 48 + the group, + 32 where another group follows.  The highest bit of the
last group is the sign.

Source: the COCO dataset's maskApi.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

_LONGEST = 7  # groups of five bits: the largest picture has 2^26 pixels


def decode_text(text: str) -> list[int]:
    """The counts of the compressed form.

    Raises:
        ValueError: a character is not of it, a number is too long, or the last one is cut short.
    """
    counts: list[int] = []
    value, shift = 0, 0
    for character in text:
        group = ord(character) - 48
        if not 0 <= group < 64:
            raise ValueError(f"the character {character!r}")
        value |= (group & 31) << shift
        shift += 5
        if group & 32:
            if shift >= 5 * _LONGEST:
                raise ValueError(f"a number of more than {_LONGEST} characters")
            continue
        if group & 16:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value, shift = 0, 0
    if shift:
        raise ValueError("a last number that is cut short")
    return counts


def decode_counts(counts: Sequence[Any], height: int, width: int) -> Mask:
    """The mask of these runs. [H, W] bool.

    Raises:
        ValueError: a count is no whole number of at least 0, or they do not add up to the picture.
    """
    for count in counts:
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise ValueError(f"the count {str(count)[:40]}")
    if sum(counts) != height * width:
        raise ValueError("counts that do not add up to its size")
    inside = np.arange(len(counts)) % 2 == 1
    mask: Mask = np.repeat(inside, counts).reshape(width, height).T
    return mask
