"""Checks embeddings that came from elsewhere, and sorts them by person."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.errors import FormatError, GalleryError
from common.sentence import Sentence
from gallery.names import normalized_name
from recognition.formats.contents import PeopleInEmbeddings, PersonEmbeddings

FEWEST_NUMBERS = 16
MOST_NUMBERS = 8192
"""The dimensions that embeddings of faces have: OpenFace's 128, VGG-Face's 4096."""

_UNIT = 1e-3
"""Vectors whose length is so near to 1 were meant to be of unit length."""

_ROUNDING = 1e-5


def people_of(
    path: Path,
    names: Sequence[object],
    rows: NDArray[Any],
    groups: Sequence[object] | None = None,
    model: str = "",
) -> PeopleInEmbeddings:
    """Returns the embeddings of a file by person, scaled to unit length, in the file's order.

    names: one for each row. rows: (n, d), (n, 1, d), or flat, as some programs save them.
    groups: what tells people of one name apart, where the file says it. path, model: of the file.

    Raises FormatError where there is no name for each row, a name cannot stand, a number is none,
    or one vector is given under two names.
    """
    with np.errstate(all="ignore"):  # what is no number, or too large for one, is found below
        vectors = _vectors(path, rows, len(names))
        lengths = np.linalg.norm(vectors, axis=1)
    _refuse_rows(path, ~np.isfinite(lengths), Sentence("holds numbers that are none (NaN)"))
    _refuse_rows(path, lengths < 1e-12, Sentence("is all zeros"))
    told = []
    others = int(np.count_nonzero(np.abs(lengths - 1) > _UNIT))
    if others:
        told.append(Sentence("{} of {} vectors were scaled to unit length.", others, len(vectors)))
    # What is of unit length stays as it is, bit by bit.
    scales = np.where(np.abs(lengths - 1) > _ROUNDING, lengths, 1)
    units = np.asarray(vectors / scales[:, np.newaxis], np.float32)
    checked = [_name(path, number, name) for number, name in enumerate(names, 1)]
    keys = list(zip(checked, map(str, groups), strict=True)) if groups is not None else checked
    own: dict[object, list[int]] = {}
    for number in _without_repeated(path, units, checked, told):
        own.setdefault(keys[number], []).append(number)
    people = tuple(
        PersonEmbeddings(checked[own_rows[0]], units[own_rows]) for own_rows in own.values()
    )
    return PeopleInEmbeddings(people, units.shape[1], model, tuple(told))


def _vectors(path: Path, rows: NDArray[Any], count: int) -> NDArray[np.float32]:
    if rows.dtype.kind not in "fiu":
        raise _no_embeddings(path, Sentence("it has {}", rows.dtype))
    if not count or not rows.size:
        raise _no_embeddings(path, Sentence("it has none"))
    if rows.ndim == 1 and rows.size % count == 0:
        rows = rows.reshape(count, -1)
    if rows.ndim == 3 and 1 in rows.shape[1:]:
        rows = rows.reshape(len(rows), -1)
    if rows.ndim != 2:
        shape = " x ".join(map(str, rows.shape))
        raise _no_embeddings(path, Sentence("it has an array of {}, pictures perhaps", shape))
    if not FEWEST_NUMBERS <= rows.shape[1] <= MOST_NUMBERS:
        raise _no_embeddings(path, Sentence("it has rows of {} numbers", rows.shape[1]))
    if len(rows) != count:
        raise FormatError(
            "as many names as vectors",
            Sentence("{} has {} vectors, and there are {} names", path, len(rows), count),
            "Give the names that were saved together with them",
        )
    return rows.astype(np.float32, copy=False)


def _refuse_rows(path: Path, wrong: NDArray[np.bool_], what: Sentence) -> None:
    if wrong.any():
        raise FormatError(
            "vectors of finite numbers, which point somewhere",
            Sentence("number {} of {} {}", int(np.argmax(wrong)) + 1, path, what),
            "Make this file again with the program that wrote it",
        )


def _name(path: Path, number: int, name: object) -> str:
    try:
        return normalized_name(str(name))
    except GalleryError as error:
        raise FormatError(
            "a name for each vector",
            Sentence("for number {} of {} {}", number, path, error.found),
            "Correct the name in that file, and import it again",
        ) from error


def _without_repeated(
    path: Path, units: NDArray[np.float32], names: Sequence[str], told: list[Sentence]
) -> list[int]:
    """Returns the numbers of the rows without those that are given twice under one name."""
    first: dict[bytes, int] = {}
    for number, row in enumerate(units):
        earlier = first.setdefault(blake2b(row).digest(), number)
        if names[earlier] != names[number]:
            raise FormatError(
                "vectors of one person each",
                Sentence(
                    "{} has the same vector as {} and as {}", path, names[earlier], names[number]
                ),
                "Correct the names in that file, and import it again",
            )
    if len(first) < len(units):
        told.append(Sentence("{} vectors were given twice.", len(units) - len(first)))
    return sorted(first.values())


def _no_embeddings(path: Path, found: Sentence) -> FormatError:
    return FormatError(
        Sentence("embeddings in {}: rows of {} to {} numbers", path, FEWEST_NUMBERS, MOST_NUMBERS),
        found,
        "Pictures are imported from a folder for each person, or from a table that names them",
    )
