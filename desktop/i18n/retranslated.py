"""A base for widgets that change their language while they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtCore import QEvent
from PyQt5.QtWidgets import QWidget

if TYPE_CHECKING:
    _Base = QWidget
else:
    _Base = object  # a class may have only one base of Qt's


class Retranslated(_Base):
    """Calls retranslate() when the language changes.

    It stands before the Qt class: class X(Retranslated, QDialog).
    """

    def retranslate(self) -> None:
        """Set every text in the current language; the constructor calls it the first time."""
        raise NotImplementedError

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
