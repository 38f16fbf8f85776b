from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from common.errors import FormatError
from recognition.formats.arrays import read_npy, read_npz


def header(shape: str, descr: str = "<f4") -> bytes:
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">f8").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array(["Ánh", "b"]),
        np.array(["Ánh", "b"], object),
        np.float16(2),
    ],
    ids=str,
)
def test_arrays_are_as_they_were(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "a.npy", array)
    np.testing.assert_array_equal(read_npy(tmp_path / "a.npy"), array)


HOSTILE = {
    "a claim of four terabytes": header(f"({10**12},)") + bytes(64),
    "a claim that overflows": header(f"({2**40}, {2**40})") + bytes(64),
    "a negative size": header("(-1, 4)") + bytes(64),
    "a wide text": header("(2,)", "<U1000000000") + bytes(64),
    "a structure": header("(2,)", "V8") + bytes(16),
    "a header that nests": header("(" * 3000 + ")" * 3000),
    "a header that computes": header("(__import__('os').getpid(),)") + bytes(64),
    "a header that is never closed": b"\x93NUMPY\x01\x00" + bytes([64, 0]) + b"{(" + bytes(62),
    "a text of no characters": header("(1,)", "<U1") + b"\xff\xff\xff\xff",
    "a text of no characters, turned": header("(1,)", ">U1") + b"\x80\x00\x00\x00",
    "an unknown version": b"\x93NUMPY\x09\x00" + bytes(64),
    "cut short": header("(8,)") + bytes(31),
    "nothing": b"",
    "something else": b"MZ" + bytes(200),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_wrong_is_one_sentence_and_takes_no_memory(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(content)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("embeddings.npy", content)
    tracemalloc.start()
    for read, of in ((read_npy, path), (read_npz, tmp_path / "a.npz")):
        with pytest.raises(FormatError) as told:
            read(of)
        assert "\n" not in str(told.value)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("embeddings.npy", header("(50000, 512)") + bytes(4 * 50_000 * 512))
    (tmp_path / "a.npz").write_bytes(packed.getvalue())
    tracemalloc.start()
    with pytest.raises(FormatError, match="it unpacks to 102 MB, as in a trap"):
        read_npz(tmp_path / "a.npz")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def test_a_pickle_in_an_array_is_never_carried_out(tmp_path: Path, payload) -> None:
    np.savez(tmp_path / "a.npz", names=np.array([payload], object))
    with pytest.raises(FormatError, match=r"asks for (posix|nt)\.system"):
        read_npz(tmp_path / "a.npz")


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    for read in (read_npy, read_npz):
        with pytest.raises(FormatError, match="cannot be read"):
            read(tmp_path / "missing")
        with pytest.raises(FormatError, match="cannot be read"):
            read(tmp_path)
