"""Reads how a picture is to be turned, and keeps all else that is written in it from its decoder.

Texts, dates, profiles and resolutions decide nothing here. But decoders read them, and refuse sound
pictures for odd ones, or unpack what is a trap. So they get the file without them.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, cast

from capture.kinds import HEAD_BYTES, kind_of
from capture.pieces import Piece, PiecedFile

_ORIENTATION = 0x0112
"""The EXIF tag that gives the orientation."""

_LONGEST_EXIF = 1 << 20
_MOST_PARTS = 100_000
"""So many segments, chunks or tags are looked at; what comes after them stays."""

_EXIF = b"Exif\0\0"
_RAW_PROFILE = b"Raw profile type exif\0"

_KEPT_SEGMENTS = frozenset({0xE0, 0xEE})
"""Of the segments APP0 to APP15: JFIF, and Adobe's, which says how colours are coded."""

_KEPT_TAGS = frozenset(
    {*range(254, 260), 262, 266, 273, *range(277, 282), 284, 292, 293, 317, 320}
    | {322, 323, 324, 325, 332, 338, 339, 347, *range(512, 522), 529, 530, 531, 532}
)
"""The TIFF tags that say how pixels are stored (TIFF 6.0, Technical Note 2)."""

_INTEGERS = {1: "B", 3: "H", 4: "L", 6: "b", 8: "h", 9: "l"}
"""TIFF's types that are whole numbers."""


def without_metadata(file: BinaryIO) -> tuple[BinaryIO, int]:
    """Return the picture's file without its metadata, and its EXIF orientation, 1 to 8.

    The orientation is 1 where none is written that has a meaning, and for kinds whose decoder says
    it or applies it. A file of another kind, or one that is damaged, is returned as far as it goes.
    """
    file.seek(0)
    kind = kind_of(file.read(HEAD_BYTES))
    bare, orientation = file, 1
    with suppress(struct.error, ValueError, EOFError):
        match kind:
            case "JPEG":
                bare, orientation = _jpeg(file)
            case "PNG":
                bare, orientation = _png(file)
            case "TIFF":
                bare, orientation = _tiff(file)
            case "AVIF" | "HEIF":
                bare = _boxes(file)
    bare.seek(0)
    return bare, orientation


def orientation_in(exif: bytes) -> int:
    """Return the orientation that stands in EXIF data, 1 where there is none that has a meaning.

    No other tag is read. Numbers of any type are taken, and texts that are one.
    """
    tiff = exif.removeprefix(_EXIF)
    with suppress(struct.error, ValueError):
        order = _byte_order(tiff)
        (first,) = struct.unpack_from(f"{order}L", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for at in range(first + 2, first + 2 + 12 * count, 12):
            if struct.unpack_from(f"{order}H", tiff, at) == (_ORIENTATION,):
                return _orientation(tiff[at : at + 12], order)
    return 1


def _orientation(entry: bytes, order: str) -> int:
    (kind,) = struct.unpack_from(f"{order}H", entry, 2)
    if kind in _INTEGERS:
        (value,) = struct.unpack_from(order + _INTEGERS[kind], entry, 8)
    else:
        value = int(entry[8:9])
    return value if 1 <= value <= 8 else 1


def tiff_size(file: BinaryIO) -> tuple[int, int, int]:
    """Return width, height and the bytes of a pixel of a TIFF, which need not be of Pillow's kinds.

    Raises ValueError or struct.error where they cannot be read.
    """
    file.seek(0)
    head = file.read(8)
    order = _byte_order(head)
    (first,) = struct.unpack_from(f"{order}L", head, 4)
    file.seek(first)
    (count,) = struct.unpack(f"{order}H", file.read(2))
    numbers = {}
    for entry in [file.read(12) for _ in range(count)]:
        tag, kind, many = struct.unpack_from(f"{order}HHL", entry)
        if kind in _INTEGERS:
            at = entry[8:]
            if many * struct.calcsize(_INTEGERS[kind]) > 4:
                file.seek(struct.unpack_from(f"{order}L", entry, 8)[0])
                at = file.read(4)
            (numbers[tag],) = struct.unpack_from(order + _INTEGERS[kind], at)
    if 256 not in numbers or 257 not in numbers:
        raise ValueError("it has no size")
    pixel = numbers.get(258, 1) * numbers.get(277, 1) // 8 + 1
    return numbers[256], numbers[257], pixel


def _byte_order(tiff: bytes) -> str:
    if tiff[:2] not in (b"II", b"MM"):
        raise ValueError("no TIFF begins here")
    return "<" if tiff[:2] == b"II" else ">"


def _size(file: BinaryIO) -> int:
    return file.seek(0, 2)


def _jpeg(file: BinaryIO) -> tuple[BinaryIO, int]:
    orientation, at, end = 1, 2, _size(file)
    pieces: list[Piece] = [(0, 2)]
    for _ in range(_MOST_PARTS):
        file.seek(at)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            break
        if head[1] == 0xFF:  # markers may be filled up
            at += 1
            continue
        marker, length = head[1], int.from_bytes(head[2:], "big")
        if marker < 0xC0 or 0xD0 <= marker <= 0xDA or length < 2:
            break
        if marker == 0xFE or (0xE0 <= marker <= 0xEF and marker not in _KEPT_SEGMENTS):
            content = file.read(length - 2) if marker == 0xE1 else b""
            if content.startswith(_EXIF) and orientation == 1:
                orientation = orientation_in(content)
        else:
            pieces.append((at, min(at + 2 + length, end)))
        at += 2 + length
    if at >= end:
        raise ValueError("it ends too early")
    return cast(BinaryIO, PiecedFile(file, [*pieces, (at, end)])), orientation


def _png(file: BinaryIO) -> tuple[BinaryIO, int]:
    orientation, end = 1, _size(file)
    pieces: list[Piece] = []
    begun = at = 0
    for at, length, name in _chunks(file, end):
        if name[:1].isupper() or name == b"tRNS":
            continue
        if name in (b"eXIf", b"zTXt", b"tEXt") and length <= _LONGEST_EXIF and orientation == 1:
            orientation = _png_orientation(name, file.read(length))
        pieces.append((begun, at))
        begun = at + 12 + length
    if begun < end:
        pieces.append((begun, end))
    return cast(BinaryIO, PiecedFile(file, pieces)), orientation


def _chunks(file: BinaryIO, end: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield where each chunk begins, the length of its content, and its name."""
    at = 8
    for _ in range(_MOST_PARTS):
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[:4], "big")
        if len(head) < 8 or at + 12 + length > end:
            return
        yield at, length, head[4:]
        at += 12 + length


def _png_orientation(name: bytes, content: bytes) -> int:
    if name == b"eXIf":
        return orientation_in(content)
    if not content.startswith(_RAW_PROFILE):
        return 1
    text = content.removeprefix(_RAW_PROFILE)  # as ImageMagick writes it, in hexadecimal
    with suppress(zlib.error, ValueError):
        if name == b"zTXt":
            text = zlib.decompressobj().decompress(text[1:], _LONGEST_EXIF)
        _, _, _, numbers = text.split(b"\n", 3)
        return orientation_in(bytes.fromhex(numbers.decode("ascii")))
    return 1


def _tiff(file: BinaryIO) -> tuple[BinaryIO, int]:
    """Leave other tags out of the first picture's directory, and all other pictures."""
    end = _size(file)
    file.seek(0)
    head = file.read(16)
    order = _byte_order(head)
    is_big = head[2:4] in (b"+\0", b"\0+")
    offset, number, size = ("Q", "Q", 20) if is_big else ("L", "H", 12)
    (first,) = struct.unpack_from(order + offset, head, 8 if is_big else 4)
    head_size = struct.calcsize(order + number)
    file.seek(first)
    (count,) = struct.unpack(order + number, file.read(head_size))
    if count > _MOST_PARTS or first + head_size + count * size > end:
        raise ValueError("it ends too early")
    entries = [file.read(size) for _ in range(count)]
    tags = [struct.unpack_from(f"{order}H", entry)[0] for entry in entries]
    kept = [entry for tag, entry in zip(tags, entries, strict=True) if tag in _KEPT_TAGS]
    orientation = 1
    if _ORIENTATION in tags:
        entry = entries[tags.index(_ORIENTATION)]
        short = entry[:8] + entry[12:16] if is_big else entry
        with suppress(struct.error, ValueError):
            orientation = _orientation(short, order)
    directory = struct.pack(order + number, len(kept)) + b"".join(kept)
    after = min(first + head_size + count * size + struct.calcsize(order + offset), end)
    directory = directory.ljust(after - first, b"\0")
    return cast(BinaryIO, PiecedFile(file, [(0, first), directory, (after, end)])), orientation


def _boxes(file: BinaryIO) -> BinaryIO:
    """Empty the EXIF data of an AVIF or HEIF: how it is turned stands elsewhere in it."""
    file.seek(0)
    content = bytearray(file.read())
    for head in (b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        at = content.find(head)
        while at >= 0:
            at += len(head)
            content[at : at + 2] = b"\0\0"
            at = content.find(head, at)
    return io.BytesIO(content)
