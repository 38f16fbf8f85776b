"""Reads a list of names that lies beside embeddings: a text, JSON, a .npy array or a pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from common.errors import FormatError
from common.sentence import Sentence
from recognition.formats.arrays import MOST_BYTES, read_npy, told
from recognition.formats.plain_pickle import read_plain

SUFFIXES = (".json", ".txt", ".npy", ".pkl", ".pickle")

_REMEDY = Sentence("Write it as a text in UTF-8, a line for each vector")

_NAME_KEYS = ("name", "label", "person", "identity", "username", "user")
"""How programs call the name where each vector has a record."""


def read_labels(path: Path) -> Sequence[object] | Mapping[int, object]:
    """Returns the names in a file: one after the other, or by the numbers of the vectors.

    Raises FormatError where it is damaged, too large, or holds something else.
    """
    expected = Sentence("a list of names")
    with told(path, expected, _REMEDY):
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("it is too large")
        match path.suffix.lower():
            case ".npy":
                content: Any = read_npy(path).tolist()
            case ".json":
                content = json.loads(path.read_text("utf-8-sig"))
            case ".pkl" | ".pickle":
                with path.open("rb") as file:
                    content = read_plain(file)
            case _:
                content = path.read_text("utf-8-sig").splitlines()
    if hasattr(content, "tolist"):
        content = content.tolist()
    for key in ("names", "labels"):
        if isinstance(content, dict) and isinstance(content.get(key), list | dict):
            content = content[key]
    if isinstance(content, list):
        return [_label(path, one) for one in content]
    if isinstance(content, dict):
        with told(path, expected, _REMEDY):
            return {number: _label(path, one) for number, one in _by_number(content).items()}
    raise _no_names(path, Sentence("it has none"))


def names_of(
    path: Path, labels: Sequence[object] | Mapping[int, object], numbers: Sequence[int]
) -> list[object]:
    """Returns the name of each number. Raises FormatError where one has none.

    path: the file of the labels.
    """
    found: list[object] = []
    for number in numbers:
        try:
            if number < 0:
                raise LookupError
            found.append(labels[number])
        except LookupError:
            raise FormatError(
                Sentence("a name for each number, from 0, in {}", path),
                Sentence("it has none for {}", number),
                "Give the list of names that was saved together with the vectors",
            ) from None
    return found


def beside(path: Path, *stems: str) -> Path | None:
    """Returns the list of names that lies beside a file under one of these names; None where there
    is none."""
    for stem in stems:
        for suffix in SUFFIXES:
            found = path.parent / f"{stem}{suffix}"
            if found != path and found.is_file():
                return found
    return None


def _label(path: Path, one: Any) -> object:
    if isinstance(one, dict):
        one = next((one[key] for key in _NAME_KEYS if key in one), None)
    if not isinstance(one, str | int | bytes) or isinstance(one, bool):
        raise _no_names(path, Sentence("something in it is no name"))
    return one.decode("utf-8", "replace") if isinstance(one, bytes) else one


def _by_number(content: Mapping[object, object]) -> Mapping[int, object]:
    """Returns the names by number, also of a table that has the numbers by name."""
    if all(isinstance(value, int) for value in content.values()):
        return {int(str(value)): name for name, value in content.items()}
    return {int(str(number)): name for number, name in content.items()}


def _no_names(path: Path, found: Sentence) -> FormatError:
    return FormatError(Sentence("a list of names in {}", path), found, _REMEDY)
