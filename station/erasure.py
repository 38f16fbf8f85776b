"""People are erased from the gallery and from all that the station keeps of them, together."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Protocol

from gallery.index import Gallery
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


def purge_removed(gallery: Gallery, files: Files) -> int:
    """Erase those removed for good, and what the station keeps of them; how many people.

    Raises GalleryError, LedgerError and StationError.
    """
    # The gallery last: it lists the removed until then, so that the next call does what a
    # crash, or another program that uses the ledger, has hindered.
    erase_traces(gallery, files, *(identity.id for identity in gallery.removed))
    return gallery.purge_removed()


def erase_traces(gallery: Gallery, files: Files, *identity_ids: str) -> None:
    """Erase these people's pictures in the ledger, their codes, and the comparisons that ended
    in "not me". Entries in the ledger stay. Raises LedgerError and StationError."""
    if not identity_ids:
        return
    if files.checkins.exists():
        with closing(Ledger(files.checkins)) as ledger:
            ledger.erase_pictures(*identity_ids)
    if files.codes.exists():
        codes = Codes(files.codes)
        for identity_id in identity_ids:
            codes.remove(identity_id)
    if files.impostors.exists():
        with closing(Impostors(files.impostors, gallery.model_id)) as impostors:
            for identity_id in identity_ids:
                impostors.forget(identity_id)
