"""Two gapless tables of unit rows, searched with FAISS: one exact, one sketched in few bits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

faiss.omp_set_num_threads(1)  # a second thread makes one query up to four times slower

Rows = NDArray[np.float32]
"""(n, d) float32, unit length, C-contiguous."""

_FIRST_BLOCK = 4096
_LARGEST_PART = 2**16
_MOST_WAITING = 1024
_NORMAL_LEVELS = np.array([-1.510, -0.4528, 0.4528, 1.510])
"""The four levels that stand for a normal number with the least squared error (Max, Quantizing
for minimum distortion, IRE Transactions on Information Theory 1960)."""


class Table(Protocol):
    """A table that holds rows at the places 0, 1, 2, ..., without gaps."""

    def append(self, rows: Rows) -> None: ...

    def pop_into(self, place: int) -> None:
        """Take the last row away and put it at `place`, which may be its own."""


def similarities(rows: Rows, probe: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return each row's inner product with a (d,) probe: (n,).

    It stays in this thread, where numpy's product may start others.
    """
    found, probe = np.empty(len(rows), np.float32), np.ascontiguousarray(probe)
    to, of, by = faiss.swig_ptr(found), faiss.swig_ptr(probe), faiss.swig_ptr(rows)
    # FAISS's stubs do not know it.
    faiss.fvec_inner_products_ny(to, of, by, *rows.shape[::-1])  # type: ignore[attr-defined, unused-ignore]
    return found


class ExactTable:
    """A table that keeps the rows themselves.

    Each block of memory is as large as all those before it together: none is copied to grow,
    there are few, and what is not filled yet was never touched, so it takes no memory.
    """

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._count = 0
        self._blocks: list[Rows] = []
        self._starts: list[int] = []

    def append(self, rows: Rows) -> None:
        while len(rows):
            if self._count == self._capacity:
                size = max(self._count, _FIRST_BLOCK)
                self._blocks.append(np.empty((size, self._dimension), np.float32))
                self._starts.append(self._count)
            block, place = self._at(self._count)
            fitting = rows[: len(block) - place]
            block[place : place + len(fitting)] = fitting
            self._count += len(fitting)
            rows = rows[len(fitting) :]

    def pop_into(self, place: int) -> None:
        self._count -= 1
        last_block, last = self._at(self._count)
        block, within = self._at(place)
        block[within] = last_block[last]
        last_block[last] = 0  # nothing of a removed face stays
        if self._count <= self._starts[-1] // 2:
            self._blocks.pop()
            self._starts.pop()

    def take(self, places: NDArray[np.int64]) -> Rows:
        """Return a copy of the rows at `places`, which must ascend."""
        taken = np.empty((len(places), self._dimension), np.float32)
        first = 0
        for block, start in zip(self._blocks, self._starts, strict=True):
            end = int(np.searchsorted(places, start + len(block)))
            # "clip" lets numpy write where it is told; nothing is out of bounds.
            np.take(block, places[first:end] - start, axis=0, out=taken[first:end], mode="clip")
            first = end
        return taken

    def parts(self) -> Iterator[tuple[int, Rows]]:
        """Yield all rows in pieces of at most 65,536, each with the place where it begins."""
        for start, block in zip(self._starts, self._blocks, strict=True):
            filled = min(len(block), self._count - start)
            for first in range(0, filled, _LARGEST_PART):
                yield start + first, block[first : min(first + _LARGEST_PART, filled)]

    @property
    def _capacity(self) -> int:
        return self._starts[-1] + len(self._blocks[-1]) if self._blocks else 0

    def _at(self, place: int) -> tuple[Rows, int]:
        number = int(np.searchsorted(self._starts, place, side="right")) - 1
        return self._blocks[number], place - self._starts[number]


class SketchTable:
    """A table of two bits for each number of a row. A search compares all rows.

    That takes about 1 ns for a row of 128 numbers.

    A product quantizer of four bits for each two numbers, in the layout that is compared within
    registers (André, Kermarrec & Le Scouarnec, VLDB 2015). The cosine that it tells is off by
    0.03 (standard deviation, 128 numbers): what it finds is to be compared again exactly.
    Nothing is trained: each number of an embedding is nearly normal, so that its mean and
    standard deviation give the levels; k-means found no more of the right rows.

    sample: (n, d) rows like those to be kept, at least some hundred.
    """

    def __init__(self, sample: Rows) -> None:
        self._index = _two_bit_index(_even(sample))
        self._packer = self._index.get_CodePacker()
        self._waiting: list[Rows] = []

    def append(self, rows: Rows) -> None:
        # FAISS takes many rows at once in a fraction of the time: a start brings a million.
        self._waiting.append(_even(rows))
        if sum(map(len, self._waiting)) > _MOST_WAITING:
            self._take_in()

    def pop_into(self, place: int) -> None:
        self._take_in()
        last = self._index.ntotal - 1
        block, within = self._at(last)
        code = self._packer.unpack_1(block, within)
        # Zeros, since FAISS adds the next row to what is there bit by bit (with "or").
        self._packer.pack_1(np.zeros_like(code), within, block)
        if place != last:
            block, within = self._at(place)
            self._packer.pack_1(code, within, block)
        self._index.ntotal = last

    def nearest(self, probe: NDArray[np.float32], count: int) -> NDArray[np.int64]:
        """Return the places of the `count` or more rows that are most similar to a (d,) probe."""
        self._take_in()
        places: NDArray[np.int64] = self._index.search(_even(probe[np.newaxis]), count)[1][0]
        return places

    def _take_in(self) -> None:
        if self._waiting:
            self._index.add(np.concatenate(self._waiting))
            self._waiting.clear()

    def _at(self, place: int) -> tuple[NDArray[np.uint8], int]:
        """Return the block of FAISS's codes that holds a place, as one row, and the place in it."""
        codes = faiss.rev_swig_ptr(self._index.codes.get(), self._index.codes.size())
        number, within = divmod(place, self._packer.nvec)
        return codes.reshape(-1, self._packer.block_size)[number : number + 1], within


def _two_bit_index(sample: Rows) -> Any:
    dimension = sample.shape[1]
    levels = sample.mean(axis=0)[:, None] + sample.std(axis=0)[:, None] * _NORMAL_LEVELS
    first, second = levels[0::2], levels[1::2]
    pairs = np.stack([np.repeat(first, 4, axis=1), np.tile(second, 4)], axis=2)
    index = faiss.IndexPQFastScan(dimension, dimension // 2, 4, faiss.METRIC_INNER_PRODUCT)
    faiss.copy_array_to_vector(pairs.astype(np.float32).ravel(), index.pq.centroids)
    index.is_trained = True
    return index


def _even(rows: Rows) -> Rows:
    """Return the rows with an even number of columns, since two numbers share a code.

    Where one number is left over, a zero is put beside it.
    """
    return np.pad(rows, ((0, 0), (0, 1))) if rows.shape[1] % 2 else rows
