"""The administrator's PIN: what it must be, how it is kept, how often it may be tried."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from hmac import compare_digest

from common.errors import StationError
from common.sealing.tables import SEALING_TABLE, SealedTable
from common.sealing.tally import TALLY_TABLE
from common.sentence import Sentence
from common.sqlite_file import Format, transaction
from station.secrets.guessable import guessable
from station.secrets.lockout import TABLE, Attempts
from station.secrets.scrypt import SALT_BYTES, derive
from station.secrets.secrets_file import SecretsFile

_PIN = SealedTable("pin", ("only",), ("salt", "digest"))

PIN_FILE = Format(
    Sentence("PIN file"),
    int.from_bytes(b"FDPN"),
    (
        ("CREATE TABLE pin (salt BLOB NOT NULL, digest BLOB NOT NULL)", *TABLE),
        (
            *SEALING_TABLE,
            """CREATE TABLE sealed_pin (
                only INTEGER PRIMARY KEY CHECK (only = 1),
                sealed BLOB NOT NULL     -- salt, digest
            )""",
            _PIN.copying("(SELECT 1 AS only, salt, digest FROM pin LIMIT 1)"),
            "DROP TABLE pin",
        ),
        TALLY_TABLE,
    ),
    StationError,
    (_PIN,),
    (_PIN.physical, "attempts"),
)

FEWEST, MOST = 4, 12
"""The fewest and the most digits of a PIN."""

ATTEMPTS = Attempts((0.0, 0.0, 30.0, 60.0, 300.0, 900.0, 3600.0))
"""The pauses after wrong PINs: two slips of the finger are free. NIST SP 800-63B proposes pauses of
30 s up to an hour; with these, trying all PINs of four digits takes more than a year."""


@dataclass(frozen=True)
class PinVerdict:
    """The answer to a try. ok: the PIN is right. wait_s: seconds until another try is possible;
    before that no PIN is looked at."""

    ok: bool
    wait_s: float = 0.0


def weakness(pin: str) -> str | None:
    """Returns why a PIN must not be used, as the end of a sentence "but ..."; None where it may be
    used."""
    if not (pin.isascii() and pin.isdigit()):
        return "this is not made of the digits 0 to 9 alone"
    if not FEWEST <= len(pin) <= MOST:
        return f"this has {len(pin)}"
    return guessable(pin)


class PinGuard(SecretsFile):
    """Keeps the administrator's PIN, and says whether a PIN that was typed is right."""

    file_format = PIN_FILE
    attempts = ATTEMPTS

    @property
    def is_set(self) -> bool:
        if not self._path.exists():
            return False
        with self._opened() as db:
            return _stored(db) is not None

    def set(self, pin: str) -> None:
        """Sets the PIN, in place of the one before if there was one, and ends any pause. Raises
        StationError for a weak PIN."""
        why = weakness(pin)
        if why is not None:
            raise StationError(
                Sentence("a PIN of {} to {} digits that is not easily guessed", FEWEST, MOST),
                why,
                "Choose another one",
            )
        salt = os.urandom(SALT_BYTES)
        digest = derive(pin, salt)
        with self._opened() as db:
            with transaction(db):
                db.execute("DELETE FROM pin")
                db.execute("INSERT INTO pin (salt, digest) VALUES (?, ?)", (salt, digest))
            ATTEMPTS.forget(db)

    def remove(self) -> None:
        """Removes the PIN and ends any pause."""
        if self._path.exists():
            with self._opened() as db:
                db.execute("DELETE FROM pin")
                ATTEMPTS.forget(db)

    def change(self, old: str, new: str) -> PinVerdict:
        """Sets `new` as the PIN if `old` is right. Raises StationError for a weak `new`."""
        verdict = self.check(old)
        if verdict.ok:
            self.set(new)
        return verdict

    def check(self, pin: str) -> PinVerdict:
        """Tries a PIN. The verdict is never ok where no PIN is set."""
        if not self._path.exists():
            return PinVerdict(False)
        with self._opened() as db:
            wait_s = ATTEMPTS.begin(db, self._clock())
            if wait_s > 0:
                return PinVerdict(False, wait_s)
            stored = _stored(db)
            if stored is not None and compare_digest(derive(pin, stored[0]), stored[1]):
                ATTEMPTS.forget(db)
                return PinVerdict(True)
            return PinVerdict(False, ATTEMPTS.wait_s(db, self._clock()))


def _stored(db: sqlite3.Connection) -> tuple[bytes, bytes] | None:
    """Returns the salt and the digest of the PIN; None where no PIN is set."""
    row: tuple[bytes, bytes] | None = db.execute("SELECT salt, digest FROM pin").fetchone()
    return row
