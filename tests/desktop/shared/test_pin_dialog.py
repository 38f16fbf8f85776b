from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from common.errors import SettingsError
from desktop.shared.pin_dialog import PinDialog


@dataclass(frozen=True)
class Verdict:
    ok: bool
    wait_s: float = 0.0


@dataclass
class Guard:
    """Opens to 2468; every other try costs a pause from the second on."""

    wait_s: float = 0.0
    tried: list[str] = field(default_factory=list)
    is_broken: bool = False

    def check(self, pin: str) -> Verdict:
        if self.is_broken:
            raise SettingsError("room on the disk", "it is full", "Free some space")
        self.tried.append(pin)
        if pin == "2468":
            return Verdict(True)
        self.wait_s = 30.0 if len(self.tried) > 1 else 0.0
        return Verdict(False, self.wait_s)


@pytest.fixture
def guard() -> Guard:
    return Guard()


@pytest.fixture
def dialog(guard: Guard, qtbot: QtBot) -> Iterator[PinDialog]:
    made = PinDialog(guard)
    qtbot.addWidget(made)
    made.open()
    yield made
    made.close()


def press(dialog: PinDialog, qtbot: QtBot, digits: str) -> None:
    for digit in digits:
        qtbot.mouseClick(dialog.pad.digits[int(digit)], Qt.LeftButton)
    qtbot.mouseClick(dialog.pad.enter, Qt.LeftButton)


def test_the_pad_opens(dialog: PinDialog, qtbot: QtBot) -> None:
    qtbot.mouseClick(dialog.pad.digits[9], Qt.LeftButton)
    qtbot.mouseClick(dialog.pad.erase, Qt.LeftButton)
    press(dialog, qtbot, "2468")
    assert dialog.result() == QDialog.Accepted


def test_the_keyboard_opens(dialog: PinDialog, guard: Guard, qtbot: QtBot) -> None:
    qtbot.keyClicks(dialog.field, "2a46 8")
    qtbot.keyClick(dialog.field, Qt.Key_Return)
    assert guard.tried == ["2468"]
    assert dialog.result() == QDialog.Accepted


def test_nothing_typed_is_no_try(dialog: PinDialog, guard: Guard, qtbot: QtBot) -> None:
    qtbot.mouseClick(dialog.pad.enter, Qt.LeftButton)
    assert guard.tried == []
    assert dialog.isVisible()


def test_a_wrong_pin_is_told_until_the_next_digit(dialog: PinDialog, qtbot: QtBot) -> None:
    press(dialog, qtbot, "1111")
    assert dialog.message.text() == "That PIN is wrong."
    assert dialog.field.text() == ""
    qtbot.mouseClick(dialog.pad.digits[2], Qt.LeftButton)
    assert dialog.message.text() == ""


def test_the_pause_is_shown_counts_down_and_ends(
    dialog: PinDialog, guard: Guard, qtbot: QtBot
) -> None:
    press(dialog, qtbot, "1111")
    press(dialog, qtbot, "1111")
    assert "Wait 30 s" in dialog.message.text()
    assert not dialog.pad.isEnabled()
    press(dialog, qtbot, "2468")
    qtbot.keyClicks(dialog.field, "2468")
    assert len(guard.tried) == 2
    guard.wait_s = 12.2
    dialog._timer.timeout.emit()
    assert "Wait 13 s" in dialog.message.text()
    guard.wait_s = 0.0
    dialog._timer.timeout.emit()
    assert dialog.pad.isEnabled()
    assert not dialog._timer.isActive()
    press(dialog, qtbot, "2468")
    assert dialog.result() == QDialog.Accepted


def test_a_pause_outlives_the_dialog(guard: Guard, qtbot: QtBot) -> None:
    guard.wait_s = 900.0
    dialog = PinDialog(guard)
    qtbot.addWidget(dialog)
    assert "Wait 15 minutes" in dialog.message.text()
    assert not dialog.field.isEnabled()


def test_a_fault_is_told_and_opens_nothing(dialog: PinDialog, guard: Guard, qtbot: QtBot) -> None:
    guard.is_broken = True
    press(dialog, qtbot, "2468")
    assert "it is full" in dialog.message.text()
    assert dialog.isVisible()
    guard.is_broken = False
    press(dialog, qtbot, "2468")
    assert dialog.result() == QDialog.Accepted


def test_escape_and_cancel_open_nothing(dialog: PinDialog, guard: Guard, qtbot: QtBot) -> None:
    qtbot.keyClicks(dialog.field, "2468")
    qtbot.keyClick(dialog.field, Qt.Key_Escape)
    assert dialog.result() == QDialog.Rejected
    assert guard.tried == []
