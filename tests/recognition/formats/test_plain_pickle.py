from __future__ import annotations

import io
import pickle
import struct
from contextlib import suppress

import numpy as np
import pytest

from recognition.formats.arrays import DAMAGED
from recognition.formats.plain_pickle import read_plain


def read(content: bytes) -> object:
    return read_plain(io.BytesIO(content))


@pytest.mark.parametrize("protocol", range(5))
def test_plain_values_are_as_they_were(protocol: int) -> None:
    value = {"a": [1, 2.5, "Nguyễn", None, True], "b": {"c": [-1]}, "d": []}
    assert read(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="<f4").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([1, 2], ">i8"),
        np.array(["Ánh", "Bob"]),
        np.array(["Ánh", "Bob"], object),
        np.array([], np.float32),
    ],
    ids=str,
)
def test_arrays_are_as_they_were(array: np.ndarray, protocol: int) -> None:
    found = read(pickle.dumps([array], protocol))
    assert isinstance(found, list)
    np.testing.assert_array_equal(found[0], array)


def test_scalars_of_numpy_are_numbers() -> None:
    assert read(pickle.dumps([np.float32(0.5), np.int64(7), np.str_("a")])) == [0.5, 7, "a"]


HOSTILE = {
    "a function": b"cos\nsystem\n(S'true'\ntR.",
    "a function by another way": b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.",
    "builtins": b"cbuiltins\neval\n(S'1'\ntR.",
    "the attribute of a module": b"\x80\x04\x8c\x05numpy\x8c\x0btesting.run\x93.",
    "an object": b"\x80\x02cbuiltins\nobject\n)\x81.",
    "a class of numpy": b"cnumpy\nmemmap\n(S'/etc/passwd'\ntR.",
    "an array of objects without them": pickle.dumps(np.array([1, 2], object)).replace(
        b"K\x02\x85", b"K\xff\x85", 1
    ),
    "an array larger than it is": pickle.dumps(np.zeros(3, "u1")).replace(
        b"K\x03\x85", b"K\xff\x85"
    ),
    "a memo for two thousand million values": b"\x80\x02]r" + struct.pack("<I", 2**31 - 1) + b".",
    "room for a petabyte": b"\x80\x05\x96" + struct.pack("<Q", 10**15) + b".",
    "a text of a petabyte": b"\x80\x04\x8d" + struct.pack("<Q", 10**15) + b"a.",
    "an end too early": pickle.dumps(["a", "b"])[:-2],
    "nothing": b"",
    "no pickle": b"PK\x03\x04",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_everything_else_is_refused(content: bytes) -> None:
    with pytest.raises(DAMAGED):
        read(content)


def test_lists_within_lists_are_not_followed_for_ever() -> None:
    nested: list[object] = ["a"]
    for _ in range(100):
        nested = [nested] * 10
    assert isinstance(read(pickle.dumps(nested)), list)


def test_a_pickle_cannot_change_what_the_next_one_gets() -> None:
    # It gives the stand-in of numpy.dtype another __setstate__.
    with suppress(*DAMAGED):
        read(b"cnumpy\ndtype\n(N(dS'__setstate__'\nS'spoilt'\nstb.")
    (array,) = read(pickle.dumps([np.arange(3.0)]))
    np.testing.assert_array_equal(array, np.arange(3.0))


@pytest.mark.parametrize(
    "copied",
    [
        b"c_codecs\nencode\nh\x00X\x06\x00\x00\x00latin1\x86R",
        b"cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nX\x05\x00\x00\x00U1000K\x00K\x01\x87R"
        b"h\x01\x86R",
        b"h\x02",
    ],
    ids=["a text", "a scalar", "a list"],
)
def test_a_small_file_cannot_copy_one_value_for_ever(copied: bytes) -> None:
    """Each time it takes some bytes of the file, and a thousand of memory."""
    text = b"X" + struct.pack("<I", 1000) + b"a" * 1000 + b"q\x00"
    long_bytes = b"B" + struct.pack("<I", 4000) + b"a\0\0\0" * 1000 + b"q\x01"
    numbers = b"](" + b"K\x01" * 1000 + b"eq\x02"
    kept = b"\x80\x03(" + text + long_bytes + numbers
    assert len(read(kept + copied + b"t.")) == 4
    with pytest.raises(pickle.UnpicklingError, match="larger than it should be"):
        read(kept + copied * 500 + b"t.")
