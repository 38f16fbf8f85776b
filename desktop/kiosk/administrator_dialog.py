"""Asks the administrator of the station what to do, with large buttons."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QWidget

from desktop.i18n.sentences import in_own_words
from desktop.shared.dialogs.fitting_dialog import FittingDialog
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button, with_role


class AdministratorDialog(FittingDialog):
    """Offers the choices; it closes with each of them.

    trouble: a message to show, in English; empty for none.

    people_chosen: people, enrolling and settings, in the program's window. settings_chosen: the
    settings alone. close_chosen: the station is to be closed.
    """

    people_chosen = pyqtSignal()
    settings_chosen = pyqtSignal()
    close_chosen = pyqtSignal()

    def __init__(self, trouble: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trouble = trouble
        self.title = with_role(PlainLabel(), "title")
        self.title.setAlignment(Qt.AlignCenter)
        self.problem = with_role(PlainLabel(), "problem")
        self.problem.setWordWrap(True)
        self.problem.setVisible(bool(trouble))
        self.people, self.settings, self.close_station, self.back = (
            push_button() for _ in range(4)
        )
        self.body.addWidget(self.title)
        self.body.addWidget(self.problem)
        for button, chosen in (
            (self.people, self.people_chosen),
            (self.settings, self.settings_chosen),
            (self.close_station, self.close_chosen),
            (self.back, None),
        ):
            button.setProperty("big", True)
            if chosen is None:
                self.buttons.addWidget(button)
            else:
                self.body.addWidget(button)
            button.clicked.connect(self.accept)
            if chosen is not None:
                button.clicked.connect(chosen)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setFocus()  # who touches the screen sees no mark of a focus before a key was pressed
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Administrator"))
        self.title.setText(self.tr("Administrator"))
        self.problem.setText(in_own_words(self._trouble))
        self.people.setText(self.tr("People, enrolling and settings"))
        self.settings.setText(self.tr("Settings"))
        self.close_station.setText(self.tr("Close the station"))
        self.back.setText(self.tr("Back"))
