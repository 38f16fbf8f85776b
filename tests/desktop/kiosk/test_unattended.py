"""What the PIN opened closes where it was left alone, whatever is open in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from PyQt5.QtCore import QEvent, QPoint, Qt
from PyQt5.QtGui import QContextMenuEvent, QKeyEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QInputDialog,
    QLineEdit,
    QListWidget,
    QMainWindow,
    QMenu,
    QMessageBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.checkins.view import CheckinsView
from desktop.home import Home
from desktop.kiosk import unattended as unattended_module
from desktop.kiosk.administration import Administration, Next
from desktop.kiosk.administrator_dialog import AdministratorDialog
from desktop.kiosk.unattended import Unattended
from desktop.kiosk.window import StationWindow
from desktop.settings.dialog import SettingsDialog
from desktop.settings.editors import ChoiceEditor
from desktop.shared.pin_dialog import PinDialog
from station.secrets import scrypt as secrecy
from station.secrets.pin import PinGuard

from .conftest import Backstage

PIN = "739164"


@pytest.fixture(autouse=True)
def cheap_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same function at a hundredth of its cost."""
    monkeypatch.setattr(secrecy, "COST", 2**7)


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    def bound(milliseconds: int) -> None:
        monkeypatch.setattr(unattended_module, "UNATTENDED_MS", milliseconds)

    return bound


@pytest.fixture
def administration(window: StationWindow, home: Home) -> Administration:
    PinGuard(home.pin).set(PIN)
    return Administration(window, home, "Entrance")


def shown() -> list[QWidget]:
    return [w for w in QApplication.topLevelWidgets() if w.isVisible()]


def the(kind: type[QDialog]) -> QDialog:
    (dialog,) = (w for w in shown() if isinstance(w, kind))
    return dialog


def ask_for_pin(window: StationWindow) -> None:
    window.bar.administrator_button.click()


def give_pin(window: StationWindow) -> None:
    ask_for_pin(window)
    dialog = the(PinDialog)
    QTest.keyClicks(dialog.field, PIN)
    QTest.keyClick(dialog.field, Qt.Key_Return)


def open_settings(window: StationWindow) -> None:
    give_pin(window)
    the(AdministratorDialog).settings.click()


def change_settings(window: StationWindow) -> None:
    open_settings(window)
    row = the(SettingsDialog).rows[("station", "command")].editor
    QTest.keyClicks(row, "rm -rf")
    the(SettingsDialog).reject()  # it asks about the change
    assert the(SettingsDialog).is_changed


def drop_down(window: StationWindow) -> None:
    change_settings(window)
    dialog = the(SettingsDialog)
    dialog.sections.setCurrentRow(dialog.sections.count() - 1)
    choice = next(c for c in dialog.findChildren(ChoiceEditor) if c.isVisible())
    choice.showPopup()
    assert QApplication.activePopupWidget() is not None


def context_menu(window: StationWindow) -> None:
    change_settings(window)
    field = the(SettingsDialog).rows[("station", "command")].editor
    QApplication.postEvent(field, QContextMenuEvent(QContextMenuEvent.Keyboard, QPoint(1, 1)))
    QApplication.processEvents()
    assert isinstance(QApplication.activePopupWidget(), QMenu)


def file_dialog_and_message_box(window: StationWindow) -> None:
    change_settings(window)
    files = QFileDialog(the(SettingsDialog))
    files.setAttribute(Qt.WA_DeleteOnClose)
    files.open()
    box = QMessageBox(QMessageBox.Warning, "?", "Overwrite?", parent=files)
    box.setStandardButtons(QMessageBox.Yes | QMessageBox.No)
    box.open()


@pytest.mark.parametrize(
    "open_",
    [
        *(ask_for_pin, give_pin, open_settings, change_settings),
        *(drop_down, context_menu, file_dialog_and_message_box),
    ],
)
def test_whatever_was_left_alone_closes_and_the_pin_is_asked_for_again(
    window: StationWindow,
    administration: Administration,
    home: Home,
    qtbot: QtBot,
    bound: Callable[[int], None],
    open_: Callable[[StationWindow], None],
) -> None:
    bound(200)
    open_(window)
    qtbot.waitUntil(lambda: shown() == [window])
    assert not home.settings.exists()
    assert administration.next is Next.NOTHING
    ask_for_pin(window)
    the(PinDialog).cancel.click()


def test_nothing_closes_under_the_hands_of_somebody(
    window: StationWindow,
    administration: Administration,
    qtbot: QtBot,
    bound: Callable[[int], None],
) -> None:
    bound(1000)
    open_settings(window)
    dialog = the(SettingsDialog)
    field = dialog.rows[("station", "name")].editor
    began = time.monotonic()
    places = iter(range(10_000))
    hands: list[Callable[[], None]] = [
        lambda: QTest.keyClick(field, Qt.Key_X),
        lambda: QTest.mouseMove(dialog.windowHandle(), QPoint(next(places) % 40 + 10, 10)),
        lambda: QTest.mouseClick(dialog, Qt.LeftButton, pos=QPoint(5, 5)),
    ]
    for hand in hands:
        while time.monotonic() - began < 1.3:
            hand()
            qtbot.wait(20)
        assert dialog.isVisible()
        began = time.monotonic()
    qtbot.waitUntil(lambda: shown() == [window])


def test_something_that_lies_on_a_key_is_nobody(
    window: StationWindow,
    administration: Administration,
    qtbot: QtBot,
    bound: Callable[[int], None],
) -> None:
    bound(300)
    open_settings(window)
    window_handle = the(SettingsDialog).windowHandle()
    began = time.monotonic()
    while shown() != [window]:
        assert time.monotonic() - began < 5
        repeated = QKeyEvent(QEvent.KeyPress, Qt.Key_Shift, Qt.NoModifier, "", True)
        QApplication.sendEvent(window_handle, repeated)
        qtbot.wait(20)


def test_nobody_is_checked_in_behind_a_dialog(
    window: StationWindow, administration: Administration, backstage: Backstage, qtbot: QtBot
) -> None:
    window.feed.open("0")
    station = backstage.station
    qtbot.waitUntil(lambda: station.seen > 3)
    for _ in range(2):
        ask_for_pin(window)
        qtbot.wait(50)  # for what was under way
        seen = station.seen
        qtbot.wait(200)
        assert station.seen == seen
        the(PinDialog).cancel.click()
        qtbot.waitUntil(lambda before=seen: station.seen > before + 3)  # type: ignore[misc]


# -- the program's own window, opened by an administrator --------------------------------------


class Stubborn(QMainWindow):
    """Stays the first time that it is to close, as the window does to save a name."""

    refusals = 1

    def closeEvent(self, event: QEvent) -> None:
        self.refusals -= 1
        event.setAccepted(self.refusals < 0)


@pytest.fixture
def program(qtbot: QtBot) -> Iterator[Stubborn]:
    program = Stubborn()
    qtbot.addWidget(program)
    program.show()
    yield program
    program.refusals = 0


@pytest.fixture
def unattended(qapp: QApplication) -> Iterator[Unattended]:
    unattended = Unattended()
    yield unattended
    unattended.stop()


def test_all_windows_close_the_innermost_first(
    program: Stubborn,
    unattended: Unattended,
    qtbot: QtBot,
    home: Home,
    bound: Callable[[int], None],
) -> None:
    closed: list[str] = []
    checkins = CheckinsView(home.checkins, program)
    checkins.show()
    files = QFileDialog(checkins)
    box = QMessageBox(parent=files)
    question = QInputDialog(program)
    for name, dialog in (("question", question), ("files", files), ("box", box)):
        dialog.finished.connect(lambda result, name=name: closed.append(f"{name} {result}"))
        dialog.open()
    bound(100)
    unattended.watch()
    qtbot.waitUntil(lambda: shown() == [])
    assert closed == ["box 0", "files 0", "question 0"]
    assert program.refusals == -1, "asked once more"


def test_a_box_in_a_loop_of_its_own_closes_too(
    program: Stubborn, unattended: Unattended, qtbot: QtBot, bound: Callable[[int], None]
) -> None:
    dialog = QDialog(program)
    dialog.setAttribute(Qt.WA_DeleteOnClose)
    dialog.open()
    bound(100)
    unattended.watch()
    answer = QMessageBox.warning(dialog, "?", "Overwrite?", QMessageBox.Yes | QMessageBox.No)
    assert answer != QMessageBox.Yes
    qtbot.waitUntil(lambda: shown() == [])


def test_a_name_that_was_left_half_typed_becomes_nobodys(
    program: Stubborn, unattended: Unattended, qtbot: QtBot, bound: Callable[[int], None]
) -> None:
    people = QListWidget()
    program.setCentralWidget(people)
    people.addItem("Anna")
    item = people.item(0)
    item.setFlags(item.flags() | Qt.ItemIsEditable)
    people.editItem(item)
    editor = people.findChild(QLineEdit)
    assert editor is not None
    QTest.keyClicks(editor, "Ber")
    program.activateWindow()
    bound(100)
    unattended.watch()
    qtbot.waitUntil(lambda: shown() == [])
    assert item.text() == "Anna"
