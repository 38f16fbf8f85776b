"""Keeps what people have agreed to: the very wording, when, in which language, and how."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ConsentWay(StrEnum):
    """How somebody agreed: in front of this program, or elsewhere, as whoever enrolled them says.

    The values stand in the gallery's file.
    """

    SCREEN = "screen"
    PAGE = "page"
    TOLD = "told"


@dataclass(frozen=True)
class Consent:
    """What a person agreed to. at: aware datetime. language: of the text, such as "vi"; empty where
    there is one text for all. text: the whole wording that was shown."""

    at: datetime
    language: str
    text: str
    way: ConsentWay

    @property
    def sha256(self) -> str:
        """The digest of the wording in UTF-8, in hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def add_consent(db: sqlite3.Connection, number: int, consent: Consent) -> None:
    """Keep a consent of the identity of that number, within a transaction. A wording is kept once,
    however many have agreed to it."""
    texts = dict(db.execute("SELECT text, number FROM consent_text").fetchall())
    if consent.text not in texts:
        db.execute("INSERT INTO consent_text (text) VALUES (?)", (consent.text,))
        texts = dict(db.execute("SELECT text, number FROM consent_text").fetchall())
    db.execute(
        "INSERT INTO consent (identity_number, text_number, at, language, sha256, way)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            number,
            texts[consent.text],
            consent.at.isoformat(),
            consent.language,
            consent.sha256,
            consent.way.value,
        ),
    )


def consents_of(db: sqlite3.Connection, identity_id: str) -> list[Consent]:
    """Return what an identity has agreed to, oldest first. Raises ValueError where one cannot be
    read, and what SQLite raises."""
    rows = db.execute(
        "SELECT c.at, c.language, t.text, c.way, c.sha256 FROM consent AS c"
        " JOIN consent_text AS t ON t.number = c.text_number"
        " WHERE c.identity_number = (SELECT number FROM identity WHERE id = ?) ORDER BY c.number",
        (identity_id,),
    ).fetchall()
    found = []
    for at, language, text, way, sha256 in rows:
        consent = Consent(datetime.fromisoformat(at), language, text, ConsentWay(way))
        if consent.sha256 != sha256:
            raise ValueError("a consent is of another wording")
        found.append(consent)
    return found


def without_consent(db: sqlite3.Connection) -> list[str]:
    """Return the ids of everybody, shown or not, of whom no consent is kept."""
    rows = db.execute(
        "SELECT id FROM identity WHERE number NOT IN"
        " (SELECT identity_number FROM consent WHERE identity_number NOT NULL) ORDER BY number"
    )
    return [identity_id for (identity_id,) in rows]


def blank_consents(db: sqlite3.Connection, number: int) -> None:
    """Blank what is kept of an identity's consents, within a transaction; the wordings stay, for
    they say nothing of anybody."""
    db.execute(
        "UPDATE consent SET identity_number = NULL, text_number = 0, at = '', language = '',"
        " sha256 = '', way = '' WHERE identity_number = ?",
        (number,),
    )


def move_consents(db: sqlite3.Connection, number: int, into: int) -> None:
    """Let one identity have what another one has agreed to, within a transaction."""
    db.execute("UPDATE consent SET identity_number = ? WHERE identity_number = ?", (into, number))
