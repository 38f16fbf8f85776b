"""One setting in the dialog: its name, the widget to choose it, and notes about it."""

from __future__ import annotations

from msgspec import inspect
from PyQt5.QtCore import QCoreApplication, Qt, pyqtSignal
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.settings.editors import (
    FileEditor,
    KnownChoice,
    ShareEditor,
    Switch,
    editor_of,
    written,
)
from desktop.settings.fields import Field
from desktop.shared.plain_text import PlainLabel
from desktop.shared.strip import tell
from desktop.shared.style import with_role

EDITOR_PX, EDITOR_LETTERS = 260, 32
NARROW_PX, NARROW_LETTERS = 440, 54
"""In a narrower row the editor is under the texts."""


class SettingRow(Retranslated, QWidget):
    """Shows one setting. A wrong value is explained in the row, and stays as it was typed.

    edited: the user changed the text or choice; the value may be the same as at first again.
    """

    edited = pyqtSignal()

    def __init__(self, field: Field, value: str | float | bool) -> None:
        super().__init__()
        self.field = field
        self._before = value
        self._is_checked = False
        self.editor = editor_of(field, value)
        self.editor.edited.connect(self._follow)
        self.title = with_role(PlainLabel(), "setting")
        self.title.setBuddy(self.editor)
        self.description = with_role(PlainLabel(), "quiet")
        self.problem = with_role(PlainLabel(), "problem")
        self.note = with_role(PlainLabel(), "quiet")
        self.says = PlainLabel()
        self._lay_out()
        self.retranslate()

    def retranslate(self) -> None:
        title = QCoreApplication.translate("Settings", self.field.title)
        description = QCoreApplication.translate("Settings", self.field.description)
        self.title.setText(title)
        self.description.setText(description)
        self.editor.setAccessibleName(title)
        self.editor.setAccessibleDescription(description)
        self._tell()

    @property
    def value(self) -> str | float | bool:
        """The value in the editor. Raises ValueError where the text is not a value."""
        return self.editor.value

    @property
    def is_valid(self) -> bool:
        try:
            return self.field.allows(self.value) and not self.field.fault_of(self.value)
        except ValueError:
            return False

    @property
    def is_changed(self) -> bool:
        return not self.is_valid or self.value != self._before

    def check(self) -> bool:
        """Return whether the value is allowed; where it is not, the row says so."""
        self._is_checked = True
        self._tell()
        return self.is_valid

    def _follow(self) -> None:
        self._tell()
        self.edited.emit()

    def _tell(self) -> None:
        """Show a problem only once the value was checked, and remove it when the value is right."""
        self._is_checked = self._is_checked and not self.is_valid
        problem = self._expected() if self._is_checked else ""
        tell(self.problem, problem)
        self.editor.setProperty("wrong", bool(problem))
        self.editor.style().polish(self.editor)
        late = self.is_valid and self.is_changed and not self.field.is_immediate
        tell(self.says, self._explanation())
        tell(self.note, self.tr("Takes effect at the next start.") if late else "")

    def _explanation(self) -> str:
        """Return what the choice is good for."""
        if not isinstance(self.editor, KnownChoice):
            return ""
        told = self.editor.explanation(self.editor.value)
        return f"{told}." if told else ""

    def _expected(self) -> str:
        """Return what is wrong with the value, or what it must be."""
        kind = self.field.kind
        if isinstance(kind, inspect.StrType) and self.field.fault_of(self.value):
            return in_own_words(self.field.fault_of(self.value))
        if isinstance(kind, inspect.IntType):
            if kind.le is not None:
                return self.tr("Type a whole number from {} to {}.").format(kind.ge, kind.le)
            return self.tr("Type a whole number, {} or more.").format(kind.ge)
        if isinstance(kind, inspect.FloatType):
            if isinstance(self.editor, ShareEditor):
                most = round(1 / (kind.le or 1))
                text = self.tr("Type it such as 1 in 1,000; not more often than 1 in {}.")
                return text.format(most)
            least = written(kind.ge if kind.ge is not None else kind.gt or 0)
            if kind.le is not None:
                text = self.tr("Type a number from {} to {}.")
                if kind.gt is not None:
                    text = self.tr("Type a number above {}, at most {}.")
                return text.format(least, written(kind.le))
            text = self.tr("Type a number, {} or more.")
            if kind.gt is not None:
                text = self.tr("Type a number above {}.")
            return text.format(least)
        return self.tr("This must not be empty.")

    def _lay_out(self) -> None:
        for label in (self.description, self.says, self.problem, self.note):
            label.setWordWrap(True)
            label.setMinimumWidth(1)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        for label in (self.title, self.description, self.says, self.problem, self.note):
            texts.addWidget(label)
        if not isinstance(self.editor, Switch):
            self.editor.setMinimumWidth(EDITOR_PX // 2)
        letters = EDITOR_LETTERS * self.fontMetrics().averageCharWidth()  # of any size
        self.editor.setMaximumWidth(max(EDITOR_PX, letters))
        self.setSizePolicy(QSizePolicy.Preferred, QSizePolicy.Maximum)
        self._halves = QBoxLayout(QBoxLayout.LeftToRight, self)
        self._halves.setContentsMargins(0, 8, 0, 8)
        self._halves.addLayout(texts, 1)
        chosen = QVBoxLayout()
        chosen.setSpacing(6)
        chosen.addWidget(self.editor)
        if isinstance(self.editor, FileEditor):
            chosen.addWidget(self.editor.browse, 0, Qt.AlignLeft)
        chosen.addStretch()
        self._halves.addLayout(chosen, 1)
        self._halves.setSpacing(16)

    def resizeEvent(self, event: QResizeEvent) -> None:
        letters = NARROW_LETTERS * self.fontMetrics().averageCharWidth()
        is_narrow = self.width() < max(NARROW_PX, letters)
        self._halves.setDirection(QBoxLayout.TopToBottom if is_narrow else QBoxLayout.LeftToRight)
        self._halves.setSpacing(6 if is_narrow else 16)
        super().resizeEvent(event)
