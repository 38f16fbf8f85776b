"""What the window keeps in the settings file, and takes over from the dialog."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from PyQt5.QtCore import QMetaObject, Qt
from pytestqt.qtbot import QtBot

from desktop.home import Home
from desktop.i18n.languages import use
from desktop.live.calibration.page import CalibrationPage
from desktop.live.dialogs import Dialogs
from desktop.live.window import Window
from desktop.settings.dialog import SettingsDialog
from desktop.settings.file import Settings, load_settings
from gallery.identity import Identity
from station.ledger.ledger import Ledger
from tests.desktop.conftest import ANNA, BERTA

Enrolled = Callable[..., list[Identity]]


@pytest.fixture
def dialogs(window: Window, home: Home) -> Iterator[Dialogs]:
    yield Dialogs(window, home)
    use("en")


def test_hiding_the_statistics_keeps_what_was_edited_meanwhile(
    window: Window, dialogs: Dialogs, home: Home
) -> None:
    home.settings.write_text("fps = 15.0  # slow", "utf-8")
    window.menus.rates.trigger()
    assert load_settings(home.settings) == Settings(fps=15.0, show_statistics=False)
    window.menus.rates.trigger()
    assert "fps = 15.0  # slow" in home.settings.read_text("utf-8").splitlines()


def test_a_camera_that_was_chosen_is_the_next_starts_camera(
    window: Window, dialogs: Dialogs, home: Home
) -> None:
    home.settings.write_text("fps = 15.0  # slow", "utf-8")
    window.camera_chosen.emit("camera:C920")
    assert load_settings(home.settings) == Settings(source="camera:C920", fps=15.0)


def test_what_cannot_be_kept_is_told(window: Window, dialogs: Dialogs, home: Home) -> None:
    home.settings.write_text("fps = = 15", "utf-8")
    window.menus.rates.trigger()
    assert "Correct or delete the line" in window.notice.label.text()
    window.notice.hide()
    window.menus.settings.trigger()
    assert window.notice.isVisible()
    assert window.findChild(SettingsDialog) is None


def test_the_language_changes_at_once_and_stays(
    window: Window, dialogs: Dialogs, home: Home, qtbot: QtBot
) -> None:
    vietnamese = next(a for a in window.menus._languages.actions() if a.data() == "vi")
    vietnamese.trigger()
    qtbot.waitUntil(lambda: window.people.remove.text() != "Remove")
    assert load_settings(home.settings).language == "vi"
    window.menus._languages.actions()[1].trigger()
    qtbot.waitUntil(lambda: window.people.remove.text() == "Remove")


def test_the_dialog_changes_what_it_can_at_once(
    window: Window, dialogs: Dialogs, home: Home, qtbot: QtBot
) -> None:
    window.menus.settings.trigger()
    dialog = window.findChild(SettingsDialog)
    dialog.rows[("show_statistics",)].editor.click()
    language = dialog.rows[("language",)].editor
    language.setCurrentIndex(language._values.index("vi"))
    dialog.save.click()
    assert not window.status.statistics.isVisible()
    qtbot.waitUntil(lambda: window.people.remove.text() != "Remove")
    assert load_settings(home.settings) == Settings(language="vi", show_statistics=False)


def test_what_was_changed_is_in_the_ledger(window: Window, dialogs: Dialogs, home: Home) -> None:
    Ledger(home.checkins).close()
    window.menus.rates.trigger()
    window.menus.settings.trigger()
    dialog = window.findChild(SettingsDialog)
    dialog.rows[("station", "keep_pictures")].editor.click()
    dialog.save.click()
    with closing(Ledger(home.checkins)) as ledger:
        acts = [entry.event.note for entry in ledger.entries()]
    assert acts == [
        "settings changed: show_statistics",
        "settings changed: station.keep_pictures",
    ]


def test_the_page_of_the_threshold(
    window: Window, dialogs: Dialogs, home: Home, enrolled: Enrolled, qtbot: QtBot
) -> None:
    window.menus.threshold.trigger()
    (page,) = window.findChildren(CalibrationPage)
    qtbot.waitUntil(lambda: "it is empty" in page.problem.text())
    enrolled(Anna=ANNA, Berta=BERTA)
    with qtbot.waitSignal(window.worker.people_changed):
        QMetaObject.invokeMethod(window.worker, "follow_gallery", Qt.QueuedConnection)
    with qtbot.waitSignal(window.worker.calibrated):
        window.menus.threshold.trigger()
    assert not page.adopt.isHidden()
    page.spin.setValue(page.histogram.threshold + 0.05)
    wanted = page.histogram.threshold
    with qtbot.waitSignal(window.worker.calibrated):
        page.adopt.click()
    (kept,) = home.calibrations.glob("*.json")
    assert not page.adopt.isEnabled() or page.histogram.threshold != wanted
    assert page.undo.isEnabled()
    assert page._found is not None
    assert page._found.in_use == pytest.approx(wanted)
    recognizer = window.worker._recognizer
    assert recognizer is not None
    qtbot.waitUntil(lambda: recognizer.threshold == pytest.approx(wanted))
    with qtbot.waitSignal(window.worker.calibrated):
        page.undo.click()
    assert not kept.exists()
    assert not page.undo.isEnabled()
    before = page._found.in_use
    assert before < wanted - 0.04
    qtbot.waitUntil(lambda: recognizer.threshold == pytest.approx(before))
    window.close()
    assert not page.isVisible()
