"""Reads what torch.save() wrote, without PyTorch.

Both formats are read. Since release 1.6 (torch/serialization.py: _save) the file is a zip archive
whose members are not compressed: the pickle NAME/data.pkl, and NAME/data/KEY with the numbers of
each storage. Before (_legacy_save) it was pickles of a magic number, the format's version, sizes of
C types, what was saved and the keys of its storages, and then the storages one after the other,
each its count of numbers (8 bytes, little-endian) and the numbers.
"""

from __future__ import annotations

import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion.pickles import next_pickle
from models.conversion.stored_tensors import Storage, StoredTensor, TensorUnpickler
from models.engines.engine import Array

_MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001

_PICKLE = "/data.pkl"

_DEEPEST = 3
"""Lists within lists: [[tensor, ...], [name, ...]] has two."""

_NOT_THIS_FORMAT = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, RuntimeError),
    *(TypeError, ValueError, pickle.UnpicklingError, struct.error, zipfile.BadZipFile),
)
"""What reading raises at files that are something else, are cut short, or are encrypted."""


def read_torch_file(
    path: Path, wanted: Callable[[Any], Any], expected: Sentence, remedy: Sentence | str
) -> Any:
    """Return tensors as arrays, in lists and dicts as they were, with texts and numbers.

    Those of fractions are float32. wanted: returns, of what was saved, with a StoredTensor for each
    tensor, what is to be read; raises TypeError or ValueError where it is something else.

    Raises WeightsError where the file is damaged or holds anything else, with expected and remedy,
    and OSError where it cannot be read.
    """
    try:
        with path.open("rb") as file:
            is_archive = file.read(4) == b"PK\x03\x04"
            file.seek(0)
            return _from_archive(file, wanted) if is_archive else _from_pickles(file, wanted)
    except _NOT_THIS_FORMAT as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise WeightsError(
            expected,
            Sentence("{} is damaged or holds something else ({})", path, reason),
            remedy,
        ) from error


def _from_archive(file: IO[bytes], wanted: Callable[[Any], Any]) -> Any:
    size = _size(file)
    with zipfile.ZipFile(file) as archive:
        members = {info.filename: info for info in archive.infolist()}
        if any(info.compress_type != zipfile.ZIP_STORED for info in members.values()):
            raise ValueError("its members are compressed, as PyTorch never does")
        if any(info.file_size > size for info in members.values()):
            raise ValueError("its members are larger than the file")
        (top,) = (name[: -len(_PICKLE)] for name in members if name.endswith(_PICKLE))
        if f"{top}/constants.pkl" in members:
            raise ValueError("it is a TorchScript program")
        order = f"{top}/byteorder"
        if order in members and archive.read(order).strip() != b"little":
            raise ValueError("its numbers are big-endian")

        def content(storage: Storage) -> bytes:
            return archive.read(f"{top}/data/{storage.key}")

        pickled = next_pickle(io.BytesIO(archive.read(f"{top}{_PICKLE}")))
        unpickler = TensorUnpickler(pickled, size)
        saved = wanted(unpickler.load())
        return _Filling(content, unpickler.most_items).filled(saved)


def _from_pickles(file: IO[bytes], wanted: Callable[[Any], Any]) -> Any:
    size = _size(file)
    magic, version, sizes = (TensorUnpickler(next_pickle(file), 0).load() for _ in range(3))
    if magic != _MAGIC or version != _VERSION or not sizes["little_endian"]:
        raise ValueError("it does not begin like one")
    unpickler = TensorUnpickler(next_pickle(file), size)
    saved = wanted(unpickler.load())
    starts = {}
    for key in TensorUnpickler(next_pickle(file), 0).load():
        storage = unpickler.storages[key]
        if struct.unpack("<q", file.read(8)) != (storage.size,):
            raise ValueError("a storage has another size than it should")
        starts[key] = file.tell()
        file.seek(storage.nbytes, os.SEEK_CUR)
    if file.tell() > size:
        raise EOFError("it is cut short")

    def content(storage: Storage) -> bytes:
        file.seek(starts[storage.key])
        return file.read(storage.nbytes)

    return _Filling(content, unpickler.most_items).filled(saved)


class _Filling:
    """Puts arrays in the place of tensors, as long as all together are no more than they may be:
    a small file can name one storage very often.

    content: reads a storage. most_items: numbers of tensors, and entries of lists and dicts.
    """

    def __init__(self, content: Callable[[Storage], bytes], most_items: int) -> None:
        self._content = content
        self._items_left = most_items
        self._numbers: dict[str, Array] = {}

    def filled(self, saved: Any, depth: int = 0) -> Any:
        self._take(1)
        if depth > _DEEPEST:
            raise ValueError("its lists are too deep")
        match saved:
            case StoredTensor():
                array = saved.array(self._of(saved.storage))
                self._take(array.size)
                return array
            case list() | tuple():
                return [self.filled(one, depth + 1) for one in saved]
            case dict():
                return {str(key): self.filled(one, depth + 1) for key, one in saved.items()}
            case str() | int() | float() | None:
                return saved
        raise TypeError(f"it holds a {type(saved).__name__}")

    def _take(self, items: int) -> None:
        self._items_left -= items
        if self._items_left < 0:
            raise ValueError("it is larger than it should be")

    def _of(self, storage: Storage) -> Array:
        if storage.key not in self._numbers:
            content = self._content(storage)
            if len(content) != storage.nbytes:
                raise ValueError("a storage has another size than it should")
            self._numbers[storage.key] = storage.type.numbers(content)
        return self._numbers[storage.key]


def _size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size
