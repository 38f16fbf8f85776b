"""By what a person who was erased is found in bytes and in texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gallery.traces import PersonTraces
from recognition.learning.classifier import digest

SAME_PICTURE = 0.99
"""The cosine from which two embeddings are of one picture, be they made in two ways."""

FEWEST_NAME_BYTES = 4
"""A shorter name stands by chance in any megabyte of random bytes; it is looked for in texts."""

_PROBE = 24
"""Bytes: of random ones so many are the same nowhere by chance."""


class Trace(StrEnum):
    """What of a person was found."""

    TEMPLATE = "template"
    PICTURE = "picture"
    RECORD = "sealed record"
    ID = "id"
    NAME = "name"


@dataclass(frozen=True)
class Needles:
    """What is looked for. has_namesake: whether somebody else has the name, so that it may stand
    anywhere."""

    traces: PersonTraces
    has_namesake: bool = False

    @cached_property
    def probes(self) -> Sequence[tuple[Trace, bytes]]:
        """Pieces of the person's bytes: of each at its beginning, in its middle and at its end, for
        what was written over in part."""
        pieces = [
            *((Trace.TEMPLATE, one) for one in self.traces.embeddings),
            *((Trace.PICTURE, one) for one in self.traces.pictures),
            *((Trace.RECORD, one) for one in self.traces.records),
        ]
        found = {(what, probe) for what, piece in pieces for probe in _probes(piece)}
        for row in self.rows:
            found.add((Trace.TEMPLATE, digest(row)))
        who = self.traces.identity_id
        found |= {(Trace.ID, who.encode(code)) for code in ("utf-8", "utf-16-le", "utf-16-be")}
        return sorted(found)

    @cached_property
    def names(self) -> Sequence[str]:
        """The forms in which the name may stand."""
        name = self.traces.name
        forms = {unicodedata.normalize(form, name) for form in ("NFC", "NFD")}
        return sorted(forms | {one.casefold() for one in forms} | {one.upper() for one in forms})

    @cached_property
    def rows(self) -> Sequence[NDArray[np.float32]]:
        """The embeddings, each (d,) float32."""
        return [np.frombuffer(one, "<f4") for one in self.traces.embeddings]

    def in_bytes(self, content: bytes, *, but: frozenset[Trace] = frozenset()) -> set[Trace]:
        """Returns what stands in bytes of whatever kind. but: what is not looked for."""
        found = set[Trace]()
        for what, probe in self.probes:
            if what not in found | but and probe in content:
                found.add(what)
        if Trace.NAME not in but and not self.has_namesake and self._has_name(content):
            found.add(Trace.NAME)
        return found

    def in_text(self, text: str) -> set[Trace]:
        """Returns whether id or name stand in a text."""
        found = {Trace.ID} if self.traces.identity_id in text else set[Trace]()
        if not self.has_namesake and _has_word(text, self.traces.name):
            found.add(Trace.NAME)
        return found

    def in_rows(self, rows: NDArray[np.generic]) -> set[Trace]:
        """Returns whether one of several embeddings is of a picture of the person.

        rows: (n, d) numbers; of another dimension nothing is found.
        """
        own = [row for row in self.rows if rows.ndim == 2 and rows.shape[1:] == row.shape]
        if not own or not len(rows) or rows.dtype.kind != "f":
            return set()
        with np.errstate(all="ignore"):
            unit = np.nan_to_num(rows / np.linalg.norm(rows, axis=1, keepdims=True))
            alike = unit @ np.stack([row / np.linalg.norm(row) for row in own]).T
        return {Trace.TEMPLATE} if float(alike.max()) >= SAME_PICTURE else set()

    def _has_name(self, content: bytes) -> bool:
        for name in self.names:
            for code in ("utf-8", "utf-16-le", "utf-16-be"):
                needle = name.encode(code)
                if len(name.encode()) >= FEWEST_NAME_BYTES and _stands_alone(
                    content, needle, len("a".encode(code))
                ):
                    return True
        return False


def _probes(piece: bytes) -> Iterator[bytes]:
    if len(piece) < _PROBE:
        return  # blanked
    for at in (0, (len(piece) - _PROBE) // 2, len(piece) - _PROBE):
        probe = piece[at : at + _PROBE]
        if len(set(probe)) > _PROBE // 3:  # the heads of all pictures are alike
            yield probe if at else piece[_skipped(piece) :][:_PROBE]


def _skipped(piece: bytes) -> int:
    """Returns how long the beginning is that other files have, too."""
    heads = {b"\x89PNG": 60, b"\xff\xd8\xff": 640}
    length = heads.get(piece[:4], heads.get(piece[:3], 0))
    return min(length, len(piece) - _PROBE)


def _has_word(text: str, name: str) -> bool:
    text, name = (unicodedata.normalize("NFC", one).casefold() for one in (text, name))
    at = text.find(name)
    while at >= 0:
        before, after = text[:at][-1:], text[at + len(name) :][:1]
        if not (before.isalnum() or after.isalnum()):
            return True
        at = text.find(name, at + 1)
    return False


def _stands_alone(content: bytes, needle: bytes, width: int) -> bool:
    """Returns whether the needle stands somewhere without a letter or digit at either side."""
    at = content.find(needle)
    while at >= 0:
        sides = (content[max(at - width, 0) : at], content[at + len(needle) :][:width])
        if not any(_is_letter(side) for side in sides):
            return True
        at = content.find(needle, at + 1)
    return False


def _is_letter(side: bytes) -> bool:
    only = side.strip(b"\0")
    return len(only) == 1 and chr(only[0]).isalnum() and only[0] < 0x80
