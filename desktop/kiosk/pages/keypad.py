"""Takes a PIN or badge code instead of a face, by touch or keyboard."""

from __future__ import annotations

from PyQt5.QtCore import Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QHideEvent, QShowEvent
from PyQt5.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
)

from desktop.kiosk import palette
from desktop.kiosk.code_reader import LONGEST
from desktop.kiosk.fitting_label import FittingLabel
from desktop.kiosk.glyphs import Glyph, put_on
from desktop.kiosk.look import touch_px
from desktop.kiosk.pages.page import Page
from desktop.kiosk.words import words_of
from desktop.shared.style import with_role
from station.screen import CheckedIn, CodeWanted, Confirm, Fault, Guide, Idle, Screen

ABANDONED_MS = 30_000
"""After this time without a key the person counts as gone."""


class KeypadPage(Page):
    """Keys and a field for a code.

    entered: a code was entered. closed: the person wants to enter no code, or has gone. declined:
    the CodeWanted that asked for one that will not come.
    """

    entered = pyqtSignal(str)
    declined = pyqtSignal(object)
    closed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("sheet")
        self._wanted: CodeWanted | None = None
        self.title = FittingLabel("headline")
        self.why = FittingLabel("advice")
        self.field = with_role(QLineEdit(), "code")
        self.field.setEchoMode(QLineEdit.Password)  # others stand behind
        self.field.setReadOnly(True)
        self.field.setFocusPolicy(Qt.NoFocus)
        self.field.setAlignment(Qt.AlignCenter)
        self.digits = [self._digit(str(value)) for value in range(10)]
        self.erase_button = self._key("")
        self.enter_button = with_role(self._key(""), "primary")
        self.back_button = QPushButton()
        self.erase_button.clicked.connect(self.erase)
        self.enter_button.clicked.connect(self.enter)
        self.back_button.clicked.connect(self.give_up)

        left = QVBoxLayout()
        left.addWidget(self.title, 2)
        left.addWidget(self.why, 2)
        left.addWidget(self.field)
        left.addStretch(1)
        left.addWidget(self.back_button)
        self._keys = QGridLayout()
        for place, key in enumerate(self.digits[1:]):
            self._keys.addWidget(key, place // 3, place % 3)
        self._keys.addWidget(self.erase_button, 3, 0)
        self._keys.addWidget(self.digits[0], 3, 1)
        self._keys.addWidget(self.enter_button, 3, 2)
        self._halves = QBoxLayout(QBoxLayout.LeftToRight, self)
        self._halves.addLayout(left, 1)
        self._halves.addLayout(self._keys, 1)

        self._abandoned = QTimer(self)
        self._abandoned.setSingleShot(True)
        self._abandoned.setInterval(ABANDONED_MS)
        self._abandoned.timeout.connect(self.give_up)
        self.retranslate()

    def ask(self, wanted: CodeWanted | None) -> None:
        """Say what the code is for: what the station asked, or nothing but to check in with it."""
        self._wanted = wanted
        self.retranslate()

    def gives_way_to(self, screen: Screen) -> bool:
        """Return whether another screen may come: not while somebody types who came by themselves,
        or looks down at the keys."""
        if isinstance(screen, CheckedIn | Confirm | CodeWanted | Fault):
            return True
        is_typing = bool(self.field.text()) and isinstance(screen, Guide | Idle)
        return self._wanted is not None and not is_typing

    def type(self, text: str) -> None:
        self.field.setText((self.field.text() + text)[:LONGEST])
        self._abandoned.start()
        self._allow()

    def erase(self) -> None:
        self.field.setText(self.field.text()[:-1])
        self._abandoned.start()
        self._allow()

    def enter(self) -> None:
        code = self.field.text()
        if code:
            self.field.clear()
            self.entered.emit(code)

    def give_up(self) -> None:
        """Enter no code, and say so to a station that has asked for one."""
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.declined.emit(wanted)
        self.closed.emit()

    def take_focus(self) -> None:
        self.digits[5].setFocus(Qt.OtherFocusReason)

    def retranslate(self) -> None:
        words = words_of(self._wanted) if self._wanted is not None else None
        self.title.setText(words.headline if words else self.tr("Type your code"))
        self.why.setText(words.line if words else "")
        self.field.setAccessibleName(self.tr("Your code"))
        self.erase_button.setAccessibleName(self.tr("Erase the last one"))
        self.enter_button.setAccessibleName(self.tr("Send the code"))
        self.back_button.setText(self.tr("Back"))

    def fit(self, unit: float, is_portrait: bool) -> None:
        margin = round(4 * unit)
        self._halves.setContentsMargins(margin, margin, margin, margin)
        self._halves.setDirection(QBoxLayout.TopToBottom if is_portrait else QBoxLayout.LeftToRight)
        self._halves.setSpacing(round(6 * unit))
        self.field.setMinimumHeight(round(1.35 * touch_px(unit)))
        put_on(self.erase_button, Glyph.ERASE, round(7 * unit), palette.BUTTON.ink)
        put_on(self.enter_button, Glyph.TICK, round(7 * unit), palette.PRIMARY.ink)

    def showEvent(self, event: QShowEvent) -> None:
        self.field.clear()
        self._abandoned.start()
        self._allow()

    def hideEvent(self, event: QHideEvent) -> None:
        self.ask(None)
        self.field.clear()
        self._abandoned.stop()

    def _allow(self) -> None:
        has_code = bool(self.field.text())
        self.erase_button.setEnabled(has_code)
        self.enter_button.setEnabled(has_code)

    def _digit(self, text: str) -> QPushButton:
        key = self._key(text)
        key.clicked.connect(lambda: self.type(text))
        return key

    def _key(self, text: str) -> QPushButton:
        key = QPushButton(text)
        key.setProperty("key", True)
        key.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)
        return key
