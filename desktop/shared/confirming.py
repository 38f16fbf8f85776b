"""Asks before something is done that cannot be undone."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QCoreApplication, Qt
from PyQt5.QtWidgets import QMessageBox, QWidget

from desktop.shared.plain_text import make_plain, plain_button


def confirm(
    parent: QWidget, title: str, question: str, deed: str, then: Callable[[], None]
) -> QMessageBox:
    """Show the question, and call `then` once somebody has pressed the button that says the deed.

    Enter and Escape do nothing. Returns the box, which is shown already.
    """
    box = QMessageBox(QMessageBox.NoIcon, title, question, parent=parent)
    box.setAttribute(Qt.WA_DeleteOnClose)
    do = box.addButton(plain_button(deed), QMessageBox.DestructiveRole)
    cancel = box.addButton(
        QCoreApplication.translate("Confirming", "Cancel"), QMessageBox.RejectRole
    )
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    do.clicked.connect(lambda: then())
    make_plain(box)
    box.open()
    return box
