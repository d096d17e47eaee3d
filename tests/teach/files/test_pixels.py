"""Boxes, polygons and masks in the pixels of the views."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdengine.errors import LoadError
from pdengine.teach.files.pixels import (
    box_mask,
    cut_box,
    polygon_mask,
    resized,
    scale_between,
)


def drawn(mask: np.ndarray) -> list[str]:
    return ["".join(".#"[int(pixel)] for pixel in row) for row in mask]


def test_a_pixel_belongs_to_a_polygon_when_its_centre_does() -> None:
    triangle = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    # The centres on the slanted edge are its right side, which is outside.
    assert drawn(polygon_mask(triangle, (4, 5))) == ["###..", "##...", "#....", "....."]
    square = np.array([[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 3.0]])
    assert drawn(polygon_mask(square, (4, 4))) == ["....", ".##.", ".##.", "...."]


def test_a_polygon_that_crosses_itself_is_empty_where_it_is_twice() -> None:
    square = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]]
    hole = [[1.0, 1.0], [1.0, 3.0], [3.0, 3.0], [3.0, 1.0], [1.0, 1.0], [0.0, 0.0]]
    ring = np.array([*square, [0.0, 0.0], *hole])
    assert drawn(polygon_mask(ring, (4, 4))) == ["####", "#..#", "#..#", "####"]


def crossings(corners: list[tuple[float, float]], x: float, y: float) -> int:
    """How many edges a ray from the left passes on its way to a place."""
    count = 0
    for (xa, ya), (xb, yb) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if min(ya, yb) <= y < max(ya, yb):
            count += xa + (y - ya) * ((xb - xa) / (yb - ya)) <= x
    return count


places = st.tuples(st.integers(-8, 24).map(lambda v: v / 2), st.integers(-8, 24).map(float))


@given(st.lists(places, min_size=3, max_size=7), st.integers(1, 9), st.integers(1, 9))
def test_a_polygon_is_what_a_ray_per_pixel_finds(
    corners: list[tuple[float, float]], height: int, width: int
) -> None:
    brute = [
        [crossings(corners, x + 0.5, y + 0.5) % 2 == 1 for x in range(width)] for y in range(height)
    ]
    assert np.array_equal(polygon_mask(np.array(corners), (height, width)), brute)


def test_a_polygon_of_any_size_is_drawn() -> None:
    everything = np.array([[-1e300, -1e300], [1e300, -1e300], [1e300, 1e300], [-1e300, 1e300]])
    assert polygon_mask(everything, (3, 4)).all()
    assert not polygon_mask(everything[:, ::-1] + np.array([2e300, 0]), (3, 4)).any()


def test_a_box_is_scaled_and_cut() -> None:
    assert cut_box([10, 20, 30, 40], (0.5, 0.5), (100, 100)) == ((5, 10, 20, 30), 0)
    cut, out = cut_box([-4, 90, 10, 20], (1, 1), (100, 100))
    assert (cut, out) == ((0, 90, 6, 100), 10)
    cut, _ = cut_box([300, 20, 5, 5], (1, 1), (100, 100))
    assert cut[0] == cut[2] == 100


def test_box_edges_are_inside() -> None:
    assert drawn(box_mask((0.5, 1.0, 2.5, 2.0), (3, 4))) == ["....", "###.", "...."]


@given(st.integers(1, 7), st.integers(1, 7), st.integers(1, 7), st.integers(1, 7))
def test_a_resized_mask_takes_the_pixel_that_the_centre_falls_into(
    h: int, w: int, H: int, W: int
) -> None:
    values = np.arange(h * w).reshape(h, w)
    brute = [
        [values[int((y + 0.5) * h / H), int((x + 0.5) * w / W)] for x in range(W)] for y in range(H)
    ]
    assert np.array_equal(resized(values, (H, W)), brute)


def test_sizes_must_have_the_same_proportions_but_for_a_pixel() -> None:
    assert scale_between("f", "it", (400, 800), (20, 40)) == (0.05, 0.05)
    assert scale_between("f", "it", (33, 65), (20, 40)) == (40 / 65, 20 / 33)
    for stated in ((20, 20), (40, 20), (35, 65)):
        with pytest.raises(LoadError, match="f: it must have the proportions of the 40 x 20 views"):
            scale_between("f", "it", stated, (20, 40))
    for stated in ((0, 0), (10**9, 2 * 10**9)):
        with pytest.raises(LoadError, match="f: it must be 1 to 8192 px wide and high"):
            scale_between("f", "it", stated, (20, 40))
