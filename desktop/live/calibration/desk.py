"""What the page of the threshold is told: computed by the thread that owns the gallery."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.live.calibration.week import WeekOfVisits, read_week
from desktop.settings.threshold_choice import ThresholdChoice
from gallery.calibration import Calibration
from gallery.gallery import Gallery
from models.embedders.figures import EmbedderFigures


@dataclass(frozen=True, eq=False)
class FoundThreshold:
    """What a gallery says of the threshold for a wish. It crosses threads.

    in_use: the threshold that holds now. wish: the share of strangers who may
    get a name, as the settings say. can_return: whether something was adopted. is_measured: whether
    the embedder's law was.
    """

    calibration: Calibration
    in_use: float
    wish: float
    can_return: bool
    is_measured: bool
    week: WeekOfVisits


@dataclass(frozen=True)
class CalibrationDesk:
    """Its methods raise FacedeskError: EnrollmentError for an empty gallery."""

    choice: ThresholdChoice

    def found(
        self, gallery: Gallery, figures: EmbedderFigures, fpir: float | None
    ) -> FoundThreshold:
        """Return what the gallery says. fpir: the wish; None for that of the settings."""
        found, is_measured = self.choice.found(gallery, fpir, figures)
        return FoundThreshold(
            found,
            self.choice.in_use(found, gallery.model_id),
            self.choice.wish,
            self.choice.adopted(gallery.model_id) is not None,
            is_measured,
            read_week(self.choice.home, gallery),
        )

    def adopt(
        self, gallery: Gallery, figures: EmbedderFigures, fpir: float, threshold: float
    ) -> FoundThreshold:
        """Use a wish from now on, with this threshold where it is the higher one."""
        found, _ = self.choice.found(gallery, fpir, figures)
        self.choice.adopt(found, gallery.model_id, max(threshold, found.threshold))
        return self.found(gallery, figures, fpir)

    def undo(self, gallery: Gallery, figures: EmbedderFigures) -> FoundThreshold:
        """Return to what was in use before."""
        self.choice.undo(gallery.model_id)
        return self.found(gallery, figures, None)
