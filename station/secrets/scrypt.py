"""How a PIN or a code is kept, so that the file does not give it away: scrypt (RFC 7914)."""

from __future__ import annotations

import hashlib

COST, BLOCK, LANES = 2**14, 8, 5
"""scrypt's N, r and p: one of the settings that OWASP's Password Storage Cheat Sheet holds to be
equally strong, and with 16 MiB one of the smaller ones, since the station has to stay small. A
try takes 0.15 s. Other figures need a new version of the files."""

SALT_BYTES = 16
"""128 bits, as NIST SP 800-132 asks for."""


def derive(secret: str, salt: bytes) -> bytes:
    """32 bytes that `secret` makes with `salt`; nothing but trying leads back."""
    return hashlib.scrypt(secret.encode(), salt=salt, n=COST, r=BLOCK, p=LANES, dklen=32)
