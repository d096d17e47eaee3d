"""COCO's run lengths, plain and as text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdengine.teach.files.rle import decode_counts, decode_text


def text_of(counts: list[int]) -> str:
    """The compressed form, straight from its definition: groups of five bits, lowest first."""
    out = ""
    for i, count in enumerate(counts):
        number = count - counts[i - 2] if i > 2 else count
        while True:
            group, number = number & 31, number >> 5
            last = number == (-1 if group & 16 else 0)
            out += chr(48 + group + (0 if last else 32))
            if last:
                break
    return out


def counts_of(mask: list[list[bool]]) -> list[int]:
    """Run lengths, pixel by pixel: down the first column, then the next."""
    counts, inside = [0], False
    for column in zip(*mask, strict=True):
        for pixel in column:
            if pixel != inside:
                counts.append(0)
                inside = pixel
            counts[-1] += 1
    return counts


def test_runs_go_down_the_columns_and_begin_outside() -> None:
    assert decode_counts([1, 2, 3], 2, 3).astype(int).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert decode_counts([0, 6], 2, 3).all()


def test_the_text_of_known_masks() -> None:
    # A square of 3 x 3 in the middle of 5 x 5; counts that grow smaller; one above 31.
    assert decode_text("6320004") == [6, 3, 2, 3, 2, 3, 6]
    assert decode_text("122O") == [1, 2, 2, 1]
    assert decode_text("Z11") == [42, 1]
    square = decode_counts(decode_text("6320004"), 5, 5)
    assert square.sum() == 9
    assert square[1:4, 1:4].all()


@given(st.lists(st.integers(0, 2**26), max_size=30))
def test_text_of_any_counts_comes_back(counts: list[int]) -> None:
    assert decode_text(text_of(counts)) == counts


@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_any_mask_comes_back(height: int, width: int, data: st.DataObject) -> None:
    rows = st.lists(st.booleans(), min_size=width, max_size=width)
    mask = data.draw(st.lists(rows, min_size=height, max_size=height))
    counts = counts_of(mask)
    for found in (counts, decode_text(text_of(counts))):
        assert np.array_equal(decode_counts(found, height, width), mask)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("6 3", "the character ' '"),
        ("é", "the character"),
        ("0p", "the character 'p'"),  # 112 = 48 + 64
        ("0o", "cut short"),
        ("oooooooo0", "more than 7 characters"),
    ],
)
def test_text_that_is_none(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decode_text(text)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([5, 2], "add up"),
        ([], "add up"),
        ([7, -1], "the count -1"),
        ([6.0], "the count 6.0"),
        ([True, 5], "the count True"),
        ([10**30], "add up"),
        ([None], "the count None"),
    ],
)
def test_counts_that_are_none(counts: list[object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decode_counts(counts, 2, 3)
