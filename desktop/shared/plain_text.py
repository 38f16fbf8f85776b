"""Shows text from people and files exactly as it is written, and never as rich text.

Labels, tooltips and message boxes of Qt treat text that looks like HTML as HTML; an `<img>` in a
name then reads any file of the computer. For each of them, this module has the one safe way.
"""

from __future__ import annotations

from html import escape

from PyQt5.QtCore import QChildEvent, Qt, QUrl
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import QDialog, QFileDialog, QLabel, QMessageBox, QTextBrowser, QWidget

from desktop.shared.dialogs.screen_room import keep_on_screen, screen_room


class PlainLabel(QLabel):
    """A label that shows its text as it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.PlainText)


MARGIN_PX = 16


class OwnPages(QTextBrowser):
    """Shows the program's own documentation. It is for no text of people or their files.

    It opens no link by itself, and loads nothing, so that no page can read a file.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)

    def show_markdown(self, text: str) -> None:
        self.setMarkdown(text)
        self.document().setDocumentMargin(MARGIN_PX)

    def loadResource(self, kind: int, name: QUrl) -> None:
        return None


def plain_tip(text: str) -> str:
    """Return a tooltip that reads as `text`: what Qt might take for rich text is escaped."""
    if "<" not in text and "&" not in text:
        return text
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>'


def plain_button(text: str) -> str:
    """Return a button's label that reads as `text`: an ampersand does not become an underline."""
    return text.replace("&", "&&")


def make_plain(dialog: QDialog) -> None:
    """Make every text of a message box or an input dialog plain. Call it once all texts are set."""
    for label in dialog.findChildren(QLabel):
        label.setTextFormat(Qt.PlainText)


class PlainFileDialog(QFileDialog):
    """A file dialog that shows a file's name plainly in its questions, as whether to replace it.

    It is no larger than the screen.
    """

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.resize(self.size().boundedTo(screen_room(self)))
        keep_on_screen(self)

    def childEvent(self, event: QChildEvent) -> None:
        super().childEvent(event)
        box = event.child()
        if event.polished() and isinstance(box, QMessageBox):
            make_plain(box)
