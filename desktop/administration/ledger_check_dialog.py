"""Checks that every entry of the check-in ledger is as it was written."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from PyQt5.QtWidgets import QApplication, QLineEdit, QWidget

from common.sentence import Sentence
from desktop.i18n.sentences import in_own_words
from desktop.shared.dialogs.working_dialog import WorkingDialog
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button, with_role
from station.ledger.chain import ZEROS, Verification
from station.ledger.ledger import Ledger
from station.ledger.verdict import noted_verdict, verdict

LEAST_WIDTH_PX = 360


@dataclass(frozen=True)
class LedgerCheck:
    """What was found. noted: what it says of a hash that was noted before; None without one."""

    found: Verification
    noted: Sentence | None = None

    @property
    def is_sound(self) -> bool:
        return self.found.damage is None


def check_ledger(path: Path, noted: str) -> LedgerCheck:
    """Verify the ledger, and look for a hash that was noted before; empty for none.

    Where there is no ledger, none is made, and it counts as empty. Raises LedgerError.
    """
    if not path.exists():
        return LedgerCheck(Verification(0, ZEROS, None))
    with closing(Ledger(path)) as ledger:
        found = ledger.verify()
        sentence = noted_verdict(ledger.number_of(noted.lower())) if noted else None
    return LedgerCheck(found, sentence if found.damage is None else None)


class LedgerCheckDialog(WorkingDialog):
    """Verifies in the background as soon as it is opened, and again with a hash that was noted."""

    def __init__(self, ledger: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ledger = ledger
        self._check: LedgerCheck | None = None
        self.verdict = with_role(PlainLabel(), "title")
        self.noted_verdict = PlainLabel()
        self.newest = QLineEdit()
        self.newest.setReadOnly(True)
        self.noted = QLineEdit()
        self.explanation = with_role(PlainLabel(), "quiet")
        self._newest_label, self._noted_label = PlainLabel(), PlainLabel()
        self._newest_label.setBuddy(self.newest)
        self._noted_label.setBuddy(self.noted)
        for label in (self.verdict, self.noted_verdict, self.explanation):
            label.setWordWrap(True)
        for widget in (
            self.verdict,
            self.noted_verdict,
            self.problem,
            self._newest_label,
            self.newest,
            self._noted_label,
            self.noted,
            self.explanation,
        ):
            self.body.addWidget(widget)
        self.body.addStretch()
        self.copy, self.again, self.close_dialog = push_button(), push_button(), push_button()
        self.copy.setAutoDefault(False)
        self.close_dialog.setAutoDefault(False)
        self.again.setDefault(True)
        for button in (self.copy, self.again, self.close_dialog):
            self.buttons.addWidget(button)
        self.copy.clicked.connect(self._copy)
        self.again.clicked.connect(self.verify)
        self.close_dialog.clicked.connect(self.accept)
        self.setMinimumWidth(LEAST_WIDTH_PX)
        self.retranslate()
        self.verify()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Verify the check-ins"))
        self._newest_label.setText(self.tr("&Newest hash"))
        self._noted_label.setText(self.tr("A hash that was noted &before"))
        self.explanation.setText(
            self.tr(
                "The check-ins alone cannot show that their end was cut off with care, or that "
                "all of them were made anew. So keep the newest hash elsewhere, and look for it "
                "later: then this shows, too."
            )
        )
        self.copy.setText(self.tr("Copy the hash"))
        self.again.setText(self.tr("Verify"))
        self.close_dialog.setText(self.tr("Close"))
        self._tell()

    def verify(self) -> None:
        noted = self.noted.text().strip()
        self.work(lambda: check_ledger(self._ledger, noted), self._take)

    def allow(self) -> None:
        self.again.setEnabled(not self.is_working)
        self._tell()

    def _take(self, check: LedgerCheck) -> None:
        self._check = check
        self._tell()

    def _tell(self) -> None:
        check = self._check
        if check is None:
            self.verdict.setText(self.tr("Verifying…") if self.is_working else "")
            self.noted_verdict.hide()
            self.copy.setEnabled(False)
            return
        self.verdict.setText(in_own_words(verdict(check.found)))
        with_role(self.verdict, "title" if check.is_sound else "problem")
        self.verdict.style().unpolish(self.verdict)
        self.verdict.style().polish(self.verdict)
        self.noted_verdict.setText(in_own_words(check.noted) if check.noted is not None else "")
        self.noted_verdict.setVisible(check.noted is not None)
        has_hash = check.is_sound and check.found.intact > 0
        self.newest.setText(check.found.newest_hash if has_hash else "")
        self.newest.setCursorPosition(0)
        self.copy.setEnabled(has_hash)

    def _copy(self) -> None:
        clipboard = QApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(self.newest.text())
