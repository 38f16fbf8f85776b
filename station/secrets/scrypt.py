"""How a PIN or a code is kept, so that the file does not give it away: scrypt (RFC 7914)."""

from __future__ import annotations

import hashlib

COST, BLOCK, LANES = 2**14, 8, 5
"""The parameters N, r and p of scrypt: one of the settings that OWASP's Password Storage Cheat
Sheet holds to be equally strong. With 16 MiB it is one of the smaller ones, since the station has
to stay small. A try takes 0.15 s. Other values need a new version of the files."""

SALT_BYTES = 16
"""The length of a salt: 128 bits, as NIST SP 800-132 asks for."""


def derive(secret: str, salt: bytes) -> bytes:
    """Returns the 32 bytes that scrypt derives from `secret`. The only way back is to try
    secrets."""
    return hashlib.scrypt(secret.encode(), salt=salt, n=COST, r=BLOCK, p=LANES, dklen=32)
