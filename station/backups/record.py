"""Remembers where backups of a home were made: whoever is erased must know where copies are."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from common.errors import BackupError
from common.output_file import output_file
from common.sentence import Sentence
from station.backups.sealed_stream import read_header
from station.backups.taking import RECORD

ASIDE = ".before-restore-"
"""In the name of a former home, which `facedesk backup restore --replace` kept."""


class MadeBackup(msgspec.Struct, frozen=True):
    """A backup that was made. path: where. made_at: aware datetime."""

    path: str
    made_at: datetime


@dataclass(frozen=True)
class PeopleCopy:
    """A file or folder beside the home that may have copies of its people.

    made_at: aware datetime: whoever was erased before it is not in it; None for a former home.
    is_there: whether it can be seen now; a disk may be elsewhere.
    """

    path: Path
    made_at: datetime | None
    is_there: bool


class BackupRecord:
    """The file backups.json of a home."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / RECORD

    def all(self) -> list[MadeBackup]:
        """Return those that were made and not deleted by the rotation, the oldest first.

        Raises BackupError where the file is damaged.
        """
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=list[MadeBackup])
        except FileNotFoundError:
            return []
        except (OSError, msgspec.MsgspecError) as error:
            raise BackupError(
                Sentence("the list of backups {}", self._path),
                Sentence("it cannot be read ({})", error),
                "Delete the file; the backups themselves are not touched by that",
            ) from error

    def add(self, path: Path, made_at: datetime) -> None:
        where = str(path.absolute())
        kept = [one for one in self.all() if one.path != where]
        self._write([*kept, MadeBackup(where, made_at)])

    def drop(self, path: Path) -> None:
        """Forget a backup that was deleted."""
        where = str(path.absolute())
        self._write([one for one in self.all() if one.path != where])

    def _write(self, made: list[MadeBackup]) -> None:
        with output_file(self._path, BackupError, overwrite=True) as fresh:
            fresh.write_bytes(msgspec.json.format(msgspec.json.encode(made)))


def people_copies(folder: Path) -> list[PeopleCopy]:
    """Return where copies of the people of the home in this folder are, besides the home itself:
    its backups, wherever they were made, and former homes that a restore has set aside.

    The gallery's versions are in the gallery's own file, and are erased with it. Raises BackupError
    where the list of backups is damaged.
    """
    found: list[PeopleCopy] = []
    for made in BackupRecord(folder).all():
        path = Path(made.path)
        made_at: datetime = made.made_at
        if is_there := path.exists():
            with suppress(OSError, BackupError):
                made_at = read_header(path).made_at  # another one may have its name now
        found.append(PeopleCopy(path, made_at, is_there))
    aside = sorted(folder.absolute().parent.glob(f"{folder.name}{ASIDE}*"))
    return found + [PeopleCopy(path, None, True) for path in aside]
