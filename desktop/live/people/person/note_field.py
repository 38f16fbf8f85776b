"""A note that saves itself."""

from __future__ import annotations

from PyQt5.QtCore import QTimer, pyqtSignal
from PyQt5.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import with_role

QUIET_MS = 1000
"""So long after the last key the note is saved."""


class NoteField(Retranslated, QWidget):
    """Saves what was typed once nobody types any more, or flush() is called.

    What cannot be saved stays in the field, and is tried again with the next change or flush.

    save_asked: the note, to be answered by tell_saved() or tell_failed().
    """

    save_asked = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kept = ""
        self._asked: str | None = None
        self._problem = ""
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(3 * self.text.fontMetrics().lineSpacing() + 12)
        self.text.setMaximumHeight(6 * self.text.fontMetrics().lineSpacing() + 12)
        self.state = with_role(PlainLabel(), "quiet")
        self.state.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)
        layout.addWidget(self.state)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(QUIET_MS)
        self._soon.timeout.connect(self.flush)
        self.text.textChanged.connect(self._note_change)
        self.retranslate()

    def retranslate(self) -> None:
        self.text.setPlaceholderText(self.tr("Note; it is saved by itself"))
        self.text.setAccessibleName(self.tr("Note"))
        self._tell()

    def show_note(self, note: str) -> None:
        """Show a note that was read; what is being typed is not written over."""
        was_untouched = self.text.toPlainText().strip() == self._kept
        self._kept = note
        if was_untouched and self.text.toPlainText().strip() != note:
            self.text.setPlainText(note)
        self._tell()

    @property
    def is_unsaved(self) -> bool:
        """Whether something was typed that is not saved yet."""
        return self.text.toPlainText().strip() != self._kept

    def flush(self) -> None:
        """Ask for what was typed to be saved, if it is not yet."""
        self._soon.stop()
        typed = self.text.toPlainText().strip()
        if typed not in (self._kept, self._asked):
            self._asked = typed
            self._problem = ""
            self.save_asked.emit(typed)
        self._tell()

    def tell_saved(self, note: str) -> None:
        self._kept = note
        if note == self._asked:
            self._asked = None
        self._problem = ""
        self._tell()

    def tell_failed(self, note: str, problem: str) -> None:
        if note == self._asked:
            self._asked = None
        self._problem = problem
        self._tell()

    def _note_change(self) -> None:
        if self.is_unsaved:
            self._soon.start()
        self._tell()

    def _tell(self) -> None:
        if self._problem:
            text = self.tr("The note is not saved. {}").format(in_own_words(self._problem))
        elif self.is_unsaved:
            text = self.tr("Not saved yet…")
        else:
            text = self.tr("Saved") if self._kept else ""
        with_role(self.state, "problem" if self._problem else "quiet")
        self.state.style().unpolish(self.state)
        self.state.style().polish(self.state)
        self.state.setText(text)
