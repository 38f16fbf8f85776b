"""Whether a look shows the person whom the looks before it at the same face have shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from gallery.threshold import ImpostorScores, threshold_for_fpir
from models.embedders.figures import EmbedderFigures
from recognition.evidence import CLEAR, Look
from recognition.tracks import Track

SURE_FMR = 0.0001
"""Of so many looks at somebody else one would do away with a doubt."""

CONTRADICTIONS = 3
UNNAMED_CONTRADICTIONS = 2
"""So many looks in a row that do not show the same person are another person's, however poor; the
second where no name would be lost."""


class Sameness(Enum):
    SAME = "same"
    UNSURE = "unsure"
    OTHER = "other"


@dataclass(frozen=True)
class SamenessLimits:
    """The cosines of a look to a face's joint template.

    sure: from here on a look does away with a doubt. same: below it a look contradicts. other:
    below it a single good look is somebody else's, where nothing gave reason to doubt.
    """

    sure: float
    same: float
    other: float

    @classmethod
    def of(cls, figures: EmbedderFigures) -> SamenessLimits:
        """Returns the limits for an embedder's similarities."""
        pairs = ImpostorScores(*figures.nonmated_pairs)
        sure = threshold_for_fpir(pairs, SURE_FMR, 1, figures.same_face)
        return cls(sure, figures.same_face, figures.other_face)

    def compare(self, track: Track, look: Look) -> Sameness:
        """Compares a look with the earlier ones, of which there is one at least."""
        likeness = track.evidence.likeness(look.embedding)
        if likeness >= (self.sure if track.doubtful else self.same):
            return Sameness.SAME
        most = CONTRADICTIONS if track.is_named else UNNAMED_CONTRADICTIONS
        if track.contradictions + 1 >= most:
            return Sameness.OTHER
        if look.weight >= CLEAR and likeness < (self.same if track.doubtful else self.other):
            return Sameness.OTHER
        return Sameness.UNSURE

    def former(self, tracks: Iterable[Track], look: Look) -> Track | None:
        """Returns which of the tracks the look belongs to; None for none of them."""
        best = max(tracks, key=lambda t: t.evidence.likeness(look.embedding), default=None)
        if best is None or best.evidence.likeness(look.embedding) < self.sure:
            return None
        return best
