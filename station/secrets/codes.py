"""The way to check in for people who cannot use their face: a PIN or a badge's code for each."""

from __future__ import annotations

import sqlite3
import unicodedata

from common.errors import StationError
from common.sealing.tables import SEALING_TABLE, SealedTable
from common.sealing.tally import TALLY_TABLE
from common.sentence import Sentence
from common.sqlite_erasing import empty_log, rewrite
from common.sqlite_file import Format, transaction
from station.secrets.guessable import FIRST_TRIED, guessable
from station.secrets.lockout import TABLE, Attempts
from station.secrets.scrypt import SALT_BYTES, derive
from station.secrets.secrets_file import SecretsFile

_CODE = SealedTable("code", ("identity_id",), ("digest",))

CODES_FILE = Format(
    Sentence("file of codes"),
    int.from_bytes(b"FDCO"),
    (
        (
            "CREATE TABLE salt (salt BLOB NOT NULL)",
            f"INSERT INTO salt VALUES (randomblob({SALT_BYTES}))",
            """CREATE TABLE code (
                digest BLOB PRIMARY KEY,
                identity_id TEXT NOT NULL UNIQUE
            ) WITHOUT ROWID""",
            *TABLE,
        ),
        (
            *SEALING_TABLE,
            """CREATE TABLE sealed_code (
                identity_id TEXT PRIMARY KEY,
                sealed BLOB NOT NULL     -- digest
            )""",
            _CODE.copying("code"),
            "DROP TABLE code",
        ),
        TALLY_TABLE,
    ),
    StationError,
    (_CODE,),
    (_CODE.physical, "salt", "attempts"),
)

FEWEST, MOST = 4, 64
"""The fewest and the most characters of a code."""

ATTEMPTS = Attempts((0.0,) * 5 + (2.0, 5.0, 10.0, 20.0, 40.0, 60.0), forgiven_s=60.0)
"""The pauses after wrong codes. Many people share them: five slips in a row are free, no pause is
longer than a minute, and one wrong try is forgotten every minute. Whoever guesses on and on gets
one guess a minute."""


class Codes(SecretsFile):
    """Knows which code belongs to which person: one code for each person, and no two alike.

    A code is as good as it is long. With a thousand people and six digits, one guess in a thousand
    is somebody's code, which at one guess a minute takes most of a day; with four digits it takes
    ten minutes. The file holds one scrypt digest a code, all with one salt, so that a look-up
    derives one digest only, however many codes there are. Whoever has the file and the home's key
    can therefore try each guess against all codes together: all codes of six digits in two days on
    one core. The digests keep codes from being read, not from being searched for; long badge codes
    withstand that, too. Whoever has the file alone cannot search either, for it is sealed.
    """

    file_format = CODES_FILE
    attempts = ATTEMPTS

    def find(self, code: str) -> str | None:
        """Returns the id of the identity whose code this is. None where it is nobody's code, and
        for any code while `wait_s` is not 0."""
        if not self._path.exists():
            return None
        with self._opened() as db:
            if ATTEMPTS.begin(db, self._clock()) > 0:
                return None
            row = db.execute(
                "SELECT identity_id FROM code WHERE digest = ?", (_digest(db, code),)
            ).fetchone()
            if row is None:
                return None
            # Only the try itself: a code of one's own must not buy further guesses.
            ATTEMPTS.take_back(db)
            return str(row[0])

    def has(self, identity_id: str) -> bool:
        if not self._path.exists():
            return False
        with self._opened() as db:
            rows = db.execute("SELECT 1 FROM code WHERE identity_id = ?", (identity_id,))
            return rows.fetchone() is not None

    def set(self, identity_id: str, code: str) -> None:
        """Sets a person's code in place of the one before. Capital and small letters count as the
        same.

        Raises StationError for a code that is too short or long, easily guessed, or another
        person's.
        """
        plain = _plain(code)
        if not FEWEST <= len(plain) <= MOST or not plain.isprintable():
            raise StationError(
                Sentence("a code of {} to {} letters, digits or signs", FEWEST, MOST),
                "this holds others"
                if not plain.isprintable()
                else (Sentence("this has {}", len(plain)) if plain else "this has none"),
                "Choose another one",
            )
        why = guessable(plain)
        if why is not None:
            raise StationError("a code that is not easily guessed", why, "Choose another one")
        with self._opened() as db:
            digest = _digest(db, code)
            with transaction(db):
                row = db.execute("SELECT identity_id FROM code WHERE digest = ?", (digest,))
                if row.fetchone() not in (None, (identity_id,)):
                    raise StationError(
                        "a code that nobody has yet", "this is another person's", "Choose another"
                    )
                db.execute("DELETE FROM code WHERE identity_id = ?", (identity_id,))
                db.execute(
                    "INSERT INTO code (identity_id, digest) VALUES (?, ?)", (identity_id, digest)
                )

    def first_tried(self) -> list[str]:
        """Returns the ids of the people whose code is one of the first that are tried: their codes
        were given before such codes were refused. Takes some seconds, and counts as no try."""
        if not self._path.exists():
            return []
        with self._opened() as db:
            rows = db.execute("SELECT digest, identity_id FROM code").fetchall()
            owners: dict[bytes, str] = dict(rows)
            tried = (_digest(db, code) for code in FIRST_TRIED) if owners else ()
            return [owners[digest] for digest in tried if digest in owners]

    def remove(self, identity_id: str) -> bool:
        """Erases a person's code, to the last byte. Returns whether there was one."""
        if not self._path.exists():
            return False
        with self._opened() as db:
            with transaction(db):
                found = db.execute("SELECT 1 FROM code WHERE identity_id = ?", (identity_id,))
                had_one = found.fetchone() is not None
                rewrite(db, _CODE.physical, "identity_id <> ?", (identity_id,))
            empty_log(db, self._path, CODES_FILE)
            return had_one


def _plain(code: str) -> str:
    """Returns the code in the form that is compared: the same for full-width digits, capital
    letters and the space that a badge reader may send."""
    return unicodedata.normalize("NFKC", code).strip().casefold()


def _digest(db: sqlite3.Connection, code: str) -> bytes:
    (salt,) = db.execute("SELECT salt FROM salt").fetchone()
    return derive(_plain(code), salt)
