"""Writes down what an administrator does, as rows of the check-in ledger."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from common.errors import LedgerError
from common.sentence import Sentence
from gallery.identity import Identity
from station.ledger.entry import Event, Kind, Means
from station.ledger.ledger import Ledger


@dataclass(frozen=True)
class Audit:
    """Writes acts of administration into the ledger. Any thread may use it: each act opens the
    ledger.

    path: the ledger's file. Where there is none, nothing is written: a home without a station has
        no check-ins, and so no ledger.
    station: the name that stands in the rows.
    tell: is called with what went wrong, for somebody to read.
    begins_ledger: whether an act is written also where there is no ledger yet.
    """

    path: Path
    station: str
    tell: Callable[[Sentence], None]
    begins_ledger: bool = False

    def note(self, act: str, identity: Identity | None = None) -> None:
        """Writes down what was done, and to whom. Call it after the act: it undoes nothing.

        act: goes into the row's note; never a PIN, a code or another secret.
        """
        if not (self.begins_ledger or self.path.exists()):
            return
        event = Event(
            Kind.ADMINISTRATION,
            self.station,
            identity_id=identity.id if identity else "",
            name=identity.name if identity else "",
            means=Means.OPERATOR,
            note=act,
        )
        try:
            with closing(Ledger(self.path)) as ledger:
                ledger.append(event)
        except LedgerError as error:
            reason = Sentence("What was done stands, but the ledger does not have it. {}", error)
            self.tell(reason)
