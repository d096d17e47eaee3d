from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from pdengine.io import load
from pdengine.io.lzf import decompress
from pdengine.types import PointCloud

Write = Callable[[str, bytes], Path]


@pytest.mark.parametrize("name", ["ascii.pcd", "binary.pcd", "compressed.pcd"])
def test_the_same_cloud_in_every_encoding(name: str, sound: dict[str, bytes], write: Write) -> None:
    cloud = load(write(name, sound[name]))
    assert isinstance(cloud, PointCloud)
    assert cloud.world.dtype == (torch.float64 if name == "ascii.pcd" else torch.float32)
    assert cloud.world.tolist() == [[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]]
    assert cloud.colour is not None
    assert torch.allclose(cloud.colour[[0, 3]], torch.tensor([[1.0, 0, 0], [0.2, 0.2, 0.2]]))


def test_an_organised_cloud_keeps_the_rows_the_sensor_missed(write: Write) -> None:
    head = (
        "VERSION .7\nFIELDS x y z rgb _\nSIZE 4 4 4 4 1\nTYPE F F F F U\nCOUNT 1 1 1 1 4\n"
        "WIDTH 2\nHEIGHT 2\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS 4\nDATA binary\n"
    )
    red = struct.pack("<I", 255 << 16)
    nan = float("nan")
    rows = [(1, 0, 0), (nan, nan, nan), (-1, 0, 0), (0, float("inf"), 0)]
    body = b"".join(struct.pack("<3f", *row) + red + b"pad." for row in rows)
    cloud = load(write("a.pcd", head.encode() + body))
    assert isinstance(cloud, PointCloud)
    assert cloud.rows.tolist() == [0, 2]
    assert cloud.xyz.tolist() == [[1, 0, 0], [-1, 0, 0]]
    assert len(cloud.world) == 4
    assert cloud.colour is not None
    assert cloud.colour.tolist() == [[1, 0, 0], [1, 0, 0]]


def test_lzf_copies_what_it_wrote() -> None:
    # "ab" literal, then 7 + 2 + 1 bytes from 2 back, which overlap what is being written.
    assert decompress(bytes([1]) + b"ab" + bytes([0b111_00000, 1, 1]), 12) == b"ab" * 6
    assert decompress(bytes([2]) + b"abc" + bytes([0b001_00000, 2]), 6) == b"abcabc"


@pytest.mark.parametrize(
    ("stored", "size", "message"),
    [
        (bytes([5]) + b"ab", 2, "cut short"),
        (bytes([0b001_00000]), 3, "cut short"),
        (bytes([0]) + b"a" + bytes([0b001_00000, 5]), 4, "before the data"),
        (bytes([1]) + b"ab", 3, "not the 3"),
        (bytes([1]) + b"ab" + bytes([0b111_00000, 255, 1]), 9, "more than the 9"),
    ],
)
def test_lzf_says_what_is_wrong(stored: bytes, size: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decompress(stored, size)
