"""A person's page, its note, and the dialog that splits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from pytestqt.qtbot import QtBot

from common.sentence import Sentence
from desktop.live.people.person.details import PersonDetails, SplitProposal
from desktop.live.people.person.note_field import NoteField
from desktop.live.people.person.page import PersonPage
from desktop.live.people.person.split_dialog import SplitDialog
from gallery.identity import Identity
from gallery.kept_pictures import KeptPicture
from recognition.splitting import Split
from station.ledger.stays import Stay

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ANNA = Identity("a" * 32, "Anna", NOW, "Comes on Mondays")


def kept(number: int, is_portrait: bool = False) -> KeptPicture:
    crop = np.full((112, 112, 3), 20 * number, np.uint8)
    row = np.eye(8, dtype=np.float32)[number]
    return KeptPicture(number, NOW, 0.83, is_portrait, row, crop, None)


DETAILS = PersonDetails(
    ANNA,
    (kept(1), kept(2, is_portrait=True)),
    True,
    (
        Stay(ANNA.id, "Anna", NOW - timedelta(days=1), NOW - timedelta(hours=20)),
        Stay(ANNA.id, "Anna", NOW, None),
    ),
)


@pytest.fixture
def page(qtbot: QtBot) -> PersonPage:
    made = PersonPage(DETAILS)
    qtbot.addWidget(made)
    made.show()
    return made


def test_it_shows_what_is_kept_of_a_person(page: PersonPage) -> None:
    assert "has a code" in page.facts.text()
    assert "2 pictures" in page.facts.text()
    assert [page.pictures.item(row).text().split("\n")[0] for row in range(2)] == [
        "quality 83 %",
        "Portrait",
    ]
    assert page.note.text.toPlainText() == "Comes on Mondays"
    visits = [page.visits.item(row).text() for row in range(page.visits.count())]
    assert "no check-out" in visits[0]  # the newest first
    assert " to " in visits[1]


def test_a_picture_becomes_the_portrait_or_goes(page: PersonPage, qtbot: QtBot) -> None:
    assert not page.show_as_portrait.isEnabled()
    assert not page.remove.isEnabled()
    page.pictures.setCurrentRow(1)
    assert not page.show_as_portrait.isEnabled()  # it is already
    page.pictures.setCurrentRow(0)
    with qtbot.waitSignal(page.portrait_chosen) as chosen:
        page.show_as_portrait.click()
    assert chosen.args == [ANNA.id, 1]
    with qtbot.waitSignal(page.picture_removed) as removed:
        page.remove.click()
    assert removed.args == [ANNA.id, 1]
    page.show_details(replace(DETAILS, pictures=(kept(2, True),)))
    page.pictures.setCurrentRow(0)
    assert not page.remove.isEnabled()  # the last one stays
    assert not page.split.isEnabled()


def test_another_persons_details_change_nothing(page: PersonPage) -> None:
    other = Identity("b" * 32, "Berta", NOW)
    page.show_details(replace(DETAILS, identity=other))
    assert page.identity == ANNA


def test_closing_the_page_saves_the_note(page: PersonPage, qtbot: QtBot) -> None:
    page.note.text.setPlainText("Comes on Tuesdays")
    with qtbot.waitSignal(page.note_changed) as changed:
        qtbot.keyClick(page, Qt.Key_Escape)
    assert changed.args == [ANNA.id, "Comes on Tuesdays"]


# -- the note ------------------------------------------------------------------------------


@pytest.fixture
def note(qtbot: QtBot) -> NoteField:
    made = NoteField()
    qtbot.addWidget(made)
    made.show_note("Old")
    made._soon.setInterval(1)
    return made


def test_a_note_saves_itself_once_nobody_types(note: NoteField, qtbot: QtBot) -> None:
    with qtbot.waitSignal(note.save_asked) as asked:
        note.text.setPlainText("New ")
    assert asked.args == ["New"]
    assert note.is_unsaved
    with qtbot.assertNotEmitted(note.save_asked):
        note.flush()  # it is being saved
    note.tell_saved("New")
    assert not note.is_unsaved
    assert note.state.text() == "Saved"


def test_what_is_typed_is_not_written_over(note: NoteField) -> None:
    note.text.setPlainText("Mine")
    note.show_note("Changed elsewhere")
    assert note.text.toPlainText() == "Mine"
    assert note.is_unsaved
    note.tell_saved("Mine")
    note.show_note("Changed elsewhere")
    assert note.text.toPlainText() == "Changed elsewhere"


def test_a_note_that_cannot_be_saved_stays_and_is_tried_again(
    note: NoteField, qtbot: QtBot
) -> None:
    note.text.setPlainText("Mine")
    note.flush()
    note.tell_failed("Mine", Sentence("The disk is full."))
    assert note.state.text() == "The note is not saved. The disk is full."
    assert note.text.toPlainText() == "Mine"
    with qtbot.waitSignal(note.save_asked) as asked:
        note.flush()
    assert asked.args == ["Mine"]


# -- splitting -----------------------------------------------------------------------------


def proposal(stays: tuple[int, ...], goes: tuple[int, ...], one: bool = False) -> SplitProposal:
    parted = Split(tuple(map(kept, stays)), tuple(map(kept, goes)), 0.1)
    return SplitProposal(ANNA, parted, one)


@pytest.fixture
def split(qtbot: QtBot) -> SplitDialog:
    made = SplitDialog(proposal((1, 2), (3,)))
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_face_is_moved_to_the_other_group(split: SplitDialog, qtbot: QtBot) -> None:
    assert (split.stays.count(), split.goes.count()) == (2, 1)
    assert not split.let_go.isEnabled()
    split.stays.setCurrentRow(1)
    with qtbot.waitSignal(split.regrouped) as regrouped:
        split.let_go.click()
    assert regrouped.args == [ANNA.id, (2, 3)]
    split.show_proposal(proposal((1,), (2, 3)))
    split.goes.setCurrentRow(0)
    with qtbot.waitSignal(split.regrouped) as regrouped:
        split.keep.click()
    assert regrouped.args == [ANNA.id, (3,)]
    with qtbot.waitSignal(split.regrouped) as regrouped:
        split.swap.click()
    assert regrouped.args == [ANNA.id, (1,)]
    split.show_proposal(proposal((), (1, 2, 3)))
    assert not split.split.isEnabled()


def test_a_split_needs_a_name_and_stays_where_it_is_refused(
    split: SplitDialog, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(split.split_asked):
        split.split.click()
    assert "a name" in split.problem.text()
    split.name.setText("Berta")
    with qtbot.waitSignal(split.split_asked) as asked:
        split.split.click()
    assert (asked.args[0], asked.args[2], asked.args[3]) == (ANNA.id, "Berta", False)
    split.show_failure(ANNA.id, Sentence("The disk is full."))
    assert split.name.text() == "Berta"
    with qtbot.waitSignal(split.accepted):
        split.follow(ANNA.id)


def test_what_looks_like_one_person_is_split_only_on_purpose(
    split: SplitDialog, qtbot: QtBot
) -> None:
    split.name.setText("Berta")
    split.show_proposal(proposal((1, 2), (3,), one=True))
    assert split.warning.isVisible()
    assert not split.split.isEnabled()
    split.anyway.click()
    with qtbot.waitSignal(split.split_asked) as asked:
        split.split.click()
    assert asked.args[3] is True
