"""The administrator's dialogs, with real files."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from common.sealing.tally import write_tally
from common.sentence import Sentence
from common.sqlite_file import open_database
from desktop.administration.code_dialog import CodeDialog
from desktop.administration.inbox_dialog import InboxDialog
from desktop.administration.ledger_check_dialog import LedgerCheckDialog
from desktop.administration.new_pin_dialog import NewPinDialog
from desktop.administration.pin_gate import OPEN_S, PinGate
from desktop.home import Home
from desktop.shared.dialogs.confirming import ConfirmDialog
from desktop.shared.pin_dialog import PinDialog
from gallery.identity import Identity
from station.ledger.audit import Audit
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger
from station.ledger.schema import CHECKINS
from station.people.inbox import Inbox
from station.secrets.pin import PinGuard

PIN = "493827"
NOW = datetime.now(UTC)
ANNA = Identity("a" * 32, "Anna", NOW)


@pytest.fixture
def audit(home: Home) -> Audit:
    with closing(Ledger(home.checkins)) as ledger:
        ledger.append(Event(Kind.CHECK_IN, "Entrance", ANNA.id, "Anna"))
    return Audit(home.checkins, "Entrance", lambda told: None)


@pytest.fixture
def desk(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def notes(home: Home) -> list[str]:
    with closing(Ledger(home.checkins)) as ledger:
        return [e.event.note for e in ledger.entries() if e.event.kind is Kind.ADMINISTRATION]


def answer(over: QWidget, deed: bool) -> None:
    """Answers the question that is asked over a dialog."""
    question = next(d for d in over.findChildren(ConfirmDialog) if d.isVisible())
    (question.do if deed else question.cancel).click()


# -- the gate ------------------------------------------------------------------------------


def test_without_a_pin_nothing_is_asked(home: Home, audit: Audit, desk: QWidget) -> None:
    done: list[int] = []
    PinGate(home, audit, desk).ask(desk, lambda: done.append(1))
    assert done == [1]


def test_an_act_waits_for_the_pin_and_the_next_one_does_not(
    home: Home, audit: Audit, desk: QWidget, qtbot: QtBot
) -> None:
    PinGuard(home.pin).set(PIN)
    clock = [0.0]
    gate, done = PinGate(home, audit, desk, lambda: clock[0]), []
    gate.ask(desk, lambda: done.append(1))
    dialog = desk.findChild(PinDialog)
    qtbot.keyClicks(dialog.field, "111111")
    qtbot.keyClick(dialog.field, Qt.Key_Return)
    assert done == []
    assert notes(home) == ["wrong PIN tried"]
    qtbot.keyClicks(dialog.field, PIN)
    qtbot.keyClick(dialog.field, Qt.Key_Return)
    assert done == [1]
    clock[0] = OPEN_S - 1
    gate.ask(desk, lambda: done.append(2))
    assert done == [1, 2]
    clock[0] += OPEN_S + 1
    gate.ask(desk, lambda: done.append(3))
    assert done == [1, 2]


def test_a_damaged_pin_file_lets_nobody_pass(home: Home, audit: Audit, desk: QWidget) -> None:
    home.pin.write_bytes(b"nonsense" * 100)
    done: list[int] = []
    PinGate(home, audit, desk).ask(desk, lambda: done.append(1))
    assert done == []
    assert desk.findChild(PinDialog) is not None


# -- the PIN -------------------------------------------------------------------------------


def test_a_pin_is_set_once_it_was_typed_twice(
    home: Home, audit: Audit, desk: QWidget, qtbot: QtBot
) -> None:
    dialog = NewPinDialog(home, audit, desk)
    dialog.open()
    assert dialog.remove.isHidden()
    dialog.pin.setText(PIN)
    dialog.again.setText("493828")
    dialog.save.click()
    assert "not the same" in dialog.problem.text()
    dialog.again.setText(PIN)
    with qtbot.waitSignal(dialog.accepted):
        dialog.save.click()
    assert PinGuard(home.pin).check(PIN).ok
    assert notes(home) == ["PIN set"]


def test_a_weak_pin_is_refused_with_its_reason(
    home: Home, audit: Audit, desk: QWidget, qtbot: QtBot
) -> None:
    dialog = NewPinDialog(home, audit, desk)
    dialog.open()
    dialog.pin.setText("1111")
    dialog.again.setText("1111")
    dialog.save.click()
    qtbot.waitUntil(lambda: "easily guessed" in dialog.problem.text())
    assert dialog.isVisible()
    assert not PinGuard(home.pin).is_set
    dialog.reject()


def test_the_pin_is_removed_after_a_question(
    home: Home, audit: Audit, desk: QWidget, qtbot: QtBot
) -> None:
    PinGuard(home.pin).set(PIN)
    dialog = NewPinDialog(home, audit, desk)
    dialog.open()
    dialog.remove.click()
    answer(dialog, False)
    assert PinGuard(home.pin).is_set
    dialog.remove.click()
    with qtbot.waitSignal(dialog.accepted):
        answer(dialog, True)
    assert not PinGuard(home.pin).is_set
    assert notes(home) == ["PIN removed"]


# -- codes ---------------------------------------------------------------------------------


def test_a_code_is_typed_twice_and_stays_where_it_is_refused(desk: QWidget, qtbot: QtBot) -> None:
    dialog = CodeDialog(ANNA, False, desk)
    dialog.open()
    assert dialog.take.isHidden()
    dialog.save.click()
    assert "Type the code" in dialog.problem.text()
    dialog.code.setText("blue badge 7")
    with qtbot.assertNotEmitted(dialog.code_given):
        dialog.save.click()
    dialog.again.setText("blue badge 7")
    with qtbot.waitSignal(dialog.code_given) as given:
        dialog.save.click()
    assert given.args == [ANNA.id, "blue badge 7"]
    assert not dialog.save.isEnabled()
    dialog.follow("b" * 32, "another person's")
    dialog.follow(ANNA.id, Sentence("It is somebody else's."))
    assert dialog.problem.text() == "It is somebody else's."
    assert dialog.code.text() == "blue badge 7"
    with qtbot.waitSignal(dialog.accepted):
        dialog.follow(ANNA.id, "")


def test_a_code_is_taken_away(desk: QWidget, qtbot: QtBot) -> None:
    dialog = CodeDialog(ANNA, True, desk)
    dialog.open()
    with qtbot.waitSignal(dialog.code_given) as given:
        dialog.take.click()
    assert given.args == [ANNA.id, ""]
    dialog.reject()


# -- the ledger ----------------------------------------------------------------------------


def test_a_sound_ledger_is_said_to_be_sound(
    home: Home, audit: Audit, desk: QWidget, qtbot: QtBot
) -> None:
    dialog = LedgerCheckDialog(home.checkins, desk)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.verdict.text() == "1 entry is as written.")
    dialog.noted.setText(dialog.newest.text().upper())
    qtbot.waitUntil(dialog.again.isEnabled)
    dialog.again.click()
    qtbot.waitUntil(lambda: "all is there up to it" in dialog.noted_verdict.text())
    dialog.noted.setText("0" * 63 + "1")
    qtbot.waitUntil(dialog.again.isEnabled)
    dialog.again.click()
    qtbot.waitUntil(lambda: "no entry has the hash" in dialog.noted_verdict.text())
    dialog.accept()


def test_an_entry_that_is_gone_is_found(
    home: Home, audit: Audit, desk: QWidget, qtbot: QtBot
) -> None:
    with closing(open_database(home.checkins, 1, CHECKINS)) as db:
        db.execute("DROP TRIGGER entry_is_not_deleted")
        db.execute("DELETE FROM sealed_entry")
        write_tally(db, CHECKINS.tallied, len(CHECKINS.migrations))  # as whoever has the key does
    dialog = LedgerCheckDialog(home.checkins, desk)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.verdict.text().startswith("Entry 1 and what came"))
    assert not dialog.copy.isEnabled()
    dialog.accept()


def test_without_a_ledger_none_is_made(home: Home, desk: QWidget, qtbot: QtBot) -> None:
    dialog = LedgerCheckDialog(home.checkins, desk)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.verdict.text() == "The ledger is empty.")
    assert not home.checkins.exists()
    dialog.accept()


# -- the inbox -----------------------------------------------------------------------------


@pytest.fixture
def three_unknown(home: Home) -> None:
    for hours in range(3):
        with closing(Inbox(home.inbox, lambda h=hours: NOW - timedelta(hours=h))) as inbox:
            inbox.put(np.full((32, 32, 3), 80 * hours, np.uint8))


def kept(home: Home) -> int:
    with closing(Inbox(home.inbox)) as inbox:
        return len(inbox.all())


def test_unknown_people_are_shown_saved_and_erased(
    home: Home, audit: Audit, desk: QWidget, three_unknown: None, qtbot: QtBot
) -> None:
    dialog = InboxDialog(home.inbox, audit, desk)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.list.count() == 3 and dialog.save.isEnabled())
    assert not dialog.erase.isEnabled()
    dialog.save_to(home.folder / "copies")
    qtbot.waitUntil(lambda: dialog.note.text().endswith(": 3."))
    assert len(list((home.folder / "copies").glob("*.png"))) == 3
    qtbot.waitUntil(dialog.save.isEnabled)
    dialog.list.setCurrentRow(1)
    dialog.erase.click()
    answer(dialog, True)
    qtbot.waitUntil(lambda: dialog.list.count() == 2)
    assert notes(home) == ["erased pictures of unknown people"]
    qtbot.waitUntil(dialog.erase_all.isEnabled)
    dialog.erase_all.click()
    answer(dialog, False)
    assert kept(home) == 2
    dialog.erase_now(None)
    qtbot.waitUntil(lambda: dialog.list.isHidden())
    assert kept(home) == 0
    assert dialog.note.text().startswith("No picture is kept.")
    dialog.accept()


def test_an_inbox_that_is_not_there_is_not_made(
    home: Home, audit: Audit, desk: QWidget, qtbot: QtBot
) -> None:
    dialog = InboxDialog(home.inbox, audit, desk)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.note.text().startswith("No picture is kept."))
    assert not home.inbox.exists()
    dialog.accept()
