"""People are erased from the gallery and from the ledger's pictures together."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from gallery.index import Gallery
from station.ledger import Ledger


def purge_removed(gallery: Gallery, checkins: Path) -> int:
    """Erase those removed for good, and their pictures in the ledger; how many people.

    Their entries in the ledger stay. Raises GalleryError and LedgerError.

    checkins: the ledger's file, which need not exist.
    """
    # The gallery last: it lists the removed until then, so that the next call does what a
    # crash, or another program that uses the ledger, has hindered.
    erase_pictures(checkins, *(identity.id for identity in gallery.removed))
    return gallery.purge_removed()


def erase_pictures(checkins: Path, *identity_ids: str) -> None:
    """Erase these people's pictures in the ledger, where there is one. Raises LedgerError.

    checkins: the ledger's file.
    """
    if identity_ids and checkins.exists():
        with closing(Ledger(checkins)) as ledger:
            ledger.erase_pictures(*identity_ids)
