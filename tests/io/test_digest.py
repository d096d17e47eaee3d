"""The digest of a file."""

from __future__ import annotations

from pathlib import Path

from pdengine.io import file_sha256


def test_it_is_of_the_content_however_long(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")  # FIPS 180, example B.1
    assert file_sha256(path).startswith("ba7816bf8f01cfea")
    path.write_bytes(b"a" * 1_000_000 + b"a" * 100_000)  # more than one piece
    long = file_sha256(path)
    path.write_bytes(b"a" * 1_099_999)
    assert file_sha256(str(path)) != long
