"""Reads a state dict as PyTorch wrote them before release 1.6, without PyTorch.

The format (torch/serialization.py: _legacy_save): pickles of a magic number, the format's version,
sizes of C types, the state dict and the keys of its storages, and then the storages one after the
other, each its count of numbers (8 bytes, little-endian) and the numbers. A pickle is a program;
this one may call two functions, and name one type of storage.
"""

from __future__ import annotations

import pickle
import struct
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from common.errors import WeightsError
from common.sentence import Sentence
from models.engines.engine import FloatArray

MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001

NOT_THIS_FORMAT = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError),
    *(TypeError, ValueError, pickle.UnpicklingError, struct.error),
)
"""What unpickling raises at files that are no pickle, or are cut short."""


def read_state_dict(path: Path) -> dict[str, FloatArray]:
    """Return a state dict's tensors, float32, by their names.

    Raises WeightsError where the file holds anything else or is damaged, OSError where it cannot
    be read.
    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except NOT_THIS_FORMAT as error:
        raise WeightsError(
            "a file of weights in PyTorch's old format, with tensors and nothing else",
            Sentence("{} is damaged or holds something else ({})", path, error),
            "Get it again: facedesk models fetch",
        ) from error


@dataclass(frozen=True)
class TensorStorage:
    """The numbers that tensors share, by the key under which a file keeps them."""

    key: str
    count: int


@dataclass(frozen=True)
class StoredTensor:
    """A view of a storage whose numbers are not read yet; offset and strides count numbers."""

    storage: TensorStorage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def view(self, numbers: FloatArray) -> FloatArray:
        if any(n < 0 for n in (self.offset, *self.shape, *self.strides)):
            raise ValueError("a tensor has a negative size")
        reach = sum((n - 1) * stride for n, stride in zip(self.shape, self.strides, strict=True))
        size = prod(self.shape)
        if size > len(numbers) or (size and self.offset + reach >= len(numbers)):
            raise ValueError("a tensor is larger than its storage")
        strides = [stride * numbers.itemsize for stride in self.strides]
        return as_strided(numbers[self.offset :], self.shape, strides).copy()


class _TensorUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}") from None

    def persistent_load(self, pid: Any) -> TensorStorage:
        kind, dtype, key, _device, count, view = pid
        if kind != "storage" or dtype is not _FLOATS or view is not None:
            raise pickle.UnpicklingError("a storage is of another kind")
        return TensorStorage(str(key), int(count))


def rebuilt(
    storage: TensorStorage,
    offset: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    *_unused: Any,
) -> StoredTensor:
    """Stand for torch._utils._rebuild_tensor_v2; gradients and hooks are left out."""
    if not isinstance(storage, TensorStorage):
        raise pickle.UnpicklingError("a tensor has no storage")
    return StoredTensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


_FLOATS = np.dtype("<f4")

_KNOWN = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): rebuilt,
    ("torch", "FloatStorage"): _FLOATS,
}


def _read(file: IO[bytes]) -> dict[str, FloatArray]:
    magic, version, sizes = (_TensorUnpickler(file).load() for _ in range(3))
    if magic != MAGIC or version != _VERSION or not sizes["little_endian"]:
        raise ValueError("it does not begin like one")
    tensors = _TensorUnpickler(file).load()
    if not isinstance(tensors, Mapping):
        raise TypeError("it holds no state dict")
    if not all(isinstance(tensor, StoredTensor) for tensor in tensors.values()):
        raise TypeError("not everything in it is a tensor")
    counts = {tensor.storage.key: tensor.storage.count for tensor in tensors.values()}
    numbers = {key: _storage(file, counts[key]) for key in _TensorUnpickler(file).load()}
    return {str(name): tensor.view(numbers[tensor.storage.key]) for name, tensor in tensors.items()}


def _storage(file: IO[bytes], count: int) -> FloatArray:
    (found,) = struct.unpack("<q", file.read(8))
    if found != count:
        raise ValueError("a storage has another size than it should")
    content = file.read(count * _FLOATS.itemsize)
    if len(content) < count * _FLOATS.itemsize:
        raise EOFError("it is cut short")
    return np.frombuffer(content, _FLOATS).astype(np.float32, copy=False)
