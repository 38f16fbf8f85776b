"""A sealed file that is written and read in one go, of any size, in little memory.

    SIGNATURE
    length      4 bytes, big-endian: of the header
    header      MessagePack: BackupHeader
    chunks      AES-256-GCM of CHUNK_BYTES each, and of what is left in the last one

Each chunk's nonce is its number, 11 bytes, and whether it is the last one, 1 byte (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015). The key is of this file alone: HMAC-
SHA-256 of signature and header with the home's data key. So a header that was changed, and a chunk
that was changed, left out, moved, cut off or comes from another file do not open.
"""

from __future__ import annotations

import hmac
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from common.errors import BackupError
from common.sealing.data_key import DataKey
from common.sealing.records import KEY_ID_BYTES, TAG_BYTES
from common.sentence import Sentence

if TYPE_CHECKING:
    from typing import BinaryIO

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SIGNATURE = b"Facedesk backup 1\n"
CHUNK_BYTES = 1 << 20
_MOST_HEADER_BYTES = 4096
_SALT_BYTES = 32


class BackupHeader(msgspec.Struct, frozen=True):
    """What may be read of a backup without its key.

    home: the home's id. key: the id of the data key, KEY_ID_BYTES bytes, with which it, and all
    that is in it, is sealed. made_at: aware datetime, UTC. salt: random.
    """

    home: str
    key: bytes
    made_at: datetime
    salt: bytes

    @classmethod
    def fresh(cls, home: str, key: DataKey) -> BackupHeader:
        return cls(home, key.id, datetime.now(UTC), os.urandom(_SALT_BYTES))


class SealedWriter(io.RawIOBase):
    """Seals what is written to it. Nothing is complete before `finish`."""

    def __init__(self, file: BinaryIO, header: BackupHeader, key: DataKey) -> None:
        head = msgspec.msgpack.encode(header)
        self._file = file
        self._cipher = _cipher(key, head)
        self._number = 0
        self._left = bytearray()
        file.write(SIGNATURE + len(head).to_bytes(4, "big") + head)

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        self._left += data
        while len(self._left) > CHUNK_BYTES:  # the last one is sealed by finish()
            self._seal(bytes(self._left[:CHUNK_BYTES]), is_last=False)
            del self._left[:CHUNK_BYTES]
        return len(data)

    def finish(self) -> None:
        """Seal the last chunk."""
        self._seal(bytes(self._left), is_last=True)
        self._left.clear()

    def _seal(self, chunk: bytes, is_last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, is_last), chunk, None))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Opens what a SealedWriter has sealed. Raises BackupError where anything of it is different,
    at the latest when its end is read."""

    def __init__(self, file: BinaryIO, path: Path, key: DataKey, head: bytes) -> None:
        self._file = file
        self._path = path
        self._cipher = _cipher(key, head)
        self._number = 0
        self._next = self._read_chunk()
        self._opened = memoryview(b"")
        self._is_over = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        parts = []
        while size:
            if not self._opened and not self._open():
                break
            part = self._opened if size < 0 else self._opened[:size]
            self._opened = self._opened[len(part) :]
            parts.append(bytes(part))
            size -= len(part) if size > 0 else 0
        return b"".join(parts)

    def _read_chunk(self) -> bytes:
        with _reading(self._path):
            return self._file.read(CHUNK_BYTES + TAG_BYTES)

    def _open(self) -> bool:
        """Open the next chunk; return whether there was one."""
        from cryptography.exceptions import InvalidTag

        if self._is_over:
            return False
        chunk, self._next = self._next, self._read_chunk()
        self._is_over = not self._next
        try:
            opened = self._cipher.decrypt(_nonce(self._number, self._is_over), chunk, None)
        except (InvalidTag, ValueError) as error:
            raise damaged_backup(self._path) from error
        self._opened = memoryview(opened)
        self._number += 1
        return bool(opened) or not self._is_over


@contextmanager
def opened_backup(
    path: Path, key_of: Callable[[BackupHeader], DataKey]
) -> Iterator[tuple[BackupHeader, SealedReader]]:
    """Give the header of a backup, and what reads the rest. key_of: returns the key it asks for.

    Raises BackupError, and what key_of raises.
    """
    with _reading(path):
        file = path.open("rb")
    with file:
        with _reading(path):
            header, head = _read_head(file, path)
        key = key_of(header)
        if key.id != header.key:
            raise damaged_backup(path)
        yield header, SealedReader(file, path, key, head)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupError(
            Sentence("to be able to read the backup {}", path),
            Sentence("that failed ({})", error.strerror or str(error)),
            "Check the path, and that the disk is there",
        ) from error


def read_header(path: Path) -> BackupHeader:
    """Return a backup's header, unchecked: it takes the key. Raises BackupError and OSError."""
    with path.open("rb") as file:
        return _read_head(file, path)[0]


def _read_head(file: BinaryIO, path: Path) -> tuple[BackupHeader, bytes]:
    start = file.read(len(SIGNATURE) + 4)
    if not start.startswith(SIGNATURE):
        raise BackupError(
            Sentence("a backup of Facedesk at {}", path),
            "the file there is none, or its beginning is damaged",
            "Name the file that facedesk backup create wrote; facedesk import reads archives",
        )
    length = int.from_bytes(start[len(SIGNATURE) :], "big")
    head = file.read(length) if length <= _MOST_HEADER_BYTES else b""
    try:
        header = msgspec.msgpack.decode(head, type=BackupHeader)
    except (msgspec.MsgspecError, ValueError) as error:  # ValueError: no UTF-8
        raise damaged_backup(path) from error
    if len(head) != length or len(header.key) != KEY_ID_BYTES or header.made_at.tzinfo is None:
        raise damaged_backup(path)
    return header, head


def damaged_backup(path: Path) -> BackupError:
    return BackupError(
        Sentence("an intact backup {}", path),
        "it is damaged: something of it was changed, moved or cut off",
        "Take another copy of it, or another backup; nothing was changed",
    )


def _cipher(key: DataKey, head: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(hmac.digest(key.secret, SIGNATURE + head, "sha256"))


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
