"""Connects the list of people and their pages with the worker, and tells what came of it."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QLocale, QObject, Qt, pyqtSignal
from PyQt5.QtWidgets import QFileDialog, QWidget

from common.errors import EnrollmentError
from desktop.i18n.sentences import in_own_words
from desktop.live.enroll.consent_page import ReadForms
from desktop.live.people.file_dialogs import ask_person_export
from desktop.live.people.folder_import import FolderSummary
from desktop.live.people.import_bar import ImportBar, ImportSummary
from desktop.live.people.people_worker import PeopleWorker
from desktop.live.people.person.details import PersonDetails
from desktop.live.people.person.pages import PersonPages
from desktop.live.people.row_text import people_text
from desktop.live.people.summaries import AddedPhotos
from desktop.live.people.view import PeopleView
from desktop.shared.dialogs.confirming import confirm
from desktop.shared.dialogs.message_dialog import MessageDialog
from desktop.shared.names import isolated
from desktop.shared.plain_text import PlainFileDialog
from gallery.consents import ConsentWay
from gallery.identity import Identity
from recognition.enrollment.consent import form_in
from recognition.formats.crop_folder import safe_name


class PeopleDesk(QObject):
    """Make it once the worker lives in its thread.

    consent: reads the texts of which everybody has agreed to one; None where that is not asked.

    folder_chosen: the Path of a folder whose people are to be enrolled, and the Consent that all of
    them have given, or None.
    person_exported: an Identity of whom all is to be written, and the Path.
    told: a line on what was done. failed: what could not be done.
    """

    folder_chosen = pyqtSignal(object, object)
    person_exported = pyqtSignal(object, object)
    told = pyqtSignal(str)
    failed = pyqtSignal(object)

    def __init__(
        self,
        view: PeopleView,
        import_bar: ImportBar,
        worker: PeopleWorker,
        window: QWidget,
        consent: ReadForms | None = None,
    ) -> None:
        super().__init__(window)
        self._view = view
        self._import_bar = import_bar
        self._window = window
        self._read_consent = consent
        self.pages = PersonPages(worker, window)
        view.page_asked.connect(self.pages.open)
        view.look_alikes_wanted.connect(worker.find_look_alikes)
        view.exported.connect(worker.export)
        self.pages.code_asked.connect(view.code_asked)
        self.pages.photos_asked.connect(view.choose_photos_for)
        self.pages.export_asked.connect(self._ask_person_export)
        self.folder_chosen.connect(worker.import_folder)
        import_bar.cancelled.connect(worker.cancel_import)
        worker.person_read.connect(self._refresh_portrait)
        worker.picture_removed.connect(view.offer_picture_undo)
        worker.look_alikes_found.connect(view.show_look_alikes)
        worker.code_set.connect(self.pages.refresh)
        worker.split_done.connect(self._tell_split)
        worker.exported.connect(self._tell_exported)
        worker.import_progressed.connect(import_bar.show_progress)
        worker.imported.connect(self._report_import)
        worker.import_failed.connect(self.failed)

    def ask_folder(self) -> None:
        """Ask for a folder whose people are to be enrolled."""
        title = self.tr("Import a folder with a subfolder of pictures for each person")
        dialog = PlainFileDialog(self._window, title)
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.Directory)
        dialog.setOption(QFileDialog.ShowDirsOnly)
        dialog.fileSelected.connect(lambda folder: self._take(Path(folder)))
        dialog.open()

    def take_folder(self, folder: Path) -> None:
        """Enroll everyone in a folder that was dropped, after a question: a hand may slip."""
        confirm(
            self._window,
            self.tr("Import"),
            self.tr(
                "Enroll everyone in {}? It has a subfolder of pictures for each person, named like "
                "the person."
            ).format(isolated(str(folder))),
            self.tr("Import"),
            lambda: self._take(folder),
        )

    def _take(self, folder: Path) -> None:
        """Enroll everyone in a folder, where all have agreed if that is asked for."""
        if self._read_consent is None:
            self.folder_chosen.emit(folder, None)
            return
        try:
            form = form_in(self._read_consent(), QLocale().name())
        except EnrollmentError as error:
            self.failed.emit(error.sentence)
            return
        confirm(
            self._window,
            self.tr("Import"),
            self.tr(
                "Has everybody in {} read this and agreed to it? That is kept with each of them."
            ).format(isolated(str(folder)))
            + f"\n\n{form.text}",
            self.tr("All have agreed"),
            lambda: self.folder_chosen.emit(folder, form.agreed(ConsentWay.TOLD)),
        )

    def show_merged(self, gone: Identity, kept: Identity) -> None:
        """Select who has the pictures of both now."""
        self._view.reveal(kept.id)

    def report_photos(self, report: AddedPhotos) -> None:
        """Say what became of photos that were added to a person."""
        self._view.reveal(report.identity.id)

        def text() -> str:
            name = isolated(report.identity.name)
            return self.tr("{} photos were added to {}.").format(report.added, name)

        if not report.skipped:
            self.told.emit(text())
            return
        self._open(
            MessageDialog(
                lambda: self.tr("Photos"),
                text,
                [f"{skipped.path}: {in_own_words(skipped.reason)}" for skipped in report.skipped],
                parent=self._window,
            )
        )

    def _refresh_portrait(self, details: PersonDetails) -> None:
        self._view.forget_portrait(details.identity.id)

    def _tell_split(self, kept: Identity, made: Identity) -> None:
        self._view.reveal(made.id)
        text = self.tr("{} was split from {}. Merging the two undoes it.")
        self.told.emit(text.format(isolated(made.name), isolated(kept.name)))

    def _tell_exported(self, count: int, path: str) -> None:
        text = self.tr("{} written to {}.")
        self.told.emit(text.format(people_text(count), isolated(path)))

    def _ask_person_export(self, person: Identity) -> None:
        ask_person_export(
            self._window,
            safe_name(person.name, set()),
            lambda path: self.person_exported.emit(person, path),
        )

    def tell_person_exported(self, person: Identity, path: str) -> None:
        """Say where all that is kept about a person was written to."""
        text = self.tr("All that is kept about {} was written to {}.")
        self.told.emit(text.format(isolated(person.name), isolated(path)))

    def _report_import(self, summary: FolderSummary) -> None:
        self._import_bar.end()
        self._open(ImportSummary(summary, self._window))

    def _open(self, dialog: MessageDialog) -> None:
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.open()
