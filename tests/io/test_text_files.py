from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pdengine.errors import LoadError
from pdengine.io import load
from pdengine.types import PointCloud

Write = Callable[[str, bytes], Path]


@pytest.mark.parametrize(
    ("name", "text", "colour", "normal"),
    [
        ("a.xyz", "0 0 0\n2 0 0\n", None, None),
        ("a.txt", "0 0 0 7.5\n2\t0  0 7.5", None, None),
        ("a.csv", "x,y,z\n0,0,0\n2, 0, 0\n", None, None),
        ("a.csv", "0;0;0\r\n2;0;0\r\n", None, None),
        ("a.xyz", "# made by hand\n0 0 0 255 0 51\n2 0 0 0 0 0\n", [1, 0, 0.2], None),
        ("a.xyz", "0 0 0 1.0 0 0.2\n2 0 0 0 0 0\n", [1, 0, 0.2], None),
        ("a.xyz", "0 0 0 0 0 -1\n2 0 0 0 0 1\n", None, [0, 0, -1]),
        ("a.pts", "2\n0 0 0 -900 255 0 51\n2 0 0 12 0 0 0\n", [1, 0, 0.2], None),
        ("a.txt", "0 0 0 0 0 -1 3\n2 0 0 0 0 1 3\n", None, [0, 0, -1]),
        ("a.txt", "0 0 0 255 0 51 0 0 -1\n2 0 0 0 0 0 0 0 1\n", [1, 0, 0.2], [0, 0, -1]),
        ("a.txt", "0 0 0 0 0 -1 255 0 51\n2 0 0 0 0 1 0 0 0\n", [1, 0, 0.2], [0, 0, -1]),
        ("a.txt", "//X Y Z Nx Ny Nz q\n0 0 0 0 0 -2 5\n2 0 0 0 0 1 5\n", None, [0, 0, -1]),
        ("a.csv", '"z","y","x"\n0,0,0\n0,0,2\n', None, None),
    ],
)
def test_columns_mean_what_the_table_says(
    name: str, text: str, colour: list[float] | None, normal: list[float] | None, write: Write
) -> None:
    cloud = load(write(name, text.encode()))
    assert isinstance(cloud, PointCloud)
    assert cloud.world.tolist() == [[0, 0, 0], [2, 0, 0]]
    found = None if cloud.colour is None else cloud.colour[0].tolist()
    assert found == (None if colour is None else pytest.approx(colour))
    assert (None if cloud.normals is None else cloud.normals[0].tolist()) == normal


def test_text_keeps_every_digit_of_utm(write: Write) -> None:
    cloud = load(write("a.xyz", b"466123.125 6784321.501 95.25\n466123.126 6784321.5 95.25\n"))
    assert isinstance(cloud, PointCloud)
    assert cloud.world.tolist() == [
        [466123.125, 6784321.501, 95.25],
        [466123.126, 6784321.5, 95.25],
    ]
    assert cloud.scale == pytest.approx(0.001 / 2**0.5, rel=1e-5)
    assert cloud.xyz.norm(dim=1).tolist() == pytest.approx([1, 1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2 x\n", "table of numbers"),
        ("1 2 3\n1 2\n", "columns changed"),
        ("1 2\n", "3, 4, 6, 7 or 9 columns"),
        ("3\n1 2 3\n", "promises 3 points, got 1"),
        ("1,5;2,5;3,5\n", "decimal point"),
        ("x y z r\n1 2 3\n", "header names 4 columns"),
        ("nan nan nan\ninf 0 0\n", "finite point"),
        ("# nothing\n", "at least one point"),
    ],
)
def test_says_what_is_wrong(text: str, message: str, write: Write) -> None:
    with pytest.raises(LoadError, match=message):
        load(write("a.xyz", text.encode()))
