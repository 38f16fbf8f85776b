"""Asks before something is done that cannot be undone."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QWidget

from desktop.shared.dialogs.fitting_dialog import FittingDialog
from desktop.shared.plain_text import PlainLabel, plain_button
from desktop.shared.style import push_button, with_role

TEXT_PX = 340


class ConfirmDialog(FittingDialog):
    """Shows a question; Enter and Escape do nothing. Accepted once the deed's button is pressed.

    deed: what the button says. All texts are in the language of the moment.
    """

    def __init__(self, title: str, question: str, deed: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.question = PlainLabel()
        self.question.setText(question)
        self.question.setWordWrap(True)
        self.question.setMinimumWidth(min(TEXT_PX, self.screen_room().width() - 80))
        self.body.addWidget(self.question)
        self.body.addStretch()
        self.do, self.cancel = push_button(plain_button(deed)), with_role(push_button(), "primary")
        self.do.setAutoDefault(False)
        self.cancel.setDefault(True)
        self.buttons.addWidget(self.do)
        self.buttons.addWidget(self.cancel)
        self.do.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self.cancel.setFocus()
        self.retranslate()

    def retranslate(self) -> None:
        self.cancel.setText(self.tr("Cancel"))


def confirm(
    parent: QWidget, title: str, question: str, deed: str, then: Callable[[], None]
) -> None:
    """Show the question, and call `then` once the button that says the deed was pressed."""
    dialog = ConfirmDialog(title, question, deed, parent)
    dialog.setAttribute(Qt.WA_DeleteOnClose)
    dialog.accepted.connect(lambda: then())
    dialog.open()
