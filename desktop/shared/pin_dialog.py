"""Asks for the administrator's PIN before an action that only the administrator may take."""

from __future__ import annotations

from math import ceil
from typing import Protocol

from PyQt5.QtCore import QRegularExpression, Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QRegularExpressionValidator, QShowEvent
from PyQt5.QtWidgets import QBoxLayout, QLineEdit, QVBoxLayout, QWidget

from common.errors import FacedeskError
from desktop.i18n.sentences import in_own_words
from desktop.shared.dialogs.fitting_dialog import FittingDialog
from desktop.shared.number_pad import NumberPad
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button, with_role

SECOND_MS = 1000
LONGEST = 12


class PinAnswer(Protocol):
    """Says whether the PIN is right, and how many seconds pass until another one is checked."""

    @property
    def ok(self) -> bool: ...

    @property
    def wait_s(self) -> float: ...


class Guard(Protocol):
    """Knows the PIN, and makes people who guess wait; see station.secrets.pin.PinGuard.

    Each of its members may raise a FacedeskError.
    """

    @property
    def wait_s(self) -> float: ...

    def check(self, pin: str) -> PinAnswer: ...


class PinDialog(FittingDialog):
    """Is accepted once the PIN was right. Show it with `open()`, and connect to `accepted`.

    The guard decides how long the pause after wrong PINs is. The dialog shows what is left of it,
    also of a pause that began in an earlier dialog.

    refused: a wrong PIN was tried.
    """

    refused = pyqtSignal()

    def __init__(self, guard: Guard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._guard = guard
        self._was_wrong = False
        self._wait_s = 0
        self._fault = ""
        self.title = with_role(PlainLabel(), "title")
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.Password)
        self.field.setAlignment(Qt.AlignCenter)
        self.field.setProperty("big", True)
        digits = QRegularExpression(f"[0-9]{{0,{LONGEST}}}")
        self.field.setValidator(QRegularExpressionValidator(digits, self.field))
        self.message = with_role(PlainLabel(), "problem")
        self.message.setProperty("big", True)  # read by whoever stands at the station
        self.pad = NumberPad()
        self.cancel = push_button()
        self.cancel.setProperty("big", True)  # it is touched, as the digits are
        self.cancel.setAutoDefault(False)  # Enter sends the PIN, wherever the focus is
        self._lay_out()

        self.field.textEdited.connect(self._forget_problem)
        self.field.returnPressed.connect(self._check)
        self.pad.typed.connect(self._type)
        self.pad.erased.connect(self.field.backspace)
        self.pad.entered.connect(self._check)
        self.cancel.clicked.connect(self.reject)
        self._timer = QTimer(self)
        self._timer.setInterval(SECOND_MS)
        self._timer.timeout.connect(self._ask_wait)
        self.retranslate()
        self._ask_wait()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Administrator"))
        self.title.setText(self.tr("Type the administrator's PIN"))
        self.field.setAccessibleName(self.tr("PIN"))
        self.cancel.setText(self.tr("Cancel"))
        self._tell()

    def _type(self, digit: str) -> None:
        if self.field.isEnabled():
            self.field.insert(digit)
            self._forget_problem()

    def _check(self) -> None:
        pin = self.field.text()
        if not pin or not self.field.isEnabled():
            return
        self.field.clear()
        self._fault = ""
        try:
            verdict = self._guard.check(pin)
        except FacedeskError as error:
            self._fault = error.sentence
            self._tell()
            return
        if verdict.ok:
            self.accept()
            return
        self._was_wrong = True
        self._wait(verdict.wait_s)
        self.refused.emit()

    def _ask_wait(self) -> None:
        """Ask the guard how long to wait; a clock of our own would miss tries in another dialog."""
        try:
            self._wait(self._guard.wait_s)
        except FacedeskError as error:
            self._timer.stop()
            self._fault = error.sentence
            self._tell()

    def _wait(self, seconds: float) -> None:
        self._wait_s = ceil(seconds)
        waits = self._wait_s > 0
        self.field.setEnabled(not waits)
        self.pad.setEnabled(not waits)
        if waits and not self._timer.isActive():
            self._timer.start()
        elif not waits:
            self._timer.stop()
            self.field.setFocus()
        self._tell()

    def _forget_problem(self) -> None:
        self._was_wrong = False
        self._fault = ""
        self._tell()

    def _tell(self) -> None:
        """Show the message. Its place stays when it is empty: keys must not move under a finger."""
        if self._fault:
            text = in_own_words(self._fault)
        elif self._wait_s >= 120:
            text = self.tr("Too many wrong tries. Wait {} minutes.").format(ceil(self._wait_s / 60))
        elif self._wait_s:
            text = self.tr("Too many wrong tries. Wait {} s.").format(self._wait_s)
        else:
            text = self.tr("That PIN is wrong.") if self._was_wrong else ""
        self.message.setText(text)
        self.message.setAccessibleName(text)

    def _lay_out(self) -> None:
        for label in (self.title, self.message):
            label.setAlignment(Qt.AlignCenter)
        self.message.setWordWrap(True)
        self.message.ensurePolished()
        self.message.setMinimumHeight(2 * self.message.fontMetrics().lineSpacing())
        asked = QVBoxLayout()
        asked.addStretch(1)
        for widget in (self.title, self.field, self.message):
            asked.addWidget(widget)
        asked.addStretch(1)
        self._halves = QBoxLayout(QBoxLayout.TopToBottom)
        self._halves.setSpacing(12)
        self._halves.addLayout(asked)
        self._halves.addWidget(self.pad, 0, Qt.AlignCenter)
        self.body.addLayout(self._halves)
        self.buttons.addWidget(self.cancel)

    def showEvent(self, event: QShowEvent) -> None:
        """Put the keys beside the field where the screen is too low for both."""
        self._halves.setDirection(QBoxLayout.TopToBottom)
        if self.sizeHint().height() > self.screen_room().height():
            self._halves.setDirection(QBoxLayout.LeftToRight)
        super().showEvent(event)
