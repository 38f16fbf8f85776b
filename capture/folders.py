"""What lies in a folder of people: whose pictures, and what is passed over, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from capture.kinds import PICTURE_SUFFIXES, has_ending, kind_of_file
from capture.stills import natural_key
from common.collation import sort_key
from common.errors import PictureError
from common.sentence import Sentence

_OF_SYSTEMS = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "__macosx", "@eadir"})
"""Files and folders that systems put beside pictures, in lower case."""


class PassedOver(StrEnum):
    """Why a file or a folder gives no picture. Its value is what machines read."""

    HIDDEN = "hidden"
    ENDING = "unknown ending"
    LOOSE = "loose file"
    LINK = "link to a folder"
    SPECIAL = "no ordinary file"
    UNREADABLE = "cannot be read"


@dataclass(frozen=True)
class LeftOut:
    """A file or a folder that gives no picture. reason: as a sentence."""

    path: Path
    why: PassedOver
    reason: Sentence


@dataclass(frozen=True)
class FolderContent:
    """What is in a folder. pictures: sorted so that 2 is before 10, folder by folder."""

    pictures: tuple[Path, ...]
    left_out: tuple[LeftOut, ...]


def persons_pictures(folder: Path) -> FolderContent:
    """Returns the pictures in a person's folder and in the folders in it, whatever they are called.

    A file without an ending is looked into. Links to files are followed, links to folders are not.
    Nothing is raised: what cannot be read is left out, the folder itself too.
    """
    pictures: list[Path] = []
    left_out: list[LeftOut] = []
    waiting = [folder]
    while waiting:
        inner: list[Path] = []
        for path, found in _entries(waiting.pop(0)):
            if isinstance(found, LeftOut):
                left_out.append(found)
            elif found:
                inner.append(path)
            else:
                pictures.append(path)
        waiting = inner + waiting
    return FolderContent(tuple(pictures), tuple(left_out))


def pictures_below(folder: Path) -> list[Path]:
    """Returns persons_pictures() alone, for what takes a person's pictures as they come.

    Raises PictureError where the folder, or one in it, cannot be read.
    """
    found = persons_pictures(folder)
    for one in found.left_out:
        if one.why is PassedOver.UNREADABLE and one.path.is_dir():
            raise PictureError(
                "a folder of pictures", one.reason, "Check the path and your right to read it"
            )
    return list(found.pictures)


def people_and_others(folder: Path, ours: str) -> tuple[list[Path], list[LeftOut]]:
    """Returns the subfolders of a folder of people, by name, and all else that lies there.

    ours: the name of a file that belongs there. Raises PictureError where the folder cannot be
    read.
    """
    try:
        paths = sorted(folder.iterdir(), key=lambda path: (sort_key(path.name), path.name))
    except (OSError, ValueError) as error:
        raise PictureError(
            "a folder with a subfolder for each person",
            Sentence("{} cannot be read ({})", folder, _reason(error)),
            "Check the path and your right to read it",
        ) from error
    people: list[Path] = []
    others: list[LeftOut] = []
    for path in paths:
        if path.name == ours:
            continue
        try:
            found = _hidden(path) or path.is_dir()
        except OSError as error:
            found = _unreadable(path, error)
        if isinstance(found, LeftOut):
            others.append(found)
        elif found:
            people.append(path)
        else:
            reason = Sentence("It lies in no person's folder, so that nobody knows whose it is.")
            others.append(LeftOut(path, PassedOver.LOOSE, reason))
    return people, others


def _entries(folder: Path) -> Iterator[tuple[Path, bool | LeftOut]]:
    """Yields what is directly in a folder: with True for a folder, with False for a picture."""
    try:
        paths = sorted(folder.iterdir(), key=natural_key)
    except (OSError, ValueError) as error:
        yield folder, _unreadable(folder, error)
        return
    for path in paths:
        try:
            yield path, _hidden(path) or _seen(path)
        except (OSError, ValueError) as error:
            yield path, _unreadable(path, error)


def _seen(path: Path) -> bool | LeftOut:
    if path.is_dir():
        if not path.is_symlink():
            return True
        reason = Sentence("It is a link to a folder, which may lead anywhere.")
        return LeftOut(path, PassedOver.LINK, reason)
    if not path.is_file():
        path.stat()  # a link that leads nowhere cannot be read
        reason = Sentence("It is no ordinary file.")
        return LeftOut(path, PassedOver.SPECIAL, reason)
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return False
    if not has_ending(path) and kind_of_file(path) is not None:
        return False
    reason = Sentence("It is no picture of a kind that is read.")
    return LeftOut(path, PassedOver.ENDING, reason)


def _hidden(path: Path) -> LeftOut | None:
    if not path.name.startswith(".") and path.name.lower() not in _OF_SYSTEMS:
        return None
    return LeftOut(path, PassedOver.HIDDEN, Sentence("It is hidden, or a system's own."))


def _unreadable(path: Path, error: Exception) -> LeftOut:
    reason = Sentence("{} cannot be read ({}).", path, _reason(error))
    return LeftOut(path, PassedOver.UNREADABLE, reason)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
