"""The kinds of pictures that are read, by the endings of names and by the first bytes of files."""

from __future__ import annotations

import re
from pathlib import Path

HEIF_SUFFIXES = frozenset({".heic", ".heif"})

PICTURE_SUFFIXES = HEIF_SUFFIXES | {
    *(".jpeg", ".jpg", ".jfif", ".jpe"),
    *(".avif", ".bmp", ".gif", ".png", ".tif", ".tiff", ".webp"),
}
"""The endings of a picture file's name, in lower case."""

HEAD_BYTES = 32
"""So many bytes tell the kind of a file."""

_ENDING = re.compile(r"\.[^\W\d_][^\W_]*", re.ASCII)
"""What says of which kind a file is, unlike the end of "2019.05.04" or "M. Nguyễn"."""

_BRANDS = {
    "AVIF": {b"avif", b"avis"},
    "HEIF": {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"},
}


def kind_of(head: bytes) -> str | None:
    """Return the kind of a picture by its first HEAD_BYTES; None where it is none that is read.

    It is Pillow's name of it: AVIF, BMP, GIF, HEIF, JPEG, PNG, TIFF or WEBP.
    """
    for kind, starts in _STARTS.items():
        if head.startswith(starts):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        brands = {head[at : at + 4] for at in (8, *range(16, HEAD_BYTES, 4))}
        for kind, own in _BRANDS.items():
            if brands & own:
                return kind
    return None


def kind_of_file(path: Path) -> str | None:
    """Return the kind of the picture in a file by its first bytes. Raises OSError."""
    with path.open("rb") as file:
        return kind_of(file.read(HEAD_BYTES))


def has_ending(path: Path) -> bool:
    """Return whether a file's name says of which kind the file is."""
    return _ENDING.fullmatch(path.suffix) is not None


_STARTS: dict[str, tuple[bytes, ...]] = {
    "BMP": (b"BM",),
    "GIF": (b"GIF87a", b"GIF89a"),
    "JPEG": (b"\xff\xd8\xff",),
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "TIFF": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
}
