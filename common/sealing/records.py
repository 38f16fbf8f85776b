"""Seals what is kept of people, record by record: AES-256-GCM (NIST SP 800-38D).

A sealed record is

    version     1 byte: VERSION
    key id      8 bytes: of the data key, see common.sealing.data_key
    nonce       12 random bytes, new for each sealing
    ciphertext  the record's secret values as MessagePack, as long as these
    tag         16 bytes

The tag is also of what is not secret but must not be changed: the version, the kind of file, the
table, and the record's clear values, its id among them, as MessagePack. So no record can be
changed, moved to another id, or exchanged for one of another table or file.

Random nonces of 96 bits may be used 2^32 times with one key, after which two of them are alike with
a probability of 2^-32 (SP 800-38D, 8.3): an enrollment seals some 40 records, so that a hundred
million enrollments are below that. Each rotation begins anew. That a record is gone is shown by
common.sealing.tally; a whole older file put in the place of the newer one by nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from common.errors import SealingError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
KEY_ID_BYTES = 8
NONCE_BYTES = 12
TAG_BYTES = 16

_packed = msgspec.msgpack.Encoder().encode
_unpacked = msgspec.msgpack.Decoder().decode

_HEAD = 1 + KEY_ID_BYTES + NONCE_BYTES

Value = str | int | float | bytes | None
"""What a column holds."""

Cipher = Callable[[bytes], "AESGCM"]
"""Returns the cipher of a data key by its id; raises SealingError where there is no such key."""


class ChangedRecordError(SealingError):
    """A sealed record is not as it was sealed."""

    def __init__(self, table: str) -> None:
        super().__init__(
            "records as they were sealed",
            "one was changed, moved or cut off, or is of another home",
            "Put a backup copy in the file's place",
        )
        self.table = table


class Sealer:
    """Seals and opens the records of one kind of file.

    kind: tells its records from those of other kinds. cipher: knows the keys.
    """

    def __init__(self, kind: int, cipher: Cipher) -> None:
        from cryptography.exceptions import InvalidTag

        self._kind = kind
        self._cipher = cipher
        self._invalid = InvalidTag
        self._ciphers: dict[bytes, AESGCM] = {}
        # A row's columns are asked for one by one, and a person's row once for each template.
        self._last: dict[str, tuple[bytes, Sequence[Value], list[Any]]] = {}

    def seal(
        self, key_id: bytes, table: str, clear: Sequence[Value], secret: Sequence[Value]
    ) -> bytes:
        """Return the sealed record. Raises SealingError where there is no key of this id."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._of(key_id).encrypt(nonce, _packed(secret), self._bound(table, clear))
        return b"%c%b%b%b" % (VERSION, key_id, nonce, sealed)

    def open(self, record: bytes, table: str, clear: Sequence[Value]) -> list[Any]:
        """Return the secret values of a record.

        Raises ChangedRecordError where anything of it is not as it was sealed.
        """
        last = self._last.get(table)
        if last is not None and last[0] == record and last[1] == clear:
            return last[2]
        is_record = isinstance(record, bytes) and len(record) >= _HEAD + TAG_BYTES
        if not is_record or record[0] != VERSION:
            raise ChangedRecordError(table)
        try:
            cipher = self._of(record[1 : 1 + KEY_ID_BYTES])
            packed = cipher.decrypt(
                record[1 + KEY_ID_BYTES : _HEAD], record[_HEAD:], self._bound(table, clear)
            )
        except (SealingError, self._invalid) as error:
            raise ChangedRecordError(table) from error
        secret: list[Any] = _unpacked(packed)
        self._last[table] = (record, clear, secret)
        return secret

    def _of(self, key_id: bytes) -> AESGCM:
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            cipher = self._ciphers[key_id] = self._cipher(key_id)
        return cipher

    def _bound(self, table: str, clear: Sequence[Value]) -> bytes:
        return _packed((VERSION, self._kind, table, clear))
