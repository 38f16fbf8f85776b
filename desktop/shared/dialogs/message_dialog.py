"""Tells something that has to be read before it goes, with one of the program's own signs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import QCoreApplication, Qt
from PyQt5.QtGui import QTextOption
from PyQt5.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.shared.dialogs.fitting_dialog import FittingDialog
from desktop.shared.icons.icon import drawn
from desktop.shared.look.colours import colours
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button, with_role

SIGN_PX = 40
TEXT_PX = 360
LINES = 6
"""So many lines of the details are seen at once; the others scroll."""


class MessageDialog(FittingDialog):
    """Shows a title, a text and, where there are many, the details; one button closes it.

    title, text: are asked again in another language. details: one a line, already as they are
    shown. sign: the name of an icon.
    """

    def __init__(
        self,
        title: Callable[[], str],
        text: Callable[[], str],
        details: Sequence[str] = (),
        sign: str = "information",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title, self._text = title, text
        picture = PlainLabel()
        ratio = self.devicePixelRatioF()
        pixmap = drawn(sign, round(SIGN_PX * ratio), colours().focus)
        pixmap.setDevicePixelRatio(ratio)
        picture.setPixmap(pixmap)
        self.title = with_role(PlainLabel(), "title")
        self.text = PlainLabel()
        for label in (self.title, self.text):
            label.setWordWrap(True)
            label.setMinimumWidth(min(TEXT_PX, self.screen_room().width() - 3 * SIGN_PX))
        self.details = QPlainTextEdit("\n".join(details))
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        self.details.setWordWrapMode(QTextOption.WrapAtWordBoundaryOrAnywhere)
        self.details.setFixedHeight((LINES + 1) * self.fontMetrics().lineSpacing())
        self.details.setVisible(bool(details))
        self.close_button = with_role(push_button(), "primary")
        self.close_button.clicked.connect(self.accept)
        texts = QVBoxLayout()
        texts.addWidget(self.title)
        texts.addWidget(self.text)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(picture, 0, Qt.AlignTop)
        row.addLayout(texts, 1)
        self.body.addLayout(row)
        self.body.addWidget(self.details)
        self.buttons.addWidget(self.close_button)
        self.close_button.setFocus()
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(self._title())
        self.title.setText(self._title())
        self.text.setText(self._text())
        # Not tr(): in a subclass Qt looks for its texts under another name.
        translate = QCoreApplication.translate
        self.details.setAccessibleName(translate("Messages", "Details"))
        self.close_button.setText(translate("Messages", "Close"))
