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
