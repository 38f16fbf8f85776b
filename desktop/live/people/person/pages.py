"""Opens the pages of people, and keeps them in step with the worker."""

from __future__ import annotations

from collections.abc import Collection

from PyQt5.QtCore import QObject, Qt, pyqtSignal
from PyQt5.QtWidgets import QWidget

from desktop.live.people.people_worker import PeopleWorker
from desktop.live.people.person.details import PersonDetails, SplitProposal
from desktop.live.people.person.page import PersonPage
from desktop.live.people.person.split_dialog import SplitDialog
from desktop.live.people.portraits import Portrait
from gallery.identity import Identity


class PersonPages(QObject):
    """One page for each person; whoever is asked for again gets the one that is open.

    Make it once the worker lives in its thread.

    code_asked, export_asked: an Identity. photos_asked: the id. portraits_wanted: a tuple of ids.
    read_asked: the id of whose page is to be read. notes_settled: no note is being saved any more.
    """

    code_asked = pyqtSignal(object)
    export_asked = pyqtSignal(object)
    photos_asked = pyqtSignal(str)
    portraits_wanted = pyqtSignal(object)
    read_asked = pyqtSignal(str)
    notes_settled = pyqtSignal()

    def __init__(self, worker: PeopleWorker, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._worker = worker
        self._pages: dict[str, PersonPage] = {}
        self._asked: set[str] = set()
        self._notes: dict[str, str] = {}
        """Notes that are being saved, by id."""
        self._unsaved: dict[str, tuple[str, str]] = {}
        """Notes that could not be saved after their page was closed, and why, by id."""
        self._splits: dict[str, SplitDialog] = {}
        self.read_asked.connect(worker.read_person)
        worker.person_read.connect(self._show)
        worker.note_saved.connect(self._tell_saved)
        worker.note_failed.connect(self._tell_failed)
        worker.split_proposed.connect(self._show_split)
        worker.split_failed.connect(self._tell_split_failed)
        worker.split_done.connect(self._end_split)

    def open(self, identity_id: str) -> None:
        """Open the page of this person once it was read."""
        self._asked.add(identity_id)
        self.read_asked.emit(identity_id)

    def refresh(self, identity_id: str) -> None:
        """Read the page of this person again, where it is open."""
        if identity_id in self._pages:
            self.read_asked.emit(identity_id)

    def keep_only(self, identity_ids: Collection[str]) -> None:
        """Close the pages of people who are gone, and read the others again."""
        for identity_id, page in tuple(self._pages.items()):
            if identity_id in identity_ids:
                self.read_asked.emit(identity_id)
            else:
                page.reject()

    def put_portraits(self, portraits: Collection[Portrait]) -> None:
        for page in self._pages.values():
            page.put_portraits(portraits)

    @property
    def has_unsaved(self) -> bool:
        """Whether a note is being saved, or could not be saved."""
        return bool(self._notes) or any(page.note.is_unsaved for page in self._pages.values())

    def flush(self) -> bool:
        """Ask for every note that was typed to be saved; return whether any still has to be."""
        for page in self._pages.values():
            page.note.flush()
        return bool(self._notes)

    # -- what was read ---------------------------------------------------------------------

    def _show(self, details: PersonDetails) -> None:
        identity_id = details.identity.id
        page = self._pages.get(identity_id)
        if page is None:
            if identity_id not in self._asked:
                return
            page = self._make(details)
        else:
            page.show_details(details)
        if identity_id in self._asked:
            self._asked.discard(identity_id)
            page.show()
            page.raise_()
            page.activateWindow()
        if identity_id in self._unsaved:
            note, problem = self._unsaved.pop(identity_id)
            page.note.text.setPlainText(note)
            page.note.tell_failed(note, problem)

    def _make(self, details: PersonDetails) -> PersonPage:
        identity_id = details.identity.id
        page = self._pages[identity_id] = PersonPage(details, self._window)
        page.setAttribute(Qt.WA_DeleteOnClose)
        worker = self._worker
        page.portrait_chosen.connect(worker.choose_portrait)
        page.picture_removed.connect(worker.remove_picture)
        page.split_asked.connect(worker.propose_split)
        page.note_changed.connect(self._keep_note)
        page.note_changed.connect(worker.set_note)
        page.code_asked.connect(self.code_asked)
        page.export_asked.connect(self.export_asked)
        page.photos_asked.connect(self.photos_asked)
        page.portraits_wanted.connect(self.portraits_wanted)
        page.finished.connect(lambda _: self._pages.pop(identity_id, None))
        return page

    # -- notes -----------------------------------------------------------------------------

    def _keep_note(self, identity_id: str, note: str) -> None:
        self._notes[identity_id] = note

    def _tell_saved(self, identity_id: str, note: str) -> None:
        page = self._pages.get(identity_id)
        if page is not None:
            page.note.tell_saved(note)
        self._settle(identity_id, note)

    def _tell_failed(self, identity_id: str, note: str, problem: str) -> None:
        page = self._pages.get(identity_id)
        if page is not None:
            page.note.tell_failed(note, problem)
        else:  # it was closed meanwhile, and opens again with what was typed
            self._unsaved[identity_id] = note, problem
            self.open(identity_id)
        self._settle(identity_id, note)

    def _settle(self, identity_id: str, note: str) -> None:
        if self._notes.get(identity_id) == note:
            del self._notes[identity_id]
        if not self._notes:
            self.notes_settled.emit()

    # -- splitting -------------------------------------------------------------------------

    def _show_split(self, proposal: SplitProposal) -> None:
        identity_id = proposal.identity.id
        dialog = self._splits.get(identity_id)
        if dialog is not None:
            dialog.show_proposal(proposal)
            return
        dialog = self._splits[identity_id] = SplitDialog(
            proposal, self._pages.get(identity_id, self._window)
        )
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.regrouped.connect(self._worker.choose_split)
        dialog.split_asked.connect(self._worker.split)
        dialog.finished.connect(lambda _: self._splits.pop(identity_id, None))
        dialog.destroyed.connect(lambda: self._splits.pop(identity_id, None))  # with its page
        dialog.open()

    def _tell_split_failed(self, identity_id: str, problem: str) -> None:
        if identity_id in self._splits:
            self._splits[identity_id].show_failure(identity_id, problem)

    def _end_split(self, kept: Identity, made: Identity) -> None:
        if kept.id in self._splits:
            self._splits[kept.id].follow(kept.id)
