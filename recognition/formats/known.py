"""The formats by name, and which one a path is of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from common.errors import FormatError
from common.sentence import Sentence
from recognition.formats.archive import is_archive
from recognition.formats.contents import (
    EnrolledPerson,
    PeopleInEmbeddings,
    PeopleInPictures,
    ReadingOptions,
)
from recognition.formats.deepface import DeepfaceFormat
from recognition.formats.faiss_index import FaissFormat
from recognition.formats.folder import FolderFormat
from recognition.formats.npz import NpzFormat
from recognition.formats.table import TableFormat
from recognition.formats.tensor_list import TensorListFormat


class ReadableFormat(Protocol):
    """A format of other programs that people can be imported from."""

    name: str

    def recognizes(self, path: Path) -> bool:
        """Returns whether what is at the path looks like it, by its name alone."""

    def read(self, path: Path, options: ReadingOptions) -> PeopleInPictures | PeopleInEmbeddings:
        """Reads what is there; pictures are not read yet. Raises FormatError, or PictureError where
        a folder cannot be read."""


class WritableFormat(Protocol):
    """A format of other programs that people can be exported to.

    holds_pictures: whether it holds crops, or else embeddings. lacks: what it cannot hold.
    """

    name: str
    holds_pictures: bool
    lacks: Sentence

    def write(
        self, people: Iterable[EnrolledPerson], model_id: str, out: Path, *, overwrite: bool
    ) -> None:
        """Writes everyone, whole or nothing. Raises FormatError where that cannot be done.

        people: at least one. overwrite: whether a file of that name may be written over; a folder
        never is.
        """


ARCHIVE = "archive"

READABLE: Sequence[ReadableFormat] = (
    NpzFormat(),
    TensorListFormat(),
    FaissFormat(),
    DeepfaceFormat(),
    TableFormat(),
    FolderFormat(),
)
"""In the order in which they are asked whether a path is theirs."""

WRITABLE: Sequence[WritableFormat] = (
    FolderFormat(),
    TableFormat(),
    NpzFormat(),
    TensorListFormat(),
    FaissFormat(),
)

READABLE_NAMES = (ARCHIVE, *sorted(one.name for one in READABLE))
WRITABLE_NAMES = (ARCHIVE, *sorted(one.name for one in WRITABLE))


def readable_format(path: Path, name: str | None) -> ReadableFormat | None:
    """Returns the format of that name, or that of the path; None for an archive.

    Raises FormatError where nothing here reads such a file.
    """
    if name == ARCHIVE or (name is None and is_archive(path)):
        return None
    for one in READABLE:
        if one.name == name or (name is None and one.recognizes(path)):
            return one
    if not path.exists():
        raise FormatError(
            "a folder or a file with people",
            Sentence("there is nothing at {}", path),
            "Check the path",
        )
    raise FormatError(
        "a file with people, of a kind whose ending is known",
        Sentence("{} has another", path),
        Sentence("Say what it is with --format: {}", ", ".join(READABLE_NAMES)),
    )


def writable_format(path: Path, name: str | None) -> WritableFormat | None:
    """Returns the format of that name, or that of the path's ending; None for an archive."""
    if name == ARCHIVE or (name is None and is_archive(path)):
        return None
    if name is None:
        name = NpzFormat.name if path.suffix.lower() == ".npz" else FolderFormat.name
    return next(one for one in WRITABLE if one.name == name)
