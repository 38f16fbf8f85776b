"""FAISS index files with a list of names.

They are read without FAISS: its reader believes what a file says of its own sizes, and may take all
memory or end the program. Only kinds that hold the vectors as they are can be read; the others
hold codes, of which no vector can be had back. The layout is that of faiss/impl/index_write.cpp,
little-endian.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.errors import FormatError
from common.sentence import Sentence
from recognition.formats.arrays import MOST_BYTES, told
from recognition.formats.contents import EnrolledPerson, PeopleInEmbeddings, ReadingOptions
from recognition.formats.embeddings import MOST_NUMBERS, people_of
from recognition.formats.labels import beside, names_of, read_labels
from recognition.formats.new_folder import new_folder

_SUFFIXES = (".faiss", ".index", ".idx")
_INDEX, _LABELS = "faces.index", "labels.json"
_LABEL_STEMS = ("labels", "names", "label_map", "name_map", "metadata", "meta", "usernames")

_FLAT = (b"IxFI", b"IxF2", b"IxFl")
_MAPPED = (b"IxMp", b"IxM2")
_LAYERS = 4
"""Indexes within indexes that are read: a map of numbers, normalization, a graph, the vectors."""


class FaissFormat:
    name = "faiss"
    holds_pictures = False
    lacks = Sentence("pictures, notes, ids and times of enrollment")

    def recognizes(self, path: Path) -> bool:
        return path.suffix.lower() in _SUFFIXES or _index_in(path) is not None

    def read(self, path: Path, options: ReadingOptions) -> PeopleInEmbeddings:
        index = _index_in(path) or path
        with told(
            index,
            Sentence("an index of FAISS that holds the vectors as they are (flat, IVF, HNSW)"),
            Sentence("Save the vectors with numpy.savez(path, embeddings=..., names=...) instead"),
        ):
            if index.stat().st_size > MOST_BYTES:
                raise ValueError("it is too large")
            found = _index(_Bytes(index.read_bytes()), _LAYERS)
        labels = options.names or beside(
            index, *_LABEL_STEMS, index.stem, f"{index.stem}_labels", f"{index.stem}_names"
        )
        if labels is None:
            raise FormatError(
                Sentence("a list of names beside {}: labels.json or labels.txt", index),
                "there is none",
                "Give it with --names FILE",
            )
        read = read_labels(labels)
        numbers = found.numbers.tolist()
        if (
            not isinstance(read, Mapping)
            and len(read) == len(numbers)
            and max(numbers, default=0) >= len(read)
        ):
            return people_of(index, list(read), found.rows)  # the names are in the rows' order
        return people_of(index, names_of(labels, read, numbers), found.rows)

    def write(
        self, people: Iterable[EnrolledPerson], model_id: str, out: Path, *, overwrite: bool
    ) -> None:
        rows = [(p.identity.name, t.embedding) for p in people for t in p.templates]
        names = json.dumps([name for name, _ in rows], ensure_ascii=False, indent=0)
        with new_folder(out) as fresh:
            (fresh / _INDEX).write_bytes(flat_index(np.stack([row for _, row in rows])))
            (fresh / _LABELS).write_text(names, "utf-8")


def flat_index(rows: NDArray[np.float32]) -> bytes:
    """Returns the file of an IndexFlatIP, which compares by inner product, with (n, d) rows."""
    count, dimension = rows.shape
    unused = 1 << 20  # FAISS writes this where an older version had something
    head = struct.pack("<4siqqqBi", b"IxFI", dimension, count, unused, unused, 1, 0)
    return head + struct.pack("<Q", count * dimension) + rows.astype("<f4").tobytes()


@dataclass(frozen=True, eq=False)
class _Vectors:
    """(n, d) rows, and the (n,) numbers that the index gives them."""

    rows: NDArray[np.float32]
    numbers: NDArray[np.int64]


class _Bytes:
    """A file's content, read from the beginning; nothing is read, or reserved, beyond its end."""

    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)
        self._at = 0

    def take(self, size: int) -> memoryview:
        if not 0 <= size <= len(self._content) - self._at:
            raise EOFError("it is cut short, or claims more than it has")
        self._at += size
        return self._content[self._at - size : self._at]

    def kind(self) -> bytes:
        """Read the four letters that say what follows."""
        return bytes(self.take(4))

    def values(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack(f"<{layout}", self.take(struct.calcsize(f"<{layout}")))

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        return np.frombuffer(self.take(count * np.dtype(dtype).itemsize), dtype)

    def vector(self, dtype: str) -> NDArray[Any]:
        """Read an array with its length before it."""
        (count,) = self.values("Q")
        return self.array(dtype, count)


def _index(file: _Bytes, layers: int) -> _Vectors:
    kind = file.kind()
    if layers == 0:
        raise ValueError("it has too many indexes within each other")
    dimension, count = _header(file)
    if kind in _FLAT:
        rows = file.vector("<f4")
        return _Vectors(rows.reshape(count, dimension), np.arange(count))
    if kind in _MAPPED:
        inner, ids = _index(file, layers - 1), file.vector("<i8")
        return _Vectors(inner.rows, ids[inner.numbers])
    if kind == b"IwFl":
        return _inverted(file, dimension, layers)
    if kind == b"IHNf":
        for dtype in ("<f8", "<i4", "<i4", "<u8", "<i4"):
            file.vector(dtype)
        file.take(5 * 4)  # where a search begins, the highest level and three settings
        return _index(file, layers - 1)
    if kind == b"IxPT":
        return _transformed(file, layers)
    raise ValueError(f"it is of the kind {kind.decode('ascii', 'replace')!r}")


def _header(file: _Bytes) -> tuple[int, int]:
    dimension, count, _, _, _, metric = file.values("iqqqBi")
    if metric > 1:
        file.take(4)
    if not 0 < dimension <= MOST_NUMBERS or count < 0:
        raise ValueError(f"it claims {count} vectors of {dimension} numbers")
    return dimension, count


def _inverted(file: _Bytes, dimension: int, layers: int) -> _Vectors:
    """Read the rest of an IndexIVFFlat: lists of vectors with their numbers."""
    lists, _probes = file.values("QQ")
    _index(file, layers - 1)  # the coarse quantizer
    (is_mapped,) = file.values("B")
    file.vector("<i8")
    if is_mapped == 2:  # a hash table
        file.vector("<i8,<i8")
    if file.kind() != b"ilar":
        raise ValueError("its lists are in another file")
    found, code_size = file.values("QQ")
    if found != lists or code_size != 4 * dimension:
        raise ValueError("its lists are of another size than they should be")
    rows, numbers = [np.empty((0, dimension), "<f4")], [np.empty(0, "<i8")]
    for size in _sizes(file):
        rows.append(file.array("<f4", size * dimension).reshape(size, dimension))
        numbers.append(file.array("<i8", size))
    order = np.argsort(np.concatenate(numbers), kind="stable")
    return _Vectors(np.concatenate(rows)[order], np.concatenate(numbers)[order])


def _sizes(file: _Bytes) -> Iterator[int]:
    """Read how many vectors each list has that is not empty."""
    kind, sizes = file.kind(), file.vector("<u8")
    if kind == b"sprs":
        sizes = sizes[1::2]  # beside each, of which list it is
    elif kind != b"full":
        raise ValueError("its lists are of an unknown kind")
    return map(int, sizes[sizes > 0])


def _transformed(file: _Bytes, layers: int) -> _Vectors:
    """Read the rest of an IndexPreTransform that only scales vectors to unit length."""
    (transforms,) = file.values("i")
    for _ in range(min(transforms, _LAYERS)):
        if file.kind() != b"VNrm":
            raise ValueError("its vectors were turned or cut, for which there is no way back")
        file.values("fiiB")
    return _index(file, layers - 1)


def _index_in(folder: Path) -> Path | None:
    if not folder.is_dir():
        return None
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    return found[0] if len(found) == 1 else None
