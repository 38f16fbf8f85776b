"""The threshold that holds now: it follows the gallery, and what was adopted of a calibration."""

from __future__ import annotations

from collections.abc import Sequence

from gallery.calibration import calibrate
from gallery.gallery import Gallery
from gallery.likeness.stranger_scores import StrangerScore
from gallery.threshold import ImpostorScores, threshold_for_fpir
from models.embedders.figures import EmbedderFigures

_ANEW_AFTER = 0.02
"""The gallery's scores are compared anew once it has changed so often, as a share of its people:
in a large one a single person decides nothing, and the comparison takes a third of a second."""


class ThresholdInUse:
    """Computes the threshold for a gallery. The thread that owns the gallery uses it.

    fpir: the share of strangers who may get a name. adopted: by how much the operator lets the
    gallery's own scores raise the threshold, in cosine; None where they never said so, and the
    embedder's law alone decides. strangers: what strangers scored at the station.
    """

    def __init__(
        self,
        gallery: Gallery,
        fpir: float,
        adopted: float | None,
        strangers: Sequence[StrangerScore] = (),
    ) -> None:
        self._strangers = strangers
        self._gallery = gallery
        self._fpir = fpir
        self._adopted = adopted
        self._compared_at: int | None = None
        self._found = 0.0

    def follow(self, fpir: float, adopted: float | None) -> None:
        """Use another wish, and another calibration; see __init__()."""
        self._fpir, self._adopted, self._compared_at = fpir, adopted, None

    def of(self, figures: EmbedderFigures) -> float:
        """Return the similarity that one picture's name needs now."""
        law = ImpostorScores(*figures.nonmated)
        return threshold_for_fpir(
            law, self._fpir, len(self._gallery), figures.threshold_floor, self._adjustment(figures)
        )

    def _adjustment(self, figures: EmbedderFigures) -> float:
        """Return what was adopted, or more where the gallery as it is now asks for more: whoever is
        enrolled since has loosened nothing."""
        if self._adopted is None:
            return 0.0
        changes = self._gallery.revision - (self._compared_at or 0)
        if self._compared_at is None or changes > len(self._gallery) * _ANEW_AFTER:
            self._found = self._now(figures)
            self._compared_at = self._gallery.revision
        return max(self._adopted, self._found)

    def _now(self, figures: EmbedderFigures) -> float:
        law = ImpostorScores(*figures.nonmated)
        found = calibrate(
            self._gallery,
            law,
            self._fpir,
            figures.threshold_floor,
            figures.one_person,
            self._strangers,
        )
        return found.adjustment
