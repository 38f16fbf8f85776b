"""The part of the worker that changes people, and reads what is shown of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from PyQt5.QtCore import QObject, QTimer, pyqtSignal, pyqtSlot

from common.errors import FacedeskError
from common.sentence import Sentence
from desktop.home import Home
from desktop.live.people.folder_import import FolderImport
from desktop.live.people.person.details import PersonDetails, SplitProposal
from desktop.live.people.worker_part import WorkerPart
from desktop.live.when_ready import when_ready
from gallery.consents import Consent
from gallery.store import OtherModelError
from recognition import splitting
from recognition.formats.archive import write_archive
from recognition.formats.contents import EnrolledPerson
from recognition.formats.folder import FolderFormat
from recognition.recognizer import Recognizer
from recognition.splitting import Split
from station.ledger.audit import Audit
from station.ledger.ledger import Ledger
from station.ledger.stays import Stay, stays
from station.people.code_giving import give_code, take_code
from station.secrets.codes import Codes

COMPARED_AT_ONCE = 20
"""People who are compared with everybody before the next frame: among 10,000 people a search takes
some hundredths of a second."""


class PeopleWorker(WorkerPart):
    """Lives in the worker's thread, whose recognizer and gallery it uses; its slots are called by
    signals only, and do nothing before the recognizer is loaded.

    recognizer: returns it, None before it is loaded. leave, tell_changes: the worker's.

    failed: what went wrong, for the user to read. code_set: the id, and why not, or "".
    person_read: a PersonDetails. note_saved: the id, the note. note_failed: the same, and why.
    picture_removed: whose it was, and the id by which the worker's restore() brings it back.
    split_proposed: a SplitProposal. split_done: who was split, and the new person. split_failed:
    the id, and why. look_alikes_found: a tuple of LookAlikes, the most alike first.
    exported: how many people, and the path. import_progressed: how many people are done, of how
    many, and who is next. imported: a FolderSummary. import_failed: why it cannot begin.
    """

    failed = pyqtSignal(object)
    code_set = pyqtSignal(str, object)
    person_read = pyqtSignal(object)
    note_saved = pyqtSignal(str, str)
    note_failed = pyqtSignal(str, str, object)
    picture_removed = pyqtSignal(object, str)
    split_proposed = pyqtSignal(object)
    split_done = pyqtSignal(object, object)
    split_failed = pyqtSignal(str, object)
    look_alikes_found = pyqtSignal(object)
    exported = pyqtSignal(int, str)
    import_progressed = pyqtSignal(int, int, str)
    imported = pyqtSignal(object)
    import_failed = pyqtSignal(object)

    def __init__(
        self,
        home: Home,
        audit: Audit,
        recognizer: Callable[[], Recognizer | None],
        leave: Callable[[OtherModelError], None],
        tell_changes: Callable[[Recognizer], None],
        parent: QObject,
    ) -> None:
        super().__init__(home, audit, recognizer, leave, tell_changes, parent)
        self._import: FolderImport | None = None
        self._comparing = QTimer(self)
        self._comparing.setSingleShot(True)
        self._comparing.setInterval(0)
        self._comparing.timeout.connect(self._compare_some)

    # -- one person ------------------------------------------------------------------------

    @pyqtSlot(str)
    @when_ready
    def read_person(self, recognizer: Recognizer, identity_id: str) -> None:
        """Read all that a person's page shows."""
        gallery = recognizer.gallery
        identity, pictures = gallery.identity(identity_id), gallery.pictures(identity_id)
        consent = next(reversed(gallery.consents(identity_id)), None)
        has_code = Codes(self._home.codes).has(identity_id)
        self.person_read.emit(
            PersonDetails(identity, tuple(pictures), has_code, self._visits(identity_id), consent)
        )

    @pyqtSlot(str, int)
    @when_ready
    def choose_portrait(self, recognizer: Recognizer, identity_id: str, picture: int) -> None:
        recognizer.gallery.choose_portrait(identity_id, picture)
        self._audit.note("portrait chosen", recognizer.gallery.identity(identity_id))
        self._follow(recognizer, identity_id)

    @pyqtSlot(str, int)
    @when_ready
    def remove_picture(self, recognizer: Recognizer, identity_id: str, picture: int) -> None:
        """Remove one picture; restore() brings it back until the window closes."""
        removal = recognizer.gallery.remove_picture(identity_id, picture)
        identity = recognizer.gallery.identity(identity_id)
        self._audit.note("pictures removed", identity)
        self.picture_removed.emit(identity, removal)
        self._follow(recognizer, identity_id)

    @pyqtSlot(str, str)
    def set_note(self, identity_id: str, note: str) -> None:
        """Keep a note; where it cannot be kept, that is told with it, so that it is not lost."""
        recognizer = self._recognizer
        try:
            if recognizer is None:
                raise FacedeskError(
                    "the gallery to be open", "it is not", "Copy the note, and start Facedesk again"
                )
            identity = recognizer.gallery.set_note(identity_id, note)
        except OtherModelError as error:
            self.note_failed.emit(identity_id, note, error.sentence)
            self._leave(error)
            return
        except FacedeskError as error:
            self.note_failed.emit(identity_id, note, error.sentence)
            return
        self.note_saved.emit(identity_id, note)
        self._tell_changes(recognizer)
        self._audit.note("note changed", identity)

    @pyqtSlot(str, str)
    @when_ready
    def set_code(self, recognizer: Recognizer, identity_id: str, code: str) -> None:
        """Give a person a code for the station; an empty one takes it away."""
        gallery, codes = recognizer.gallery, self._home.codes
        try:
            if code:
                give_code(gallery, codes, identity_id, code, self._audit)
            else:
                take_code(gallery, codes, identity_id, self._audit)
        except FacedeskError as error:
            self.code_set.emit(identity_id, error.sentence)
            return
        self.code_set.emit(identity_id, "")

    @pyqtSlot(str)
    @when_ready
    def propose_split(self, recognizer: Recognizer, identity_id: str) -> None:
        """Part a person's pictures by how alike they are."""
        parted = splitting.proposed_split(recognizer.gallery, identity_id)
        self._propose(recognizer, identity_id, parted)

    @pyqtSlot(str, object)
    @when_ready
    def choose_split(
        self, recognizer: Recognizer, identity_id: str, pictures: Sequence[int]
    ) -> None:
        """Part a person's pictures so that these go."""
        parted = splitting.chosen_split(recognizer.gallery, identity_id, pictures)
        self._propose(recognizer, identity_id, parted)

    @pyqtSlot(str, object, str, bool)
    @when_ready
    def split(
        self, recognizer: Recognizer, identity_id: str, parted: Split, name: str, anyway: bool
    ) -> None:
        """Make a new person of the pictures that go. anyway: also where all look like one."""
        gallery = recognizer.gallery
        one_person = recognizer.embedder.figures.one_person
        try:
            kept = gallery.identity(identity_id)
            made = splitting.split(gallery, identity_id, parted, name, one_person, anyway=anyway)
        except FacedeskError as error:
            self.split_failed.emit(identity_id, error.sentence)
            return
        self._audit.note(f"split from {kept.name}", made)
        self.split_done.emit(kept, made)
        self._follow(recognizer, identity_id)

    def _propose(self, recognizer: Recognizer, identity_id: str, parted: Split) -> None:
        one_person = recognizer.embedder.figures.one_person
        self.split_proposed.emit(
            SplitProposal(
                recognizer.gallery.identity(identity_id),
                parted,
                splitting.looks_like_one(parted, one_person),
            )
        )

    def _follow(self, recognizer: Recognizer, identity_id: str) -> None:
        """Tell the list and the person's page what has changed."""
        self._tell_changes(recognizer)
        self.read_person(identity_id)

    def _visits(self, identity_id: str) -> tuple[Stay, ...]:
        if not self._home.checkins.exists():
            return ()
        with closing(Ledger(self._home.checkins)) as ledger:
            return tuple(stays(ledger.entries_of(identity_id)))

    # -- several people --------------------------------------------------------------------

    @pyqtSlot()
    @when_ready
    def find_look_alikes(self, recognizer: Recognizer) -> None:
        """Find the people who are so alike that one may be named for the other.

        Whoever is not compared yet is, some at a time; frames are recognized in between.
        """
        self._compare_some()

    @when_ready
    def _compare_some(self, recognizer: Recognizer) -> None:
        pairs, left = recognizer.look_alike_pairs(COMPARED_AT_ONCE)
        self.look_alikes_found.emit(tuple(pairs))
        if left and not self._comparing.isActive():
            self._comparing.start()

    @pyqtSlot(object, object, bool)
    @when_ready
    def export(
        self, recognizer: Recognizer, identity_ids: Sequence[str], path: Path, as_archive: bool
    ) -> None:
        """Write these people to an archive, or to a new folder with a subfolder for each."""
        gallery = recognizer.gallery
        chosen = [gallery.identity(one) for one in identity_ids if gallery.knows(one)]
        people = (
            EnrolledPerson(one, tuple(gallery.templates(one.id)), tuple(gallery.consents(one.id)))
            for one in chosen
        )
        if as_archive:
            write_archive(
                people,
                gallery.model_id,
                gallery.dimension,
                None,
                path,
                overwrite=True,  # the dialog has asked
                inputs=self._home.files,
            )
        else:
            FolderFormat().write(people, gallery.model_id, path, overwrite=False)
        count = len(chosen)
        self._audit.note(f"{count} {'person' if count == 1 else 'people'} exported")
        self.exported.emit(count, str(path))

    @pyqtSlot(object, object)
    @when_ready
    def import_folder(
        self, recognizer: Recognizer, folder: Path, consent: Consent | None = None
    ) -> None:
        """Enroll everyone in a folder, one after the other; frames are recognized in between.

        consent: what all of them have agreed to.
        """
        if self._import is not None:
            self.import_failed.emit(Sentence("Another folder is being imported."))
            return
        try:
            self._import = FolderImport(folder, consent)
        except FacedeskError as error:
            self.import_failed.emit(error.sentence)
            return
        self._go_on()

    @pyqtSlot()
    def cancel_import(self) -> None:
        """End after the person who is being enrolled; who is enrolled stays."""
        if self._import is not None:
            self._end_import()

    @when_ready
    def _import_next(self, recognizer: Recognizer) -> None:
        if self._import is None:
            return
        try:
            self._import.step(recognizer, self._audit)
        except FacedeskError:
            self._end_import()
            raise
        self._tell_changes(recognizer)
        self._go_on()

    def _go_on(self) -> None:
        running = self._import
        assert running is not None
        if running.is_done:
            self._end_import()
            return
        self.import_progressed.emit(running.number, running.total, running.name)
        QTimer.singleShot(0, self._import_next)

    def _end_import(self) -> None:
        running, self._import = self._import, None
        if running is not None:
            self.imported.emit(running.summary)
