"""Check-ins that an administrator changes by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PyQt5.QtCore import QDateTime
from PyQt5.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.checkins.amend_dialog import AmendDialog, AmendingAct, AmendingDesk
from desktop.checkins.view import CheckinsView
from gallery.identity import Identity
from station.ledger.entry import Entry, Event, Kind
from station.ledger.ledger import Ledger

NOW = datetime.now(UTC).replace(microsecond=0)
ANNA, BERTA = (Identity(digit * 32, name, NOW) for digit, name in (("a", "Anna"), ("b", "Berta")))
ASKED: list[QWidget] = []


@pytest.fixture
def desk(tmp_path: Path) -> AmendingDesk:
    def ask(over: QWidget, then: Callable[[], None]) -> None:
        ASKED.append(over)
        then()

    ASKED.clear()
    path = tmp_path / "checkins.db"
    for hours, kind in ((3, Kind.CHECK_IN), (2, Kind.CHECK_OUT), (1, Kind.CHECK_IN)):
        with closing(Ledger(path, clock=lambda h=hours: NOW - timedelta(hours=h))) as ledger:
            ledger.append(Event(kind, "Entrance", ANNA.id, "Anna"))
    return AmendingDesk(path, "Entrance", lambda: (ANNA, BERTA), ask)


@pytest.fixture
def view(desk: AmendingDesk, qtbot: QtBot) -> Iterator[CheckinsView]:
    made = CheckinsView(desk.ledger, desk=desk)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: made.check_ins.rowCount() == 3)
    yield made
    made.close()


def newest(desk: AmendingDesk) -> Entry:
    with closing(Ledger(desk.ledger)) as ledger:
        return list(ledger.entries())[-1]


def opened(view: CheckinsView) -> AmendDialog:
    (dialog,) = (d for d in view.findChildren(AmendDialog) if d.isVisible())
    return dialog


def test_the_chosen_check_in_is_corrected_and_the_view_follows(
    view: CheckinsView, desk: AmendingDesk, qtbot: QtBot
) -> None:
    assert view.amending is not None
    assert not view.amending.correct.isEnabled()
    view.tabs.widget(0).selectRow(0)
    view.amending.correct.click()
    assert [view] == ASKED
    dialog = opened(view)
    dialog.save.click()
    assert "why" in dialog.problem.text()
    dialog.reason.setText("it was Berta, going")
    dialog.save.click()
    assert "Nothing is changed" in dialog.problem.text()
    dialog.person.setCurrentIndex(1)
    dialog.direction.setCurrentIndex(1)
    with qtbot.waitSignal(dialog.accepted):
        dialog.save.click()
    event = newest(desk).event
    assert (event.name, event.counts_as, event.refers_to) == ("Berta", Kind.CHECK_OUT, 3)
    assert event.happened_at is not None
    assert event.note == "it was Berta, going"
    qtbot.waitUntil(lambda: view.check_ins.rowCount() == 4)


def test_a_check_in_is_undone_once_and_no_more(
    view: CheckinsView, desk: AmendingDesk, qtbot: QtBot
) -> None:
    assert view.amending is not None
    view.tabs.widget(0).selectRow(0)
    view.amending.undo.click()
    dialog = opened(view)
    dialog.reason.setText("nobody came")
    with qtbot.waitSignal(dialog.accepted):
        dialog.save.click()
    assert newest(desk).event.refers_to == 3
    qtbot.waitUntil(lambda: view.check_ins.rows[0].is_undone)
    view.tabs.widget(0).selectRow(0)
    assert not view.amending.undo.isEnabled()


def test_a_missing_check_out_is_added(view: CheckinsView, desk: AmendingDesk, qtbot: QtBot) -> None:
    assert view.amending is not None
    view.amending.add.click()
    dialog = opened(view)
    dialog.reason.setText("forgot")
    dialog.save.click()
    assert "Choose a person" in dialog.problem.text()
    dialog.person.setEditText("berta")
    dialog.direction.setCurrentIndex(1)
    half_past = NOW - timedelta(minutes=30)
    dialog.at.setDateTime(QDateTime.fromSecsSinceEpoch(int(half_past.timestamp())))
    with qtbot.waitSignal(dialog.accepted):
        dialog.save.click()
    entry = newest(desk)
    assert (entry.event.name, entry.counts_as) == ("Berta", Kind.CHECK_OUT)
    assert entry.happened_at == half_past.replace(second=half_past.second)


def test_what_the_ledger_refuses_stays_in_the_dialog(desk: AmendingDesk, qtbot: QtBot) -> None:
    dialog = AmendDialog(AmendingAct.ADD, desk)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.person.setCurrentIndex(0)
    dialog.reason.setText("tomorrow")
    dialog.at.setDateTime(QDateTime.currentDateTime().addDays(1))
    dialog.save.click()
    qtbot.waitUntil(lambda: "still to come" in dialog.problem.text())
    assert dialog.isVisible()
    assert dialog.reason.text() == "tomorrow"
    dialog.reject()


def test_who_is_here_now_is_listed(view: CheckinsView, qtbot: QtBot) -> None:
    view.show_here_now()
    qtbot.waitUntil(lambda: view.here.rowCount() == 1)
    assert view.here.index(0, 0).data() == "Anna"
    assert view.sums.text() == "1 person is here now."
    view.filter.name.setText("berta")
    assert view.sums.text() == "Nobody is here now."


def test_where_nobody_may_amend_no_button_is_shown(desk: AmendingDesk, qtbot: QtBot) -> None:
    plain = CheckinsView(desk.ledger)
    qtbot.addWidget(plain)
    assert plain.amending is None
    plain.close()
