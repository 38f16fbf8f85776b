"""Seals all files of a home with another key."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from common.sealing.holders import KeyHolder
from common.sealing.key_ring import KeyRing
from common.sealing.tables import seal_again, sealed_with
from common.sealing.tally import write_tally
from common.sqlite_erasing import empty_log
from common.sqlite_file import BUSY_S, Format, opened_briefly, transaction
from gallery.likeness.impostors import IMPOSTORS_FILE
from gallery.schema import GALLERY
from station.actions.outbox import OUTBOX_FILE
from station.ledger.schema import CHECKINS
from station.operation.protection import ProtectionRecord
from station.people.inbox import INBOX_FILE
from station.people.refusals import REFUSALS_FILE
from station.secrets.codes import CODES_FILE
from station.secrets.pin import PIN_FILE


class SealedFiles(Protocol):
    """The files of a home that are sealed; none of them need exist."""

    @property
    def gallery(self) -> Path: ...

    @property
    def checkins(self) -> Path: ...

    @property
    def outbox(self) -> Path: ...

    @property
    def impostors(self) -> Path: ...

    @property
    def inbox(self) -> Path: ...

    @property
    def codes(self) -> Path: ...

    @property
    def pin(self) -> Path: ...

    @property
    def refusals(self) -> Path: ...

    @property
    def protection(self) -> Path: ...


def rotate(ring: KeyRing, files: SealedFiles, holder: KeyHolder) -> int:
    """Make a further key, seal every record with it, then forget the former one.

    Each file is one transaction, and the key file has both keys until the last one is done: a
    rotation that was cut short left every record readable, and the next call goes on. Programs that
    run meanwhile go on, too: a file says with which key it is sealed.

    Returns how many files were sealed anew. Raises SealingError where another program rotates, or
    a key is missing, and the error of a file's format where it is damaged or another program keeps
    it.
    """
    with ring.changing():
        key = ring.begin_rotation(holder)
        done = 0
        while count := sum(
            _sealed_again(path, file, key.id.hex(), ring) for path, file in _all(files)
        ):
            done += count  # again, since another program may have begun a file meanwhile
        ProtectionRecord(files.protection).seal_again()
        ring.end_rotation()
        return done


def _all(files: SealedFiles) -> tuple[tuple[Path, Format], ...]:
    return (
        (files.gallery, GALLERY),
        (files.checkins, CHECKINS),
        (files.outbox, OUTBOX_FILE),
        (files.impostors, IMPOSTORS_FILE),
        (files.inbox, INBOX_FILE),
        (files.codes, CODES_FILE),
        (files.pin, PIN_FILE),
        (files.refusals, REFUSALS_FILE),
    )


def _sealed_again(path: Path, file: Format, key_id: str, ring: KeyRing) -> bool:
    if not path.exists():
        return False
    with opened_briefly(path, BUSY_S, file) as db:
        if sealed_with(db) == key_id:
            return False
        with transaction(db):
            seal_again(db, file.sealed, ring.current())
            write_tally(db, file.tallied, len(file.migrations))
        # Whoever has the former key could read there what it sealed.
        empty_log(db, path, file)
    return True
