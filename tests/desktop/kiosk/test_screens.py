"""Every screen on every size: nothing cut off, nothing too small to touch.

FACEDESK_SCREENSHOTS names an existing folder for the pictures, one of each screen and language:
FACEDESK_SCREENSHOTS=docs/kiosk python -m pytest tests/desktop/kiosk/test_screens.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QPoint, QRect, Qt, QTranslator
from PyQt5.QtGui import QFontMetrics, QImage
from PyQt5.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from capture.demo import DemoSource
from common.picture import RgbImage
from desktop.i18n.languages import SOURCE, languages, use
from desktop.kiosk.fitting_label import FittingLabel
from desktop.kiosk.look import SMALLEST_TEXT_PX, TOUCH_PX, unit_of
from desktop.kiosk.window import StationWindow
from recognition.liveness.challenge import Action
from station.screen import Challenge, CheckedIn, Confirm, Direction, Guide, Help, Idle, Screen

from .scenes import AT, NAME, scenes

SIZES = ((800, 480), (480, 800), (1024, 600), (960, 540), (3840, 2160))
"""In logical pixels: 960 by 540 are 1920 by 1080 at 200 %."""
LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff " * 3

SCREENSHOT_WIDTH = 640


class Wordy(QTranslator):
    """A language that needs half as many letters again."""

    def translate(self, context: str, text: str, *_: object) -> str:
        words = text.split()
        return " ".join((*words, *words[: -(-len(words) // 2)])).replace("{}", "{0}")

    def isEmpty(self) -> bool:
        return False


@pytest.fixture
def wordy(qapp: QApplication) -> Iterator[None]:
    translator = Wordy(qapp)
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)
    QApplication.sendPostedEvents(None, QEvent.LanguageChange)


@pytest.fixture
def shown(window: StationWindow, monkeypatch: pytest.MonkeyPatch) -> StationWindow:
    """The window before the demo's face, its station silent."""
    window.worker.screen_changed.disconnect()
    still = DemoSource().read()
    monkeypatch.setattr(window.picture, "_peek", lambda: still)
    return window


def everything(face: RgbImage) -> Iterator[tuple[str, Screen | None]]:
    """All screens, and the keypad as None."""
    yield from scenes(face)
    yield "keypad", None


@pytest.mark.parametrize("size", SIZES[:4], ids=str)
def test_that_no_pin_is_set_takes_no_room_from_anything(
    wordy: None, shown: StationWindow, face: RgbImage, size: tuple[int, int]
) -> None:
    shown.resize(*size)
    shown.bar.show_guarded(False)
    for name, screen in everything(face):
        show(shown, screen)
        assert shown.bar.unguarded.isVisible()
        assert shown.bar.unguarded.shown_px >= SMALLEST_TEXT_PX
        assert cut_off(shown) == [], name


def show(window: StationWindow, screen: Screen | None) -> None:
    if screen is None:
        window.ask_code()
    else:
        window.keypad.closed.emit()
        window.show_screen(screen)
    QApplication.sendPostedEvents()  # lays out
    window.grab()  # paints, as a screen would


def cut_off(window: StationWindow) -> list[str]:
    """Texts that do not fit, even made smaller, or leave the window."""
    problems = []
    for label in window.findChildren(FittingLabel):
        if label.isVisible() and label.shown_px <= SMALLEST_TEXT_PX < label.font().pixelSize():
            problems.append(f"{label.text()!r} in {label.size()}")
    for button in window.findChildren(QPushButton):
        if not button.isVisible():
            continue
        corners = button.rect().translated(button.mapTo(window, button.rect().topLeft()))
        room = button.contentsRect().width() - button.iconSize().width() * bool(button.icon())
        if not window.rect().contains(corners):
            problems.append(f"{button.text()!r} leaves the window")
        if button.fontMetrics().horizontalAdvance(button.text()) > room:
            problems.append(f"{button.text()!r} is wider than its button")
    return problems


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_is_cut_off(shown: StationWindow, face: RgbImage, size: tuple[int, int]) -> None:
    shown.resize(*size)
    for name, screen in everything(face):
        show(shown, screen)
        assert (shown.width(), shown.height()) == size
        assert cut_off(shown) == [], name


@pytest.mark.parametrize("size", SIZES[:4], ids=str)
def test_nothing_is_cut_off_in_a_wordier_language(
    wordy: None, shown: StationWindow, face: RgbImage, size: tuple[int, int]
) -> None:
    shown.resize(*size)
    for name, screen in everything(face):
        show(shown, screen)
        assert cut_off(shown) == [], name


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_long_name_is_shown_whole(
    shown: StationWindow, face: RgbImage, size: tuple[int, int]
) -> None:
    shown.resize(*size)
    show(shown, CheckedIn(1, LONG_NAME, Direction.IN, AT, face, face))
    assert cut_off(shown) == []


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
def test_everything_can_be_touched_and_is_named(
    shown: StationWindow, face: RgbImage, size: tuple[int, int]
) -> None:
    shown.resize(*size)
    for name, screen in everything(face):
        show(shown, screen)
        for button in shown.findChildren(QPushButton):
            if button.isVisible():
                smallest = min(button.width(), button.height())
                assert smallest >= min(TOUCH_PX, 13 * unit_of(*size)), (name, button.text())
                assert button.text() or button.accessibleName(), name


def test_the_keyboard_reaches_every_button(
    shown: StationWindow, face: RgbImage, qtbot: QtBot
) -> None:
    for name, screen in everything(face):
        show(shown, screen)
        buttons = {b for b in shown.findChildren(QPushButton) if b.isVisible() and b.isEnabled()}
        reached = set()
        for _ in range(len(buttons) + 1):
            shown.focusNextPrevChild(True)
            reached.add(shown.focusWidget())
        assert reached == buttons, name


def test_the_focus_is_seen(shown: StationWindow, face: RgbImage, qtbot: QtBot) -> None:
    show(shown, Confirm("Anna", Direction.IN, face, face))
    button = shown.person.yes_button
    assert button.hasFocus()
    by_touch = button.grab().toImage()
    button.clearFocus()
    assert button.grab().toImage() == by_touch  # nothing is marked before a key was pressed
    shown.person.take_focus()
    qtbot.keyClick(button, Qt.Key_Tab)
    qtbot.keyClick(shown.focusWidget(), Qt.Key_Backtab)
    assert button.hasFocus()
    assert button.grab().toImage() != by_touch
    qtbot.mousePress(shown.bar.language_button, Qt.LeftButton)
    assert button.grab().toImage() == by_touch


@pytest.mark.parametrize("size", SIZES[:4], ids=str)
@pytest.mark.parametrize("language", languages())
def test_the_name_is_the_largest_on_the_card(
    shown: StationWindow, face: RgbImage, size: tuple[int, int], language: str
) -> None:
    shown.resize(*size)
    with spoken(shown, language):
        for card in (
            CheckedIn(1, NAME, Direction.OUT, AT, face, face),
            CheckedIn(1, NAME, Direction.IN, AT, face, face, already=True),
            Confirm(NAME, Direction.IN, face, face),
        ):
            show(shown, card)
            labels = [label for label in shown.findChildren(FittingLabel) if label.isVisible()]
            others = [label.shown_px for label in labels if label is not shown.person.name]
            assert shown.person.name.shown_px > max(others), card
            assert cut_off(shown) == []


def test_a_long_name_breaks_over_two_lines(shown: StationWindow, face: RgbImage) -> None:
    shown.resize(800, 480)
    show(shown, CheckedIn(1, "Aleksandra", Direction.IN, AT, face, face))
    one_line = shown.person.name.shown_px
    show(shown, CheckedIn(1, "Aleksandra Kowalczyk", Direction.IN, AT, face, face))
    assert shown.person.name.shown_px > 0.9 * one_line  # not made small for one line
    font = shown.person.name.font()
    font.setPixelSize(shown.person.name.shown_px)
    metrics = QFontMetrics(font)
    assert metrics.horizontalAdvance("Aleksandra Kowalczyk") > shown.person.name.width()


WHERE = [np.float32([x, y, x + 150, y + 190]) for x in (90, 250, 400) for y in (0, 150, 285)]


@pytest.mark.parametrize("size", SIZES[:4], ids=str)
def test_no_words_cover_the_face(shown: StationWindow, size: tuple[int, int]) -> None:
    shown.resize(*size)
    for box in WHERE:
        for screen, panel in (
            (Challenge(Action.TURN_LEFT, 1, 2, 4.0, box, again=True), shown.challenge.panel),
            (Challenge(Action.BLINK_TWICE, 1, 1, 4.0, box), shown.challenge.panel),
            (Guide(Help.LOOK_HERE, box), shown.guide.panel),
        ):
            show(shown, screen)
            place = shown.picture.box_on_screen(box).toRect()
            view = shown.picture.view
            assert view.adjusted(-1, -1, 1, 1).contains(place), (screen, view, place)
            words = QRect(panel.mapTo(shown.stack, QPoint()), panel.size())
            assert not words.intersects(view)


def test_a_narrow_bar_has_no_name_in_any_language(shown: StationWindow) -> None:
    shown.resize(480, 800)
    for language in languages():
        with spoken(shown, language):
            show(shown, Idle())
            assert not shown.bar.name.isVisible(), language
    shown.resize(800, 480)
    show(shown, Idle())
    assert shown.bar.name.text() == "Entrance"


def test_there_is_one_way_to_the_code(shown: StationWindow, face: RgbImage) -> None:
    for name, screen in everything(face):
        show(shown, screen)
        ways = [shown.bar.code_button, shown.message.code_button, shown.keypad.enter_button]
        assert sum(way.isVisible() for way in ways) == 1, name


@contextmanager
def spoken(window: StationWindow, language: str) -> Iterator[None]:
    for _ in range(languages().index(language)):
        window.bar.language_button.click()
    QApplication.sendPostedEvents(None, QEvent.LanguageChange)
    try:
        yield
    finally:
        use(SOURCE)
        QApplication.sendPostedEvents(None, QEvent.LanguageChange)


@pytest.mark.parametrize("language", languages())
def test_every_screen_is_painted(shown: StationWindow, astronaut: RgbImage, language: str) -> None:
    folder = os.environ.get("FACEDESK_SCREENSHOTS")
    face = np.ascontiguousarray(astronaut[60:200, 150:290])
    pictures: list[QImage] = []
    with spoken(shown, language):
        for name, screen in (*everything(face), ("idle-without-pin", Idle())):
            shown.bar.show_guarded(name != "idle-without-pin")
            show(shown, screen)
            picture = shown.grab().toImage()
            if folder:
                small = picture.scaledToWidth(SCREENSHOT_WIDTH, Qt.SmoothTransformation)
                assert small.save(str(Path(folder, f"{name}-{language}.jpg")), quality=88)
            assert picture not in pictures, name
            pictures.append(picture)
