"""Shows the changes of the gallery, and returns to one of its versions."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from PyQt5.QtCore import QDateTime, QLocale, Qt
from PyQt5.QtWidgets import QListWidget, QListWidgetItem, QWidget

from common.sentence import Sentence
from desktop.i18n.sentences import in_own_words
from desktop.shared.dialogs.confirming import confirm
from desktop.shared.dialogs.working_dialog import WorkingDialog
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button
from gallery.history.log import GalleryVersion
from gallery.history.words import told, told_of
from gallery.store import Store
from station.ledger.audit import Audit

NUMBER_ROLE = int(Qt.UserRole)
MOST_TOLD = 12
LEAST_LIST_PX = 120
LIST_WIDTH_PX = 400


@dataclass(frozen=True)
class ReturnPreview:
    """What a return to the version of this number would make of whom, in sentences."""

    number: int
    sentences: tuple[Sentence, ...]


def read_versions(gallery: Path) -> tuple[GalleryVersion, ...]:
    """Return the versions that are kept, the newest first; none where there is no gallery.

    Raises GalleryError.
    """
    if not gallery.exists():
        return ()
    with closing(Store(gallery)) as store:
        return tuple(reversed(store.versions.versions()))


class HistoryDialog(WorkingDialog):
    """Lists the changes, says what a return to the chosen one would do, and does it.

    gallery: the file, which need not exist. audit: where a return is written down.
    """

    def __init__(self, gallery: Path, audit: Audit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gallery = gallery
        self._audit = audit
        self._versions: tuple[GalleryVersion, ...] | None = None
        self._preview: ReturnPreview | None = None
        self._failed_for: int | None = None
        self.note, self.would = PlainLabel(), PlainLabel()
        for label in (self.note, self.would):
            label.setWordWrap(True)
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.list.setMinimumSize(LIST_WIDTH_PX, LEAST_LIST_PX)
        self.list.setSpacing(3)
        self.list.itemSelectionChanged.connect(self._look)
        self.body.addWidget(self.note)
        self.body.addWidget(self.problem)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.would)
        self.return_to, self.close_dialog = push_button(), push_button()
        self.return_to.setAutoDefault(False)
        self.close_dialog.setDefault(True)
        self.buttons.addWidget(self.return_to)
        self.buttons.addWidget(self.close_dialog)
        self.return_to.clicked.connect(self._ask)
        self.close_dialog.clicked.connect(self.accept)
        self.retranslate()
        self.work(lambda: read_versions(self._gallery), self.show_versions)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Changes of the people"))
        self.list.setAccessibleName(self.tr("Changes, the newest first"))
        self.return_to.setText(self.tr("Return to this version…"))
        self.close_dialog.setText(self.tr("Close"))
        self._show()

    def allow(self) -> None:
        number = self._chosen()
        is_told = self._preview is not None and self._preview.number == number
        self.return_to.setEnabled(
            not self.is_working
            and is_told
            and self._preview is not None
            and bool(self._preview.sentences)
        )
        self._tell_preview()
        if number is not None and not (self.is_working or is_told or self._failed_for == number):
            self._failed_for = number  # once
            self.work(lambda: self._previewed(number), self.show_preview)

    def return_now(self, number: int) -> None:
        """Return to a version."""

        def do() -> tuple[GalleryVersion, ...]:
            with closing(Store(self._gallery)) as store:
                store.return_to(number)
            self._audit.note(f"gallery returned to version {number}")
            return read_versions(self._gallery)

        self.work(do, self.show_versions)

    def _previewed(self, number: int) -> ReturnPreview:
        with closing(Store(self._gallery)) as store:
            return ReturnPreview(number, tuple(told_of(store.preview_return(number))))

    def show_versions(self, versions: tuple[GalleryVersion, ...]) -> None:
        """Show these versions, the newest first."""
        self._versions, self._preview, self._failed_for = versions, None, None
        self._show()

    def show_preview(self, preview: ReturnPreview) -> None:
        """Say what a return would do, where this version is the chosen one."""
        self._preview = preview
        self._tell_preview()

    def _look(self) -> None:
        self._failed_for = None
        self.allow()

    def _show(self) -> None:
        chosen = self._chosen()
        self.list.blockSignals(True)
        self.list.clear()
        for version in self._versions or ():
            at = QDateTime.fromSecsSinceEpoch(int(version.made_at.timestamp()))
            when = QLocale().toString(at, QLocale.ShortFormat)
            said = "; ".join(map(in_own_words, told(version)))
            self._add(version.number, f"{version.number}  ·  {when}  ·  {said}")
        if self._versions:
            self._add(self._versions[-1].number - 1, self.tr("Before these changes"))
        numbers = [version.number for version in self._versions or ()]
        if chosen in numbers:
            self.list.setCurrentRow(numbers.index(chosen))
        self.list.blockSignals(False)
        self.list.setVisible(bool(self._versions))
        self.note.setText(self._noted())
        self.allow()

    def _add(self, number: int, text: str) -> None:
        item = QListWidgetItem(text, self.list)
        item.setData(NUMBER_ROLE, number)

    def _chosen(self) -> int | None:
        items = self.list.selectedItems()
        return int(items[0].data(NUMBER_ROLE)) if items else None

    def _noted(self) -> str:
        if self._versions is None:
            return self.tr("Reading…")
        if not self._versions:
            return self.tr("Nothing was changed yet.")
        return self.tr(
            "At least the last 20 changes and those of the last 30 days are kept. Who was erased "
            "is brought back by none of them."
        )

    def _tell_preview(self) -> None:
        number = self._chosen()
        if number is None:
            self.would.setText(self.tr("Choose a version to see what a return to it would do."))
        elif self._preview is None or self._preview.number != number:
            self.would.setText("…")
        elif not self._preview.sentences:
            self.would.setText(self.tr("This is how the people are now."))
        else:
            said = [in_own_words(one) for one in self._preview.sentences[:MOST_TOLD]]
            if len(self._preview.sentences) > MOST_TOLD:
                said.append("…")
            self.would.setText(self.tr("A return would do this: {}").format("; ".join(said)))

    def _ask(self) -> None:
        number = self._chosen()
        if number is None:
            return
        confirm(
            self,
            self.tr("Changes of the people"),
            self.tr(
                "Return to version {}? It is a change of its own, and you can return from it. Who "
                "was enrolled since then is set aside for 30 days, and erased after that."
            ).format(number),
            self.tr("Return"),
            lambda: self.return_now(number),
        )
