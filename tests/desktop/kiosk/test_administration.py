"""What stands behind the PIN, at a station with its real files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from common.errors import StationError
from desktop.home import Home
from desktop.i18n.languages import use
from desktop.kiosk import unattended as unattended_module
from desktop.kiosk.administration import Administration, Next
from desktop.kiosk.administrator_dialog import AdministratorDialog
from desktop.kiosk.window import StationWindow
from desktop.settings.dialog import SettingsDialog
from desktop.settings.file import Settings, load_settings, save_settings
from desktop.settings.specs import chosen_guards
from desktop.shared.pin_dialog import PinDialog
from station.ledger.ledger import Ledger
from station.operation.protection import ProtectionRecord, protection_now
from station.screen import Idle
from station.secrets import scrypt as secrecy
from station.secrets.pin import PinGuard
from station.settings import StationSettings

PIN = "739164"


@pytest.fixture(autouse=True)
def cheap_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same function at a hundredth of its cost."""
    monkeypatch.setattr(secrecy, "COST", 2**7)


@pytest.fixture
def administration(window: StationWindow, home: Home) -> Administration:
    return Administration(window, home, "Entrance")


@pytest.fixture
def guarded(administration: Administration, home: Home) -> Administration:
    PinGuard(home.pin).set(PIN)
    return administration


def dialogs(window: StationWindow) -> list[QDialog]:
    return [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]


def the(kind: type[QDialog], window: StationWindow) -> QDialog:
    (dialog,) = dialogs(window)
    assert type(dialog) is kind
    return dialog


def type_pin(window: StationWindow, qtbot: QtBot, pin: str) -> None:
    dialog = the(PinDialog, window)
    qtbot.keyClicks(dialog.field, pin)
    qtbot.keyClick(dialog.field, Qt.Key_Return)


def choose(window: StationWindow, qtbot: QtBot, button: str) -> None:
    qtbot.mouseClick(getattr(the(AdministratorDialog, window), button), Qt.LeftButton)


def notes(home: Home) -> list[str]:
    with closing(Ledger(home.checkins)) as ledger:
        return [entry.event.note for entry in ledger.entries()]


Ask = Callable[[StationWindow], None]
ASKING: dict[str, Ask] = {
    "the lock": lambda window: window.bar.administrator_button.click(),
    "the window's frame": lambda window: window.close(),
    "a stranger": lambda window: window.enroll_wanted.emit(),
}


@pytest.mark.parametrize("ask", ASKING.values(), ids=ASKING)
def test_a_pin_that_has_vanished_lets_nobody_in(
    window: StationWindow, guarded: Administration, home: Home, qtbot: QtBot, ask: Ask
) -> None:
    now = protection_now(chosen_guards(load_settings(home.settings)), home)
    ProtectionRecord(home.protection).keep(now)
    for path in home.pin.parent.glob("pin.db*"):
        path.unlink()
    ask(window)
    type_pin(window, qtbot, PIN)
    qtbot.wait(50)
    the(PinDialog, window)
    PinGuard(home.pin).set(PIN)  # by facedesk pin
    type_pin(window, qtbot, PIN)
    qtbot.waitUntil(lambda: not any(isinstance(d, PinDialog) for d in dialogs(window)))


@pytest.mark.parametrize("content", [b"", b"damaged"])
def test_a_damaged_record_of_protection_lets_nobody_in(
    window: StationWindow, administration: Administration, home: Home, content: bytes
) -> None:
    home.folder.mkdir(exist_ok=True)
    home.protection.write_bytes(content)
    window.bar.administrator_button.click()
    the(PinDialog, window)


def test_what_an_administrator_lowers_here_is_meant(
    window: StationWindow, administration: Administration, home: Home, qtbot: QtBot
) -> None:
    settings = Settings(station=StationSettings(liveness="always"))
    save_settings(home.settings, settings)
    record = ProtectionRecord(home.protection)
    record.keep(protection_now(chosen_guards(settings), home))
    window.bar.administrator_button.click()
    choose(window, qtbot, "settings")
    dialog = the(SettingsDialog, window)
    dialog.rows[("station", "liveness")].editor.setCurrentIndex(0)
    qtbot.mouseClick(dialog.save, Qt.LeftButton)
    record.require(protection_now(chosen_guards(load_settings(home.settings)), home))


def test_what_the_file_lost_is_not_meant_by_changing_something_else(
    window: StationWindow, administration: Administration, home: Home, qtbot: QtBot
) -> None:
    guarded = Settings(station=StationSettings(liveness="always", command="open-door"))
    record = ProtectionRecord(home.protection)
    record.keep(protection_now(chosen_guards(guarded), home))
    save_settings(home.settings, Settings())
    window.bar.administrator_button.click()
    choose(window, qtbot, "settings")
    dialog = the(SettingsDialog, window)
    dialog.rows[("station", "sounds")].editor.setChecked(False)
    qtbot.mouseClick(dialog.save, Qt.LeftButton)
    with pytest.raises(StationError, match="liveness"):
        record.require(protection_now(chosen_guards(load_settings(home.settings)), home))


@pytest.mark.parametrize("ask", ASKING.values(), ids=ASKING)
def test_a_wrong_pin_opens_nothing(
    window: StationWindow, guarded: Administration, home: Home, qtbot: QtBot, ask: Ask
) -> None:
    ask(window)
    type_pin(window, qtbot, "739165")
    dialog = the(PinDialog, window)
    ask(window)
    assert dialogs(window) == [dialog]
    dialog.cancel.click()
    assert window.isVisible()
    assert guarded.next is Next.NOTHING
    assert notes(home) == ["wrong PIN tried"]


@pytest.mark.parametrize(
    ("button", "following", "act"),
    [
        ("people", Next.WINDOW, "people opened"),
        ("close_station", Next.NOTHING, "station left"),
    ],
)
def test_after_the_pin_the_station_closes_for_what_was_chosen(
    window: StationWindow,
    guarded: Administration,
    home: Home,
    qtbot: QtBot,
    button: str,
    following: Next,
    act: str,
) -> None:
    window.bar.administrator_button.click()
    type_pin(window, qtbot, PIN)
    choose(window, qtbot, button)
    assert not window.isVisible()
    assert guarded.next is following
    assert notes(home) == ["administration opened", act]


def test_back_changes_nothing(window: StationWindow, guarded: Administration, qtbot: QtBot) -> None:
    window.bar.administrator_button.click()
    type_pin(window, qtbot, PIN)
    choose(window, qtbot, "back")
    assert dialogs(window) == []
    assert window.isVisible()


def test_a_stranger_is_enrolled_after_the_pin(
    window: StationWindow, guarded: Administration, home: Home, qtbot: QtBot
) -> None:
    window.enroll_wanted.emit()
    type_pin(window, qtbot, PIN)
    assert guarded.next is Next.ENROLLMENT
    assert not window.isVisible()
    assert notes(home) == ["enrollment opened"]


def test_changed_settings_make_the_station_anew_and_are_named_without_their_values(
    window: StationWindow, guarded: Administration, home: Home, qtbot: QtBot
) -> None:
    window.bar.administrator_button.click()
    type_pin(window, qtbot, PIN)
    choose(window, qtbot, "settings")
    dialog = the(SettingsDialog, window)
    secret = dialog.rows[("station", "webhook_secret")].editor
    secret.setFocus()
    secret.selectAll()
    qtbot.keyClicks(secret, "24 random letters or more")
    dialog.save.click()
    assert guarded.next is Next.STATION
    assert not window.isVisible()
    assert load_settings(home.settings).station.webhook_secret == "24 random letters or more"
    assert notes(home)[1] == "settings changed: station.webhook_secret"
    assert b"24 random" not in home.checkins.read_bytes()


def test_settings_that_cannot_be_read_are_told(
    window: StationWindow, guarded: Administration, home: Home, qtbot: QtBot
) -> None:
    home.settings.write_text("fps = = 1", "utf-8")
    window.bar.administrator_button.click()
    type_pin(window, qtbot, PIN)
    choose(window, qtbot, "settings")
    told = the(AdministratorDialog, window)
    assert "Correct or delete the line" in told.problem.text()
    told.back.click()
    assert window.isVisible()


def test_without_a_pin_nobody_is_asked_for_one(
    window: StationWindow, administration: Administration
) -> None:
    window.bar.administrator_button.click()
    the(AdministratorDialog, window).back.click()


def test_a_station_without_a_pin_says_so_on_its_screen(
    window: StationWindow, administration: Administration, home: Home, qtbot: QtBot
) -> None:
    said = window.bar.unguarded
    assert said.isVisible()
    assert "Administrator menu" in said.text()
    for language in ("vi", "en"):
        use(language)
        assert said.isVisible()
        assert "PIN" in said.text()
    PinGuard(home.pin).set(PIN)
    window.worker.screen_changed.emit(Idle())
    assert not said.isVisible()
    PinGuard(home.pin).remove()
    window.worker.screen_changed.emit(Idle())
    assert said.isVisible()
    PinGuard(home.pin).set(PIN)
    window.bar.administrator_button.click()
    assert not said.isVisible()
    the(PinDialog, window).cancel.click()


@pytest.mark.parametrize("damage", ["other content", "folder"])
def test_a_damaged_pin_file_is_not_told_to_be_none(
    window: StationWindow, home: Home, damage: str
) -> None:
    if damage == "folder":
        home.pin.mkdir(parents=True)
    else:
        home.pin.write_bytes(b"something else" * 1000)
    administration = Administration(window, home, "Entrance")
    assert not window.bar.unguarded.isVisible()
    window.bar.administrator_button.click()
    the(PinDialog, window).cancel.click()
    assert administration.next is Next.NOTHING


@pytest.mark.parametrize(
    ("content", "told"), [(b"something else" * 1000, "of another kind"), (b"", "damaged")]
)
def test_a_damaged_pin_file_lets_nobody_in(
    window: StationWindow,
    guarded: Administration,
    home: Home,
    qtbot: QtBot,
    content: bytes,
    told: str,
) -> None:
    home.pin.write_bytes(content)
    window.bar.administrator_button.click()
    dialog = the(PinDialog, window)
    assert told in dialog.message.text()
    type_pin(window, qtbot, PIN)
    assert the(PinDialog, window) is dialog
    dialog.cancel.click()


def test_a_dialog_that_was_left_alone_closes(
    window: StationWindow,
    guarded: Administration,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unattended_module, "UNATTENDED_MS", 0)
    window.bar.administrator_button.click()
    qtbot.waitUntil(lambda: dialogs(window) == [])
    assert window.isVisible()


def test_an_act_that_the_ledger_does_not_take_stands_and_is_told(
    window: StationWindow,
    guarded: Administration,
    home: Home,
    qtbot: QtBot,
    caplog: pytest.LogCaptureFixture,
) -> None:
    home.checkins.write_bytes(b"something else" * 1000)
    window.bar.administrator_button.click()
    type_pin(window, qtbot, PIN)
    assert "the ledger does not have it" in the(AdministratorDialog, window).problem.text()
    choose(window, qtbot, "close_station")
    assert not window.isVisible()
    assert caplog.text.count("the ledger does not have it") == 2
    assert home.checkins.read_bytes() == b"something else" * 1000


def test_who_touches_the_screen_sees_no_mark_of_a_focus(qtbot: QtBot) -> None:
    dialog = AdministratorDialog("")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    assert dialog.hasFocus()
    qtbot.keyClick(dialog, Qt.Key_Tab)
    assert dialog.people.hasFocus()
