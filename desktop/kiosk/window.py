"""The station's window: when each page is shown, and which signals are connected to which slots."""

from __future__ import annotations

import time
from collections.abc import Callable

from PyQt5.QtCore import QSize, Qt, QThread, QTimer, pyqtSignal
from PyQt5.QtGui import QCloseEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PyQt5.QtWidgets import (
    QGridLayout,
    QLayout,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from capture.latest import SourceState, SourceStatus
from capture.opening import is_live_spec
from desktop.i18n.retranslated import Retranslated
from desktop.kiosk.bar import StationBar
from desktop.kiosk.code_reader import CodeReader
from desktop.kiosk.focus_marks import FocusMarks
from desktop.kiosk.live_picture import LivePicture
from desktop.kiosk.look import sheet, unit_of
from desktop.kiosk.pages.challenge import ChallengePage
from desktop.kiosk.pages.guide import GuidePage
from desktop.kiosk.pages.idle import IdlePage
from desktop.kiosk.pages.keypad import KeypadPage
from desktop.kiosk.pages.message_card import MessageCard
from desktop.kiosk.pages.page import Page
from desktop.kiosk.pages.person_card import PersonCard
from desktop.kiosk.worker import LoadStation, StationWorker
from desktop.shared.feed import Feed, OpenSource
from station.screen import (
    Challenge,
    CheckedIn,
    CodeWanted,
    Confirm,
    Farewell,
    Guide,
    Help,
    Idle,
    Pause,
    Screen,
)

SMALLEST = QSize(320, 240)
"""In logical pixels; a screen of 480 by 800 has fewer where the system scales a little."""
HAND_MS = 120
"""A key that no other key follows within this time was pressed by hand."""

CURSOR_MS = 3000
"""The pointer is hidden after it has not moved for this time."""

REOPEN_MS = 10_000
"""The time until a camera is opened again that a bug of our own has stopped."""

OWN_LANGUAGE_MS = 60_000
"""After this time with nobody there, the station speaks its usual language again."""


class StationWindow(Retranslated, QWidget):
    """Shows what the station says. It is on screen before the recognizer is loaded.

    load: makes recognizer and station, in the worker's thread.
    open_source: see capture.opening.open_source.
    name: the station's name. language: what the station speaks when nobody chose another one; see
        desktop/i18n/languages.py.
    announce: makes a screen heard, see desktop/kiosk/sounds.py.

    administrator_wanted: somebody wants the settings, or to leave: leave() closes the window.
    enroll_wanted: a stranger wants to be enrolled here.
    closing: the window is about to close.
    """

    administrator_wanted = pyqtSignal()
    enroll_wanted = pyqtSignal()
    _code_entered = pyqtSignal(str)
    _held = pyqtSignal(bool)
    closing = pyqtSignal()

    def __init__(
        self,
        load: LoadStation,
        open_source: OpenSource,
        name: str,
        language: str,
        announce: Callable[[Screen], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.setWindowTitle("Facedesk")
        self.setMinimumSize(SMALLEST)
        self._announce = announce
        self._clock = clock
        self._screen: Screen | None = None
        self._waiting: str | None = None
        self._may_leave = False
        self._reader = CodeReader()
        self._typed = ""
        self.feed = Feed(open_source, self)
        self.picture = LivePicture(self.feed.peek)
        self.idle, self.guide, self.challenge = IdlePage(), GuidePage(), ChallengePage()
        self.person, self.message, self.keypad = PersonCard(), MessageCard(), KeypadPage()
        self.bar = StationBar(name, language)
        self.worker = StationWorker(load, self.feed.take)
        self._thread = QThread(self)
        self._timers()
        self._lay_out()
        self._wire()
        self.retranslate()

    @property
    def screen_shown(self) -> Screen | None:
        """The screen that the station gave last; None until it is ready."""
        return self._screen

    def play(self, spec: str) -> None:
        """Show a camera at once, or a file once the station is ready: nothing of a film is lost
        while the recognizer is loaded."""
        if is_live_spec(spec) or self._screen is not None:
            self.feed.open(spec)
        else:
            self._waiting = spec

    def leave(self) -> None:
        """Close the window; call it only for somebody who may close it."""
        self._may_leave = True
        self.close()

    def hold(self, held: bool) -> None:
        """Let the station ignore the camera while something else covers the screen."""
        self._held.emit(held)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let go of the camera, close ledger and gallery, and wait for all of them."""
        if not self._may_leave:
            event.ignore()
            self.administrator_wanted.emit()
            return
        self.hide()
        self.feed.close()
        self.closing.emit()
        self._thread.wait()
        event.accept()

    # -- what is where ---------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.pages: tuple[Page, ...] = (
            *(self.idle, self.guide, self.challenge),
            *(self.person, self.message, self.keypad),
        )
        self.stack = QStackedWidget()
        for page in self.pages:
            self.stack.addWidget(page)
        # The station's style is for its own widgets: the dialogs over it look as everywhere.
        self._stage = QWidget()
        self._stage.setObjectName("station")
        self._stage.setAttribute(Qt.WA_StyledBackground)
        whole = QGridLayout(self)
        layout = QGridLayout(self._stage)
        for grid in (whole, layout):
            grid.setContentsMargins(0, 0, 0, 0)
            # The pages' size hints are ignored: the screen's size is fixed.
            grid.setSizeConstraint(QLayout.SetNoConstraint)
        whole.addWidget(self._stage)
        layout.addWidget(self.picture, 0, 0)
        layout.addWidget(self.stack, 0, 0)
        layout.addWidget(self.bar, 1, 0)
        layout.setRowStretch(0, 1)
        for widget in (self, *self.findChildren(QWidget)):
            widget.setMouseTracking(True)
        self._marks = FocusMarks(self._stage)
        self._marks.watch((self, *self.pages, *self.findChildren(QPushButton)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        unit = unit_of(self.width(), self.height())
        is_portrait = self.height() > self.width()
        self._stage.setStyleSheet(sheet(unit, is_portrait))
        for layout in self._stage.findChildren(QLayout):
            layout.setSpacing(round(2 * unit))
        self._stage.layout().setSpacing(0)
        self.bar.fit(unit, is_portrait)
        for page in self.pages:
            page.fit(unit, is_portrait)
        self._placing.start()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Check-in station"))

    # -- what is wired to what -------------------------------------------------------------

    def _timers(self) -> None:
        def once(milliseconds: int, called: Callable[[], None]) -> QTimer:
            timer = QTimer(self)
            timer.setSingleShot(True)
            timer.setInterval(milliseconds)
            timer.timeout.connect(called)
            return timer

        self._hand = once(HAND_MS, self._type_by_hand)
        self._pointer = once(CURSOR_MS, self._hide_pointer)
        self._reopening = once(REOPEN_MS, lambda: self.feed.open(self.feed.spec))
        self._placing = once(0, self._place_picture)
        self._own_language = once(OWN_LANGUAGE_MS, self.bar.speak_usual_language)

    def _wire(self) -> None:
        worker = self.worker
        self.bar.code_button.clicked.connect(self.ask_code)
        self.message.code_wanted.connect(self.ask_code)
        self.bar.administrator_button.clicked.connect(self.administrator_wanted)
        self.message.enroll_wanted.connect(self.enroll_wanted)
        self.keypad.entered.connect(self._send_code)
        self.keypad.closed.connect(self._leave_keypad)
        worker.screen_changed.connect(self.show_screen)
        self.feed.status_changed.connect(self._mind_source)

        worker.moveToThread(self._thread)
        # From here on a signal of this thread reaches the worker in its own.
        self._thread.started.connect(worker.start)
        self.closing.connect(worker.finish)
        self.feed.frame_arrived.connect(worker.process_frame)
        self.feed.opened.connect(worker.restart)
        self.feed.status_changed.connect(worker.show_source)
        self.person.not_me.connect(worker.not_me)
        self.person.confirmed.connect(worker.confirm)
        self.challenge.declined.connect(worker.decline)
        self.keypad.declined.connect(worker.decline)
        self._code_entered.connect(worker.enter_code)
        self._held.connect(worker.hold)
        self._thread.start()

    def _mind_source(self, status: SourceStatus) -> None:
        if status.state is SourceState.FAILED and self.feed.is_live:
            self._reopening.start()

    # -- what the station says -------------------------------------------------------------

    def show_screen(self, screen: Screen) -> None:
        self._screen = screen
        if self._waiting is not None:
            spec, self._waiting = self._waiting, None
            self.feed.open(spec)
        if isinstance(screen, Idle):
            self._own_language.start()
        else:
            self._own_language.stop()
        if not isinstance(screen, Challenge):
            self.challenge.forget()
        if self._types_a_code and not self.keypad.gives_way_to(screen):
            return
        self._announce(screen)
        self._show_page(screen)

    @property
    def _types_a_code(self) -> bool:
        return self.stack.currentWidget() is self.keypad

    def _show_page(self, screen: Screen) -> None:
        page: Page
        match screen:
            case Idle():
                self.idle.show_screen(screen)
                self.picture.dim()
                page = self.idle
            case Guide():
                self.guide.show_screen(screen)
                self.picture.light_up(screen.box, guide=screen.help in _GUIDED)
                page = self.guide
            case Farewell() | Pause():
                self.guide.show_screen(screen)
                self.picture.dim()
                page = self.guide
            case Challenge():
                self.challenge.show_screen(screen)
                self.picture.light_up(screen.box, guide=False)
                page = self.challenge
            case CodeWanted():
                self.keypad.ask(screen)
                page = self.keypad
            case CheckedIn() | Confirm():
                self.person.show_screen(screen)
                page = self.person
            case _:
                self.message.show_screen(screen)
                page = self.message
        self._turn_to(page)
        if page is self.person:
            page.take_focus()  # the last card's "Not me" may have it
        self._place_picture()

    def _turn_to(self, page: Page) -> None:
        self._offer_code(page)
        if self.stack.currentWidget() is page:
            return
        self._placing.start()  # once the page is laid out
        self.picture.setVisible(page in (self.idle, self.guide, self.challenge))
        self.stack.setCurrentWidget(page)
        if page is self.idle:
            self._marks.show(False)
        if isinstance(page, PersonCard | MessageCard | KeypadPage):
            page.take_focus()
        else:
            self.bar.code_button.setFocus(Qt.OtherFocusReason)

    def _place_picture(self) -> None:
        """Show the live picture where the words leave room, with the face that counts in it."""
        box = self._screen.box if isinstance(self._screen, Guide | Challenge) else None
        page = self.stack.currentWidget()
        if isinstance(page, Page):
            page.layout().activate()
            self.picture.show_in(page.free, box)

    def _offer_code(self, page: Page) -> None:
        """Let the bar offer the code where the page itself does not: one way to it is enough."""
        offered = page is self.message and not self.message.code_button.isHidden()
        self.bar.code_button.setHidden(offered or page is self.keypad)

    # -- what the person does --------------------------------------------------------------

    def ask_code(self) -> None:
        self.keypad.ask(None)
        self._turn_to(self.keypad)

    def _send_code(self, code: str) -> None:
        self._leave_keypad()
        self._code_entered.emit(code)

    def _leave_keypad(self) -> None:
        if self._types_a_code:
            self._turn_to(self.idle)
            # What asked for the code is answered by now, and another screen follows.
            if self._screen is not None and not isinstance(self._screen, CodeWanted):
                self._show_page(self._screen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take keys that no widget used: a code by hand or from a reader, Enter, Escape."""
        text = event.text()
        if event.key() in (Qt.Key_Return, Qt.Key_Enter):
            self._enter()
        elif event.key() == Qt.Key_Escape:
            if self._types_a_code:
                self.keypad.give_up()
            else:
                self.administrator_wanted.emit()
        elif event.key() == Qt.Key_Backspace and self._types_a_code:
            self.keypad.erase()
        elif text.isprintable() and text.strip() and not _is_command(event):
            self._reader.key(text, self._clock())
            self._typed += text
            self._hand.start()
        else:
            super().keyPressEvent(event)

    def _enter(self) -> None:
        self._hand.stop()
        typed, self._typed = self._typed, ""
        code = self._reader.enter(self._clock())
        focused = self.focusWidget()
        if code is not None:
            self._send_code(code)
        elif typed or (self._types_a_code and self.keypad.field.text()):
            self._turn_to(self.keypad)
            self.keypad.type(typed)
            self.keypad.enter()
        elif isinstance(focused, QPushButton):
            focused.click()

    def _type_by_hand(self) -> None:
        typed, self._typed = self._typed, ""
        self._turn_to(self.keypad)
        self.keypad.type(typed)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.source() == Qt.MouseEventNotSynthesized:
            self.unsetCursor()
            self._pointer.start()
        else:
            self._hide_pointer()  # a finger needs none

    def _hide_pointer(self) -> None:
        self.setCursor(Qt.BlankCursor)


_GUIDED = frozenset(Help) - {Help.ONE_AT_A_TIME, Help.NOT_KNOWN}
"""The lines of help with which the picture shows where a face should be."""


def _is_command(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & (Qt.ControlModifier | Qt.AltModifier | Qt.MetaModifier))
