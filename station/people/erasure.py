"""Erases people from the gallery and from all that the station keeps of them, together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from common.errors import FacedeskError, StationError
from common.sentence import Sentence
from gallery.gallery import Gallery
from gallery.journal import PendingErasure
from gallery.likeness.impostors import Impostors
from recognition.learning.classifier_file import forget_person
from station.actions.outbox import GIVE_UP, Delivery, Outbox
from station.backups.record import people_copies
from station.ledger.ledger import Ledger
from station.people.inbox import Inbox
from station.people.refusals import Refusals
from station.secrets.codes import Codes


class Files(Protocol):
    """The files where something is kept of a person; none of them need exist."""

    @property
    def checkins(self) -> Path: ...

    @property
    def codes(self) -> Path: ...

    @property
    def impostors(self) -> Path: ...

    @property
    def outbox(self) -> Path: ...

    @property
    def inbox(self) -> Path: ...

    @property
    def refusals(self) -> Path: ...

    @property
    def classifiers(self) -> Path: ...


@dataclass(frozen=True)
class Remains:
    """What is left of a person who was erased.

    ledger_rows: how many; they keep the name, since a ledger is never changed. messages: how many
    about the person are not delivered yet. messages_until: aware datetime when the last of these is
    erased if it was not delivered by then; None without any. inbox_pictures: how many pictures of
    unknown people there are, each of which may show anybody. backups: where the person is still in
    a backup, or in a former home that a restore has set aside.
    """

    ledger_rows: int
    messages: int
    messages_until: datetime | None
    inbox_pictures: int
    backups: tuple[Path, ...] = ()


class _Left(Enum):
    """The parts of a person's data that an erasure could not erase."""

    FACES = auto()
    ID = auto()
    PICTURES = auto()
    CODE = auto()
    COMPARISONS = auto()
    MESSAGES = auto()
    REFUSALS = auto()
    CLASSIFIERS = auto()


def finish_erasures(gallery: Gallery, files: Files, own: bool = False) -> int:
    """Erases for good, from everywhere, all people whose removal can no longer be undone.

    An item of the gallery's journal ends when all is done: what fails, or is cut short by a crash,
    is done by the next call, in whichever program. One person's failure does not stop another's
    erasure. Messages that the webhook was not told of yet are first sent or given up; the item
    waits for that.

    own: whether the people whom this gallery removed are erased, too: it is asked to, or is about
    to be closed.

    Returns how many people were erased completely. Once all was tried, raises StationError if
    something is left; the error says what, and why.
    """
    failures: list[StationError] = []
    due = gallery.due_erasures(own)
    gallery_is_done = True
    if due:
        try:
            due = gallery.erase(due)
        except FacedeskError as error:
            failures.append(_unfinished(_Left.FACES, error))
            gallery_is_done = False
            due = [item for item in gallery.due_erasures() if not item.in_gallery]
    done = 0
    for item in due:
        left = list(_traces_left(gallery, files, item))
        failures += [error for error in left if error is not None]
        if gallery_is_done and not left:
            try:
                gallery.end_erasure(item)
                done += 1
            except FacedeskError as error:
                failures.append(_unfinished(_Left.ID, error))
    if failures:
        raise failures[0]
    return done


def remains(files: Files, identity_id: str) -> Remains:
    """Returns what is left of a person who was erased. Raises LedgerError and StationError."""
    rows = pictures = 0
    if files.checkins.exists():
        with closing(Ledger(files.checkins)) as ledger:
            rows = ledger.count_of(identity_id)
    if files.inbox.exists():
        with closing(Inbox(files.inbox)) as inbox:
            pictures = len(inbox.all())
    messages = _undelivered(files.outbox, identity_id)
    until = max((one.at for one in messages), default=None)
    copies = tuple(one.path for one in people_copies(files.checkins.parent))
    return Remains(rows, len(messages), until + GIVE_UP if until else None, pictures, copies)


def _traces_left(
    gallery: Gallery, files: Files, item: PendingErasure
) -> Iterator[StationError | None]:
    """Erases what is kept of a person outside of the gallery. Gives an item for whatever is left:
    the error that was in the way, or None for messages that will be sent or given up without
    help."""
    if item.part_of:  # one picture, which only the gallery has
        return
    who = item.identity_id

    def erase_pictures() -> None:
        with closing(Ledger(files.checkins)) as ledger:
            ledger.erase_pictures(who)
            if not item.merged_into:
                ledger.erase_unclaimed_pictures()

    def erase_code() -> None:
        Codes(files.codes).remove(who)

    def erase_comparisons() -> None:
        with closing(Impostors(files.impostors, gallery.model_id)) as impostors:
            impostors.forget(who, item.merged_into if item.merged_into != who else "")

    def erase_from_classifiers() -> None:
        forget_person(files.classifiers, who)

    steps: tuple[tuple[Path, _Left, Callable[[], None]], ...] = (
        (files.checkins, _Left.PICTURES, erase_pictures),
        (files.codes, _Left.CODE, erase_code),
        (files.impostors, _Left.COMPARISONS, erase_comparisons),
        (files.refusals, _Left.REFUSALS, lambda: Refusals(files.refusals).forget(who)),
        (files.classifiers, _Left.CLASSIFIERS, erase_from_classifiers),
    )
    for path, left, erase in steps:
        if path.exists():
            try:
                erase()
            except FacedeskError as error:
                yield _unfinished(left, error)
    try:
        if _undelivered(files.outbox, who):
            yield None
    except FacedeskError as error:
        yield _unfinished(_Left.MESSAGES, error)


def _undelivered(path: Path, identity_id: str) -> list[Delivery]:
    """Returns the messages about a person that the webhook is still to be told; erases those that
    are too old to be sent."""
    if not path.exists():
        return []
    with closing(Outbox(path)) as outbox:
        return outbox.forget(identity_id, datetime.now(UTC) - GIVE_UP)


def _unfinished(left: _Left, error: FacedeskError) -> StationError:
    unfinished = StationError(
        "to erase everything of whoever was removed",
        _why(left, error.found),
        "They are recognized no more; the rest is erased when Facedesk is started next, or with"
        " the next command, and facedesk doctor shows what is left",
    )
    unfinished.__cause__ = error
    return unfinished


def _why(left: _Left, found: str) -> Sentence:
    match left:
        case _Left.FACES:
            return Sentence("the gallery's file has their faces still: {}", found)
        case _Left.ID:
            return Sentence("the gallery's file has their id still: {}", found)
        case _Left.PICTURES:
            return Sentence("the check-in ledger has their pictures still: {}", found)
        case _Left.CODE:
            return Sentence("their code is there still: {}", found)
        case _Left.COMPARISONS:
            return Sentence('what was learned from "not me" is there still: {}', found)
        case _Left.MESSAGES:
            return Sentence("messages for the webhook name them still: {}", found)
        case _Left.REFUSALS:
            return Sentence("the station's refusals have their id still: {}", found)
        case _Left.CLASSIFIERS:
            return Sentence("a trained classifier has their id still: {}", found)
