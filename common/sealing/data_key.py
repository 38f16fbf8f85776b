"""A home's data key: 32 random bytes with which its records are sealed."""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass, field

from common.errors import SealingError
from common.sealing.records import KEY_ID_BYTES

KEY_BYTES = 32
"""AES-256."""


@dataclass(frozen=True)
class DataKey:
    """secret: KEY_BYTES bytes; never shown in a traceback or a log."""

    secret: bytes = field(repr=False)

    @classmethod
    def fresh(cls) -> DataKey:
        return cls(os.urandom(KEY_BYTES))

    @property
    def id(self) -> bytes:
        """KEY_ID_BYTES that name the key, and tell nothing about it (HMAC-SHA-256)."""
        return hmac.digest(self.secret, b"facedesk: id of a data key", "sha256")[:KEY_ID_BYTES]


def to_words(key: DataKey) -> str:
    """Return the key as 24 English words (BIP-39), the last of which has a checksum."""
    from mnemonic import Mnemonic

    return str(Mnemonic("english").to_mnemonic(key.secret))


def from_words(words: str) -> DataKey:
    """Return the key that the words say. Raises SealingError where they say none."""
    from mnemonic import Mnemonic

    plain = " ".join(words.lower().split())
    try:
        return DataKey(bytes(Mnemonic("english").to_entropy(plain)))
    except (ValueError, LookupError) as error:
        raise SealingError(
            "the 24 words of the recovery sheet",
            "these are not all of them, or one is misspelt or at another's place",
            "Compare them with the sheet, word by word",
        ) from error
