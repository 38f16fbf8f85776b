"""Whoever walks through with Tab sees where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QImage
from PyQt5.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.checkins.view import CheckinsView
from desktop.kiosk.administrator_dialog import AdministratorDialog
from desktop.live.people.merge_dialog import MergeDialog
from desktop.live.source.dialog import SourceDialog
from desktop.live.window import Window
from desktop.settings.dialog import SettingsDialog
from desktop.settings.file import Settings
from desktop.shared.dialogs.message_dialog import MessageDialog
from desktop.shared.pin_dialog import PinDialog
from desktop.shared.style import dress
from gallery.identity import Identity
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger
from tests.desktop.live.people.test_merge_dialog import CHOICE

from .conftest import ANNA, BERTA
from .i18n.test_retranslated import Guard

MOST_STEPS = 80


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    """In the program's own look. The rest of the style stays; no other test asks for it."""
    before = qapp.styleSheet()
    dress(qapp)
    yield
    qapp.setStyleSheet(before)


def walk(top: QWidget, qtbot: QtBot) -> list[QWidget]:
    """Tab through everything once; each widget looks otherwise with the focus than without."""
    top.show()
    top.activateWindow()
    qtbot.waitUntil(top.isActiveWindow)
    start = top.focusWidget()
    if start is None:
        qtbot.keyClick(top, Qt.Key_Tab)
        start = top.focusWidget()
    assert start is not None
    seen: list[QWidget] = []
    unseen: list[str] = []
    here = start
    for _ in range(MOST_STEPS):
        qtbot.wait(1)
        with_focus = picture_of(here)
        following = after(here, top, qtbot)
        qtbot.wait(1)
        seen.append(here)
        if following is not here and picture_of(here) == with_focus:
            unseen.append(f"{type(here).__name__} {here.accessibleName() or here.objectName()}")
        here = following
        if here in seen:
            break
    assert unseen == []
    return seen


def after(here: QWidget, top: QWidget, qtbot: QtBot) -> QWidget:
    """Where Tab leads to; a date has three fields of its own, a text takes it in."""
    for modifier in (Qt.NoModifier,) * 3 + (Qt.ControlModifier,):
        qtbot.keyClick(here, Qt.Key_Tab, modifier)
        following = top.focusWidget()
        assert following is not None
        if following is not here:
            return following
    return here


def picture_of(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def test_in_the_window(
    window: Window, enrolled: Callable[..., list[Identity]], qtbot: QtBot
) -> None:
    enrolled(Anna=ANNA, Berta=BERTA)
    qtbot.waitUntil(lambda: window.people.list.count() == 2)
    window.notice.show_message("Something.")
    window.people.list.setCurrentItem(None)
    seen = walk(window, qtbot)
    assert {window.people.search, window.people.list, window.idle_strip.enroll} <= set(seen)
    window.people.list.setCurrentRow(0)
    window.people.offer_undo(Identity("9" * 32, "Zoë", CHOICE.person.enrolled_at))
    seen = walk(window, qtbot)
    assert {window.people.remove, window.people.merge, window.people.undo} <= set(seen)
    qtbot.waitUntil(lambda: bool(window.view.faces))
    window.menus.why.trigger()
    assert window.why in walk(window, qtbot)


@pytest.mark.parametrize("page", ["name_page", "capture_page", "review_page"])
def test_while_enrolling(window: Window, qtbot: QtBot, page: str) -> None:
    qtbot.waitUntil(window.idle_strip.enroll.isEnabled)
    window.idle_strip.enroll.click()
    window.enroll_dialog.setCurrentWidget(getattr(window.enroll_dialog, page))
    assert getattr(window.enroll_dialog, page).cancel in walk(window, qtbot)


def test_among_the_check_ins(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "checkins.db"
    with closing(Ledger(path)) as ledger:
        ledger.append(Event(Kind.CHECK_IN, "Door", "a", "Anna"))
    view = CheckinsView(path)
    qtbot.addWidget(view)
    assert len(walk(view, qtbot)) > 3


def message_box() -> MessageDialog:
    return MessageDialog(lambda: "Photos", lambda: "Two were added.", ["Why not the others."])


@pytest.mark.parametrize(
    ("dialog", "least"),
    [
        (lambda: MergeDialog(CHOICE), 3),
        (lambda: PinDialog(Guard()), 1),
        (lambda: AdministratorDialog(""), 4),
        (message_box, 2),
        (lambda: SourceDialog("0"), 4),
    ],
    ids=["merge", "pin", "administrator", "message", "source"],
)
def test_in_a_dialog(dialog: Callable[[], QWidget], least: int, qtbot: QtBot) -> None:
    made = dialog()
    qtbot.addWidget(made)
    assert len(walk(made, qtbot)) >= least


def test_in_each_section_of_the_settings(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Path("settings.toml"), Settings())
    qtbot.addWidget(dialog)
    for section in range(dialog.sections.count()):
        dialog.sections.setCurrentRow(section)
        assert len(walk(dialog, qtbot)) > 3
