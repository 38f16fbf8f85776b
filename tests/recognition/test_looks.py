from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from common.sentence import Sentence
from gallery.identity import Candidate, Identity, Match
from models.crop import ALIGNED_LANDMARKS
from models.face import Face
from recognition.decision import Decision
from recognition.evidence import NO_EVIDENCE, Look
from recognition.looks import BURST_S, CONFIRM_S, LATER_S, SHARE, SOON_S, LookBudget, urgency
from recognition.tracks import Track

AN = Identity("a" * 32, "An", datetime(2024, 2, 29, tzinfo=UTC))
ROW = np.eye(1, 4, dtype=np.float32)[0]


def track(*, named: bool, looks: int = 3, apart: float = 1.0, now: float = 10.0) -> Track:
    """A face that was looked at last at `now`."""
    made = Track(1, Face(np.array([0, 0, 112, 112], np.float32), 0.99, ALIGNED_LANDMARKS))
    made.best_view = 112.0
    for index in reversed(range(looks)):
        made.evidence = (made.evidence or NO_EVIDENCE).with_look(Look(ROW, at=now - index * apart))
    if looks:
        made.looked_at = now
    match = Match(AN, 0.7, 0.4, None) if named else None
    made.decision = Decision(match, Candidate(AN, 0.7), None, 0.4, 2, looks, 2, Sentence(""))
    return made


def test_a_new_face_comes_first_then_the_second_look() -> None:
    new, second = track(named=False, looks=0), track(named=False, looks=1)
    settled = track(named=False)
    assert urgency(new, 11.0) > urgency(second, 10.03) > 2 > urgency(settled, 99.0) > 0


def test_one_picture_is_not_looked_at_twice() -> None:
    assert urgency(track(named=False, looks=1), 10.0) == 0


def test_a_name_in_doubt_cannot_wait_and_goes_before_all_others() -> None:
    doubted = track(named=True)
    doubted.doubtful = True
    assert urgency(doubted, 10.01) > urgency(track(named=False, looks=0), 10.01)


def test_a_named_face_is_confirmed_now_and_then_and_when_it_has_changed() -> None:
    face = track(named=True)
    assert urgency(face, 10 + CONFIRM_S - 0.01) == 0
    assert 0 < urgency(face, 10 + CONFIRM_S) < 2
    face.changed = True
    assert 0 < urgency(face, 10.03) < 2


def test_the_longest_unconfirmed_is_first() -> None:
    assert urgency(track(named=True, now=9.0), 11.0) > urgency(track(named=True), 11.0)


@pytest.mark.parametrize(("looks", "pause"), [(2, 2 * SOON_S), (3, 4 * SOON_S), (8, LATER_S)])
def test_looks_at_a_stranger_become_rarer(looks: int, pause: float) -> None:
    face = track(named=False, looks=looks)
    assert urgency(face, 10 + pause - 0.01) == 0
    assert urgency(face, 10 + pause + 0.01) > 0


def test_a_stranger_who_is_seen_better_or_may_be_another_is_looked_at_soon() -> None:
    nearer, doubted = track(named=False), track(named=False)
    nearer.best_view = 80.0
    doubted.doubtful = True
    assert 0 < urgency(nearer, 10.03) < 2
    assert 0 < urgency(doubted, 10.01 + SOON_S) < 2
    doubted.contradictions = 1
    assert urgency(doubted, 10.03) > 2


def looks_in(seconds: float, cost: float, fps: float = 30.0) -> int:
    """How many looks that can wait are made, where one is always due."""
    budget, made = LookBudget(), 0
    for _ in range(round(seconds * fps)):
        budget.earn(1 / fps)
        if budget.allows:
            budget.spend(cost)
            made += 1
    return made


def test_looks_take_their_share_of_a_core_and_no_more() -> None:
    assert looks_in(20, 0.004) == pytest.approx((20 * SHARE + BURST_S) / 0.004, rel=0.05)


def test_a_slow_embedder_still_looks_now_and_then() -> None:
    assert looks_in(20, 0.2) == pytest.approx(40, abs=3)


def test_one_slow_look_is_no_reason_to_look_less() -> None:
    budget = LookBudget()
    budget.spend(0.003)
    budget.spend(0.5)
    budget.earn(1.0)
    assert budget.allows


def test_what_is_saved_up_is_bounded() -> None:
    budget = LookBudget()
    budget.earn(3600.0)
    for _ in range(round(BURST_S / 0.004) + 1):
        budget.spend(0.004)
    assert not budget.allows
