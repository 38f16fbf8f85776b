"""Reads numpy's files with bounds: what a header claims is compared with what is there first."""

from __future__ import annotations

import pickle
import sys
import tokenize
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from common.errors import FormatError
from common.sentence import Sentence
from common.zip_archive import ZIP_DAMAGE, is_zip_bomb, unpacked_size
from recognition.formats.plain_pickle import read_plain

MOST_BYTES = 1_000_000_000
"""The most that an array may take: half a million vectors of 512 numbers."""

DAMAGED = (
    *(ArithmeticError, AttributeError, LookupError, MemoryError, SyntaxError, TypeError),
    *(pickle.UnpicklingError, tokenize.TokenError, *ZIP_DAMAGE),  # numpy tokenizes odd headers
)
"""What reading raises at files that are something else, or are cut short."""


@contextmanager
def told_damage(path: Path, expected: Sentence, remedy: Sentence) -> Iterator[None]:
    """Raises FormatError where the block finds a file damaged, or cannot read it.

    expected: what the file should be. remedy: what to do.
    """
    try:
        yield
    except DAMAGED as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise FormatError(
            expected, Sentence("{} is damaged or something else ({})", path, reason), remedy
        ) from error
    except OSError as error:
        raise FormatError(
            expected,
            Sentence("{} cannot be read ({})", path, error.strerror or error),
            Sentence("Check the path and your right to read it"),
        ) from error


def read_npy(path: Path) -> NDArray[Any]:
    """Returns the array of a .npy file; texts that numpy has pickled are read, too.

    Raises FormatError where it is damaged, too large, or holds anything but numbers and texts.
    """
    remedy = Sentence("Write it again with numpy.save(path, array), or as a text with a line each")
    with (
        told_damage(path, Sentence("an array of numbers or texts"), remedy),
        path.open("rb") as file,
    ):
        return array_in(file, path.stat().st_size)


def read_npz(path: Path) -> Mapping[str, NDArray[Any]]:
    """Returns the arrays of a .npz file by their names; raises as read_npy() does."""
    remedy = Sentence("Write it again with numpy.savez(path, embeddings=..., names=...)")
    with (
        told_damage(path, Sentence("a file of numpy.savez(), with numbers and texts"), remedy),
        zipfile.ZipFile(path) as archive,
    ):
        members = archive.infolist()
        check_sizes(members)
        arrays = {}
        for member in members:
            with archive.open(member) as file:
                arrays[member.filename.removesuffix(".npy")] = array_in(file, member.file_size)
        return arrays


def check_sizes(members: list[zipfile.ZipInfo], most: int = MOST_BYTES) -> None:
    """Raises ValueError for an archive whose members take more memory than they may."""
    if is_zip_bomb(members, most):
        size = unpacked_size(members)
        raise ValueError(f"it unpacks to {size // 1_000_000} MB, as in a trap")


def array_in(file: IO[bytes], size: int, wanted: np.dtype[Any] | None = None) -> NDArray[Any]:
    """Returns the array that a .npy file of so many bytes holds. Raises one of DAMAGED.

    wanted: the type that it must have; without one, texts that numpy has pickled are read, too.
    """
    match npy.read_magic(file):
        case (1, 0):
            shape, is_fortran, dtype = npy.read_array_header_1_0(file)
        case (2, 0):
            shape, is_fortran, dtype = npy.read_array_header_2_0(file)
        case version:
            raise ValueError(f"its version is {version}")
    if wanted is not None and dtype != wanted:
        raise ValueError(f"it has an array of {dtype}, not of {wanted}")
    if dtype.hasobject:
        array = np.asarray(_unpickled(file, size))
        if array.shape != shape:
            raise ValueError("an array has another shape than its header says")
        return array
    if dtype.kind not in "fiubUS" or min(shape, default=0) < 0:
        raise ValueError(f"it has an array of {dtype}")
    needed = prod(shape) * dtype.itemsize
    if needed > min(size, MOST_BYTES):
        raise ValueError(f"its header claims {needed} bytes, and it has {size}")
    content = file.read(needed)
    if len(content) < needed:
        raise EOFError("it is cut short")
    if dtype.kind == "U":
        _refuse_no_characters(content, dtype)
    return np.frombuffer(content, dtype).reshape(shape, order="F" if is_fortran else "C")


def _refuse_no_characters(content: bytes, dtype: np.dtype[Any]) -> None:
    """Raises ValueError where a text has a number that stands for no character: numpy takes it, and
    Python then fails within."""
    codes = np.frombuffer(content, np.dtype("u4").newbyteorder(dtype.byteorder))
    if codes.size and codes.max() > sys.maxunicode:
        raise ValueError("a text in it is none")


def _unpickled(file: IO[bytes], size: int) -> Any:
    if size > MOST_BYTES:
        raise ValueError("it is too large")
    return read_plain(file)
