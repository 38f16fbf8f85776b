from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from common.sentence import Sentence
from gallery.identity import Candidate, Identity
from models.embedders.sface import FIGURES
from models.flaws import Flaw
from recognition.clarity import UNSURE, demanding, explained, required, shared, worst
from recognition.decision import Decision, Policy

POLICY = Policy(threshold=0.4, margin=0.04)
BLURRED = frozenset({Flaw.BLURRED})
AN = Identity("a" * 32, "An", datetime(2024, 2, 29, tzinfo=UTC))


def unknown(similarity: float) -> Decision:
    return Decision(None, Candidate(AN, similarity), None, 0.43, 0, 1, 0, Sentence("Below"))


def test_a_flaw_asks_for_more() -> None:
    assert demanding(POLICY, frozenset(), FIGURES) is POLICY
    more = demanding(POLICY, BLURRED, FIGURES)
    assert more.threshold == pytest.approx(0.4 + FIGURES.unclear_rise)
    assert more.margin == pytest.approx(0.04 + FIGURES.unclear_margin)
    assert required(0.4, BLURRED, FIGURES) == more.threshold
    assert required(0.4, frozenset(), FIGURES) == 0.4


def test_one_good_look_is_enough() -> None:
    dark = frozenset({Flaw.DARK, Flaw.BLURRED})
    assert shared([BLURRED, dark]) == BLURRED
    assert shared([BLURRED, frozenset()]) == shared([]) == frozenset()


def test_the_reason_is_the_flaw_where_a_clear_face_would_have_the_name() -> None:
    told = explained(unknown(0.42), BLURRED, 0.4).reason
    assert told == "Perhaps An, at 0.42; too blurred to be sure"
    for decision, flaws in ((unknown(0.39), BLURRED), (unknown(0.42), frozenset[Flaw]())):
        assert explained(decision, flaws, 0.4) is decision
    nobody = replace(unknown(0.42), nearest=None)
    assert explained(nobody, BLURRED, 0.4) is nobody


def test_every_flaw_has_words() -> None:
    assert set(UNSURE) == set(Flaw)
    assert worst([]) is None
    assert worst([Flaw.NOISY, Flaw.DARK]) is Flaw.DARK
