"""People are erased from the gallery and from all that the station keeps of them, together."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Protocol

from facedesk_errors import FacedeskError
from gallery.index import Gallery
from gallery.journal import PendingErasure
from station.codes import Codes
from station.impostors import Impostors
from station.ledger import Ledger


class Files(Protocol):
    """Where the station keeps something of a person; none of the files need exist."""

    @property
    def checkins(self) -> Path: ...

    @property
    def codes(self) -> Path: ...

    @property
    def impostors(self) -> Path: ...


def finish_erasures(gallery: Gallery, files: Files, own: bool = False) -> int:
    """Erase for good everyone whose removal nobody may undo any more, from everywhere.

    An item of the gallery's journal ends when all is done: what fails, or a crash cuts short,
    is done by the next call of any program. One person's failure hinders nobody else's erasure.
    own: whom this gallery removed, too, since it is asked to, or is about to be closed.

    Returns how many were erased completely. Raises the first error once all was tried.
    """
    failures: list[FacedeskError] = []
    due = gallery.due_erasures(own)
    gallery_is_done = True
    if due:
        try:
            due = gallery.erase(due)
        except FacedeskError as error:
            failures.append(error)
            gallery_is_done = False
            due = [item for item in gallery.due_erasures() if not item.in_gallery]
    done = 0
    for item in due:
        try:
            _erase_traces(gallery, files, item)
            if gallery_is_done:
                gallery.end_erasure(item)
                done += 1
        except FacedeskError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return done


def _erase_traces(gallery: Gallery, files: Files, item: PendingErasure) -> None:
    """Erase a person's pictures in the ledger, their code, and the comparisons that ended in
    "not me". Entries in the ledger stay. Raises LedgerError and StationError."""
    if files.checkins.exists():
        with closing(Ledger(files.checkins)) as ledger:
            ledger.erase_pictures(item.identity_id)
    if files.codes.exists():
        Codes(files.codes).remove(item.identity_id)
    if files.impostors.exists():
        with closing(Impostors(files.impostors, gallery.model_id)) as impostors:
            impostors.forget(item.identity_id)
