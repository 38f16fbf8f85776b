"""Asks for the files that are added to a person, or to which people are exported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import QCoreApplication, Qt
from PyQt5.QtWidgets import QFileDialog, QWidget

from capture.kinds import PICTURE_SUFFIXES
from desktop.shared.plain_text import PlainFileDialog

translate = QCoreApplication.translate


def ask_photos(parent: QWidget, then: Callable[[tuple[Path, ...]], None]) -> None:
    """Call `then` with the pictures that are chosen."""
    kinds = " ".join(f"*{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
    pictures = translate("PeopleView", "Pictures ({})").format(kinds)
    dialog = PlainFileDialog(parent, translate("PeopleView", "Add photos"), "", pictures)
    dialog.setAttribute(Qt.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.ExistingFiles)
    dialog.filesSelected.connect(lambda files: then(tuple(map(Path, files))))
    dialog.open()


def ask_export(parent: QWidget, then: Callable[[Path, bool], None]) -> None:
    """Call `then` with where to export to, and whether it is an archive or a new folder."""
    archive = translate("PeopleView", "Facedesk archive (*.facedesk)")
    folder = translate("PeopleView", "New folder of pictures (*)")
    title = translate("PeopleView", "Export")
    dialog = PlainFileDialog(parent, title, "", f"{archive};;{folder}")
    dialog.setAttribute(Qt.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptSave)
    dialog.setDefaultSuffix("facedesk")
    dialog.filterSelected.connect(
        lambda chosen: dialog.setDefaultSuffix("facedesk" if chosen == archive else "")
    )
    dialog.fileSelected.connect(
        lambda file: then(Path(file), dialog.selectedNameFilter() == archive)
    )
    dialog.open()


def ask_person_export(parent: QWidget, name: str, then: Callable[[Path], None]) -> None:
    """Call `then` with the archive to which all that is kept about somebody is written.

    name: of the file, without its ending, at first.
    """
    archive = translate("PeopleView", "Zip archive (*.zip)")
    title = translate("PeopleView", "Export all that is kept about this person")
    dialog = PlainFileDialog(parent, title, "", archive)
    dialog.setAttribute(Qt.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptSave)
    dialog.setDefaultSuffix("zip")
    dialog.selectFile(f"{name}.zip")
    dialog.fileSelected.connect(lambda file: then(Path(file)))
    dialog.open()
