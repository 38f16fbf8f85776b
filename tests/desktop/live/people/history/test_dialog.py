"""The window's list of changes: what a return would do, and the return, followed by the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop.home import Home
from desktop.live.people.history.dialog import HistoryDialog
from desktop.live.window import Window
from desktop.shared.dialogs.confirming import ConfirmDialog
from gallery.identity import Identity
from station.ledger.audit import Audit
from tests.desktop.conftest import ANNA, BERTA


def test_a_return_is_told_asked_for_made_and_followed(
    window: Window,
    home: Home,
    gallery_path: Path,
    enrolled: Callable[..., list[Identity]],
    qtbot: QtBot,
) -> None:
    enrolled(Anna=ANNA, Berta=BERTA)
    people = window.people.list
    qtbot.waitUntil(lambda: people.count() == 2)
    dialog = HistoryDialog(gallery_path, Audit(home.checkins, "", lambda _: None), window)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.list.count() == 3)
    assert "Berta enrolled; pictures:" in dialog.list.item(0).text()
    dialog.list.setCurrentRow(0)
    qtbot.waitUntil(lambda: dialog.would.text() == "This is how the people are now.")
    assert not dialog.return_to.isEnabled()
    dialog.list.setCurrentRow(1)
    qtbot.waitUntil(dialog.return_to.isEnabled)
    assert dialog.would.text() == "A return would do this: Berta removed"
    dialog.return_to.click()
    dialog.findChild(ConfirmDialog).do.click()
    qtbot.waitUntil(lambda: dialog.list.count() == 4 and not dialog.is_working)
    assert "Returned to version 1" in dialog.list.item(0).text()
    qtbot.waitUntil(lambda: people.count() == 1)
    dialog.accept()


def test_no_gallery_is_begun_to_look(home: Home, qtbot: QtBot) -> None:
    dialog = HistoryDialog(home.gallery, Audit(home.checkins, "", lambda _: None))
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.note.text() == "Nothing was changed yet.")
    assert not home.gallery.exists()
    dialog.accept()
