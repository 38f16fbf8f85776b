"""The slots of the worker that concern people, called in this thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PyQt5.QtCore import QObject, pyqtBoundSignal
from pytestqt.qtbot import QtBot

from desktop.home import Home
from desktop.live.people.folder_import import FolderSummary
from desktop.live.people.people_worker import PeopleWorker
from gallery.identity import Identity
from recognition.recognizer import Recognizer
from station.ledger.audit import Audit
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger
from station.secrets.codes import Codes
from tests.desktop.conftest import ANNA, BERTA, picture, template_of

Enrolled = Callable[..., list[Identity]]


class People:
    """The worker's part for people, with a loaded recognizer."""

    def __init__(self, recognizer: Recognizer, home: Home) -> None:
        self.recognizer: Recognizer | None = recognizer
        self.gallery = recognizer.gallery
        self.changes = 0
        self.failures: list[str] = []
        self.parent = QObject()
        audit = Audit(home.checkins, "Entrance", self.failures.append, begins_ledger=True)
        self.worker = PeopleWorker(
            home,
            audit,
            lambda: self.recognizer,
            lambda error: None,
            self._count_change,
            self.parent,
        )
        self.worker.failed.connect(self.failures.append)

    def _count_change(self, recognizer: Recognizer) -> None:
        self.changes += 1


@pytest.fixture
def people(
    load: Callable[[], Recognizer], enrolled: Enrolled, home: Home, qapp: object
) -> Iterator[People]:
    enrolled(Anna=ANNA, Berta=BERTA)
    made = People(load(), home)
    yield made
    made.gallery.close()


@pytest.fixture
def anna(people: People) -> Identity:
    """Somebody whose pictures are of two: the second is of red 3."""
    (found,) = people.gallery.find("Anna")
    return people.gallery.add_templates(found.id, [template_of(3)])


def told(signal: pyqtBoundSignal) -> list[Any]:
    arrived: list[Any] = []
    signal.connect(lambda *args: arrived.append(args[0] if len(args) == 1 else args))
    return arrived


def audited(home: Home) -> list[str]:
    with closing(Ledger(home.checkins)) as ledger:
        return [e.event.note for e in ledger.entries() if e.event.kind is Kind.ADMINISTRATION]


def test_a_page_has_pictures_code_note_and_visits(
    people: People, anna: Identity, home: Home
) -> None:
    with closing(Ledger(home.checkins)) as ledger:
        ledger.append(Event(Kind.CHECK_IN, "Entrance", anna.id, "Anna"))
        ledger.append(Event(Kind.CHECK_OUT, "Entrance", anna.id, "Anna"))
    Codes(home.codes).set(anna.id, "blue badge 7")
    read = told(people.worker.person_read)
    people.worker.read_person(anna.id)
    (details,) = read
    assert (details.identity, len(details.pictures), details.has_code) == (anna, 2, True)
    assert [visit.is_open for visit in details.visits] == [False]
    assert sum(one.is_portrait for one in details.pictures) == 1


def test_a_portrait_is_chosen_and_a_picture_removed_and_brought_back(
    people: People, anna: Identity, home: Home
) -> None:
    read, removed = told(people.worker.person_read), told(people.worker.picture_removed)
    first, second = people.gallery.pictures(anna.id)
    people.worker.choose_portrait(anna.id, second.template_id)
    assert [one.is_portrait for one in read[-1].pictures] == [False, True]
    people.worker.remove_picture(anna.id, second.template_id)
    ((who, removal),) = removed
    assert who == anna
    assert [one.template_id for one in read[-1].pictures] == [first.template_id]
    people.gallery.restore(removal)
    assert people.gallery.template_count(anna.id) == 2
    people.worker.remove_picture(anna.id, first.template_id)
    people.worker.remove_picture(anna.id, second.template_id)  # the last one stays
    assert len(people.failures) == 1
    assert people.gallery.template_count(anna.id) == 1
    assert audited(home) == ["portrait chosen", "pictures removed", "pictures removed"]


def test_a_note_is_kept_or_told_with_why_not(people: People, anna: Identity) -> None:
    saved, failed = told(people.worker.note_saved), told(people.worker.note_failed)
    people.worker.set_note(anna.id, "Comes on Mondays")
    assert saved == [(anna.id, "Comes on Mondays")]
    assert people.gallery.identity(anna.id).note == "Comes on Mondays"
    people.gallery.remove(anna.id)
    people.worker.set_note(anna.id, "Never again")
    people.recognizer = None
    people.worker.set_note(anna.id, "Too late")
    assert [(who, note) for who, note, _ in failed] == [
        (anna.id, "Never again"),
        (anna.id, "Too late"),
    ]
    assert len(saved) == 1


def test_a_code_is_given_refused_and_taken(people: People, anna: Identity, home: Home) -> None:
    answers = told(people.worker.code_set)
    people.worker.set_code(anna.id, "blue badge 7")
    people.worker.set_code(anna.id, "1111")
    people.worker.set_code(anna.id, "")
    assert [answer[0] for answer in answers] == [anna.id] * 3
    assert [bool(answer[1]) for answer in answers] == [False, True, False]
    assert not Codes(home.codes).has(anna.id)
    assert audited(home) == ["code given", "code taken"]


def test_a_mixed_up_person_is_split(people: People, anna: Identity) -> None:
    proposals, done = told(people.worker.split_proposed), told(people.worker.split_done)
    failed = told(people.worker.split_failed)
    people.worker.propose_split(anna.id)
    parted = proposals[0].split
    assert not proposals[0].looks_like_one
    assert len(parted.stays) == len(parted.goes) == 1
    stays = [one.template_id for one in parted.stays]
    people.worker.choose_split(anna.id, stays)
    assert proposals[1].split.template_ids == stays
    people.worker.split(anna.id, parted, " ", False)
    assert failed[0][0] == anna.id
    people.worker.split(anna.id, parted, "Cleo", False)
    ((kept, made),) = done
    assert (kept.name, made.name) == ("Anna", "Cleo")
    assert people.gallery.template_count(made.id) == 1


def test_look_alikes_are_found(people: People) -> None:
    found = told(people.worker.look_alikes_found)
    people.worker.find_look_alikes()
    people.gallery.enroll("Ann", [template_of(ANNA)])
    people.worker.find_look_alikes()
    assert found[0] == ()
    (pair,) = found[1]
    assert {pair.one.name, pair.other.name} == {"Anna", "Ann"}


def test_chosen_people_are_exported(people: People, tmp_path: Path) -> None:
    exported = told(people.worker.exported)
    (anna,) = people.gallery.find("Anna")
    people.worker.export([anna.id], tmp_path / "anna.facedesk", True)
    people.worker.export([anna.id], tmp_path / "pictures", False)
    assert [count for count, _ in exported] == [1, 1]
    assert (tmp_path / "anna.facedesk").is_file()
    assert [each.name for each in (tmp_path / "pictures").iterdir() if each.is_dir()] == ["Anna"]
    people.worker.export([anna.id], tmp_path / "pictures", False)  # a folder is never written over
    assert len(people.failures) == 1


# -- a folder ------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "staff"
    for name, red in (("Cleo", 3), ("Dana", 4), ("Emil", 5)):
        (made / name).mkdir(parents=True)
        Image.fromarray(picture(red)).save(made / name / "1.png")
    Image.fromarray(picture()).save(made / "Emil" / "2.png")
    return made


def test_everyone_in_a_folder_is_enrolled_person_by_person(
    people: People, folder: Path, qtbot: QtBot
) -> None:
    progress = told(people.worker.import_progressed)
    with qtbot.waitSignal(people.worker.imported) as imported:
        people.worker.import_folder(folder)
    summary: FolderSummary = imported.args[0]
    assert (summary.people, summary.pictures, summary.left) == (3, 3, 0)
    assert [skipped.path.name for skipped in summary.skipped] == ["2.png"]
    assert progress == [(0, 3, "Cleo"), (1, 3, "Dana"), (2, 3, "Emil")]
    assert len(people.gallery) == 5


def test_a_cancelled_import_keeps_who_is_enrolled(
    people: People, folder: Path, qtbot: QtBot
) -> None:
    people.worker.import_progressed.connect(
        lambda number, *_: people.worker.cancel_import() if number == 1 else None
    )
    with qtbot.waitSignal(people.worker.imported) as imported:
        people.worker.import_folder(folder)
    summary: FolderSummary = imported.args[0]
    assert (summary.people, summary.left) == (1, 2)
    qtbot.wait(20)
    assert len(people.gallery) == 3


def test_a_folder_of_one_persons_pictures_is_that_person(
    people: People, folder: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(people.worker.imported) as imported:
        people.worker.import_folder(folder / "Cleo")
    assert imported.args[0].people == 1
    assert people.gallery.find("Cleo")


def test_a_folder_without_pictures_is_refused(people: People, tmp_path: Path) -> None:
    failed = told(people.worker.import_failed)
    (tmp_path / "empty").mkdir()
    people.worker.import_folder(tmp_path / "empty")
    people.worker.import_folder(tmp_path / "missing")
    assert len(failed) == 2
    assert len(people.gallery) == 2
