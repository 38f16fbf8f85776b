"""Offers to bring back who was removed or merged, or a picture, the latest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.shared.names import short
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button, with_role
from gallery.identity import Identity


@dataclass(frozen=True)
class Undoable:
    """What can be brought back. removal_id: by which that is done, of a person their own id.

    merged_into: where the person went, if anywhere. is_picture: whether it is a picture of theirs.
    together: what was removed at once has the same number, and comes back at once.
    """

    removal_id: str
    identity: Identity
    merged_into: Identity | None = None
    is_picture: bool = False
    together: int = 0


class UndoBar(Retranslated, QWidget):
    """Is there as long as there is something to bring back.

    asked: a tuple of the Undoable that were removed at once.
    """

    asked = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._undoable: list[Undoable] = []
        with_role(self, "notice")
        self.setAttribute(Qt.WA_StyledBackground)
        self.text = PlainLabel()
        self.text.setWordWrap(True)
        self.button = push_button()
        self.button.clicked.connect(lambda: self.asked.emit(self._latest))
        row = QHBoxLayout(self)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        self.hide()
        self.retranslate()

    def retranslate(self) -> None:
        self.button.setText(self.tr("Undo"))
        self._tell()

    def offer(self, undoable: Undoable) -> None:
        self._undoable.append(undoable)
        self._tell()

    def forget(self, removal_id: str) -> None:
        """Withdraw an offer: it was taken, or what was removed is erased."""
        self._undoable = [one for one in self._undoable if one.removal_id != removal_id]
        self._tell()

    def forget_all(self, identity_ids: Collection[str]) -> None:
        """Withdraw the offers about people who are in the gallery again."""
        self._undoable = [
            one for one in self._undoable if one.is_picture or one.identity.id not in identity_ids
        ]
        self._tell()

    @property
    def _latest(self) -> tuple[Undoable, ...]:
        if not self._undoable:
            return ()
        last = self._undoable[-1]
        if not last.together:
            return (last,)
        return tuple(one for one in self._undoable if one.together == last.together)

    def _tell(self) -> None:
        latest = self._latest
        self.setVisible(bool(latest))
        if not latest:
            return
        last = latest[-1]
        name = short(last.identity.name)
        if len(latest) > 1:
            text = self.tr(
                "{} people were removed. Closing the window erases all but their rows in the "
                "ledger."
            ).format(len(latest))
        elif last.is_picture:
            text = self.tr("A picture of {} was removed. Closing the window erases it.")
            text = text.format(name)
        elif last.merged_into is None:
            text = self.tr(
                "{} was removed. Closing the window erases all but their rows in the ledger."
            ).format(name)
        else:
            text = self.tr("{} was merged into {}.").format(name, short(last.merged_into.name))
        self.text.setText(text)
        self.button.setAccessibleName(self.tr("Bring {} back").format(name))
