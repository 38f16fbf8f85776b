"""Sets the administrator's PIN, or removes it."""

from __future__ import annotations

from PyQt5.QtCore import QRegularExpression
from PyQt5.QtGui import QRegularExpressionValidator
from PyQt5.QtWidgets import QFormLayout, QLineEdit, QWidget

from desktop.home import Home
from desktop.shared.dialogs.confirming import confirm
from desktop.shared.dialogs.working_dialog import WorkingDialog
from desktop.shared.plain_text import PlainLabel
from desktop.shared.strip import tell
from desktop.shared.style import push_button, with_role
from station.ledger.audit import Audit
from station.operation.pin_setting import asks_for_pin, remove_pin, set_pin
from station.secrets.pin import FEWEST, MOST

LEAST_WIDTH_PX = 360


class NewPinDialog(WorkingDialog):
    """Takes a new PIN, twice. It is opened for whoever has typed the one before."""

    def __init__(self, home: Home, audit: Audit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._home = home
        self._audit = audit
        self.note = PlainLabel()
        self.note.setWordWrap(True)
        self.pin, self.again = QLineEdit(), QLineEdit()
        self._labels = PlainLabel(), PlainLabel()
        form = QFormLayout()
        digits = QRegularExpression(f"[0-9]{{0,{MOST}}}")
        for label, field in zip(self._labels, (self.pin, self.again), strict=True):
            field.setEchoMode(QLineEdit.Password)
            field.setValidator(QRegularExpressionValidator(digits, field))
            label.setBuddy(field)
            form.addRow(label, field)
        self.body.addWidget(self.note)
        self.body.addLayout(form)
        self.body.addWidget(self.problem)
        self.body.addStretch()
        self.remove = push_button()
        self.save = with_role(push_button(), "primary")
        self.cancel = push_button()
        self.remove.setAutoDefault(False)
        self.cancel.setAutoDefault(False)
        self.save.setDefault(True)
        for button in (self.remove, self.save, self.cancel):
            self.buttons.addWidget(button)
        self.remove.setVisible(asks_for_pin(home))
        self.remove.clicked.connect(self._ask_removal)
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.reject)
        self.setMinimumWidth(LEAST_WIDTH_PX)
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Administrator's PIN"))
        self.note.setText(
            self.tr(
                "The PIN guards enrolling, removing, the settings and leaving the full screen at "
                "the check-in station. It has {} to {} digits. Whoever may use this account can "
                "set another one if it is forgotten: facedesk pin"
            ).format(FEWEST, MOST)
        )
        for label, text in zip(
            self._labels, (self.tr("&New PIN"), self.tr("&Once more")), strict=True
        ):
            label.setText(text)
        self.remove.setText(self.tr("Remove the PIN…"))
        self.save.setText(self.tr("Set the PIN"))
        self.cancel.setText(self.tr("Cancel"))

    def allow(self) -> None:
        for button in (self.remove, self.save):
            button.setEnabled(not self.is_working)

    def _save(self) -> None:
        pin = self.pin.text()
        if pin != self.again.text():
            tell(self.problem, self.tr("The two are not the same. Type the PIN twice again."))
            self.again.clear()
            self.again.setFocus()
            return
        self.work(lambda: set_pin(self._home, pin, self._audit), lambda _: self.accept())

    def _ask_removal(self) -> None:
        confirm(
            self,
            self.tr("Administrator's PIN"),
            self.tr(
                "Without a PIN, everybody at the check-in station can enroll and remove people, "
                "change the settings and leave the full screen."
            ),
            self.tr("Remove the PIN"),
            lambda: self.work(lambda: remove_pin(self._home, self._audit), lambda _: self.accept()),
        )
