"""Tells what came of "this is not her", and offers to undo it."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop.i18n.numbers import decimal
from desktop.i18n.retranslated import Retranslated
from desktop.live.people.summaries import RejectedName
from desktop.shared.names import isolated
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button, with_role


class RejectionBar(Retranslated, QFrame):
    """Lies above the picture until it is closed, or another name is rejected.

    undone: a RejectedName that was a mistake.
    """

    undone = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        with_role(self, "notice")
        self._rejected: RejectedName | None = None
        self.label = PlainLabel()
        self.label.setWordWrap(True)
        self.undo, self.close_button = push_button(), push_button()
        self.undo.clicked.connect(self._undo)
        self.close_button.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.addWidget(self.label, 1)
        row.addWidget(self.undo)
        row.addWidget(self.close_button)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        self.undo.setText(self.tr("Undo"))
        self.close_button.setText(self.tr("Close"))
        self.close_button.setAccessibleName(self.tr("Close the message"))
        self.label.setText(self._text())
        self.setAccessibleName(self.label.text())

    def tell(self, rejected: RejectedName) -> None:
        self._rejected = rejected
        self.retranslate()
        self.show()

    def _undo(self) -> None:
        rejected, self._rejected = self._rejected, None
        self.hide()
        if rejected is not None:
            self.undone.emit(rejected)

    def _text(self) -> str:
        if self._rejected is None:
            return ""
        kept = self._rejected.kept
        name = isolated(kept.bar.identity.name)
        if not kept.bar.capped:
            return self.tr(
                "This is not {0} any more. Whoever looks so like {0} needs a similarity of {1} "
                "from now on to be named so."
            ).format(name, decimal(kept.bar.at))
        if kept.other is not None:
            return self.tr(
                "This is not {0} any more. But {0} and {1} are too alike for the similarity to "
                "part them: it needs {2} now, and more would keep {0} out, too. They are listed as "
                "look-alikes; give both a code for the station."
            ).format(name, isolated(kept.other.name), decimal(kept.bar.at))
        return self.tr(
            "This is not {0} any more. But somebody who is not enrolled is too like {0}: a "
            "similarity of {1} is needed now, and more would keep {0} out, too. More and better "
            "pictures of {0} help."
        ).format(name, decimal(kept.bar.at))
