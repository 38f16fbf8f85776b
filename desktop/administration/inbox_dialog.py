"""Shows the unknown people whose pictures the station keeps for a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from PyQt5.QtCore import QDateTime, QLocale, QSize, Qt
from PyQt5.QtGui import QIcon
from PyQt5.QtWidgets import QFileDialog, QListWidget, QListWidgetItem, QWidget

from common.picture import RgbImage
from desktop.shared.dialogs.confirming import confirm
from desktop.shared.dialogs.working_dialog import WorkingDialog
from desktop.shared.names import isolated
from desktop.shared.pictures import portrait_pixmap
from desktop.shared.plain_text import PlainFileDialog, PlainLabel
from desktop.shared.style import push_button
from station.ledger.audit import Audit
from station.people.inbox import Inbox, Unknown
from station.people.inbox_saving import save_pictures

PICTURE_PX = 96
UNKNOWN_ROLE = int(Qt.UserRole)


@dataclass(frozen=True, eq=False)
class UnknownPicture:
    """An unknown person, and the (h, w, 3) uint8 RGB picture."""

    unknown: Unknown
    picture: RgbImage


def read_inbox(path: Path) -> tuple[UnknownPicture, ...]:
    """Return all pictures, the newest first; where there is no inbox, none is made.

    Raises StationError.
    """
    if not path.exists():
        return ()
    with closing(Inbox(path)) as kept:
        return tuple(UnknownPicture(one, kept.picture(one)) for one in kept.all())


class InboxDialog(WorkingDialog):
    """Shows the pictures, saves copies of them to a folder, and erases them.

    inbox: the file, which need not exist. audit: where it is written down that some were erased.
    """

    def __init__(self, inbox: Path, audit: Audit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inbox = inbox
        self._audit = audit
        self._pictures: tuple[UnknownPicture, ...] | None = None
        self._told = ""
        self.note = PlainLabel()
        self.note.setWordWrap(True)
        self.list = QListWidget()
        self.list.setViewMode(QListWidget.IconMode)
        self.list.setResizeMode(QListWidget.Adjust)
        self.list.setMovement(QListWidget.Static)
        self.list.setSelectionMode(QListWidget.ExtendedSelection)
        self.list.setIconSize(QSize(PICTURE_PX, PICTURE_PX))
        self.list.setSpacing(8)
        self.list.setMinimumHeight(PICTURE_PX + 40)
        self.list.setMinimumWidth(3 * PICTURE_PX)
        self.list.itemSelectionChanged.connect(self.allow)
        self.body.addWidget(self.note)
        self.body.addWidget(self.problem)
        self.body.addWidget(self.list, 1)
        self.save, self.erase, self.erase_all = push_button(), push_button(), push_button()
        self.close_dialog = push_button()
        self.close_dialog.setDefault(True)
        for button in (self.save, self.erase, self.erase_all, self.close_dialog):
            self.buttons.addWidget(button)
        self.save.clicked.connect(self._ask_folder)
        self.erase.clicked.connect(self._ask_erase)
        self.erase_all.clicked.connect(self._ask_erase_all)
        self.close_dialog.clicked.connect(self.accept)
        self.retranslate()
        self._read()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Unknown people"))
        self.list.setAccessibleName(self.tr("Unknown people, the newest first"))
        self.save.setText(self.tr("Save copies…"))
        self.erase.setText(self.tr("Erase…"))
        self.erase_all.setText(self.tr("Erase all…"))
        self.close_dialog.setText(self.tr("Close"))
        self._show()

    def allow(self) -> None:
        has_any = bool(self._pictures) and not self.is_working
        self.save.setEnabled(has_any)
        self.erase_all.setEnabled(has_any)
        self.erase.setEnabled(has_any and bool(self._chosen()))

    def save_to(self, folder: Path) -> None:
        """Write copies of all pictures to a folder."""

        def save() -> int:
            with closing(Inbox(self._inbox)) as kept:
                return save_pictures(kept, folder)

        self.work(save, lambda count: self._tell_saved(count, folder))

    def erase_now(self, unknowns: tuple[Unknown, ...] | None) -> None:
        """Erase these pictures for good; None for all, also those that came meanwhile."""

        def erase() -> None:
            with closing(Inbox(self._inbox)) as kept:
                if unknowns is None:
                    kept.clear()
                else:
                    for unknown in unknowns:
                        kept.remove(unknown)
            self._audit.note("erased pictures of unknown people")

        self._then_read(erase)

    def _then_read(self, task: Callable[[], None]) -> None:
        def both() -> tuple[UnknownPicture, ...]:
            task()
            return read_inbox(self._inbox)

        self.work(both, self._take)

    def _read(self) -> None:
        self.work(lambda: read_inbox(self._inbox), self._take)

    def _take(self, pictures: tuple[UnknownPicture, ...]) -> None:
        self._pictures = pictures
        self._told = ""
        self._show()

    def _show(self) -> None:
        self.list.clear()
        for one in self._pictures or ():
            at = QDateTime.fromSecsSinceEpoch(int(one.unknown.at.timestamp()))
            item = QListWidgetItem(QLocale().toString(at, QLocale.ShortFormat), self.list)
            pixmap = portrait_pixmap(one.picture, PICTURE_PX, self.devicePixelRatioF())
            item.setIcon(QIcon(pixmap))
            item.setData(UNKNOWN_ROLE, one.unknown)
        self.list.setVisible(bool(self._pictures))
        self.note.setText(self._told or self._noted())
        self.allow()

    def _noted(self) -> str:
        if self._pictures is None:
            return self.tr("Reading…")
        if not self._pictures:
            return self.tr(
                "No picture is kept. The check-in station keeps pictures of people whom nobody "
                "here knows if the settings say so, and erases each after some hours."
            )
        return self.tr(
            "People whom the check-in station did not know. It erases each picture after some "
            "hours. To enroll somebody, save the pictures, and add them as photos."
        )

    def _chosen(self) -> tuple[Unknown, ...]:
        return tuple(item.data(UNKNOWN_ROLE) for item in self.list.selectedItems())

    def _tell_saved(self, count: int, folder: Path) -> None:
        self._told = self.tr("Pictures saved to {1}: {0}.").format(count, isolated(str(folder)))
        self.note.setText(self._told)

    def _ask_folder(self) -> None:
        dialog = PlainFileDialog(self, self.tr("Save copies of the pictures to a folder"))
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.Directory)
        dialog.setOption(QFileDialog.ShowDirsOnly)
        dialog.fileSelected.connect(lambda folder: self.save_to(Path(folder)))
        dialog.open()

    def _ask_erase(self) -> None:
        chosen = self._chosen()
        question = self.tr("Erase {} pictures for good?").format(len(chosen))
        if len(chosen) == 1:
            question = self.tr("Erase this picture for good?")
        title = self.tr("Unknown people")
        confirm(self, title, question, self.tr("Erase"), lambda: self.erase_now(chosen))

    def _ask_erase_all(self) -> None:
        title, question = self.tr("Unknown people"), self.tr("Erase all pictures for good?")
        confirm(self, title, question, self.tr("Erase all"), lambda: self.erase_now(None))
