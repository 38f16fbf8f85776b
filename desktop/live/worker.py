"""The worker: owns recognizer and gallery in a thread of its own, and answers by signals."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PyQt5.QtCore import QObject, QThread, QTimer, pyqtSignal, pyqtSlot

from capture.frame import Frame
from common.errors import EnrollmentError, FacedeskError, GalleryError, UnknownIdentityError
from common.picture import RgbImage
from common.sentence import Sentence
from desktop.home import Home
from desktop.live.calibration.desk import CalibrationDesk, FoundThreshold
from desktop.live.people.own_worker import OwnWorker
from desktop.live.people.people_worker import PeopleWorker
from desktop.live.people.summaries import AddedPhotos, MergeChoice, PersonSummary, RejectedName
from desktop.live.when_ready import when_ready as _when_ready
from desktop.settings.threshold_choice import ThresholdChoice
from gallery.gallery import Gallery
from gallery.identity import Identity
from gallery.look_alikes import told as look_alikes_told
from gallery.store import OtherModelError
from recognition import merging
from recognition.enrollment.live import LiveEnrollment, OutdatedReviewError, Review, save
from recognition.enrollment.photos import add_photos
from recognition.liveness.life_watch import LifeWatch, SeenLife
from recognition.recognizer import Recognition, RecognizedFace, Recognizer
from recognition.reembedding import Reembedded
from station.ledger.audit import Audit
from station.people.erasure import finish_erasures

GALLERY_EVERY_MS = 1000
"""The time between two checks whether another program has changed the gallery."""

Reembed = Callable[[bool, Callable[[int, int], None], Callable[[], bool]], Reembedded]
"""Embeds the gallery again for the recognizer's embedder: whether also where that leaves people
out, what is told how many templates are done and of how many, and what says to stop."""


class Worker(QObject):
    """Lives in a QThread; its slots are called by signals only, and do nothing until `ready`.

    people: what is done with several people, or shown on one's page, and own: what the law asks
    for; both live in the same thread.

    load: makes the recognizer, in this thread; finish() closes its gallery. Where it raises
    OtherModelError, reembed makes the gallery one that can be loaded.
    take: returns the newest frame, where it was not taken yet.
    home: where the station, if there is one, keeps its files. station_name: stands in its audit.
    enrollment_frames: how many pictures of a person an enrollment accepts.
    watches_life: whether it is told of each face if it looks alive.

    careful: the embedder's model_id, where its figures are not measured.
    unavailable: why the recognizer cannot be loaded. other_model: the OtherModelError instead.
    reembedding: how many templates are done, and of how many. reembedded: a Reembedded; where it is
    done, the recognizer is loaded. reembedding_failed: why it stopped.
    recognized: a Recognition. reconsidered: the newest one again, since the gallery has changed.
    life_seen: a mapping of tracks to SeenLife, of the faces recognized last.
    progressed: a Progress. reviewed: a Review, to be saved or not.
    enrollment_failed: why the captured frames cannot be used.
    saved: an Identity. save_failed: why; the same review may be saved again.
    people_changed: everyone, as a tuple of PersonSummary in the gallery's order.
    portraits_read: a tuple of (id, (h, w, 3) uint8 RGB or None where it is gone).
    renamed: the id. rename_failed: the id, the name, and why it is not saved.
    removed: an Identity, which restore() brings back. photos_added: an AddedPhotos.
    not_restorable: the id of a person who is erased.
    merge_offered: a MergeChoice. merged: the Identity that is gone, which restore() brings back,
    and the one that has its templates.
    look_alikes_found: a sentence on somebody who was just enrolled.
    name_rejected: a RejectedName, which accept_name() undoes.
    calibrated: a FoundThreshold. calibration_failed: why there is none.
    failed: whatever else went wrong, for the user to read.
    """

    ready = pyqtSignal()
    careful = pyqtSignal(str)
    unavailable = pyqtSignal(object)
    other_model = pyqtSignal(object)
    reembedding = pyqtSignal(int, int)
    reembedded = pyqtSignal(object)
    reembedding_failed = pyqtSignal(object)
    recognized = pyqtSignal(object)
    reconsidered = pyqtSignal(object)
    life_seen = pyqtSignal(object)
    progressed = pyqtSignal(object)
    reviewed = pyqtSignal(object)
    enrollment_failed = pyqtSignal(object)
    saved = pyqtSignal(object)
    save_failed = pyqtSignal(object)
    people_changed = pyqtSignal(object)
    portraits_read = pyqtSignal(object)
    renamed = pyqtSignal(str)
    rename_failed = pyqtSignal(str, str, object)
    removed = pyqtSignal(object)
    not_restorable = pyqtSignal(str)
    merge_offered = pyqtSignal(object)
    merged = pyqtSignal(object, object)
    photos_added = pyqtSignal(object)
    name_rejected = pyqtSignal(object)
    calibrated = pyqtSignal(object)
    calibration_failed = pyqtSignal(object)
    look_alikes_found = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(
        self,
        load: Callable[[], Recognizer],
        take: Callable[[], Frame | None],
        home: Home,
        reembed: Reembed,
        *,
        station_name: str,
        enrollment_frames: int,
        watches_life: bool = True,
    ) -> None:
        super().__init__()
        self._load = load
        self._reembed = reembed
        self._is_stopped = threading.Event()
        self._take = take
        self._goal = enrollment_frames
        self._home = home
        self.station_name = station_name
        self._audit = Audit(home.checkins, station_name, self.failed.emit)
        self._desk = CalibrationDesk(ThresholdChoice(home, self._audit))
        self._recognizer: Recognizer | None = None
        self._why_none: Sentence | None = None
        self.people = PeopleWorker(
            home, self._audit, lambda: self._recognizer, self._leave, self._tell_changes, self
        )
        self.people.failed.connect(self.failed)
        self.own = OwnWorker(
            home, self._audit, lambda: self._recognizer, self._leave, self._tell_changes, self
        )
        self.own.failed.connect(self.failed)
        self._enrollment: LiveEnrollment | None = None
        self._watches_life = watches_life
        self._life: LifeWatch | None = None
        self._life_told: Mapping[int, SeenLife] = {}
        self._newest: Recognition | None = None
        self._told_revision = -1
        self._gallery_checks = QTimer(self)  # moves to the worker's thread with it
        self._gallery_checks.timeout.connect(self.follow_gallery)

    @pyqtSlot()
    def start(self) -> None:
        try:
            self._recognizer = self._load()
        except OtherModelError as error:
            self._why_none = error.sentence
            self.other_model.emit(error)
            return
        except FacedeskError as error:
            self._tell_unavailable(error.sentence)
            return
        self._why_none = None
        self.ready.emit()
        embedder = self._recognizer.embedder
        if not embedder.figures.is_measured:
            self.careful.emit(embedder.model_id)
        self._open_gallery()
        self._gallery_checks.start(GALLERY_EVERY_MS)

    @pyqtSlot(bool)
    def reembed(self, anyway: bool) -> None:
        """Embed the gallery again, and load the recognizer then.

        anyway: also where it leaves people out.
        """
        try:
            outcome = self._reembed(anyway, self.reembedding.emit, self._is_stopped.is_set)
        except FacedeskError as error:
            self.reembedding_failed.emit(error.sentence)
            return
        self.reembedded.emit(outcome)
        if outcome.is_done:
            self.start()

    def stop(self) -> None:
        """Let a re-embedding end soon; any thread may call it. What is done is kept."""
        self._is_stopped.set()

    @pyqtSlot()
    def finish(self) -> None:
        """Close the gallery and end the thread."""
        self._gallery_checks.stop()
        recognizer, self._recognizer = self._recognizer, None
        try:
            if recognizer is not None:
                _close(recognizer.gallery, self._home)
        finally:
            QThread.currentThread().quit()

    def _leave(self, error: OtherModelError) -> None:
        """Recognize nobody any more: nothing that is changed in the gallery would be noticed."""
        self._gallery_checks.stop()
        recognizer, self._recognizer = self._recognizer, None
        if recognizer is not None:
            _close(recognizer.gallery, self._home)
        self._enrollment = self._newest = None
        self._tell_unavailable(error.sentence)

    def _tell_unavailable(self, reason: Sentence) -> None:
        self._why_none = reason
        self.unavailable.emit(reason)

    # -- frames ----------------------------------------------------------------------------

    @pyqtSlot()
    def process_frame(self) -> None:
        frame = self._take()  # always: only then is the next one announced
        if frame is not None:
            self._recognize(frame)

    @_when_ready
    def _recognize(self, recognizer: Recognizer, frame: Frame) -> None:
        recognition = self._newest = recognizer.recognize(frame)
        self.recognized.emit(recognition)
        if self._watches_life:
            self._watch_life(recognizer, frame, recognition)
        if self._enrollment is not None:
            self._enroll_from(frame, recognition, self._enrollment)

    def _watch_life(self, recognizer: Recognizer, frame: Frame, recognition: Recognition) -> None:
        """Tell whether the faces that have a name look alive."""
        if self._life is None:
            self._life = LifeWatch(recognizer.analyzer)
        named = [face for face in recognition.faces if face.match is not None]
        seen = self._life.see(frame, named)
        if seen != self._life_told:
            self._life_told = seen
            self.life_seen.emit(seen)

    @pyqtSlot()
    @_when_ready
    def restart(self, recognizer: Recognizer) -> None:
        """Forget the faces tracked so far, since another source follows."""
        self._newest = self._life = None
        recognizer.restart()

    # -- enrollment ------------------------------------------------------------------------

    @pyqtSlot(str)
    @_when_ready
    def start_enrollment(self, recognizer: Recognizer, name: str) -> None:
        self._enrollment = LiveEnrollment(recognizer, name, self._goal)

    @pyqtSlot()
    def cancel_enrollment(self) -> None:
        self._enrollment = None

    @pyqtSlot(object, object)
    @_when_ready
    def save(self, recognizer: Recognizer, review: Review, into: str | None) -> None:
        """Enroll the reviewed person, or add the templates to the identity with the id `into`."""
        try:
            identity = save(recognizer, review, into)
        except OutdatedReviewError as error:
            self.reviewed.emit(replace(error.review, life=review.life))
            self.save_failed.emit(error.sentence)
            self._tell_changes(recognizer)
            return
        except FacedeskError as error:
            self.save_failed.emit(error.sentence)
            return
        self.saved.emit(identity)
        self._tell_changes(recognizer)
        self._tell_look_alikes(recognizer, identity)
        act = "enrolled" if into is None else "photos added"
        doubted = ", though it was not seen to be alive" if review.is_doubtful else ""
        self._audit.note(f"{act}{doubted}", identity)

    def _enroll_from(
        self, frame: Frame, recognition: Recognition, enrollment: LiveEnrollment
    ) -> None:
        progress = enrollment.offer(frame, recognition)
        self.progressed.emit(progress)
        if not progress.done:
            return
        self._enrollment = None
        try:
            self.reviewed.emit(enrollment.review())
        except EnrollmentError as error:
            self.enrollment_failed.emit(error.sentence)

    # -- people ----------------------------------------------------------------------------

    @pyqtSlot(str, str)
    @_when_ready
    def rename(self, recognizer: Recognizer, identity_id: str, name: str) -> None:
        gallery = recognizer.gallery
        try:
            with gallery.changing():
                before = gallery.identity(identity_id)
                after = gallery.rename(identity_id, name)
        except FacedeskError as error:
            self.rename_failed.emit(identity_id, name, error.sentence)
            self._tell_changes(recognizer)
            return
        self.renamed.emit(identity_id)
        self._tell_changes(recognizer)
        self._audit.note(f"renamed from {before.name}", after)

    @pyqtSlot(str)
    @_when_ready
    def offer_merge(self, recognizer: Recognizer, identity_id: str) -> None:
        """Tell with whom somebody may be merged."""
        gallery = recognizer.gallery
        person, others = gallery.identity(identity_id), tuple(gallery.alike(identity_id))
        one_person = recognizer.embedder.figures.one_person
        self.merge_offered.emit(MergeChoice(person, others, one_person))

    @pyqtSlot(str, str, bool)
    @_when_ready
    def merge(self, recognizer: Recognizer, into_id: str, from_id: str, anyway: bool) -> None:
        """Merge two people.

        anyway: also where the two do not look alike.
        """
        one_person = recognizer.embedder.figures.one_person
        with recognizer.gallery.changing():
            gone = recognizer.gallery.identity(from_id)
            kept = merging.merge(recognizer.gallery, into_id, from_id, one_person, anyway=anyway)
        self.merged.emit(gone, kept)
        self._tell_changes(recognizer)
        self._audit.note(f"merged with {gone.name}", kept)

    @pyqtSlot(str)
    @_when_ready
    def remove(self, recognizer: Recognizer, identity_id: str) -> None:
        with recognizer.gallery.changing():
            identity = recognizer.gallery.identity(identity_id)
            recognizer.gallery.remove(identity_id)
        self.removed.emit(identity)
        self._tell_changes(recognizer)
        self._audit.note("removed", identity)

    @pyqtSlot(str)
    @_when_ready
    def restore(self, recognizer: Recognizer, identity_id: str) -> None:
        try:
            identity = recognizer.gallery.restore(identity_id)
        except UnknownIdentityError:
            self.not_restorable.emit(identity_id)
            raise
        self._tell_changes(recognizer)
        self._audit.note("restored", identity)

    @pyqtSlot(object)
    @_when_ready
    def read_portraits(self, recognizer: Recognizer, identity_ids: Sequence[str]) -> None:
        """Read portraits; each id gets an answer, also where its portrait cannot be read."""
        read: list[tuple[str, RgbImage | None]] = []
        for identity_id in identity_ids:
            try:
                read.append((identity_id, recognizer.gallery.portrait(identity_id)))
            except GalleryError as error:
                read.append((identity_id, None))
                if not isinstance(error, UnknownIdentityError):
                    self.failed.emit(error.sentence)
        self.portraits_read.emit(tuple(read))

    @pyqtSlot(object)
    @_when_ready
    def reject_name(self, recognizer: Recognizer, face: RecognizedFace) -> None:
        """Take in that a face is not the person whose name it has."""
        if face.match is None:
            return
        kept = recognizer.is_not(face.match, face)
        self._decide_anew(recognizer)
        self.name_rejected.emit(RejectedName(kept, face))
        self._audit.note("a face was said not to be theirs", kept.bar.identity)

    @pyqtSlot(object)
    @_when_ready
    def accept_name(self, recognizer: Recognizer, rejected: RejectedName) -> None:
        """Undo reject_name()."""
        recognizer.is_them_after_all(rejected.kept, rejected.face)
        self._decide_anew(recognizer)
        self._audit.note("a face was theirs after all", rejected.kept.bar.identity)

    @pyqtSlot(str, object)
    @_when_ready
    def add_photos(self, recognizer: Recognizer, identity_id: str, photos: Sequence[Path]) -> None:
        """Add photos to a person; those that show somebody else in the gallery are skipped."""
        identity = recognizer.gallery.identity(identity_id)
        saved = add_photos(recognizer, identity_id, photos)
        self._tell_changes(recognizer)
        if saved.identity is not None:
            self._audit.note("photos added", saved.identity)
            self._tell_look_alikes(recognizer, saved.identity)
        self.photos_added.emit(AddedPhotos(identity, saved.added, saved.skipped))

    # -- the threshold ---------------------------------------------------------------------

    @pyqtSlot(object)
    def calibrate(self, fpir: float | None) -> None:
        """Tell what the gallery says of the threshold, or why nothing can be said.

        fpir: the wish; None as the settings say.
        """
        if self._why_none is not None:
            self.calibration_failed.emit(self._why_none)
        else:
            self._calibrate(fpir)

    @_when_ready
    def _calibrate(self, recognizer: Recognizer, fpir: float | None) -> None:
        gallery, figures = recognizer.gallery, recognizer.embedder.figures
        self._tell_calibrated(lambda: self._desk.found(gallery, figures, fpir))

    @pyqtSlot(float, float)
    @_when_ready
    def adopt_threshold(self, recognizer: Recognizer, fpir: float, threshold: float) -> None:
        """Use a wish and a threshold from now on; never less than the wish needs."""
        gallery, figures = recognizer.gallery, recognizer.embedder.figures
        self._tell_calibrated(lambda: self._desk.adopt(gallery, figures, fpir, threshold))

    @pyqtSlot()
    @_when_ready
    def return_threshold(self, recognizer: Recognizer) -> None:
        """Return to the threshold before the one that was adopted."""
        gallery, figures = recognizer.gallery, recognizer.embedder.figures
        self._tell_calibrated(lambda: self._desk.undo(gallery, figures))

    def _tell_calibrated(self, find: Callable[[], FoundThreshold]) -> None:
        try:
            self.calibrated.emit(find())
        except FacedeskError as error:
            self.calibration_failed.emit(error.sentence)
        self.follow_gallery()  # what is adopted holds at once

    @pyqtSlot()
    @_when_ready
    def follow_gallery(self, recognizer: Recognizer) -> None:
        """Take over what was changed in the gallery, of the bars or of the threshold."""
        if recognizer.catch_up() and recognizer.gallery.revision == self._told_revision:
            self._decide_anew(recognizer)  # bars or threshold alone have changed
        self._tell_changes(recognizer)

    @_when_ready
    def _open_gallery(self, recognizer: Recognizer) -> None:
        self._tell_changes(recognizer)
        finish_erasures(recognizer.gallery, self._home)

    def _tell_changes(self, recognizer: Recognizer) -> None:
        """Tell what has changed in the gallery since it was last told, whoever changed it."""
        gallery = recognizer.gallery
        if gallery.revision == self._told_revision:
            return
        self._told_revision = gallery.revision
        self._decide_anew(recognizer)
        self.people_changed.emit(
            tuple(PersonSummary(i, gallery.template_count(i.id)) for i in gallery.identities)
        )

    def _tell_look_alikes(self, recognizer: Recognizer, identity: Identity) -> None:
        alike = recognizer.enrolled(identity.id)
        if alike:
            self.look_alikes_found.emit(look_alikes_told(identity.name, alike))

    def _decide_anew(self, recognizer: Recognizer) -> None:
        """Search again for every face in view, and show what comes of it."""
        recognizer.gallery_changed()
        if self._newest is not None:
            self._newest = recognizer.reconsidered(self._newest)
            self.reconsidered.emit(self._newest)


def _close(gallery: Gallery, home: Home) -> None:
    try:
        finish_erasures(gallery, home, own=True)
    except FacedeskError:
        logging.getLogger(__name__).exception("The removed people are erased at the next start")
    finally:
        gallery.close()
