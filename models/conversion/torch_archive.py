"""Reads tensors, lists and texts as torch.save() writes them, without PyTorch.

Since release 1.6 that is a zip file, not compressed, of a pickle (NAME/data.pkl) and the storages
(NAME/data/KEY); before, the format that state_dict.py describes. See torch/serialization.py.
"""

from __future__ import annotations

import io
import os
import pickle
import zipfile
import zlib
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion.pickles import next_pickle
from models.conversion.state_dict import (
    MAGIC,
    NOT_THIS_FORMAT,
    StoredTensor,
    TensorStorage,
    rebuilt,
)

MOST_BYTES = 2_000_000_000
"""The most that a file may have: a million vectors of 512 numbers."""

_DEEPEST = 3
"""Lists within lists: [[tensor, ...], [name, ...]] has two."""

_DTYPES: Mapping[str, np.dtype[Any]] = {
    "FloatStorage": np.dtype("<f4"),
    "DoubleStorage": np.dtype("<f8"),
    "HalfStorage": np.dtype("<f2"),
}

_DAMAGED = (*NOT_THIS_FORMAT, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What reading raises at a file that is something else, is cut short, or is compressed."""


def read_saved(path: Path) -> Any:
    """Return what torch.save() put into a file: tensors as float arrays, in lists and dicts as they
    were, with texts and numbers.

    Raises WeightsError where the file is damaged or holds anything else, OSError where it cannot be
    read.
    """
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > MOST_BYTES:
                raise ValueError("it is too large")
            if zipfile.is_zipfile(file):
                with zipfile.ZipFile(file) as archive:
                    return _from_archive(archive)
            file.seek(0)
            return _from_legacy(file)
    except _DAMAGED as error:
        raise WeightsError(
            "a file of torch.save(), with tensors, lists and texts and nothing else",
            Sentence("{} is damaged or holds something else ({})", path, error or "cut short"),
            "Save the tensor alone, with torch.save(tensor.cpu(), path), or as .npz",
        ) from error


class _SavedUnpickler(pickle.Unpickler):
    """Knows tensors whose storages have one of _DTYPES, and remembers these storages."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content))
        self.storages: dict[str, tuple[TensorStorage, np.dtype[Any]]] = {}

    def find_class(self, module: str, name: str) -> Any:
        # A pickle may give attributes to whatever it gets: to nothing that lasts longer than it.
        if module == "torch" and name in _DTYPES:
            return name
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda *given: rebuilt(*given)
        if (module, name) == ("collections", "OrderedDict"):
            return dict
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> TensorStorage:
        kind, numbers, key, _device, count, *view = pid
        if kind != "storage" or numbers not in _DTYPES or any(view):
            raise pickle.UnpicklingError("a storage is of another kind")
        storage = TensorStorage(str(key), int(count))
        self.storages.setdefault(storage.key, (storage, _DTYPES[numbers]))
        if sum(self.size(key) for key in self.storages) > MOST_BYTES:
            raise pickle.UnpicklingError("it is too large")
        return self.storages[storage.key][0]

    def size(self, key: str) -> int:
        """Return how many bytes a storage has."""
        storage, dtype = self.storages[key]
        if storage.count < 0:
            raise pickle.UnpicklingError("a storage has a negative size")
        return storage.count * dtype.itemsize

    def numbers(self, key: str, content: bytes) -> NDArray[Any]:
        if len(content) != self.size(key):
            raise EOFError("a storage has another size than it should")
        return np.frombuffer(content, self.storages[key][1])


def _from_archive(archive: zipfile.ZipFile) -> Any:
    (pickled,) = (info for info in archive.infolist() if _is_pickle(info.filename))
    top = pickled.filename.partition("/")[0]
    if f"{top}/byteorder" in archive.namelist():
        order = _stored(archive, archive.getinfo(f"{top}/byteorder"))
        if order.strip() != b"little":
            raise ValueError("its numbers are not little-endian")
    unpickler = _SavedUnpickler(next_pickle(io.BytesIO(_stored(archive, pickled))))
    saved = unpickler.load()
    numbers = {}
    for key in unpickler.storages:
        info = archive.getinfo(f"{top}/data/{key}")
        if info.file_size != unpickler.size(key):
            raise ValueError("a storage has another size than it should")
        numbers[key] = unpickler.numbers(key, _stored(archive, info))
    return _Filling(numbers).filled(saved)


def _from_legacy(file: IO[bytes]) -> Any:
    magic, _version, sizes = (_SavedUnpickler(next_pickle(file)).load() for _ in range(3))
    if magic != MAGIC or not sizes["little_endian"]:
        raise ValueError("it does not begin like one")
    unpickler = _SavedUnpickler(next_pickle(file))
    saved = unpickler.load()
    numbers = {}
    for key in _SavedUnpickler(next_pickle(file)).load():
        file.read(8)  # the count of numbers, which the pickle says, too
        numbers[key] = unpickler.numbers(key, file.read(unpickler.size(key)))
    return _Filling(numbers).filled(saved)


class _Filling:
    """Puts arrays in the place of tensors, as long as all of them together are no larger than one
    may be: a small file can name one storage very often.

    numbers: each storage's.
    """

    def __init__(self, numbers: Mapping[str, NDArray[Any]]) -> None:
        self._numbers = numbers
        self._left = MOST_BYTES

    def filled(self, saved: Any, depth: int = 0) -> Any:
        self._left -= prod(saved.shape) * 8 if isinstance(saved, StoredTensor) else 8
        if self._left < 0 or depth > _DEEPEST:
            raise ValueError("it is larger than it should be")
        match saved:
            case StoredTensor():
                return saved.view(self._numbers[saved.storage.key])
            case list() | tuple():
                return [self.filled(one, depth + 1) for one in saved]
            case dict():
                return {str(key): self.filled(one, depth + 1) for key, one in saved.items()}
            case str() | int() | float() | None:
                return saved
        raise TypeError(f"it holds a {type(saved).__name__}")


def _is_pickle(name: str) -> bool:
    return name.count("/") == 1 and name.endswith("/data.pkl")


def _stored(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.compress_type != zipfile.ZIP_STORED:
        raise ValueError("it is compressed, which torch.save() never does")
    return archive.read(info)
