"""Every window and dialog on every screen, in every language: each button is on it, no text cut.

FACEDESK_SCREENSHOTS names an existing folder for the pictures, FACEDESK_THEME their theme:
FACEDESK_SCREENSHOTS=folder FACEDESK_THEME=dark python -m pytest tests/desktop/test_every_window.py
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QRect, QSize, Qt
from PyQt5.QtGui import QScreen
from PyQt5.QtWidgets import QApplication, QDialog, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

import desktop
from common.sentence import Sentence
from desktop.checkins.view import CheckinsView
from desktop.help.pages import help_folder, read_pages
from desktop.help.window import HelpWindow
from desktop.home import Home
from desktop.i18n.languages import SOURCE, languages, use
from desktop.kiosk.administrator_dialog import AdministratorDialog
from desktop.live.people.merge_dialog import MergeDialog
from desktop.live.source.dialog import SourceDialog
from desktop.live.window import Window
from desktop.settings.dialog import SettingsDialog
from desktop.settings.file import SECTIONS
from desktop.shared.dialogs.fitting_dialog import FittingDialog
from desktop.shared.dialogs.message_dialog import MessageDialog
from desktop.shared.dialogs.screen_room import TITLE_BAR_PX
from desktop.shared.dialogs.working_dialog import WorkingDialog
from desktop.shared.pin_dialog import PinDialog
from desktop.shared.plain_text import PlainFileDialog
from desktop.shared.style import dress
from gallery.identity import Candidate, Match
from models.face import Face
from models.quality import Quality
from recognition.decision import Decision
from recognition.recognizer import RecognizedFace, Recognizer

from . import filled_dialogs
from .clipping import faults
from .conftest import ANNA, BERTA, make_window
from .i18n import test_retranslated as told

SCREENS = ((800, 480), (480, 800), (1024, 600), (960, 540))
"""The last is 1920 x 1080 at 200 %: Qt then counts pixels of twice the size."""

NOT_COMMANDS = "desktop.commands", "desktop.web"

FAULT = "Expected a station's ledger, but the disk is full. Free some space, and start again."


def settings(section: int) -> SettingsDialog:
    dialog = told.wrong_settings()
    dialog.sections.setCurrentRow(section)
    return dialog


def told_of_many() -> MessageDialog:
    lines = [f"/home/reception/pictures/2026/{n}.jpg: {FAULT}" for n in range(20)]
    return MessageDialog(lambda: "Photos", lambda: "8 photos were added to Anna.", lines)


DIALOGS: dict[type[QDialog], dict[str, Callable[[Path], QDialog]]] = {
    AdministratorDialog: {"administrator": lambda _: AdministratorDialog(FAULT)},
    MergeDialog: {"merge": lambda _: told.merging()},
    MessageDialog: {"message": lambda _: told_of_many()},
    PinDialog: {"pin": lambda _: PinDialog(told.Guard())},
    PlainFileDialog: {"file": lambda _: PlainFileDialog(None, "", str(Path(__file__).parent))},
    SettingsDialog: {
        f"settings-{section}": (lambda _, section=section: settings(section))
        for section in range(len(SECTIONS))
    },
    SourceDialog: {"source": lambda _: SourceDialog("rtsp://reception.example/camera/1")},
    **{
        kind: {name: (lambda _, make=make: make()) for name, make in makers.items()}
        for kind, makers in filled_dialogs.ALL.items()
    },
}
"""How each dialog is made, in its fullest states. A dialog that is not here fails a test."""


def classes_of(base: type) -> set[type]:
    """All classes of the program under a class of Qt's, found by importing every module."""
    for module in pkgutil.walk_packages(desktop.__path__, "desktop."):
        if not module.name.startswith(NOT_COMMANDS):
            importlib.import_module(module.name)
    found: set[type] = set()
    left = [base]
    while left:
        for one in left.pop().__subclasses__():
            left.append(one)
            found.add(one)
    return {one for one in found if one.__module__.startswith("desktop.")}


def test_every_dialog_is_looked_at(qapp: QApplication) -> None:
    assert classes_of(QDialog) - {FittingDialog, WorkingDialog} == set(DIALOGS)
    assert classes_of(QMainWindow) == {Window}


def test_every_dialog_fits_by_the_same_means(qapp: QApplication) -> None:
    own = {one for one in DIALOGS if not issubclass(one, FittingDialog)}
    assert own == {PlainFileDialog}


@pytest.fixture
def on_screen(monkeypatch: pytest.MonkeyPatch) -> Callable[[tuple[int, int]], QRect]:
    """on_screen(size): windows that ask are told of a screen of this size; returns what is left of
    it under a title bar."""

    def show_on(size: tuple[int, int]) -> QRect:
        monkeypatch.setattr(QScreen, "availableSize", lambda _: QSize(*size))
        monkeypatch.setattr(QScreen, "availableGeometry", lambda _: QRect(0, 0, *size))
        return QRect(0, 0, size[0], size[1] - TITLE_BAR_PX)

    return show_on


@pytest.fixture(params=SCREENS, ids=str)
def screen(request: pytest.FixtureRequest, on_screen: Callable[[tuple[int, int]], QRect]) -> QRect:
    return on_screen(request.param)


@pytest.fixture(params=languages())
def language(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    use(request.param)
    yield request.param
    use(SOURCE)
    qapp.sendPostedEvents(None, QEvent.LanguageChange)


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    """In the program's own look. The rest of the style stays; no other test asks for it."""
    before = qapp.styleSheet()
    dress(qapp, os.environ.get("FACEDESK_THEME", "light"))
    yield
    dress(qapp, "light")
    qapp.setStyleSheet(before)


def settle(widget: QWidget) -> None:
    for _ in range(3):
        QApplication.sendPostedEvents()
        widget.ensurePolished()
    widget.grab()


def photograph(widget: QWidget, name: str) -> None:
    folder = os.environ.get("FACEDESK_SCREENSHOTS")
    if folder:
        assert widget.grab().save(str(Path(folder, f"{name}.png")))


def sized(screen: QRect, language: str) -> str:
    return f"{screen.width()}x{screen.height() + TITLE_BAR_PX}-{language}"


@pytest.mark.parametrize(
    ("name", "make"), [(n, m) for makers in DIALOGS.values() for n, m in makers.items()]
)
def test_a_dialog(
    qtbot: QtBot,
    on_screen: Callable[[tuple[int, int]], QRect],
    language: str,
    name: str,
    make: Callable[[Path], QDialog],
    tmp_path: Path,
) -> None:
    dialog = make(tmp_path)
    qtbot.addWidget(dialog)
    found = []
    for size in SCREENS:
        room = on_screen(size)
        dialog.setAttribute(Qt.WA_Resized, False)  # it opens as if for the first time
        dialog.show()
        qtbot.waitUntil(lambda: not (isinstance(dialog, WorkingDialog) and dialog.is_working))
        settle(dialog)
        photograph(dialog, f"{name}-{sized(room, language)}")
        found += [f"{size}: {fault}" for fault in faults(dialog, room)]
        dialog.hide()
    assert found == []
    dialog.done(0)


def test_the_check_ins(qtbot: QtBot, screen: QRect, language: str, tmp_path: Path) -> None:
    view = CheckinsView(tmp_path / "none.db")
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: view._task is None)
    settle(view)
    photograph(view, f"check-ins-{sized(screen, language)}")
    assert faults(view, screen) == []
    view.close()


def test_the_documentation(qtbot: QtBot, screen: QRect, language: str) -> None:
    shown = HelpWindow(read_pages(help_folder()))
    qtbot.addWidget(shown)
    shown.show()
    settle(shown)
    photograph(shown, f"help-{sized(screen, language)}")
    assert faults(shown, screen) == []


def named_face() -> RecognizedFace:
    """Of a decision about which there is much to say."""
    nearest = Candidate(told.ANNA, 0.83)
    reason = Sentence("The similarity to {} is {}, where {} is needed", "Anna", "0.83", "0.41")
    match = Match(told.ANNA, 0.83, 0.4, None)
    decided = Decision(match, nearest, nearest, 0.4, 2, 2, 2, reason)
    found = Face(np.array((20, 40, 60, 80), np.float32), 0.9, np.zeros((5, 2), np.float32))
    return RecognizedFace(found, Quality(40, 300, 128, 50, 0, 0, False), 1, decided)


def states(window: Window) -> Iterator[str]:
    """Put the window into each of its states."""
    yield "window"
    window.notice.show_message(FAULT)
    yield "window-notice"
    window.why.explain(named_face())
    yield "window-why"
    window.why.hide()
    window._begin_enrollment()
    yield "enroll-name"
    enrolling = window.enroll_dialog
    for name, made in (("capture", told.capturing()), ("known", told.reviewing(True))):
        page = made.capture_page if name == "capture" else made.review_page
        made.hide()
        if name == "capture":
            enrolling.capture_page.begin("Nguyễn Thị Minh Khai")
            enrolling.show_progress(page._progress)
            enrolling.setCurrentWidget(enrolling.capture_page)
        else:
            enrolling.show_review(page._review)
        yield f"enroll-{name}"
        made.deleteLater()


def test_the_window(
    qtbot: QtBot,
    screen: QRect,
    language: str,
    load: Callable[[], Recognizer],
    home: Home,
    enrolled: Callable[..., object],
) -> None:
    enrolled(Anna=ANNA, Berta=BERTA)
    window = make_window(load, lambda spec: None, home)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.people.list.count() == 2)
    problems: list[str] = []
    for state in states(window):
        settle(window)
        photograph(window, f"{state}-{sized(screen, language)}")
        problems += [f"{state}: {fault}" for fault in faults(window, screen)]
    window.close()
    assert problems == []
