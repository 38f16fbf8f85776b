"""Tells how far the import of a folder has come, and lets it be cancelled."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QMimeData, Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.live.people.folder_import import FolderSummary
from desktop.live.people.row_text import people_text, pictures_text
from desktop.shared.dialogs.message_dialog import MessageDialog
from desktop.shared.elided_label import ElidedLabel
from desktop.shared.names import isolated, short
from desktop.shared.style import push_button, with_role

PROGRESS_PX = 160


class ImportBar(Retranslated, QWidget):
    """Lies above the picture while a folder is imported.

    cancelled: no further person is to be enrolled.
    """

    cancelled = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        with_role(self, "notice")
        self.setAttribute(Qt.WA_StyledBackground)
        self._name = ""
        self.label = ElidedLabel()
        self.progress = QProgressBar()
        self.progress.setFixedWidth(PROGRESS_PX)
        self.cancel = push_button()
        self.cancel.clicked.connect(self._cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.addWidget(self.label, 1)
        row.addWidget(self.progress)
        row.addWidget(self.cancel)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        self.progress.setFormat(self.tr("%v of %m"))
        self.progress.setAccessibleName(self.tr("People imported"))
        self.cancel.setText(self.tr("Cancel"))
        self.label.setText(self.tr("Importing {}…").format(short(self._name)))

    def show_progress(self, number: int, total: int, name: str) -> None:
        self._name = name
        self.progress.setMaximum(total)
        self.progress.setValue(number)
        self.retranslate()
        if self.isHidden():
            self.cancel.setEnabled(True)
            self.show()

    def end(self) -> None:
        self.hide()

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.cancelled.emit()


def dropped_folder(data: QMimeData) -> Path | None:
    """Return the folder that is dragged here; None where it is anything else."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return paths[0] if len(paths) == 1 and paths[0].is_dir() else None


class ImportSummary(MessageDialog):
    """Says what came of a folder, and lists what was passed over, with the reason."""

    def __init__(self, summary: FolderSummary, parent: QWidget | None) -> None:
        self._summary = summary
        skipped = [f"{one.path}: {in_own_words(one.reason)}" for one in summary.skipped]
        super().__init__(lambda: self.tr("Import"), self._told, skipped, parent=parent)

    def _told(self) -> str:
        summary = self._summary
        people, pictures = people_text(summary.people), pictures_text(summary.pictures)
        folder = isolated(str(summary.folder))
        told = [self.tr("{}: {}, {} added.").format(folder, people, pictures)]
        if summary.left:
            left = self.tr("It was cancelled. Not come to: {}.")
            told.append(left.format(people_text(summary.left)))
        if summary.skipped:
            told.append(self.tr("Passed over: {}").format(len(summary.skipped)))
        else:
            told.append(self.tr("Nothing was passed over."))
        return "\n\n".join(told)
