"""Enrolls everyone in a folder, person by person, so that frames are recognized in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from capture.stills import picture_paths
from common.errors import FormatError, PictureError
from common.sentence import Sentence
from desktop.commands.formats.importing import import_person
from gallery.consents import Consent
from recognition.enrollment.photos import Skipped
from recognition.formats.contents import PeopleInPictures, PersonPictures, ReadingOptions
from recognition.formats.known import readable_format
from recognition.recognizer import Recognizer
from station.ledger.audit import Audit


@dataclass(frozen=True)
class FolderSummary:
    """What came of a folder. people: how many got pictures. pictures: how many were added.

    skipped: what was passed over, and why. left: how many people were not come to, since it was
    cancelled.
    """

    folder: Path
    people: int
    pictures: int
    skipped: tuple[Skipped, ...]
    left: int = 0


class FolderImport:
    """An import that is under way; each step enrolls one person.

    consent: what all of them have agreed to; None where nobody says so.

    Raises FormatError, PictureError where the folder cannot be read, or holds nobody.
    """

    def __init__(self, folder: Path, consent: Consent | None = None) -> None:
        self._consent = consent
        self._folder = folder
        content = _people_in(folder)
        self._people = content.people
        self._skipped = list(content.skipped)
        self._identities: set[str] = set()
        self._pictures = 0
        self.number = 0
        """How many people are done."""

    @property
    def total(self) -> int:
        return len(self._people)

    @property
    def is_done(self) -> bool:
        return self.number >= self.total

    @property
    def name(self) -> str:
        """Who is next; empty once all are done."""
        return "" if self.is_done else self._people[self.number].name

    def step(self, recognizer: Recognizer, audit: Audit) -> None:
        """Enroll the next person."""
        identity, added, skipped = import_person(
            recognizer, self._people[self.number], audit, consent=self._consent
        )
        self._skipped += skipped
        self._pictures += added
        if identity is not None:
            self._identities.add(identity.id)
        self.number += 1

    @property
    def summary(self) -> FolderSummary:
        return FolderSummary(
            self._folder,
            len(self._identities),
            self._pictures,
            tuple(self._skipped),
            self.total - self.number,
        )


def _people_in(folder: Path) -> PeopleInPictures:
    chosen = readable_format(folder, None)
    if chosen is not None:
        content = chosen.read(folder, ReadingOptions())
        if isinstance(content, PeopleInPictures):
            if content.people:
                return content
            if alone := tuple(_pictures_in(folder)):
                return PeopleInPictures((PersonPictures(folder, folder.name, alone),))
            if content.skipped:
                return content
    raise FormatError(
        Sentence("a folder with a subfolder of pictures for each person, at {}", folder),
        "it is another kind",
        "facedesk import reads archives, tables and embeddings",
    )


def _pictures_in(folder: Path) -> Iterator[Path]:
    try:
        yield from picture_paths(folder)
    except PictureError:
        return
