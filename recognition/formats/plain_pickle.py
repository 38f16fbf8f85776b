"""Reads pickles of lists, dicts, texts, numbers and numpy's arrays of them, and of nothing else.

A pickle is a program. This one may call six functions, and gets stand-ins for them.
"""

from __future__ import annotations

import io
import pickle
from math import prod
from typing import IO, Any

import numpy as np

from models.conversion.pickles import next_pickle

_NUMPY = ("numpy.core.multiarray", "numpy._core.multiarray")
_KINDS = "fiubUSO"


def read_plain(file: IO[bytes]) -> Any:
    """Returns what the next pickle in a file holds; tuples become lists, numpy's scalars numbers.

    Raises pickle.UnpicklingError where it holds anything else, and ValueError, TypeError,
    LookupError, EOFError, AttributeError, MemoryError or OverflowError where it is damaged.
    """
    return _plain(_PlainUnpickler(io.BytesIO(next_pickle(file))).load(), 0)


class _Dtype:
    """Stands for numpy.dtype: its name, and the order of the bytes."""

    def __init__(self, name: str, *_: object) -> None:
        self._dtype = np.dtype(str(name))
        if self._dtype.kind not in _KINDS or self._dtype.subdtype is not None:
            raise pickle.UnpicklingError(f"it has an array of {name}")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if state[1] in ("<", ">"):
            self._dtype = self._dtype.newbyteorder(state[1])

    @property
    def of_numpy(self) -> np.dtype[Any]:
        return self._dtype


class _PickledArray:
    """Stands for an array: made empty, then given its shape, type and content."""

    def __init__(self, *_: object) -> None:
        self.array = np.empty(0)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, dtype, is_fortran, content = state
        kind = dtype.of_numpy
        size = prod(map(int, shape))
        if kind.kind == "O":
            if not isinstance(content, list) or len(content) != size:
                raise pickle.UnpicklingError("an array has another size than it should")
            flat = np.empty(size, object)
            flat[:] = [_plain(one, 1) for one in content]
        elif len(content) != size * kind.itemsize:
            raise pickle.UnpicklingError("an array has another size than it should")
        else:
            flat = np.frombuffer(content, kind)
        self.array = flat.reshape(tuple(map(int, shape)), order="F" if is_fortran else "C")


def _scalar(dtype: _Dtype, content: bytes) -> Any:
    (value,) = np.frombuffer(content, dtype.of_numpy)
    return value.item()


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        # A pickle may give attributes to whatever it gets: a function made for this one only.
        if (module in _NUMPY and name == "_reconstruct") or (module, name) == ("numpy", "ndarray"):
            return lambda *given: _PickledArray(*given)
        if module in _NUMPY and name == "scalar":
            return lambda dtype, content: _scalar(dtype, content)
        if (module, name) == ("numpy", "dtype"):
            return lambda *given: _Dtype(*given)
        if (module, name) == ("_codecs", "encode"):  # how protocol 2 writes bytes
            return lambda text, encoding: str(text).encode("latin-1")
        if (module, name) == ("__builtin__", "bytes"):  # and none of them
            return lambda: b""
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def _plain(value: Any, depth: int) -> Any:
    """Returns the value with arrays in the place of their stand-ins, where they may be."""
    if isinstance(value, _PickledArray):
        return value.array
    if depth < 2 and isinstance(value, list | tuple):
        return [_plain(one, depth + 1) for one in value]
    if depth < 2 and isinstance(value, dict):
        return {key: _plain(one, depth + 1) for key, one in value.items()}
    return value
