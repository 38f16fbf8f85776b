"""Says why somebody was not checked in, and what to do."""

from __future__ import annotations

from dataclasses import replace

from PyQt5.QtCore import Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QHideEvent
from PyQt5.QtWidgets import QBoxLayout, QPushButton

from desktop.i18n.sentences import in_own_words
from desktop.kiosk.fitting_label import FittingLabel
from desktop.kiosk.pages.card import CardPage
from desktop.kiosk.signs import sign_of
from desktop.kiosk.words import words_of
from desktop.shared.style import with_role
from station.screen import Fault, Refused, Stranger, Undone, UnknownCode

Message = Stranger | Undone | UnknownCode | Refused | Fault

SECOND_MS = 1000


class MessageCard(CardPage):
    """The card for screens that say why there was no check-in.

    code_wanted, enroll_wanted: the person has touched the button.
    """

    code_wanted = pyqtSignal()
    enroll_wanted = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._message: Message | None = None
        self.line = FittingLabel("advice")
        self.detail = FittingLabel("small")
        self.code_button = with_role(QPushButton(), "primary")
        self.enroll_button = QPushButton()
        self.code_button.clicked.connect(self.code_wanted)
        self.enroll_button.clicked.connect(self.enroll_wanted)
        self._buttons = QBoxLayout(QBoxLayout.LeftToRight)
        for button in (self.code_button, self.enroll_button):
            button.setProperty("large", True)
            self._buttons.addWidget(button)
        self.body.addStretch(1)
        self.body.addWidget(self.line, 4)
        self.body.addWidget(self.detail, 2)
        self.body.addStretch(1)
        self.body.addLayout(self._buttons)
        self._second = QTimer(self)
        self._second.timeout.connect(self._count_down)
        self.retranslate()

    def show_screen(self, message: Message) -> None:
        self._message = message
        sign = sign_of(message)
        assert sign is not None
        self.show_sign(sign)
        waits = isinstance(message, UnknownCode) and message.wait_s > 0
        if waits:
            self._second.start(SECOND_MS)
        else:
            self._second.stop()
        self.code_button.setVisible(not waits and not isinstance(message, Fault))
        self.enroll_button.setVisible(isinstance(message, Stranger) and message.may_enroll)
        self.retranslate()

    def take_focus(self) -> None:
        self.code_button.setFocus(Qt.OtherFocusReason)

    def retranslate(self) -> None:
        self.code_button.setText(self.tr("Use a code"))
        self.enroll_button.setText(self.tr("Enroll here"))
        if self._message is None:
            return
        words = words_of(self._message)
        self.headline.setText(words.headline)
        self.line.setText(words.line)
        fault = self._message.message if isinstance(self._message, Fault) else ""
        self.detail.setText(in_own_words(fault))

    def fit(self, unit: float, is_portrait: bool) -> None:
        super().fit(unit, is_portrait)
        self._buttons.setDirection(
            QBoxLayout.TopToBottom if is_portrait else QBoxLayout.LeftToRight
        )

    def hideEvent(self, event: QHideEvent) -> None:
        self._second.stop()

    def _count_down(self) -> None:
        if isinstance(self._message, UnknownCode):
            left = self._message.wait_s - SECOND_MS / 1000
            self.show_screen(replace(self._message, wait_s=max(0.0, left)))
