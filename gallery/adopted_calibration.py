"""What the operator has adopted of a calibration, kept in their data folder: a file a model."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from common.errors import FacedeskError, SettingsError
from common.model_records import ModelRecords
from common.sentence import Sentence

VERSION = 1
"""Of the file's form."""


class AdoptedCalibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the threshold of one model is raised by, since somebody has adopted it.

    adjustment: cosine, see gallery/calibration.py; while the program runs, the gallery's people may
    raise it further. fpir: the wish with which it was adopted. people: on how many it was measured.
    previous: what was adopted before; None where nothing was. previous_fpir: the wish that the
    settings had before.
    """

    model_id: str
    adjustment: float
    fpir: float
    people: int
    adopted_at: datetime
    previous_fpir: float
    previous: AdoptedCalibration | None = None
    version: int = VERSION

    def __post_init__(self) -> None:
        """Raise ValueError for what no calibration gives; msgspec makes a ValidationError of it."""
        if not (math.isfinite(self.adjustment) and 0 <= self.adjustment <= 1):
            raise ValueError("an adjustment lies between 0 and 1")
        if not (0 < self.fpir < 1 and 0 < self.previous_fpir < 1):
            raise ValueError("a rate lies between 0 and 1")


@dataclass(frozen=True)
class AdoptedCalibrations:
    """The calibrations that a user has adopted, by model.

    Its methods raise SettingsError where a file is damaged or the disk at fault: without it names
    might be given more easily than its owner has chosen.

    folder: need not exist.
    """

    folder: Path

    def of(self, model_id: str) -> AdoptedCalibration | None:
        """Return what was adopted for the model; None where nothing was."""
        return self._records.of(model_id)

    def adopt(self, adopted: AdoptedCalibration) -> None:
        """Keep a calibration. The one before is kept within it, and of that one none."""
        before = self.of(adopted.model_id)
        if before is not None:
            before = msgspec.structs.replace(before, previous=None)
        self._records.keep(msgspec.structs.replace(adopted, previous=before))

    def undo(self, model_id: str) -> AdoptedCalibration | None:
        """Return to what was adopted before; return what is undone, None where nothing was."""
        undone = self.of(model_id)
        if undone is None:
            return None
        if undone.previous is not None:
            self._records.keep(undone.previous)
            return undone
        self._records.delete(model_id)
        return undone

    @property
    def _records(self) -> ModelRecords[AdoptedCalibration]:
        return ModelRecords(self.folder, AdoptedCalibration, VERSION, _unreadable)


class FollowedCalibration:
    """Notices what is adopted or taken back for one model, by whatever program. One thread uses it.

    allows: is asked with the share of strangers who may get a name then, and whether a calibration
    is adopted still; what it refuses is asked again the next time.
    """

    def __init__(self, folder: Path, model_id: str) -> None:
        """Raises SettingsError as AdoptedCalibrations does."""
        self._records, self._model_id = AdoptedCalibrations(folder), model_id
        self.adopted = self._records.of(model_id)
        self.allows: Callable[[float, bool], bool] = lambda fpir, is_adopted: True

    def newer(self) -> tuple[float, float | None] | None:
        """Return the share of strangers and the adjustment (None: the embedder's law alone) to use
        from now on; None where nothing has changed.

        A file that cannot be read changes nothing: what is in use is what its owner has chosen.
        """
        try:
            found = self._records.of(self._model_id)
        except SettingsError as error:
            logging.getLogger(__name__).debug("%s", error)  # the next start refuses, and says why
            return None
        before = self.adopted
        if found == before:
            return None
        if found is not None:
            fpir, adjustment = found.fpir, found.adjustment
        else:
            assert before is not None
            fpir, adjustment = before.previous_fpir, None
        if not self.allows(fpir, found is not None):
            return None
        self.adopted = found
        return fpir, adjustment


def _unreadable(path: Path, detail: str) -> FacedeskError:
    return SettingsError(
        Sentence("the adopted calibration in {}", path),
        Sentence("it cannot be read ({})", detail),
        "Put a backup copy in its place, or delete the file and adopt anew: "
        "facedesk calibrate --adopt",
    )
