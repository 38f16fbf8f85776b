"""Unpickles what torch.save() has pickled: tensors whose numbers are elsewhere in the file.

A pickle is a program. This one may make tensors and dicts and name types of numbers, and can take
no more memory than in proportion to its length.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from models.engines.engine import Array

_MOST_AXES = 64
"""numpy's arrays have no more."""


# A pickle may give attributes to whatever it gets (BUILD). It can give none to a named tuple.


class NumberType(NamedTuple):
    """dtype: in the file. widen: gives float32 of what numpy has no type for."""

    dtype: np.dtype[Any]
    widen: Callable[[Array], Array] = np.asarray

    def numbers(self, content: bytes) -> Array:
        """Return a storage's numbers; those of fractions are float32, infinite where too large."""
        numbers = self.widen(np.frombuffer(content, self.dtype))
        with np.errstate(over="ignore"):
            return numbers.astype(np.float32, copy=False) if numbers.dtype.kind == "f" else numbers


class Storage(NamedTuple):
    """The numbers that tensors share, by the key under which a file keeps them."""

    key: str
    size: int
    type: NumberType

    @property
    def nbytes(self) -> int:
        """As in the file."""
        return self.size * self.type.dtype.itemsize


class StoredTensor(NamedTuple):
    """A view of a storage whose numbers are not read yet; offset and strides count numbers."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def size(self) -> int:
        return prod(self.shape)

    def array(self, numbers: Array) -> Array:
        """Return the tensor, of its storage's numbers. Raises ValueError where it exceeds them."""
        if any(n < 0 for n in (self.offset, *self.shape, *self.strides)):
            raise ValueError("a tensor has a negative size")
        reach = sum((n - 1) * stride for n, stride in zip(self.shape, self.strides, strict=True))
        if self.size > len(numbers) or (self.size and self.offset + reach >= len(numbers)):
            raise ValueError("a tensor is larger than its storage")
        strides = [stride * numbers.itemsize for stride in self.strides]
        return as_strided(numbers[self.offset :], self.shape, strides).copy()


class TensorUnpickler(pickle.Unpickler):
    """Unpickles tensors, and notes all their storages: these lie in the file together.

    pickled: looked through by next_pickle(). most_bytes: what the storages together may have, which
    is what the file has. Raises pickle.UnpicklingError where the pickle holds anything else.
    """

    def __init__(self, pickled: bytes, most_bytes: int) -> None:
        super().__init__(io.BytesIO(pickled))
        self.storages: dict[str, Storage] = {}
        self._bytes_left = most_bytes
        self._items_left = self._length = len(pickled)

    @property
    def most_items(self) -> int:
        """What is unpickled may have so many numbers and entries: one storage may be shown by
        several tensors, but not by so many that they fill the memory.
        """
        return 2 * sum(storage.size for storage in self.storages.values()) + self._length

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in _NUMBER_TYPES:
            return _NUMBER_TYPES[name]
        # Made for this pickle alone, because it may give attributes to them.
        match module, name:
            case "torch._utils", "_rebuild_tensor_v2":
                return lambda *given: _rebuilt(*given)
            case "torch._utils", "_rebuild_parameter":
                return lambda *given: _parameter(*given)
            case "collections", "OrderedDict":
                return lambda *given: self._ordered_dict(*given)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> Storage:
        # The old format has a sixth, for storages that are views of others.
        kind, number_type, key, _device, count, *views = pid
        if kind != "storage" or not isinstance(number_type, NumberType) or any(views):
            raise pickle.UnpicklingError("a storage is of another kind")
        storage = Storage(str(key), int(count), number_type)
        if storage.size < 0:
            raise pickle.UnpicklingError("a storage has a negative size")
        if storage.key not in self.storages:
            self._bytes_left -= storage.nbytes
            if self._bytes_left < 0:
                raise pickle.UnpicklingError("its storages are larger than the file")
            self.storages[storage.key] = storage
        if self.storages[storage.key] != storage:
            raise pickle.UnpicklingError("a storage has two sizes")
        return storage

    def _ordered_dict(self, items: Iterable[Any] = ()) -> dict[Any, Any]:
        """Stand for OrderedDict. items: as Python 2 wrote them; not one dict, copied for ever."""
        made = _OrderedDict(items)
        self._items_left -= len(made)
        if self._items_left < 0:
            raise pickle.UnpicklingError("it is larger than it should be")
        return made


class _OrderedDict(dict[Any, Any]):
    def __setstate__(self, state: Any) -> None:
        """Leave out what a state dict has as attributes: the versions of modules."""


def _rebuilt(
    storage: Storage,
    offset: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    *_unused: Any,
) -> StoredTensor:
    """Stand for torch._utils._rebuild_tensor_v2; gradients and hooks are left out."""
    if not isinstance(storage, Storage):
        raise pickle.UnpicklingError("a tensor has no storage")
    if max(len(shape), len(strides)) > _MOST_AXES:
        raise pickle.UnpicklingError("a tensor has too many axes")
    return StoredTensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


def _parameter(tensor: StoredTensor, *_unused: Any) -> StoredTensor:
    """Stand for torch._utils._rebuild_parameter."""
    if not isinstance(tensor, StoredTensor):
        raise pickle.UnpicklingError("a parameter is no tensor")
    return tensor


def _from_bfloat16(numbers: Array) -> Array:
    """They are the upper halves of float32."""
    return (numbers.astype(np.uint32) << 16).view(np.float32)


_NUMBER_TYPES: Mapping[str, NumberType] = {
    "FloatStorage": NumberType(np.dtype("<f4")),
    "HalfStorage": NumberType(np.dtype("<f2")),
    "DoubleStorage": NumberType(np.dtype("<f8")),
    "BFloat16Storage": NumberType(np.dtype("<u2"), _from_bfloat16),
    "LongStorage": NumberType(np.dtype("<i8")),
    "IntStorage": NumberType(np.dtype("<i4")),
}
