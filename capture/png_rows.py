"""Reads the rows of a large PNG, some at a time, since Pillow would keep the whole picture in
memory."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""The number of channels by colour type: grey, RGB, palette, grey with alpha, RGB with alpha."""

_GREY = 0

_READ_BYTES = 1 << 20
"""The most bytes that are read from the file at once, and the most that are unpacked at once."""


_LARGEST_KEPT = 1 << 20
"""The most bytes of a chunk that is read as a whole: a palette has 768."""


class PngRows:
    """A PNG that is not interlaced, read once, from its first byte on."""

    def __init__(self, file: BinaryIO) -> None:
        """Reads the header from the file. Raises ValueError where no PNG begins."""
        self._file = file
        self._copied: list[tuple[bytes, bytes]] = []
        if file.read(len(SIGNATURE)) != SIGNATURE or self._begun() != (13, b"IHDR"):
            raise ValueError("it does not begin as a PNG")
        self._header = _Header(*struct.unpack(">IIBBBBB", b"".join(self._content(13, b"IHDR"))))

    def strips(self, count: int) -> Iterator[Image.Image]:
        """Gives the picture, `count` rows at a time, in the modes 1, L, LA, P, RGB and RGBA; of
        16-bit values the upper 8 bits. Raises ValueError or zlib.error where the file is damaged or
        cut short."""
        header = self._header
        heights = [min(count, header.height - top) for top in range(0, header.height, count)]
        packed = self._packed()
        pieces = _unpacked(packed, header.height * header.row_bytes)
        above = None
        for content in _portions(pieces, [height * header.row_bytes for height in heights]):
            strip, above = self._strip(content, above)
            yield strip
        for _ in packed:  # to the end of the file: what stands there may be cut short
            pass

    def _packed(self) -> Iterator[bytes]:
        """Gives the content of the IDAT chunks in pieces, and keeps the content of the other
        chunks."""
        while True:
            length, kind = self._begun()
            if kind == b"IDAT":
                yield from self._content(length, kind)
            elif kind in (b"PLTE", b"tRNS") and length <= _LARGEST_KEPT:
                self._copied.append((kind, b"".join(self._content(length, kind))))
            elif kind == b"IEND":
                return
            else:
                self._file.seek(length + 4, io.SEEK_CUR)

    def _begun(self) -> tuple[int, bytes]:
        """Reads the next chunk's length and kind."""
        length, kind = struct.unpack(">I4s", _exactly(self._file, 8))
        return length, kind

    def _content(self, length: int, kind: bytes) -> Iterator[bytes]:
        check = zlib.crc32(kind)
        for start in range(0, length, _READ_BYTES):
            piece = _exactly(self._file, min(_READ_BYTES, length - start))
            check = zlib.crc32(piece, check)
            yield piece
        if struct.unpack(">I", _exactly(self._file, 4)) != (check,):
            raise ValueError("its check sums do not agree")

    def _strip(
        self, content: bytes, above: NDArray[np.uint8] | None
    ) -> tuple[Image.Image, NDArray[np.uint8]]:
        """Returns the picture of some rows, which are as in the file, and the bytes of the last
        row.

        Each row is filtered by the one above; Pillow undoes that where the row above stands before
        them. A filter works on bytes alone, so the lower 8 of 16 bits can be left out before it,
        and pixels that share a byte can be unpacked after it.
        """
        header = self._header
        filtered = np.frombuffer(content, np.uint8).reshape(-1, header.row_bytes)
        if header.depth == 16:
            filtered = np.hstack([filtered[:, :1], filtered[:, 1::2]])
        bytewise = replace(header, depth=8)
        if header.depth < 8:
            bytewise = replace(bytewise, width=header.row_bytes - 1, colour=_GREY)
        if above is not None:
            filtered = np.vstack([np.insert(above, 0, 0), filtered])
        # Transparency by colour is for whole values.
        copied = self._copied if header.depth == 8 else []
        picture = _decoded(bytewise, filtered, copied)
        width, height = picture.size
        picture = picture.crop((0, int(above is not None), width, height))
        last = picture.crop((0, picture.height - 1, width, picture.height))
        if header.depth < 8:
            plain = np.pad(np.asarray(picture), ((0, 0), (1, 0)))
            picture = _decoded(header, plain, self._copied)
        return picture, np.frombuffer(last.tobytes(), np.uint8)


@dataclass(frozen=True)
class _Header:
    """The fields of the IHDR chunk, as they are in the file."""

    width: int
    height: int
    depth: int
    colour: int
    compression: int
    filters: int
    interlaced: int

    @property
    def row_bytes(self) -> int:
        """The bytes of a row, with the byte that names its filter."""
        return 1 + -(-self.width * self.depth * _CHANNELS[self.colour] // 8)


def _exactly(file: BinaryIO, count: int) -> bytes:
    content = file.read(count)
    if len(content) < count:
        raise ValueError("it ends too early")
    return content


def _unpacked(packed: Iterator[bytes], count: int) -> Iterator[bytes]:
    """Unpacks `count` bytes in small pieces, however much is packed in one."""
    unpacker = zlib.decompressobj()
    for content in packed:
        while content and count > 0:
            piece = unpacker.decompress(content, min(_READ_BYTES, count))
            content = unpacker.unconsumed_tail
            count -= len(piece)
            yield piece
    if count > 0:
        raise ValueError("it ends too early")


def _portions(pieces: Iterator[bytes], sizes: Sequence[int]) -> Iterator[bytes]:
    """Gives the same bytes in portions of these sizes."""
    waiting = bytearray()
    for size in sizes:
        while len(waiting) < size:
            waiting += next(pieces)
        yield bytes(waiting[:size])
        del waiting[:size]


def _decoded(
    header: _Header, rows: NDArray[np.uint8], copied: list[tuple[bytes, bytes]]
) -> Image.Image:
    """Decodes a PNG made of these rows, each with its filter before it, and of the chunks that
    belong to them."""
    header = replace(header, height=len(rows))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", *astuple(header))),
        *copied,
        (b"IDAT", zlib.compress(rows.tobytes(), 0)),
        (b"IEND", b""),
    ]
    content = b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)))
        for kind, content in chunks
    )
    picture = Image.open(io.BytesIO(SIGNATURE + content), formats=["PNG"])
    picture.load()
    return picture
