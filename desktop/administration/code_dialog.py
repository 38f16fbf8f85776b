"""Gives a person a code for the check-in station, or takes it."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QFormLayout, QLineEdit, QWidget

from desktop.i18n.sentences import in_own_words
from desktop.shared.dialogs.fitting_dialog import FittingDialog
from desktop.shared.names import short
from desktop.shared.plain_text import PlainLabel
from desktop.shared.strip import tell
from desktop.shared.style import push_button, with_role
from gallery.identity import Identity
from station.secrets.codes import FEWEST, MOST

LEAST_WIDTH_PX = 360


class CodeDialog(FittingDialog):
    """Takes a code, twice. It closes once the code is set, which follow() is told.

    code_given: the id, and the code; an empty one takes the code away.
    """

    code_given = pyqtSignal(str, str)

    def __init__(self, person: Identity, has_code: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._person = person
        self._has_code = has_code
        self._refusal = ""
        self.note = PlainLabel()
        self.note.setWordWrap(True)
        self.problem = with_role(PlainLabel(), "problem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.code, self.again = QLineEdit(), QLineEdit()
        self._labels = PlainLabel(), PlainLabel()
        form = QFormLayout()
        for label, field in zip(self._labels, (self.code, self.again), strict=True):
            field.setEchoMode(QLineEdit.Password)
            field.setMaxLength(2 * MOST)
            label.setBuddy(field)
            form.addRow(label, field)
        self.body.addWidget(self.note)
        self.body.addLayout(form)
        self.body.addWidget(self.problem)
        self.body.addStretch()
        self.take = push_button()
        self.save = with_role(push_button(), "primary")
        self.cancel = push_button()
        self.take.setVisible(has_code)
        self.take.setAutoDefault(False)
        self.cancel.setAutoDefault(False)
        self.save.setDefault(True)
        for button in (self.take, self.save, self.cancel):
            self.buttons.addWidget(button)
        self.take.clicked.connect(lambda: self._give(""))
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.reject)
        self.setMinimumWidth(LEAST_WIDTH_PX)
        self.retranslate()

    def retranslate(self) -> None:
        name = short(self._person.name)
        self.setWindowTitle(self.tr("Code"))
        if self._has_code:
            note = self.tr("{} has a code. A new one takes its place.")
        else:
            note = self.tr("{} has no code yet.")
        how = self.tr(
            "The code is typed at the check-in station, or read from a badge, instead of showing "
            "the face. It has {} characters or more; a badge's code may be scanned here."
        ).format(FEWEST)
        self.note.setText(f"{note.format(name)} {how}")
        for label, text in zip(
            self._labels, (self.tr("&New code"), self.tr("&Once more")), strict=True
        ):
            label.setText(text)
        if self._refusal:
            tell(self.problem, in_own_words(self._refusal))
        self.take.setText(self.tr("Take the code away"))
        self.save.setText(self.tr("Give the code"))
        self.cancel.setText(self.tr("Cancel"))

    def follow(self, identity_id: str, problem: str) -> None:
        """Close, or say why the code could not be set; what was typed stays."""
        if identity_id != self._person.id:
            return
        if not problem:
            self.accept()
            return
        self._refusal = problem
        tell(self.problem, in_own_words(problem))
        self._set_waiting(False)

    def _save(self) -> None:
        if self.code.text() != self.again.text():
            tell(self.problem, self.tr("The two are not the same. Type the code twice again."))
            self.again.clear()
            self.again.setFocus()
        elif not self.code.text().strip():
            tell(self.problem, self.tr("Type the code, twice."))
            self.code.setFocus()
        else:
            self._give(self.code.text())

    def _give(self, code: str) -> None:
        self._refusal = ""
        tell(self.problem, "")
        self._set_waiting(True)
        self.code_given.emit(self._person.id, code)

    def _set_waiting(self, waiting: bool) -> None:
        for button in (self.take, self.save):
            button.setEnabled(not waiting)
