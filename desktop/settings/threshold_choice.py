"""The threshold that an operator chooses: found, adopted and taken back, by command or window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from common.errors import EnrollmentError
from desktop.home import Home
from desktop.settings.fields import change_settings
from desktop.settings.file import load_settings
from gallery.adopted_calibration import AdoptedCalibration, AdoptedCalibrations
from station.operation.protection import ProtectionRecord

if TYPE_CHECKING:
    from gallery.calibration import Calibration
    from gallery.gallery import Gallery
    from models.embedders.figures import EmbedderFigures
    from station.ledger.audit import Audit


@dataclass(frozen=True)
class ThresholdChoice:
    """Finds and keeps the threshold of a home. Any thread may use it, with a gallery of its own.

    Its methods raise FacedeskError for what files and disk are at fault for.
    audit: writes down what is adopted and taken back.
    """

    home: Home
    audit: Audit

    @property
    def wish(self) -> float:
        """The share of strangers who may get a name, as the settings say."""
        return load_settings(self.home.settings).fpir

    def found(
        self,
        gallery: Gallery,
        fpir: float | None = None,
        figures: EmbedderFigures | None = None,
    ) -> tuple[Calibration, bool]:
        """Return what the gallery says of the threshold, and whether the law was measured.

        fpir: the wish; None for that of the settings. figures: of the gallery's embedder, where it
        is loaded; else they are looked up. Raises EnrollmentError for an empty gallery.
        """
        from gallery import calibration
        from gallery.likeness.stranger_scores import StrangerScores
        from gallery.threshold import ImpostorScores
        from models.embedders.adopted import adopted_figures
        from models.embedders.loading import figures_of

        if not len(gallery):
            raise EnrollmentError(
                "people in the gallery",
                "it is empty",
                "Enroll somebody before the threshold is chosen",
            )
        if figures is None:
            adopted = adopted_figures(gallery.model_id, self.home.figures)
            figures = adopted or figures_of(gallery.model_id)
        found = calibration.calibrate(
            gallery,
            ImpostorScores(*figures.nonmated),
            self.wish if fpir is None else fpir,
            figures.threshold_floor,
            figures.one_person,
            StrangerScores(self.home.impostors, gallery.model_id).all(),
        )
        return found, figures.is_measured

    def in_use(self, found: Calibration, model_id: str) -> float:
        """Return the threshold that the window and the station use."""
        from gallery.threshold import threshold_for_fpir

        adopted = self.adopted(model_id)
        moved = max(adopted.adjustment, found.adjustment) if adopted is not None else 0.0
        return threshold_for_fpir(found.law, self.wish, found.size, found.floor, moved)

    def adopted(self, model_id: str) -> AdoptedCalibration | None:
        """Return what was adopted for the model; None where nothing was."""
        return AdoptedCalibrations(self.home.calibrations).of(model_id)

    def adopt(self, found: Calibration, model_id: str, threshold: float | None = None) -> None:
        """Use the calibration's threshold, and its wish; what runs takes them over.

        threshold: a higher one to use instead. Raises ValueError for a lower one: what lets more
        strangers pass is another wish, and is chosen as such.
        """
        adjustment = found.adjustment
        if threshold is not None:
            if threshold < found.threshold:
                raise ValueError(f"{threshold} is below {found.threshold}")
            adjustment = max(adjustment, min(threshold - found.quantile, 1.0))
        AdoptedCalibrations(self.home.calibrations).adopt(
            AdoptedCalibration(
                model_id=model_id,
                adjustment=adjustment,
                fpir=found.fpir,
                people=len(found.scores.people),
                adopted_at=datetime.now(UTC),
                previous_fpir=self.wish,
            )
        )
        self._follow(found.fpir, calibrated=True)
        told = f"{threshold or found.threshold:.3f}, once in {1 / found.fpir:.0f}"
        self.audit.note(f"threshold calibrated: {told}")

    def undo(self, model_id: str) -> AdoptedCalibration | None:
        """Return to what was in use before; return what is undone, None where nothing was."""
        undone = AdoptedCalibrations(self.home.calibrations).undo(model_id)
        if undone is None:
            return None
        fpir = self.wish
        if fpir == undone.fpir:  # else somebody has chosen another wish since, which stays
            fpir = undone.previous_fpir
        self._follow(fpir, calibrated=undone.previous is not None)
        self.audit.note("threshold returned to the one before")
        return undone

    def _follow(self, fpir: float, calibrated: bool) -> None:
        """Put the wish into the settings, and let the station know that it is meant."""
        changed: dict[str, object] = {"calibration": calibrated}
        if fpir != self.wish:
            change_settings(self.home.settings, {("fpir",): fpir})
            changed["fpir"] = fpir
        ProtectionRecord(self.home.protection).follow(**changed)
