from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt5.QtCore import QEvent, QPoint, Qt, QTranslator
from PyQt5.QtGui import QMouseEvent
from PyQt5.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from capture.latest import SourceState, SourceStatus
from common.picture import RgbImage
from common.sentence import Sentence
from desktop.kiosk import bar as bar_module
from desktop.kiosk.pages.idle import IdlePage
from desktop.kiosk.window import StationWindow
from models.conversion.preparation import PreparationProgress, PreparationStep
from station.screen import (
    Action,
    Challenge,
    CheckedIn,
    CodeWanted,
    Confirm,
    Direction,
    Farewell,
    Fault,
    Guide,
    Help,
    Idle,
    Pause,
    Refused,
    Screen,
    Stranger,
)

from .conftest import Backstage, NoiseCamera
from .scenes import AT, BOX


def card(face: RgbImage) -> CheckedIn:
    return CheckedIn(7, "Anna", Direction.IN, AT, face, face)


def say(window: StationWindow, backstage: Backstage, screen: Screen, qtbot: QtBot) -> None:
    """Let the station say it, and wait until the window has heard."""
    backstage.station.screen = screen
    qtbot.waitUntil(lambda: window.screen_shown == screen)


def test_it_follows_what_the_station_says(
    window: StationWindow, backstage: Backstage, face: RgbImage, qtbot: QtBot
) -> None:
    assert window.stack.currentWidget() is window.idle
    for screen, page in (
        (Guide(Help.COME_CLOSER, BOX), window.guide),
        (card(face), window.person),
        (Stranger(False), window.message),
        (Idle(), window.idle),
    ):
        say(window, backstage, screen, qtbot)
        assert window.stack.currentWidget() is page


def test_the_camera_reaches_picture_and_station(
    window: StationWindow, backstage: Backstage, qtbot: QtBot
) -> None:
    window.feed.open("0")
    qtbot.waitUntil(lambda: backstage.station.seen > 3)
    qtbot.waitUntil(lambda: window.picture._picture.image is not None)


def test_not_me_and_yes_are_one_touch(
    window: StationWindow, backstage: Backstage, face: RgbImage, qtbot: QtBot
) -> None:
    say(window, backstage, Confirm("Anna", Direction.IN, face, face), qtbot)
    qtbot.mouseClick(window.person.yes_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: backstage.station.asked == ["confirm"])
    say(window, backstage, card(face), qtbot)
    assert window.person.yes_button.isHidden()
    qtbot.mouseClick(window.person.not_me_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: backstage.station.asked == ["confirm", "not me"])
    qtbot.waitUntil(lambda: window.message.headline.text() == "Undone")


def test_who_cannot_do_it_touches_once(
    window: StationWindow, backstage: Backstage, qtbot: QtBot
) -> None:
    challenge = Challenge(Action.BLINK_TWICE, 1, 1, 5.0, BOX, may_decline=True)
    backstage.station.screen = challenge
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.challenge)
    qtbot.mouseClick(window.challenge.cannot, Qt.LeftButton)
    qtbot.waitUntil(lambda: backstage.station.asked == ["decline"])


def test_a_camera_is_opened_at_once_and_a_film_when_the_station_is_ready(
    backstage: Backstage, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    window = StationWindow(
        backstage.load_station, lambda spec: NoiseCamera(), "Gate", "en", lambda screen: None
    )
    qtbot.addWidget(window, before_close_func=lambda window: window.leave())
    opened: list[str] = []
    monkeypatch.setattr(window.feed, "open", opened.append)
    window.play("film.mkv")
    assert (opened, window.screen_shown) == ([], None)
    qtbot.waitUntil(lambda: opened == ["film.mkv"])
    assert window.screen_shown is not None
    window.play("other.mkv")
    assert opened == ["film.mkv", "other.mkv"]
    window.show_screen(Idle())
    assert opened == ["film.mkv", "other.mkv"]


def test_enter_presses_the_button_that_has_the_focus(
    window: StationWindow, backstage: Backstage, face: RgbImage, qtbot: QtBot
) -> None:
    say(window, backstage, Confirm("Anna", Direction.IN, face, face), qtbot)
    assert window.focusWidget() is window.person.yes_button
    qtbot.keyClick(window.person.yes_button, Qt.Key_Return)
    qtbot.waitUntil(lambda: backstage.station.asked == ["confirm"])


def test_enter_never_says_not_me(
    window: StationWindow, backstage: Backstage, face: RgbImage, qtbot: QtBot
) -> None:
    say(window, backstage, Confirm("Anna", Direction.IN, face, face), qtbot)
    say(window, backstage, card(face), qtbot)  # the button that had the focus is gone
    said = window.screen_shown
    focused = window.focusWidget()
    assert focused is not None
    for _ in range(3):
        qtbot.keyClick(focused, Qt.Key_Return)
    window.person.not_me_button.setFocus(Qt.TabFocusReason)
    say(window, backstage, CheckedIn(8, "Bob", Direction.IN, AT, face, face), qtbot)
    focused = window.focusWidget()
    assert focused is not None
    qtbot.keyClick(focused, Qt.Key_Return)
    assert backstage.station.asked == []
    assert window.screen_shown is not said
    assert window.stack.currentWidget() is window.person


def test_whoever_was_served_is_not_invited(
    window: StationWindow, backstage: Backstage, qtbot: QtBot
) -> None:
    say(window, backstage, Farewell(Direction.IN), qtbot)
    assert window.guide.help.text() == "You are checked in, goodbye"
    say(window, backstage, Pause(8), qtbot)
    assert window.guide.help.text() == "Please wait: next try in 8\u00a0s"
    assert window.idle.isHidden()


def test_a_code_is_typed_by_touch(
    window: StationWindow, backstage: Backstage, qtbot: QtBot
) -> None:
    qtbot.mouseClick(window.bar.code_button, Qt.LeftButton)
    assert window.stack.currentWidget() is window.keypad
    assert not window.keypad.enter_button.isEnabled()
    for digit in (4, 7, 9):
        qtbot.mouseClick(window.keypad.digits[digit], Qt.LeftButton)
    qtbot.mouseClick(window.keypad.erase_button, Qt.LeftButton)
    qtbot.mouseClick(window.keypad.digits[1], Qt.LeftButton)
    assert window.keypad.field.displayText() == "●●●"
    qtbot.mouseClick(window.keypad.enter_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: backstage.station.asked == ["471"])
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.message)
    assert window.keypad.field.text() == ""


def test_a_code_is_typed_by_hand_on_any_screen(
    window: StationWindow, backstage: Backstage, qtbot: QtBot
) -> None:
    qtbot.keyClicks(window, "0")
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.keypad)
    qtbot.keyClicks(window.keypad, "81")
    qtbot.waitUntil(lambda: window.keypad.field.text() == "081")
    qtbot.keyClick(window.keypad.digits[5], Qt.Key_Backspace)
    qtbot.keyClick(window.keypad.digits[5], Qt.Key_Return)
    qtbot.waitUntil(lambda: backstage.station.asked == ["08"])


@pytest.mark.parametrize("shown", ["idle", "card", "keypad"])
def test_a_reader_is_read_on_any_screen(
    window: StationWindow, backstage: Backstage, face: RgbImage, qtbot: QtBot, shown: str
) -> None:
    if shown == "card":
        say(window, backstage, card(face), qtbot)
    if shown == "keypad":
        window.ask_code()
        window.keypad.type("9")
    focused = window.focusWidget()
    assert focused is not None
    qtbot.keyClicks(focused, "Badge-0047")
    qtbot.keyClick(focused, Qt.Key_Return)
    qtbot.waitUntil(lambda: backstage.station.asked == ["Badge-0047"])
    assert window.stack.currentWidget() is not window.keypad


def test_while_a_code_is_typed_only_what_matters_interrupts(
    window: StationWindow,
    backstage: Backstage,
    face: RgbImage,
    heard: list[Screen],
    qtbot: QtBot,
) -> None:
    window.ask_code()
    window.keypad.type("4")
    for screen in (Guide(Help.COME_CLOSER, None), Stranger(False), Idle(False)):
        say(window, backstage, screen, qtbot)
        assert window.stack.currentWidget() is window.keypad
    assert heard == [Idle()]
    say(window, backstage, card(face), qtbot)
    assert window.stack.currentWidget() is window.person


def test_the_keypad_is_left_by_a_key_or_after_a_while(
    window: StationWindow, backstage: Backstage, qtbot: QtBot
) -> None:
    window.ask_code()
    say(window, backstage, Stranger(False), qtbot)
    qtbot.keyClick(window.keypad, Qt.Key_Escape)
    assert window.stack.currentWidget() is window.message
    qtbot.mouseClick(window.message.code_button, Qt.LeftButton)
    window.keypad.type("1")
    window.keypad._abandoned.timeout.emit()
    assert window.stack.currentWidget() is window.message
    window.ask_code()
    assert window.keypad.field.text() == ""


def test_leaving_is_asked_for(window: StationWindow, qtbot: QtBot) -> None:
    wanted: list[str] = []
    window.administrator_wanted.connect(lambda: wanted.append("asked"))
    qtbot.keyClick(window, Qt.Key_Escape)
    window.close()
    qtbot.mouseClick(window.bar.administrator_button, Qt.LeftButton)
    assert wanted == ["asked"] * 3
    assert window.isVisible()
    window.leave()
    assert not window.isVisible()
    assert window._thread.isFinished()


def test_a_stranger_may_ask_to_be_enrolled(window: StationWindow, qtbot: QtBot) -> None:
    window.show_screen(Stranger(may_enroll=False))
    assert window.message.enroll_button.isHidden()
    window.show_screen(Stranger(may_enroll=True))
    with qtbot.waitSignal(window.enroll_wanted):
        qtbot.mouseClick(window.message.enroll_button, Qt.LeftButton)


def test_a_lost_camera_is_a_calm_card(
    window: StationWindow, backstage: Backstage, qtbot: QtBot
) -> None:
    backstage.station.screen = Fault("Camera 0 stopped.")
    window.feed.status_changed.emit(SourceStatus(SourceState.LOST, Sentence("Camera 0 stopped.")))
    qtbot.waitUntil(lambda: "Camera 0 stopped." in backstage.station.asked)
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.message)
    assert window.message.detail.text() == "Camera 0 stopped."
    window.feed.status_changed.emit(SourceStatus(SourceState.LIVE, Sentence("")))
    say(window, backstage, Idle(), qtbot)
    assert window.stack.currentWidget() is window.idle


def test_a_camera_that_our_fault_has_ended_is_opened_again(
    window: StationWindow, qtbot: QtBot
) -> None:
    window.feed.open("0")
    window.feed.status_changed.emit(SourceStatus(SourceState.FAILED, Sentence("A fault.")))
    assert window._reopening.isActive()
    with qtbot.waitSignal(window.feed.opened):
        window._reopening.timeout.emit()


class Shouting(QTranslator):
    """A language in which everything is said louder."""

    def translate(self, context: str, text: str, *_: object) -> str:
        return text.upper()

    def isEmpty(self) -> bool:
        return False


@pytest.fixture
def shouting(monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Iterator[None]:
    translator = Shouting(qapp)

    def use(code: str) -> None:
        (qapp.installTranslator if code == "xx" else qapp.removeTranslator)(translator)

    monkeypatch.setattr(bar_module, "languages", lambda: ("en", "xx"))
    monkeypatch.setattr(bar_module, "meant", lambda code: "xx" if code == "xx" else "en")
    monkeypatch.setattr(bar_module, "own_name", {"en": "English", "xx": "SHOUTED"}.get)
    monkeypatch.setattr(bar_module, "use", use)
    yield
    qapp.removeTranslator(translator)


def test_the_language_changes_while_it_runs(
    shouting: None, window: StationWindow, face: RgbImage, qtbot: QtBot
) -> None:
    window.show_screen(card(face))
    assert window.bar.language_button.text() == "SHOUTED"
    qtbot.mouseClick(window.bar.language_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: window.person.not_me_button.text() == "NOT ME")
    assert window.person.headline.text().startswith("CHECKED IN AT")
    assert window.bar.code_button.text() == "USE A CODE"
    qtbot.waitUntil(lambda: window.bar.language_button.text() == "English")
    window.show_screen(Idle())
    window._own_language.timeout.emit()
    qtbot.waitUntil(lambda: window.bar.language_button.text() == "SHOUTED")
    assert window.idle.invitation.text() == "Look into the camera to check in"


def test_with_one_language_there_is_nothing_to_switch(
    window: StationWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bar_module, "languages", lambda: ("en",))
    window.bar.retranslate()
    assert window.bar.language_button.isHidden()


def move(widget: QWidget, source: Qt.MouseEventSource) -> None:
    point = QPoint(5, 5)
    event = QMouseEvent(
        QEvent.MouseMove, point, point, point, Qt.NoButton, Qt.NoButton, Qt.NoModifier, source
    )
    QApplication.sendEvent(widget, event)


def test_a_finger_needs_no_pointer(window: StationWindow) -> None:
    move(window.idle.clock, Qt.MouseEventSynthesizedBySystem)
    assert window.cursor().shape() == Qt.BlankCursor
    move(window.idle.clock, Qt.MouseEventNotSynthesized)
    assert window.cursor().shape() == Qt.ArrowCursor
    window._pointer.timeout.emit()
    assert window.cursor().shape() == Qt.BlankCursor


def test_until_it_is_ready_it_says_what_it_prepares(qtbot: QtBot) -> None:
    page = IdlePage()
    qtbot.addWidget(page)
    assert page.invitation.text() == "The station is starting"
    page.show_preparation(PreparationProgress(PreparationStep.FETCHING, 1, 2))
    assert page.invitation.text() == "Fetching the models, once: 1 of 2"
    page.show_preparation(PreparationProgress(PreparationStep.CONVERTING, 3, 8))
    assert page.invitation.text() == "Preparing the models, once: 3 of 8"
    page.show_preparation(PreparationProgress(PreparationStep.COMPILING, 8, 8))
    assert page.invitation.text() == "Getting the models ready for this computer, once…"
    page.show_screen(Idle())
    assert "Preparing" not in page.invitation.text()


def test_a_code_that_the_station_wants_is_asked_for_and_said_why(
    window: StationWindow, backstage: Backstage, qtbot: QtBot
) -> None:
    say(window, backstage, CodeWanted(), qtbot)
    assert window.stack.currentWidget() is window.keypad
    assert window.keypad.title.text() == "Your code, please"
    assert window.keypad.why.text() == "Somebody else here looks like you."
    window.keypad.type("4")
    say(window, backstage, Guide(Help.LOOK_HERE, None), qtbot)  # looking down at the keys
    assert window.stack.currentWidget() is window.keypad
    window.keypad.erase()
    window.show_screen(backstage.station.screen)
    assert window.stack.currentWidget() is window.guide
    window.ask_code()
    assert window.keypad.title.text() == "Type your code"
    assert window.keypad.why.isHidden()


@pytest.mark.parametrize("how", ["touch", "key"])
def test_who_has_no_code_says_so(
    window: StationWindow, backstage: Backstage, qtbot: QtBot, how: str
) -> None:
    say(window, backstage, CodeWanted(), qtbot)
    assert window.stack.currentWidget() is window.keypad
    if how == "key":
        qtbot.keyClick(window.keypad, Qt.Key_Escape)
    else:
        qtbot.mouseClick(window.keypad.back_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: isinstance(window.screen_shown, Refused))
    assert window.stack.currentWidget() is window.message
