"""Says how many people are over the age of retention, and lets them be looked at."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button, with_role
from station.people.retention import Overdue, RetentionRule


class RetentionBar(Retranslated, QFrame):
    """Lies above the picture until it is closed, or nobody is over age any more.

    asked: the people are to be looked at.
    """

    asked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        with_role(self, "notice")
        self._rule = RetentionRule()
        self._people: Sequence[Overdue] = ()
        self.label = PlainLabel()
        self.label.setWordWrap(True)
        self.review, self.close_button = push_button(), push_button()
        self.review.clicked.connect(self.asked)
        self.close_button.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.addWidget(self.label, 1)
        row.addWidget(self.review)
        row.addWidget(self.close_button)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        self.review.setText(self.tr("Review…"))
        self.close_button.setText(self.tr("Later"))
        self.label.setText(self._text())
        self.setAccessibleName(self.label.text())

    def tell(self, rule: RetentionRule, people: Sequence[Overdue]) -> None:
        """Show who is over the age of the rule; nothing where nobody is."""
        self._rule, self._people = rule, people
        self.retranslate()
        self.setVisible(bool(people))

    def _text(self) -> str:
        count, days = len(self._people), self._rule.days
        if self._rule.since_seen and count == 1:
            return self.tr("1 person was last seen more than {} days ago.").format(days)
        if self._rule.since_seen:
            return self.tr("{} people were last seen more than {} days ago.").format(count, days)
        if count == 1:
            return self.tr("1 person was enrolled more than {} days ago.").format(days)
        return self.tr("{} people were enrolled more than {} days ago.").format(count, days)
