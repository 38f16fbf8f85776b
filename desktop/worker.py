"""The worker: owns recognizer and gallery in a thread of its own, and talks in signals."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Concatenate, ParamSpec

from PyQt5.QtCore import QObject, QThread, pyqtSignal, pyqtSlot

from capture.frame import Frame
from desktop.home import Home
from desktop.settings import Settings
from facedesk_errors import EnrollmentError, FacedeskError
from gallery.identity import Identity, Template
from gallery.index import Gallery
from models.face import Image
from recognition.enroller import LiveEnrollment, Review, reviewed, save
from recognition.photos import Skipped, photo_templates
from recognition.recognizer import Recognition, Recognizer
from station.audit import Audit
from station.erasure import finish_erasures

CHECK_GALLERY_S = 1.0
"""How often to look whether another program has changed the gallery."""

P = ParamSpec("P")


@dataclass(frozen=True, eq=False)
class PersonSummary:
    """Somebody enrolled, as the people view shows them. portrait: (h, w, 3) uint8 RGB."""

    identity: Identity
    template_count: int
    portrait: Image


@dataclass(frozen=True)
class AddedPhotos:
    """How many photos were added to a person, and why the others were not."""

    name: str
    added: int
    skipped: tuple[Skipped, ...]


def _when_ready(
    method: Callable[Concatenate[Worker, Recognizer, P], None],
) -> Callable[Concatenate[Worker, P], None]:
    """Gives a slot the recognizer; what the world does wrong is told by `failed`."""

    @functools.wraps(method)
    def slot(self: Worker, /, *args: P.args, **kwargs: P.kwargs) -> None:
        if self._recognizer is None:
            return
        try:
            method(self, self._recognizer, *args, **kwargs)
        except FacedeskError as error:
            self.failed.emit(str(error))

    return slot


class Worker(QObject):
    """Lives in a QThread; only signals call its slots. Until `ready` they do nothing.

    load: makes the recognizer, in this thread; finish() closes its gallery.
    take: the newest frame that was not taken yet.
    home: where the station, if there is one, keeps its files.

    unavailable: the recognizer cannot be loaded, and why.
    recognized: a Recognition. progressed: a Progress. reviewed: a Review, to be saved or not.
    enrollment_failed: the captured frames are of no use, and why.
    saved: an Identity. save_failed: why; the same review may be saved again.
    people_changed: everyone, as a tuple of PersonSummary in the gallery's order.
    renamed: the id. rename_failed: the id, the name, and why it is not saved.
    removed: an Identity, which restore() brings back. photos_added: an AddedPhotos.
    failed: whatever else went wrong, for the user to read.
    """

    ready = pyqtSignal()
    unavailable = pyqtSignal(str)
    recognized = pyqtSignal(object)
    progressed = pyqtSignal(object)
    reviewed = pyqtSignal(object)
    enrollment_failed = pyqtSignal(str)
    saved = pyqtSignal(object)
    save_failed = pyqtSignal(str)
    people_changed = pyqtSignal(object)
    renamed = pyqtSignal(str)
    rename_failed = pyqtSignal(str, str, str)
    removed = pyqtSignal(object)
    photos_added = pyqtSignal(object)
    failed = pyqtSignal(str)

    def __init__(
        self,
        load: Callable[[], Recognizer],
        take: Callable[[], Frame | None],
        settings: Settings,
        home: Home,
    ) -> None:
        super().__init__()
        self._load = load
        self._take = take
        self._goal = settings.enrollment_frames
        self._home = home
        self._audit = Audit(home.checkins, settings.station.name, self.failed.emit)
        self._recognizer: Recognizer | None = None
        self._enrollment: LiveEnrollment | None = None
        self._portraits: dict[tuple[str, int], Image] = {}
        self._gallery_checked_at = time.monotonic()

    @pyqtSlot()
    def start(self) -> None:
        try:
            self._recognizer = self._load()
        except FacedeskError as error:
            self.unavailable.emit(str(error))
            return
        self.ready.emit()
        self._open_gallery()

    @pyqtSlot()
    def finish(self) -> None:
        """Close the gallery and end the thread."""
        recognizer, self._recognizer = self._recognizer, None
        try:
            if recognizer is not None:
                _close(recognizer.gallery, self._home)
        finally:
            QThread.currentThread().quit()

    # -- frames ----------------------------------------------------------------------------

    @pyqtSlot()
    @_when_ready
    def process_frame(self, recognizer: Recognizer) -> None:
        frame = self._take()
        if frame is None:
            return
        recognition = recognizer.recognize(frame)
        self.recognized.emit(recognition)
        if self._enrollment is not None:
            self._enroll_from(frame, recognition, self._enrollment)
        self._follow_gallery(recognizer)

    @pyqtSlot()
    @_when_ready
    def restart(self, recognizer: Recognizer) -> None:
        """Another source follows."""
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
        except FacedeskError as error:
            self.save_failed.emit(str(error))
            return
        self.saved.emit(identity)
        self._tell_people(recognizer)
        self._audit.note("enrolled" if into is None else "photos added", identity)

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
            self.enrollment_failed.emit(str(error))

    # -- people ----------------------------------------------------------------------------

    @pyqtSlot(str, str)
    @_when_ready
    def rename(self, recognizer: Recognizer, identity_id: str, name: str) -> None:
        try:
            before = _name_of(recognizer.gallery, identity_id)
            after = recognizer.gallery.rename(identity_id, name)
        except FacedeskError as error:
            self.rename_failed.emit(identity_id, name, str(error))
            return
        self.renamed.emit(identity_id)
        self._gallery_changed(recognizer)
        self._audit.note(f"renamed from {before}", after)

    @pyqtSlot(str, str)
    @_when_ready
    def merge(self, recognizer: Recognizer, into_id: str, from_id: str) -> None:
        gallery = recognizer.gallery
        gone = _name_of(gallery, from_id)
        kept = gallery.merge(into_id, from_id)
        self._gallery_changed(recognizer)
        self._audit.note(f"merged with {gone}", kept)
        finish_erasures(gallery, self._home)

    @pyqtSlot(str)
    @_when_ready
    def remove(self, recognizer: Recognizer, identity_id: str) -> None:
        identity = recognizer.gallery.identity(identity_id)
        recognizer.gallery.remove(identity_id)
        self.removed.emit(identity)
        self._gallery_changed(recognizer)
        self._audit.note("removed", identity)

    @pyqtSlot(str)
    @_when_ready
    def restore(self, recognizer: Recognizer, identity_id: str) -> None:
        identity = recognizer.gallery.restore(identity_id)
        self._gallery_changed(recognizer)
        self._audit.note("restored", identity)

    @pyqtSlot(str, object)
    @_when_ready
    def add_photos(self, recognizer: Recognizer, identity_id: str, photos: Sequence[Path]) -> None:
        """Photos that show somebody else of the gallery are skipped, too."""
        name = recognizer.gallery.identity(identity_id).name
        templates: list[Template] = []
        skipped: list[Skipped] = []
        for photo in photos:
            of_photo, unusable = photo_templates(recognizer, [photo])
            skipped += unusable
            for template in of_photo:
                mates = reviewed(recognizer, name, [template]).same
                if mates and mates[0].identity.id != identity_id:
                    skipped.append(Skipped(photo, f"It shows {mates[0].identity.name}."))
                else:
                    templates.append(template)
        if templates:
            identity = save(recognizer, reviewed(recognizer, name, templates), into=identity_id)
            self._tell_people(recognizer)
            self._audit.note("photos added", identity)
        self.photos_added.emit(AddedPhotos(name, len(templates), tuple(skipped)))

    @_when_ready
    def _open_gallery(self, recognizer: Recognizer) -> None:
        self._tell_people(recognizer)
        finish_erasures(recognizer.gallery, self._home)

    def _follow_gallery(self, recognizer: Recognizer) -> None:
        """Take over, now and then, what another program has changed."""
        if time.monotonic() - self._gallery_checked_at < CHECK_GALLERY_S:
            return
        self._gallery_checked_at = time.monotonic()
        if recognizer.gallery.changed_elsewhere():
            recognizer.gallery.reload()
            self._gallery_changed(recognizer)

    def _gallery_changed(self, recognizer: Recognizer) -> None:
        recognizer.gallery_changed()
        self._tell_people(recognizer)

    def _tell_people(self, recognizer: Recognizer) -> None:
        gallery = recognizer.gallery
        known, self._portraits = self._portraits, {}
        people = []
        for identity in gallery.identities:
            count = gallery.template_count(identity.id)
            key = identity.id, count  # further templates may bring a better portrait
            portrait = known[key] if key in known else gallery.portrait(identity.id)
            self._portraits[key] = portrait
            people.append(PersonSummary(identity, count, portrait))
        self.people_changed.emit(tuple(people))


def _name_of(gallery: Gallery, identity_id: str) -> str:
    """Empty where another program has removed the person just now."""
    return next((i.name for i in gallery.identities if i.id == identity_id), "")


def _close(gallery: Gallery, home: Home) -> None:
    try:
        finish_erasures(gallery, home, own=True)
    except FacedeskError:
        logging.getLogger(__name__).exception("The removed people are erased at the next start")
    finally:
        gallery.close()
