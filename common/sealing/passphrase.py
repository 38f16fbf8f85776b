"""A passphrase as key holder: nothing is kept; the wrapping key is derived from it."""

from __future__ import annotations

import hashlib
import os
import secrets
import unicodedata
from collections.abc import Callable
from pathlib import Path

from common.errors import SealingError
from common.sealing.holders import WRAPPING_BYTES, More
from common.sentence import Sentence

COST, BLOCK, LANES = 2**17, 8, 1
"""N, r and p of scrypt (RFC 7914), as OWASP's Password Storage Cheat Sheet asks for: 128 MiB, and
some 0.4 s at each start."""

SALT_BYTES = 16

FEWEST = 12
"""The fewest characters of a passphrase: nothing slows down whoever tries them on a stolen disk but
scrypt."""

Ask = Callable[[bool], str | None]
"""Asks for the passphrase, or where the value is true for a new one; None where nobody answers."""


def nobody_to_ask(new: bool) -> str | None:
    return None


_asking: list[Ask] = [nobody_to_ask]


def ask_with(ask: Ask) -> None:
    """Say how this program asks."""
    _asking[:] = [ask]


class PassphraseHolder:
    """Derives the wrapping key by scrypt.

    The passphrase is the first line of the file that FACEDESK_PASSPHRASE_FILE names, for stations
    that nobody attends; otherwise it is asked for.
    """

    name = "passphrase"
    what = Sentence("a passphrase, asked for at each start")
    keeps_out = Sentence("whoever has the disk, or the whole computer, without the passphrase")

    def make(self, slot: str) -> tuple[bytes, More]:
        passphrase = _passphrase(new=True)
        if len(passphrase) < FEWEST:
            raise SealingError(
                Sentence("a passphrase of at least {} characters", FEWEST),
                Sentence("this one has {}", len(passphrase)),
                "Choose a longer one: some words that do not belong together",
            )
        more: More = {
            "salt": secrets.token_hex(SALT_BYTES), "n": COST, "r": BLOCK, "p": LANES
        }  # fmt: skip
        return _derived(passphrase, more), more

    def fetch(self, slot: str, more: More) -> bytes:
        return _derived(_passphrase(new=False), more)

    def forget(self, slot: str) -> None:
        """Nothing is kept."""


def _passphrase(new: bool) -> str:
    if named := os.environ.get("FACEDESK_PASSPHRASE_FILE"):
        try:
            lines = Path(named).expanduser().read_text("utf-8").splitlines()
        except (OSError, ValueError) as error:
            raise SealingError(
                Sentence("the passphrase in the file {}", named),
                "it cannot be read",
                "Correct FACEDESK_PASSPHRASE_FILE, or the file's permissions",
            ) from error
        return _compared(lines[0] if lines else "")
    given = _asking[0](new)
    if given is None:
        raise SealingError(
            "the passphrase of this home",
            "nobody was there to type it",
            "Start Facedesk in a terminal, or name a file that has it in FACEDESK_PASSPHRASE_FILE",
        )
    return _compared(given)


def _compared(passphrase: str) -> str:
    return unicodedata.normalize("NFKC", passphrase).strip()


def _derived(passphrase: str, more: More) -> bytes:
    try:
        salt, n, r, p = (more[name] for name in ("salt", "n", "r", "p"))
        return hashlib.scrypt(
            passphrase.encode(),
            salt=bytes.fromhex(str(salt)),
            n=int(n),
            r=int(r),
            p=int(p),
            maxmem=2**28,
            dklen=WRAPPING_BYTES,
        )
    except (KeyError, ValueError, TypeError) as error:
        raise SealingError(
            "the passphrase's salt in the key file",
            "it is damaged",
            "Put the key file back from a backup, or type the recovery sheet's words: facedesk"
            " key restore",
        ) from error
