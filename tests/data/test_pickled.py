"""A pickle is read as data or refused; nothing in it ever runs."""

from __future__ import annotations

import collections
import os
import pickle
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdengine.data.pickle_machine import INSTRUCTIONS
from pdengine.data.pickled import read_arrays
from pdengine.errors import LoadError

TYPES = [np.dtype(t) for t in ("<i8", ">i8", "<i4", "i2", "i1", "u1", "<u4", "<f4", ">f8", "<f2")]


def read(data: bytes, *names: str) -> list[Any]:
    return read_arrays("label.npy", data, names or ("a",))


def test_what_numpy_saves_is_read(miniatures: Any) -> None:
    one, two = np.array([0, -1, 2]), np.array([[1, 2], [3, 4]], np.int32)
    found = read(miniatures.pickled_npy({"a": one, "b": two}), "b", "a")
    assert [array.tolist() for array in found] == [[[1, 2], [3, 4]], [0, -1, 2]]
    assert [array.dtype for array in found] == [np.int32, np.int64]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_every_type_comes_back_exactly(protocol: int, dtype: np.dtype, miniatures: Any) -> None:  # type: ignore[type-arg]
    dice = np.random.default_rng(0)
    for array in (
        dice.integers(0, 100, 300).astype(dtype),
        np.asfortranarray(dice.integers(0, 100, (7, 5)).astype(dtype)),
        np.zeros((0,), dtype),
        np.zeros((), dtype),
    ):
        (found,) = read(miniatures.pickled_npy({"a": array, "other": "text"}, protocol))
        assert found.dtype == array.dtype
        assert found.shape == array.shape
        assert (found == array).all()


def test_a_scalar_of_numpy_is_an_array_without_dimensions(miniatures: Any) -> None:
    assert read(miniatures.pickled_npy({"a": np.int64(7)}))[0] == 7


def test_the_names_of_older_numpys_are_known(miniatures: Any) -> None:
    data = miniatures.pickled_npy({"a": np.arange(3)}, 2)
    old = data.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    assert old != data
    assert read(old)[0].tolist() == [0, 1, 2]


def test_what_another_process_pickles_is_read(tmp_path: Path) -> None:
    path = tmp_path / "label.npy"
    code = f"import numpy as np; np.save({str(path)!r}, {{'a': np.arange(5)}}, allow_pickle=True)"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert read(path.read_bytes())[0].tolist() == [0, 1, 2, 3, 4]


class Evil:
    """Would make a file if it were ever called."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize(
    ("evil", "named"),
    [
        (lambda path: Evil(os.system, f"touch {path}"), "the name posix system"),
        (lambda path: Evil(eval, f"open('{path}', 'w')"), "eval"),
        (lambda path: Evil(exec, f"open('{path}', 'w')"), "exec"),
        (lambda path: Evil(subprocess.Popen, ["touch", path]), "Popen"),
        (lambda path: Evil(getattr, path, "load"), "getattr"),
        (lambda path: Evil(np.load, path), "the name numpy"),
        (lambda path: Evil(collections.OrderedDict), "the name collections OrderedDict"),
        (lambda path: Evil(bytes, 10**9), "bytes"),
        (lambda path: np.ma.array([1]), "the name numpy.ma"),
    ],
)
def test_nothing_is_called(
    evil: Any, named: str, protocol: int, tmp_path: Path, miniatures: Any
) -> None:
    target = tmp_path / "made"
    data = miniatures.pickled_npy({"a": np.arange(3), "b": [evil(str(target))]}, protocol)
    with pytest.raises(LoadError, match="a pickled dict of numpy arrays alone, got") as refused:
        read(data)
    assert named in str(refused.value)
    assert not target.exists()


@pytest.mark.parametrize(
    ("pickled", "message"),
    [
        (b"", "damaged bytes"),
        (b"\x80\x04", "damaged bytes"),
        (b"\x80\x04.", "more than one object"),
        (b"\x80\x04}N.", "more than one object"),
        (b"\x80\x04}.more", "more than one object"),
        (b"\x80\x04N.", "a NoneType in place of a dict"),
        (b"\x80\x04].", "a list in place of a dict"),
        (b"\x80\x04}.", "no a, but nothing"),
        (b"\x80\x040.", "the instruction POP"),
        (b"\x80\x04cos\nsystem\n.", "the name os system"),
        (b"\x80\x04(ios\nsystem\n.", "the instruction INST"),
        (b"\x80\x04\x82\x01.", "the instruction EXT1"),
        (b"\x80\x04Pid\n.", "the instruction PERSID"),
        (b"\x80\x04}Q.", "the instruction BINPERSID"),
        (b"\x80\x04)\x81.", "the instruction NEWOBJ"),
        (b"\x80\x05\x97.", "the instruction NEXT_BUFFER"),
        (b"\x80\x04R.", "REDUCE with nothing"),
        (b"\x80\x04}}R.", "REDUCE with nothing"),
        (b"\x80\x04}}b.", "BUILD with nothing"),
        (b"\x80\x04t.", "TUPLE with nothing"),
        (b"\x80\x04h\x09.", "BINGET with nothing"),
        (b"\x80\x04]N\x93.", "STACK_GLOBAL with nothing"),
        (b"\x80\x04}]Ns.", "SETITEM with nothing"),
        (b"\x80\x04}(K\x01u.", "SETITEMS with nothing"),
        (b"\x80\x04cnumpy\nndarray\n)R.", "a call of ndarray that no array makes"),
        (b"\x80\x04cnumpy\ndtype\nX\x02\x00\x00\x00V9\x89\x88\x87R.", "the dtype V9"),
        (b"\x80\x04c_codecs\nencode\nC\x01aC\x05rot13\x86R.", "a call of encode"),
        (b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.", "damaged bytes"),
        (b"\x80\x04B\xff\xff\xff\xffabc.", "damaged bytes"),
        (b"\x80\x04L" + b"9" * 10_000 + b"L\n.", "damaged bytes"),
        (b"\x80\x04" + b")\x85" + b"\x85" * (INSTRUCTIONS + 1), "more than 10,000 instructions"),
        (b"\x80\x04" + b"N" * (INSTRUCTIONS + 1), "more than 10,000 instructions"),
    ],
)  # fmt: skip
def test_a_hand_written_pickle_is_refused_by_name(
    pickled: bytes, message: str, miniatures: Any
) -> None:
    with pytest.raises(LoadError) as refused:
        read(miniatures.npy_around(pickled))
    assert message in str(refused.value)


def described(shape: bytes, content: bytes = b"\x00" * 8, code: bytes = b"i8") -> bytes:
    """A pickled dict whose array "a" says that it has this shape."""
    kind = b"cnumpy\ndtype\nX\x02\x00\x00\x00" + code + b"\x89\x88\x87R"
    bytes_ = b"B" + len(content).to_bytes(4, "little") + content
    new = b"cnumpy._core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R"
    return (
        b"\x80\x04}X\x01\x00\x00\x00a" + new + b"(K\x01" + shape + kind + b"\x89" + bytes_ + b"tbs."
    )


def long(value: int) -> bytes:
    raw = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (b"K\x02\x85", "8 bytes for a [2] int64"),
        (long(2**62) + b"\x85", "8 bytes for a [4611686018427387904] int64"),
        (long(2**1000) + b"\x85", "a shape that no array has"),
        (long(-1) + b"\x85", "a shape that no array has"),
        (b"(" + b"K\x01" * 33 + b"t", "a shape that no array has"),
        (b"N", "BUILD with nothing"),
        (b"N\x85", "BUILD with nothing"),
    ],
)
def test_a_lying_shape_allocates_nothing(shape: bytes, message: str, miniatures: Any) -> None:
    assert read(miniatures.npy_around(described(b"K\x01\x85")))[0].tolist() == [0]
    with pytest.raises(LoadError) as refused:
        read(miniatures.npy_around(described(shape)))
    assert message in str(refused.value)


def test_no_bytes_in_a_shape_that_numpy_cannot_have_are_refused(miniatures: Any) -> None:
    shape = b"K\x00" + long(2**62) + b"\x86"
    with pytest.raises(LoadError, match=r"a of shape \[0, 4611686018427387904\]"):
        read(miniatures.npy_around(described(shape, b"")))


def test_a_short_program_cannot_make_many_bytes(miniatures: Any) -> None:
    """One million letters, remembered, and encoded 400 times: 400 MB of 1 MB."""
    letters = b"X" + struct.pack("<I", 10**6) + b"a" * 10**6
    setup = b"\x80\x02c_codecs\nencode\nq\x00" + letters + b"X\x06\x00\x00\x00latin1\x86q\x01"
    data = miniatures.npy_around(setup + b"h\x00h\x01R" * 400 + b".")
    tracemalloc.start()
    try:
        with pytest.raises(LoadError, match="more bytes than it holds"):
            read(data)
        assert tracemalloc.get_traced_memory()[1] < 10 * 10**6
    finally:
        tracemalloc.stop()


def test_arrays_of_text_or_objects_are_no_labels(miniatures: Any) -> None:
    record = np.zeros(2, [("x", "i4")])
    for array, message in (
        (np.array(["x"]), "the dtype U1"),
        (np.array([None]), "a of type O8"),
        (record, "the dtype V4"),
        (np.array([True]), "the dtype b1"),
        ([1, 2], "a as a list"),
    ):
        with pytest.raises(LoadError) as refused:
            read(miniatures.pickled_npy({"a": array}))
        assert message in str(refused.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "must have an npy header"),
        (b"\x80\x04}.", "must have an npy header"),
        (b"\x93NUMPY\x09\x09" + b"x" * 99, "must have an npy header"),
        (b"\x93NUMPY\x01\x00\x04\x00{'a'", "must have an npy header"),
    ],
)
def test_a_file_that_is_no_npy_is_named(data: bytes, message: str) -> None:
    with pytest.raises(LoadError, match=message):
        read(data)


def test_a_plain_array_is_no_label_file(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(3))
    with pytest.raises(LoadError, match="must hold one pickled dict, got int64"):
        read((tmp_path / "a.npy").read_bytes())


@given(place=st.integers(0, 10_000), value=st.integers(0, 255), cut=st.booleans())
def test_a_changed_byte_is_data_or_a_load_error(place: int, value: int, cut: bool) -> None:
    data = bytearray(WHOLE)
    place %= len(data)
    if cut:
        del data[place:]
    else:
        data[place] = value
    try:
        (found,) = read(bytes(data))
    except LoadError:
        return
    assert found.nbytes <= len(WHOLE)


def _whole() -> bytes:
    boxed = np.empty((), object)
    boxed[()] = {"a": np.arange(9), "b": np.arange(4)}
    header = b"\x93NUMPY\x01\x00\x3e\x00" + b"{'descr': '|O', 'fortran_order': False, 'shape': ()}"
    return header + b" " * 9 + b"\n" + pickle.dumps(boxed, 4)


WHOLE = _whole()


def test_the_whole_file_of_the_last_test_is_sound() -> None:
    assert read(WHOLE)[0].tolist() == list(range(9))
