"""Offers to embed a gallery of another model again, and shows how far that is."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.shared.names import isolated
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button, with_role
from gallery.store import OtherModelError
from recognition.reembedding import Reembedded, Shortfall

PROGRESS_PX = 180

NAMES_TOLD = 5


class ReembedBar(Retranslated, QFrame):
    """Hidden until there is something to offer.

    asked: the user wants it; with True also where some people are left out.
    """

    asked = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        with_role(self, "notice")
        self._other: OtherModelError | None = None
        self._left_out: Sequence[Shortfall] = ()
        self.label = PlainLabel()
        self.label.setWordWrap(True)
        self.progress = QProgressBar()
        self.progress.setFixedWidth(PROGRESS_PX)
        self.progress.hide()
        self.begin = with_role(push_button(), "primary")
        self.begin.clicked.connect(self._ask)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(16)
        row.addWidget(self.label, 1)
        row.addWidget(self.progress)
        row.addWidget(self.begin)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        self.progress.setAccessibleName(self.tr("Embedding the gallery again"))
        if self._left_out:
            self.begin.setText(self.tr("Go on without them"))
            self.label.setText(
                self.tr(
                    "The new model can make nothing of the stored pictures of: {}. It will not "
                    "recognize them until they are enrolled again."
                ).format(_names(self._left_out))
            )
            return
        self.begin.setText(self.tr("Embed again"))
        if self._other is not None:
            self.label.setText(
                self.tr(
                    "The people of this gallery are enrolled for another model, {}. To recognize "
                    "them with {}, their stored pictures are embedded again. What was before is "
                    "kept."
                ).format(self._other.stored, self._other.wanted)
            )

    def offer(self, other: OtherModelError) -> None:
        """Say that the gallery is of another model, and what can be done."""
        self._other = other
        self._rest(())

    def show_progress(self, done: int, total: int) -> None:
        self.progress.setMaximum(total)
        self.progress.setValue(done)

    def show_outcome(self, outcome: Reembedded) -> None:
        """Ask again where people would be left out; else there is nothing more to offer."""
        self._rest(outcome.left_out)
        self.setVisible(not outcome.is_done)

    def show_failure(self) -> None:
        """Offer it again: what is done is not done again."""
        self._rest(self._left_out)

    def _rest(self, left_out: Sequence[Shortfall]) -> None:
        self._left_out = left_out
        self.progress.hide()
        self.begin.setEnabled(True)
        self.retranslate()
        self.show()

    def _ask(self) -> None:
        self.begin.setEnabled(False)
        self.progress.setMaximum(0)  # until it is known how many there are
        self.progress.show()
        self.asked.emit(bool(self._left_out))


def _names(people: Sequence[Shortfall]) -> str:
    told = ", ".join(isolated(one.name) for one in people[:NAMES_TOLD])
    return told + (", …" if len(people) > NAMES_TOLD else "")
