"""Widgets in which one setting is typed or chosen.

Their `value` raises ValueError where the text is not a value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path as PlainPath

from msgspec import inspect
from PyQt5.QtCore import QCoreApplication, QLocale, QSignalBlocker, Qt, pyqtSignal
from PyQt5.QtGui import QStandardItemModel, QWheelEvent
from PyQt5.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLineEdit

from desktop.i18n.languages import SYSTEM, languages, own_name
from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.settings.choices import Choice
from desktop.settings.fields import Field
from desktop.shared.icons.icon import icon
from desktop.shared.plain_text import PlainFileDialog, plain_tip
from desktop.shared.style import push_button

_ONE_IN = re.compile(r"1\s+\D+?\s*([1-9][\d.,\s\u00a0\u202f]*)$")
"""As the translations say it: 1, words, and a number with or without marks between thousands."""


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


class KnownChoice(ChoiceEditor):
    """Offers names, and says of each what it is good for, or what to do to have it.

    What is not here can be seen, and not be chosen.
    """

    def __init__(self, choices: Sequence[Choice], value: str) -> None:
        self._choices = {choice.value: choice for choice in choices}
        super().__init__(list(self._choices), value)
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        for row, name in enumerate(self._values):
            choice = self._choices.get(name)
            if choice is not None and choice.lacks and name != value:
                item = model.item(row)
                assert item is not None
                item.setEnabled(False)

    def retranslate(self) -> None:
        super().retranslate()
        for row, name in enumerate(self._values):
            self.setItemData(row, plain_tip(self.explanation(name)), Qt.ToolTipRole)

    def label(self, value: str) -> str:
        return value

    def explanation(self, value: str) -> str:
        """Return what there is to say of a choice, in the language of the window."""
        choice = self._choices.get(value, Choice(value))
        return ". ".join(in_own_words(text) for text in (choice.says, choice.lacks) if text)


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


class ShareEditor(TextEditor):
    """Takes a share as people say it: 1 in 1,000. It takes 0.1 % and 0.001, too."""

    def __init__(self, field: Field, value: float) -> None:
        super().__init__(field, value)
        with QSignalBlocker(self):
            self.setText(self._said(value))

    def retranslate(self) -> None:
        try:
            value = self.value
        except ValueError:
            return
        with QSignalBlocker(self):  # nothing was edited
            self.setText(self._said(value))

    @property
    def value(self) -> float:
        text = self.text().strip()
        if found := _ONE_IN.match(text):
            return 1 / int("".join(char for char in found[1] if char.isdecimal()))
        try:
            number = Decimal(text.rstrip("% ").replace(",", "."))
        except InvalidOperation as error:
            raise ValueError(text) from error
        return float(number / 100 if text.endswith("%") else number)

    def _said(self, share: float) -> str:
        whole = round(1 / share)
        if 1 / whole == share:
            return self.tr("1 in {}").format(QLocale().toString(whole))
        return f"{written(100 * share)} %"


class FileEditor(TextEditor):
    """Takes the path of a file. browse: is to stand beside it, and looks for one."""

    def __init__(self, field: Field, value: str) -> None:
        super().__init__(field, value)
        self.browse = push_button()
        self.browse.setIcon(icon("folder"))
        self.browse.clicked.connect(self._look)
        self.retranslate()

    def retranslate(self) -> None:
        self.browse.setText(self.tr("Browse…"))

    def _look(self) -> None:
        dialog = PlainFileDialog(self, "", str(PlainPath(self.text()).parent))
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.ExistingFile)
        dialog.fileSelected.connect(self.setText)
        dialog.open()


Editor = Switch | ChoiceEditor | TextEditor


def editor_of(field: Field, value: str | float | bool) -> Editor:
    match field.kind, value:
        case inspect.BoolType(), bool():
            return Switch(value)
        case inspect.LiteralType(values), str():
            return ChoiceEditor([str(choice) for choice in values], value)
        case _, str() if field.path == ("language",):
            return LanguageChoice(value)
        case _, str() if choices := field.choices:
            return KnownChoice(choices, value)
        case _, float() if field.is_share:
            return ShareEditor(field, value)
        case _, str() if field.is_file:
            return FileEditor(field, value)
    return TextEditor(field, value)


def written(number: float) -> str:
    """Return the number as the user's language writes it, without marks between thousands."""
    return f"{number:.12g}".replace(".", QLocale().decimalPoint())
