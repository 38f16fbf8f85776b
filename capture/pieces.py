"""A file that leaves out parts of another one, without a copy of it."""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import BinaryIO

Piece = bytes | tuple[int, int]
"""Bytes of its own, or (first, end) of the other file."""


class PiecedFile(io.RawIOBase):
    """Pieces of an open file, and bytes in between, read as one file. The other one stays open."""

    def __init__(self, file: BinaryIO, pieces: Iterable[Piece]) -> None:
        self._file = file
        self._pieces = [piece for piece in pieces if _length(piece)]
        self._begins = list(accumulate(map(_length, self._pieces), initial=0))
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._begins[-1]}[whence]
        if base + offset < 0:
            raise OSError("before the beginning of the file")
        self._at = base + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(self._begins[-1] - self._at, 0)
        left = left if size is None or size < 0 else min(size, left)
        parts = []
        while left > 0:
            number = bisect_right(self._begins, self._at) - 1
            skipped = self._at - self._begins[number]
            piece = self._pieces[number]
            count = min(left, _length(piece) - skipped)
            if isinstance(piece, bytes):
                part = piece[skipped : skipped + count]
            else:
                self._file.seek(piece[0] + skipped)
                part = self._file.read(count)
            if not part:  # the file was cut meanwhile
                break
            parts.append(part)
            self._at += len(part)
            left -= len(part)
        return b"".join(parts)

    def readall(self) -> bytes:
        return self.read()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


def _length(piece: Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else piece[1] - piece[0]
