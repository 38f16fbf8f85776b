"""Asks for the passphrase of a home before its window opens."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PyQt5.QtWidgets import QLineEdit, QWidget

from common.errors import FacedeskError
from common.sealing.key_ring import ring_of
from common.sealing.passphrase import PassphraseHolder, ask_with
from desktop.i18n.sentences import in_own_words
from desktop.shared.dialogs.fitting_dialog import FittingDialog
from desktop.shared.plain_text import PlainLabel
from desktop.shared.strip import tell
from desktop.shared.style import push_button, with_role

LEAST_WIDTH_PX = 360


class PassphraseDialog(FittingDialog):
    """Takes the passphrase until it opens the key, or until somebody gives up.

    unlock: opens the key with what was typed; raises FacedeskError where it does not.
    """

    def __init__(self, unlock: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unlock = unlock
        self.note = PlainLabel()
        self.note.setWordWrap(True)
        self.passphrase = QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.Password)
        self.problem = with_role(PlainLabel(), "problem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        for widget in (self.note, self.passphrase, self.problem):
            self.body.addWidget(widget)
        self.body.addStretch()
        self.open_button = with_role(push_button(), "primary")
        self.quit_button = push_button()
        self.quit_button.setAutoDefault(False)
        self.open_button.setDefault(True)
        for button in (self.open_button, self.quit_button):
            self.buttons.addWidget(button)
        self.open_button.clicked.connect(self._try)
        self.quit_button.clicked.connect(self.reject)
        self.setMinimumWidth(LEAST_WIDTH_PX)
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Passphrase"))
        self.note.setText(
            self.tr("What Facedesk keeps of people is sealed. Type the passphrase that opens it.")
        )
        self.passphrase.setAccessibleName(self.tr("Passphrase"))
        self.open_button.setText(self.tr("Open"))
        self.quit_button.setText(self.tr("Quit"))

    def _try(self) -> None:
        try:
            self._unlock(self.passphrase.text())
        except FacedeskError as error:
            tell(self.problem, in_own_words(error.sentence))
            self.passphrase.selectAll()
            self.passphrase.setFocus()
        else:
            self.accept()


def unlocked(folder: Path) -> bool:
    """Open the key of a home that a passphrase keeps, and ask for it; return whether to go on.

    What else keeps a key needs nobody, and says for itself what is wrong where it is asked.
    """
    ring = ring_of(folder)
    try:
        file = ring.file()
    except FacedeskError:
        return True
    asks = file is not None and file.keys[-1].holder == PassphraseHolder.name
    if not asks or os.environ.get("FACEDESK_PASSPHRASE_FILE"):
        return True

    def unlock(passphrase: str) -> None:
        ask_with(lambda new: passphrase)
        ring.current()

    return PassphraseDialog(unlock).exec() == PassphraseDialog.Accepted
