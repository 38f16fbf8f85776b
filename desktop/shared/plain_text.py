"""What a person or a file supplied is shown as it is written, and never as rich text.

Qt takes texts that look like HTML for HTML in labels, tooltips and message boxes; an `<img>` in a
name then reads any file of the computer. There is one way around it for each, and it is here.
"""

from __future__ import annotations

from html import escape

from PyQt5.QtCore import QChildEvent, Qt
from PyQt5.QtWidgets import QDialog, QFileDialog, QLabel, QMessageBox, QWidget


class PlainLabel(QLabel):
    """Shows its text as it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.PlainText)


def plain_tip(text: str) -> str:
    """A tooltip that reads as `text`: what might be taken for rich text is escaped."""
    if "<" not in text and "&" not in text:
        return text
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>'


def plain_button(text: str) -> str:
    """A button's label that reads as `text`: an ampersand underlines nothing."""
    return text.replace("&", "&&")


def make_plain(dialog: QDialog) -> None:
    """All that a message box or an input dialog says, once it has all its texts."""
    for label in dialog.findChildren(QLabel):
        label.setTextFormat(Qt.PlainText)


class PlainFileDialog(QFileDialog):
    """What it asks about a file, as whether to write over it, has the file's name in it."""

    def childEvent(self, event: QChildEvent) -> None:
        super().childEvent(event)
        box = event.child()
        if event.polished() and isinstance(box, QMessageBox):
            make_plain(box)
