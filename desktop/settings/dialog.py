"""The settings dialog, made from the same definitions as the settings file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import QCoreApplication, Qt, pyqtSignal
from PyQt5.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from common.errors import SettingsError
from desktop.i18n.sentences import in_own_words
from desktop.settings.fields import fields, value_at, with_values
from desktop.settings.file import SECTIONS, Settings, load_settings, save_settings
from desktop.settings.row import SettingRow
from desktop.shared.dialogs.fitting_dialog import FittingDialog
from desktop.shared.plain_text import PlainLabel
from desktop.shared.strip import tell
from desktop.shared.style import push_button, with_role

HEIGHT_PX = 560


class SettingsDialog(FittingDialog):
    """Shows the settings of a file, and saves those that were changed.

    saved: the Settings as they now are, and the names of those that were changed.
    """

    saved = pyqtSignal(object, object)

    def __init__(self, path: Path, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._trouble: Callable[[], str] = str
        self.rows = {
            field.path: SettingRow(field, value_at(settings, field.path)) for field in fields()
        }
        self.sections = with_role(QListWidget(), "sections")
        self._section_items: list[QListWidgetItem] = []
        self.pages = QStackedWidget()
        for names in SECTIONS.values():
            self._section_items.append(QListWidgetItem(self.sections))
            self.pages.addWidget(
                _page([row for path, row in self.rows.items() if path[0] in names])
            )
        self.problem = with_role(PlainLabel(), "problem")
        self.save = with_role(push_button(), "primary")
        self.cancel = push_button()
        self._lay_out()
        self.sections.currentRowChanged.connect(self.pages.setCurrentIndex)
        self.sections.setCurrentRow(0)
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self._discard)
        for row in self.rows.values():
            row.edited.connect(lambda: self._tell(str))
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Settings"))
        self.sections.setAccessibleName(self.tr("Sections"))
        widest = 0
        for item, name in zip(self._section_items, SECTIONS, strict=True):
            item.setText(QCoreApplication.translate("Settings", name))
            widest = max(widest, self.sections.fontMetrics().horizontalAdvance(item.text()))
        self.sections.setFixedWidth(widest + 40)
        self.save.setText(self.tr("Save"))
        self._tell()

    def reject(self) -> None:
        """Stay open at Escape or the window's close button while there are unsaved changes."""
        if self.is_changed:
            self._tell(lambda: self.tr("Some changes are not saved: save or discard them."))
        else:
            super().reject()

    def _discard(self) -> None:
        super().reject()

    @property
    def is_changed(self) -> bool:
        return any(row.is_changed for row in self.rows.values())

    def _tell(self, trouble: Callable[[], str] | None = None) -> None:
        """Show what is wrong.

        trouble: returns the text in the language of the moment; None shows again what was shown
        last.
        """
        self._trouble = trouble or self._trouble
        tell(self.problem, self._trouble())
        changed = self.is_changed
        self.save.setEnabled(changed)
        self.cancel.setText(self.tr("Discard changes") if changed else self.tr("Close"))

    def _save(self) -> None:
        wrong = [row for row in self.rows.values() if not row.check()]
        if wrong:
            self._show(wrong[0])
            self._tell(lambda: self.tr("Not saved yet: one of the values cannot stand."))
            return
        chosen = {path: row.value for path, row in self.rows.items() if row.is_changed}
        try:
            # Read again: the file may have been edited since the dialog was opened.
            settings = with_values(load_settings(self._path), chosen)
            save_settings(self._path, settings)
        except SettingsError as error:
            message = error.sentence
            self._tell(lambda: in_own_words(message))
            return
        self.saved.emit(settings, tuple(".".join(path) for path in chosen))
        self.accept()

    def _show(self, row: SettingRow) -> None:
        names = list(SECTIONS.values())
        section = next(i for i in range(len(names)) if row.field.path[0] in names[i])
        self.sections.setCurrentRow(section)
        row.editor.setFocus()

    def _lay_out(self) -> None:
        self.problem.setWordWrap(True)
        columns = QHBoxLayout()
        columns.setSpacing(0)
        columns.addWidget(self.sections)
        columns.addWidget(self.pages, 1)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addLayout(columns, 1)
        self.foot.insertWidget(0, self.problem)
        self.buttons.addWidget(self.cancel)
        self.buttons.addWidget(self.save)
        self.resize(self.sizeHint().expandedTo(self.minimumSizeHint()).width(), HEIGHT_PX)


def _page(rows: list[SettingRow]) -> QScrollArea:
    content = with_role(QWidget(), "page")
    layout = QVBoxLayout(content)
    layout.setContentsMargins(20, 12, 20, 12)
    for row in rows:
        layout.addWidget(row)
    layout.addStretch()
    page = QScrollArea()
    page.setFrameShape(QFrame.NoFrame)
    page.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
    page.setWidgetResizable(True)
    page.setWidget(content)
    return page
