"""Shows a message above the picture until it is closed; work goes on meanwhile."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button, with_role


class NoticeBar(Retranslated, QFrame):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        with_role(self, "notice")
        self._text = ""
        self.label = PlainLabel()
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(Qt.TextSelectableByMouse)
        self._close = push_button()
        self._close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 12, 8)
        layout.addWidget(self.label, 1)
        layout.addWidget(self._close, 0, Qt.AlignTop)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        self._close.setText(self.tr("Close"))
        self._close.setAccessibleName(self.tr("Close the message"))
        self._tell()

    def show_message(self, text: str) -> None:
        """Show a text.

        text: in English; it is shown in the current language.
        """
        self._text = text
        self._tell()
        self.setVisible(bool(text))

    def _tell(self) -> None:
        text = in_own_words(self._text)
        self.label.setText(text)
        self.setAccessibleName(text)
