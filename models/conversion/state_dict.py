"""Reads a state dict from a file that PyTorch wrote, without PyTorch.

Both formats are read. Since release 1.6 (torch/serialization.py: _save) the file is a zip archive
whose members are not compressed: the pickle data.pkl, and one member with the numbers of each
storage. Before (_legacy_save) it was pickles of a magic number, the format's version, sizes of C
types, the state dict and the keys of its storages, and then the storages one after the other, each
its count of numbers (8 bytes, little-endian) and the numbers. A pickle is a program; this one may
call three functions, and name types of storages.
"""

from __future__ import annotations

import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from common.errors import WeightsError
from common.sentence import Sentence
from models.engines.engine import Array

MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001

_WRAPPERS = ("state_dict", "model_state_dict", "net_state_dict", "model")
"""Under what names checkpoints keep the state dict beside epochs and optimizers."""

_SPARE_NUMBERS = 1024
"""So many numbers more than twice those in the file may all tensors together have: one storage may
be shown by several, but not by so many that they fill the memory."""

NOT_THIS_FORMAT = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, NotImplementedError),
    *(RecursionError, TypeError, ValueError, pickle.UnpicklingError, struct.error),
    zipfile.BadZipFile,
)
"""What unpickling raises at files that are no pickle, or are cut short."""


def read_state_dict(path: Path, remedy: str) -> dict[str, Array]:
    """Return a state dict's tensors by their names; those of fractions are float32.

    Of a checkpoint it is the state dict in it. remedy: what to do where the file is another one.
    Raises WeightsError where the file holds anything else or is damaged, OSError where it cannot
    be read.
    """
    try:
        with path.open("rb") as file:
            is_archive = file.read(4) == b"PK\x03\x04"
            file.seek(0)
            return _from_archive(file) if is_archive else _from_pickles(file)
    except NOT_THIS_FORMAT as error:
        raise WeightsError(
            "a file of weights as PyTorch saves them, with tensors and nothing else",
            Sentence("{} is damaged or holds something else ({})", path, error),
            remedy,
        ) from error


@dataclass(frozen=True)
class _NumberType:
    """dtype: in the file. widen: gives float32 of what numpy has no type for."""

    dtype: np.dtype[Any]
    widen: Callable[[Array], Array] = np.asarray

    def numbers(self, content: bytes) -> Array:
        numbers = self.widen(np.frombuffer(content, self.dtype))
        return numbers.astype(np.float32, copy=False) if numbers.dtype.kind == "f" else numbers


@dataclass(frozen=True)
class TensorStorage:
    """The numbers that tensors share, by the key under which a file keeps them."""

    key: str
    count: int


@dataclass(frozen=True)
class _Storage(TensorStorage):
    type: _NumberType

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return self.count * self.type.dtype.itemsize


@dataclass(frozen=True)
class StoredTensor:
    """A view of a storage whose numbers are not read yet; offset and strides count numbers."""

    storage: TensorStorage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def view(self, numbers: Array) -> Array:
        if any(n < 0 for n in (self.offset, *self.shape, *self.strides)):
            raise ValueError("a tensor has a negative size")
        reach = sum((n - 1) * stride for n, stride in zip(self.shape, self.strides, strict=True))
        size = prod(self.shape)
        if size > len(numbers) or (size and self.offset + reach >= len(numbers)):
            raise ValueError("a tensor is larger than its storage")
        strides = [stride * numbers.itemsize for stride in self.strides]
        return as_strided(numbers[self.offset :], self.shape, strides).copy()


class _TensorUnpickler(pickle.Unpickler):
    """Notes the storages: a checkpoint's lie in the file together, whosever they are."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        try:
            known = _KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}") from None
        # A pickle may give attributes to whatever it gets: to nothing that lasts longer than it.
        if isinstance(known, _NumberType):
            return replace(known)
        return known if known is OrderedDict else lambda *given: known(*given)

    def persistent_load(self, pid: Any) -> _Storage:
        # The old format has a sixth, for storages that are views of others.
        kind, number_type, key, _device, count, *views = pid
        if kind != "storage" or not isinstance(number_type, _NumberType) or any(views):
            raise pickle.UnpicklingError("a storage is of another kind")
        if int(count) < 0:
            raise pickle.UnpicklingError("a storage has a negative size")
        return self.storages.setdefault(str(key), _Storage(str(key), int(count), number_type))


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


def _parameter(tensor: StoredTensor, *_unused: Any) -> StoredTensor:
    """Stand for torch._utils._rebuild_parameter."""
    if not isinstance(tensor, StoredTensor):
        raise pickle.UnpicklingError("a parameter is no tensor")
    return tensor


def _from_bfloat16(numbers: Array) -> Array:
    """They are the upper halves of float32."""
    return (numbers.astype(np.uint32) << 16).view(np.float32)


_KNOWN: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): rebuilt,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch", "FloatStorage"): _NumberType(np.dtype("<f4")),
    ("torch", "HalfStorage"): _NumberType(np.dtype("<f2")),
    ("torch", "DoubleStorage"): _NumberType(np.dtype("<f8")),
    ("torch", "BFloat16Storage"): _NumberType(np.dtype("<u2"), _from_bfloat16),
    ("torch", "LongStorage"): _NumberType(np.dtype("<i8")),
    ("torch", "IntStorage"): _NumberType(np.dtype("<i4")),
}


def _from_archive(file: IO[bytes]) -> dict[str, Array]:
    with zipfile.ZipFile(file) as archive:
        members = {info.filename: info for info in archive.infolist()}
        if any(info.compress_type != zipfile.ZIP_STORED for info in members.values()):
            raise ValueError("its members are compressed, as PyTorch never does")
        top = next((name for name in members if name.endswith("/data.pkl")), "data.pkl")[:-8]
        if f"{top}constants.pkl" in members:
            raise ValueError("it is a TorchScript program")
        order = f"{top}byteorder"
        if order in members and archive.read(order) != b"little":
            raise ValueError("its numbers are big-endian")
        with archive.open(f"{top}data.pkl") as pickled:
            unpickler = _TensorUnpickler(pickled)
            tensors = _tensors(unpickler.load())

        def numbers(storage: _Storage) -> Array:
            name = f"{top}data/{storage.key}"
            if members[name].file_size != storage.size:
                raise ValueError("a storage has another size than it should")
            return storage.type.numbers(archive.read(name))

        used = {tensor.storage.key for tensor in tensors.values()}
        return _views(tensors, {key: numbers(unpickler.storages[key]) for key in used})


def _from_pickles(file: IO[bytes]) -> dict[str, Array]:
    magic, version, sizes = (_TensorUnpickler(file).load() for _ in range(3))
    if magic != MAGIC or version != _VERSION or not sizes["little_endian"]:
        raise ValueError("it does not begin like one")
    unpickler = _TensorUnpickler(file)
    tensors = _tensors(unpickler.load())
    keys = _TensorUnpickler(file).load()
    return _views(tensors, {key: _read(file, unpickler.storages[key]) for key in keys})


def _tensors(content: Any) -> dict[str, StoredTensor]:
    """Return the tensors of a state dict, or of a checkpoint that holds one."""
    if not isinstance(content, Mapping):
        raise TypeError("it holds no state dict")
    inner = next((content[key] for key in _WRAPPERS if key in content), None)
    tensors = inner if isinstance(inner, Mapping) else content
    if not all(isinstance(tensor, StoredTensor) for tensor in tensors.values()):
        raise TypeError("not everything in it is a tensor")
    # What several GPUs have trained has a word before each name.
    return {str(name).removeprefix("module."): tensor for name, tensor in tensors.items()}


def _views(tensors: Mapping[str, StoredTensor], numbers: Mapping[str, Array]) -> dict[str, Array]:
    in_file = sum(len(storage) for storage in numbers.values())
    if sum(prod(tensor.shape) for tensor in tensors.values()) > 2 * in_file + _SPARE_NUMBERS:
        raise ValueError("its tensors have more numbers than the file")
    return {name: tensor.view(numbers[tensor.storage.key]) for name, tensor in tensors.items()}


def _read(file: IO[bytes], storage: _Storage) -> Array:
    (found,) = struct.unpack("<q", file.read(8))
    if found != storage.count:
        raise ValueError("a storage has another size than it should")
    content = file.read(storage.size)
    if len(content) < storage.size:
        raise EOFError("it is cut short")
    return storage.type.numbers(content)
