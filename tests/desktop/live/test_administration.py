"""The menu Administrator of the real window."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from PyQt5.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.administration.code_dialog import CodeDialog
from desktop.administration.inbox_dialog import InboxDialog
from desktop.administration.ledger_check_dialog import LedgerCheckDialog
from desktop.administration.new_pin_dialog import NewPinDialog
from desktop.checkins.amend_dialog import AmendDialog
from desktop.checkins.view import CheckinsView
from desktop.home import Home
from desktop.live.dialogs import Dialogs
from desktop.live.people.history.dialog import HistoryDialog
from desktop.live.window import Window
from desktop.shared.pin_dialog import PinDialog
from gallery.identity import Identity
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger
from station.secrets.codes import Codes
from station.secrets.pin import PinGuard
from tests.desktop.conftest import ANNA

PIN = "493827"
Enrolled = Callable[..., list[Identity]]


@pytest.fixture
def anna(window: Window, home: Home, enrolled: Enrolled, qtbot: QtBot) -> Identity:
    Dialogs(window, home)
    (made,) = enrolled(Anna=ANNA)
    qtbot.waitUntil(lambda: window.people.list.count() == 1)
    return made


def test_each_act_asks_for_the_pin_where_one_is_set(
    window: Window, anna: Identity, home: Home, qtbot: QtBot
) -> None:
    PinGuard(home.pin).set(PIN)
    window.people.list.setCurrentRow(0)
    for action, dialog in (
        (window.menus.add_checkin, AmendDialog),
        (window.menus.inbox, InboxDialog),
        (window.menus.history, HistoryDialog),
        (window.menus.code, CodeDialog),
        (window.menus.pin, NewPinDialog),
    ):
        action.trigger()
        assert window.findChild(dialog) is None
        asking = next(d for d in window.findChildren(PinDialog) if d.isVisible())
        asking.reject()
        assert window.findChild(dialog) is None
    window.menus.pin.trigger()
    asking = next(d for d in window.findChildren(PinDialog) if d.isVisible())
    qtbot.keyClicks(asking.field, PIN)
    qtbot.keyClick(asking.field, Qt.Key_Return)
    window.findChild(NewPinDialog).reject()


def test_a_code_is_given_in_the_window(
    window: Window, anna: Identity, home: Home, qtbot: QtBot
) -> None:
    window.menus.code.trigger()
    assert "Choose a person" in window.notice.label.text()
    window.people.list.setCurrentRow(0)
    window.menus.code.trigger()
    dialog = window.findChild(CodeDialog)
    dialog.code.setText("blue badge 7")
    dialog.again.setText("blue badge 7")
    with qtbot.waitSignal(dialog.accepted):
        dialog.save.click()
    assert Codes(home.codes).find("blue badge 7") == anna.id


def test_who_is_here_and_whether_all_is_as_written(
    window: Window, anna: Identity, home: Home, qtbot: QtBot
) -> None:
    with closing(Ledger(home.checkins)) as ledger:
        ledger.append(Event(Kind.CHECK_IN, "Entrance", anna.id, "Anna"))
    window.menus.here_now.trigger()
    checkins = window.findChild(CheckinsView)
    qtbot.waitUntil(lambda: checkins.sums.text() == "1 person is here now.")
    assert checkins.amending is not None
    window.menus.verify.trigger()
    check = window.findChild(LedgerCheckDialog)
    qtbot.waitUntil(lambda: check.verdict.text() == "1 entry is as written.")
    check.accept()


def test_a_check_in_that_was_added_is_in_the_list_that_is_open(
    window: Window, anna: Identity, home: Home, qtbot: QtBot
) -> None:
    window.menus.checkins.trigger()
    checkins = window.findChild(CheckinsView)
    window.menus.add_checkin.trigger()
    dialog = window.findChild(AmendDialog)
    dialog.person.setCurrentIndex(0)
    dialog.reason.setText("forgot")
    with qtbot.waitSignal(dialog.accepted):
        dialog.save.click()
    qtbot.waitUntil(lambda: checkins.check_ins.rowCount() == 1)


def test_the_list_is_sorted_by_who_was_seen_last(
    window: Window, anna: Identity, home: Home, qtbot: QtBot
) -> None:
    with closing(Ledger(home.checkins)) as ledger:
        ledger.append(Event(Kind.CHECK_IN, "Entrance", anna.id, "Anna"))
    window.people.order.setCurrentIndex(2)
    qtbot.waitUntil(lambda: anna.id in window.people._last_seen)
