"""The part of the worker that exports all about a person, and watches how long people are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from PyQt5.QtCore import pyqtSignal, pyqtSlot

from desktop.live.people.worker_part import WorkerPart
from desktop.live.when_ready import when_ready
from gallery.identity import Identity
from recognition.recognizer import Recognizer
from station.people.erasure import finish_erasures
from station.people.personal_data import export_person
from station.people.retention import (
    Overdue,
    RetentionRule,
    erase_due,
    keep,
    overdue,
    remove_overdue,
)


class OwnWorker(WorkerPart):
    """Lives in the worker's thread, as PeopleWorker does; see there.

    failed: what went wrong, for the user to read. person_exported: the Identity, and the path.
    overdue_found: a tuple of Overdue, who is over age for the longest time first.
    overdue_erased: how many, and whether the program did it by itself.
    """

    failed = pyqtSignal(object)
    person_exported = pyqtSignal(object, str)
    overdue_found = pyqtSignal(object)
    overdue_erased = pyqtSignal(int, bool)

    @pyqtSlot(object, object)
    @when_ready
    def export_person(self, recognizer: Recognizer, identity: Identity, path: Path) -> None:
        """Write all that is kept about a person to a zip archive."""
        export_person(
            recognizer.gallery,
            self._home,
            identity.id,
            path,
            overwrite=True,  # the dialog has asked
            inputs=self._home.files,
        )
        self._audit.note("all that is kept was exported", identity)
        self.person_exported.emit(identity, str(path))

    @pyqtSlot(object, object)
    @when_ready
    def find_overdue(
        self, recognizer: Recognizer, rule: RetentionRule, seen: Mapping[str, datetime]
    ) -> None:
        """Tell who is over age; first erase those whose grace time is over, where that is allowed.

        seen: when people last came or went, by id.
        """
        now = datetime.now(UTC)
        people = overdue(recognizer.gallery, rule, seen, now)
        gone = erase_due(recognizer.gallery, people, now, self._audit)
        if gone:
            self._finish(recognizer, len(gone), by_itself=True)
        self.overdue_found.emit(tuple(one for one in people if one not in gone))

    @pyqtSlot(object)
    @when_ready
    def erase_overdue(self, recognizer: Recognizer, people: Sequence[Overdue]) -> None:
        """Erase these people for good."""
        there = [one for one in people if recognizer.gallery.knows(one.identity.id)]
        remove_overdue(recognizer.gallery, there, self._audit)
        self._finish(recognizer, len(there), by_itself=False)

    @pyqtSlot(object)
    @when_ready
    def keep_overdue(self, recognizer: Recognizer, people: Sequence[Overdue]) -> None:
        """Let the time of these people begin anew."""
        for one in people:
            if recognizer.gallery.knows(one.identity.id):
                keep(recognizer.gallery, one.identity.id, self._audit)

    def _finish(self, recognizer: Recognizer, count: int, *, by_itself: bool) -> None:
        self._tell_changes(recognizer)
        self.overdue_erased.emit(count, by_itself)
        finish_erasures(recognizer.gallery, self._home)
