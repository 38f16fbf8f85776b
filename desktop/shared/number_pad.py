"""Large digits on the screen, for people who have no keyboard at hand."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QGridLayout, QPushButton, QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.shared.style import with_role

KEY_PX = 72
"""The size of a key: 15 mm at 120 dpi, more than a finger's width (WCAG 2.5.5 asks for 44)."""


class NumberPad(Retranslated, QWidget):
    """Keys for the ten digits, one to erase and one to finish.

    The keys take no focus, so that what is typed on a keyboard still goes to the field.

    typed: a digit was touched. erased: the last digit is to be removed. entered: the number is
    complete.
    """

    typed = pyqtSignal(str)
    erased = pyqtSignal()
    entered = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.digits = tuple(_key(str(digit)) for digit in range(10))
        self.erase = _key("⌫")
        self.enter = with_role(_key("OK"), "primary")
        self._lay_out()
        for digit, key in enumerate(self.digits):
            key.clicked.connect(lambda _, digit=digit: self.typed.emit(str(digit)))
        self.erase.clicked.connect(self.erased)
        self.enter.clicked.connect(self.entered)
        self.retranslate()

    def retranslate(self) -> None:
        self.erase.setAccessibleName(self.tr("Erase the last digit"))
        self.enter.setText(self.tr("OK"))

    def _lay_out(self) -> None:
        keys = QGridLayout(self)
        keys.setContentsMargins(0, 0, 0, 0)
        keys.setSpacing(8)
        for place, key in enumerate((*self.digits[1:], self.erase, self.digits[0], self.enter)):
            keys.addWidget(key, place // 3, place % 3)


def _key(text: str) -> QPushButton:
    key = QPushButton(text)
    key.setProperty("big", True)
    key.setFocusPolicy(Qt.NoFocus)
    key.setMinimumSize(KEY_PX, KEY_PX)
    return key
