"""What is wrong with a zip archive that came from elsewhere."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection

ZIP_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError),
)
"""What zipfile raises at files that are no archives, are damaged, encrypted or packed otherwise."""

_BOMB_BYTES, _BOMB_RATIO = 10_000_000, 100
"""Weights and embeddings hardly get smaller by packing: what grows a hundredfold beyond 10 MB is a
trap. Zip bombs are a thousand times as large as they look."""


def is_zip_bomb(members: Collection[zipfile.ZipInfo], most: int) -> bool:
    """Return whether members of an archive are more than `most` bytes together when they are
    unpacked, or out of all proportion to what they are packed.
    """
    size = unpacked_size(members)
    packed = sum(member.compress_size for member in members)
    return size > most or (size > _BOMB_BYTES and size > _BOMB_RATIO * packed)


def unpacked_size(members: Collection[zipfile.ZipInfo]) -> int:
    """Return how many bytes members of an archive have, as it says, when they are unpacked."""
    return sum(member.file_size for member in members)
