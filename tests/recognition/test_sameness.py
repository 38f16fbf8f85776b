from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from common.sentence import Sentence
from gallery.identity import Candidate, Identity, Match
from models.embedders.sface import FIGURES
from models.face import Face
from recognition.decision import Decision
from recognition.evidence import CLEAR, Look
from recognition.sameness import Sameness, SamenessLimits
from recognition.tracks import Track

LIMITS = SamenessLimits.of(FIGURES)
AN = Identity("a" * 32, "An", datetime(2024, 2, 29, tzinfo=UTC))


def look(likeness: float, weight: float = 0.5) -> Look:
    """One of that cosine to the track's template."""
    row = np.array([likeness, np.sqrt(1 - likeness**2)], np.float32)
    return Look(row, weight, 1.0)


def track(*, named: bool = True, doubtful: bool = False, contradictions: int = 0) -> Track:
    made = Track(1, Face(np.zeros(4, np.float32), 0.9, np.zeros((5, 2), np.float32)))
    made.evidence = made.evidence.with_look(look(1.0))
    match = Match(AN, 0.7, 0.4, None) if named else None
    made.decision = Decision(match, Candidate(AN, 0.7), None, 0.4, 2, 2, 2, Sentence(""))
    made.doubtful, made.contradictions = doubtful, contradictions
    return made


def test_one_in_ten_thousand_others_does_away_with_a_doubt() -> None:
    mean, spread = FIGURES.nonmated_pairs
    assert LIMITS.sure == pytest.approx(mean + spread * 3.719, abs=1e-3)
    assert LIMITS.other < LIMITS.same < LIMITS.sure


@pytest.mark.parametrize(
    ("likeness", "calm", "in_doubt"),
    [
        (0.42, Sameness.SAME, Sameness.SAME),
        (0.38, Sameness.SAME, Sameness.UNSURE),
        (0.30, Sameness.UNSURE, Sameness.OTHER),
        (0.15, Sameness.OTHER, Sameness.OTHER),
    ],
)
def test_in_doubt_more_is_needed(likeness: float, calm: Sameness, in_doubt: Sameness) -> None:
    assert LIMITS.compare(track(), look(likeness)) is calm
    assert LIMITS.compare(track(doubtful=True), look(likeness)) is in_doubt


def test_a_poor_look_alone_ends_no_track() -> None:
    poor = look(0.0, CLEAR / 2)
    assert LIMITS.compare(track(doubtful=True), poor) is Sameness.UNSURE
    assert LIMITS.compare(track(doubtful=True, contradictions=1), poor) is Sameness.UNSURE
    assert LIMITS.compare(track(doubtful=True, contradictions=2), poor) is Sameness.OTHER


def test_where_no_name_would_be_lost_two_are_enough() -> None:
    poor = look(0.0, CLEAR / 2)
    assert LIMITS.compare(track(named=False), poor) is Sameness.UNSURE
    assert LIMITS.compare(track(named=False, contradictions=1), poor) is Sameness.OTHER


def test_the_former_track_is_the_most_alike_one_that_is_like_enough() -> None:
    one, other = track(), track()
    other.evidence = track().evidence.with_look(look(0.0))
    assert LIMITS.former([one, other], look(0.9)) is other
    assert LIMITS.former([one], look(0.9)) is one
    assert LIMITS.former([one], look(0.38)) is None
    assert LIMITS.former([], look(0.9)) is None
