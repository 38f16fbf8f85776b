"""Widgets in which one setting is typed or chosen.

Their `value` raises ValueError where the text is not a value.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import inspect
from PyQt5.QtCore import QCoreApplication, QLocale, QSignalBlocker, Qt, pyqtSignal
from PyQt5.QtGui import QWheelEvent
from PyQt5.QtWidgets import QCheckBox, QComboBox, QLineEdit

from desktop.i18n.languages import SYSTEM, languages, own_name
from desktop.i18n.retranslated import Retranslated
from desktop.settings.fields import Field


class Switch(Retranslated, QCheckBox):
    edited = pyqtSignal()

    def __init__(self, value: bool) -> None:
        super().__init__()
        self.setChecked(value)
        self.toggled.connect(self.edited)
        self.toggled.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        self.setText(self.tr("On") if self.isChecked() else self.tr("Off"))

    @property
    def value(self) -> bool:
        return self.isChecked()


class ChoiceEditor(Retranslated, QComboBox):
    edited = pyqtSignal()

    def __init__(self, values: Sequence[str], value: str) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.StrongFocus)
        self.setMinimumHeight(QLineEdit().sizeHint().height())  # as the others'
        self._values = values if value in values else (*values, value)
        for choice in self._values:
            self.addItem(choice)
        self.setCurrentIndex(self._values.index(value))
        self.currentIndexChanged.connect(self.edited)
        self.retranslate()

    def retranslate(self) -> None:
        for row, value in enumerate(self._values):
            self.setItemText(row, self.label(value))

    def label(self, value: str) -> str:
        return QCoreApplication.translate("Settings", value)

    @property
    def value(self) -> str:
        return self._values[self.currentIndex()]

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ignore the wheel, so that scrolling the page does not change a setting on the way."""
        event.ignore()


class LanguageChoice(ChoiceEditor):
    def __init__(self, value: str) -> None:
        super().__init__((SYSTEM, *languages()), value)

    def label(self, value: str) -> str:
        if value == SYSTEM:
            return QCoreApplication.translate("Settings", "The computer's own")
        return own_name(value)


class TextEditor(Retranslated, QLineEdit):
    """Takes text, or a number with a decimal point or comma."""

    edited = pyqtSignal()

    def __init__(self, field: Field, value: str | float) -> None:
        super().__init__(value if isinstance(value, str) else written(value))
        self._kind = field.kind
        self.setCursorPosition(0)
        if field.is_secret:
            self.setEchoMode(QLineEdit.Password)
        self.textChanged.connect(self.edited)

    def retranslate(self) -> None:
        """Write the number anew: of its text, only the decimal mark depends on the language."""
        try:
            value = self.value
        except ValueError:
            return
        if not isinstance(value, str):
            with QSignalBlocker(self):  # nothing was edited
                self.setText(written(value))

    @property
    def value(self) -> str | float:
        text = self.text().strip()
        match self._kind:
            case inspect.IntType():
                return int(text)
            case inspect.FloatType():
                return float(text.replace(",", "."))
        return text


Editor = Switch | ChoiceEditor | TextEditor


def editor_of(field: Field, value: str | float | bool) -> Editor:
    match field.kind, value:
        case inspect.BoolType(), bool():
            return Switch(value)
        case inspect.LiteralType(values), str():
            return ChoiceEditor([str(choice) for choice in values], value)
        case _, str() if field.path == ("language",):
            return LanguageChoice(value)
        case _, str() if suggestions := field.suggestions:
            return ChoiceEditor(suggestions, value)
    return TextEditor(field, value)


def written(number: float) -> str:
    """Return the number as the user's language writes it, without marks between thousands."""
    return f"{number:.12g}".replace(".", QLocale().decimalPoint())
