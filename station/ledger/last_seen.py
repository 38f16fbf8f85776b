"""Reads from the ledger when everybody was last seen."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

from station.ledger.ledger import Ledger
from station.ledger.stays import last_seen


def read_last_seen(path: Path) -> Mapping[str, datetime]:
    """Returns when everybody last came or went, by id. Where there is no ledger, none is made.

    Raises LedgerError.
    """
    if not path.exists():
        return {}
    with closing(Ledger(path)) as ledger:
        return last_seen(list(ledger.entries()))
