from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gallery.identity import Candidate, Identity
from recognition.decision import Findings, Policy, decide

POLICY = Policy(threshold=0.4, margin=0.04)
LIVE = Policy(threshold=0.4, margin=0.04, looks=2)


def person(name: str) -> Identity:
    return Identity(name.encode().hex().ljust(32, "0"), name, datetime(2024, 2, 29, tzinfo=UTC))


AN, BINH = person("An"), person("Bình")


def found(
    *ranking: tuple[Identity, float],
    moments: tuple[tuple[float, ...], ...] = ((1.0,),),
    independent: float | None = None,
) -> Findings:
    """moments: the similarity of each look to the nearest, moment by moment."""
    return Findings(
        tuple(Candidate(i, s) for i, s in ranking),
        moments,
        len(moments) if independent is None else independent,
    )


def assert_is_a_sentence(reason: str) -> None:
    """One that the window can close with a full stop."""
    assert reason[0].isupper()
    assert reason == reason.strip()
    assert not reason.endswith(".")
    assert "  " not in reason


def test_a_clear_winner_is_named() -> None:
    decision = decide(found((AN, 0.7), (BINH, 0.2)), POLICY)
    assert decision.match is not None
    assert decision.match.identity == AN
    assert decision.match.similarity == pytest.approx(0.7)
    assert decision.match.threshold == 0.4
    assert decision.match.runner_up == Candidate(BINH, 0.2)
    assert decision.nearest == Candidate(AN, 0.7)
    assert (decision.agreeing, decision.looks, decision.moments) == (1, 1, 1)
    assert decision.reason == (
        "Similarity 0.70 passes 0.40; the next, Bình, is at 0.20; 1 of 1 good looks agree"
    )
    assert_is_a_sentence(decision.reason)


def test_the_only_person_needs_no_runner_up() -> None:
    decision = decide(found((AN, 0.7)), POLICY)
    assert decision.match is not None
    assert decision.match.runner_up is None
    assert decision.reason == "Similarity 0.70 passes 0.40; 1 of 1 good looks agree"


@pytest.mark.parametrize(("similarity", "named"), [(0.4, True), (0.3999, False), (-0.2, False)])
def test_the_threshold_must_be_reached(similarity: float, named: bool) -> None:
    decision = decide(found((AN, similarity), moments=((similarity,),)), POLICY)
    assert (decision.match is not None) == named
    assert decision.nearest == Candidate(AN, pytest.approx(similarity))


def test_below_the_threshold_it_says_so() -> None:
    decision = decide(found((AN, 0.31), (BINH, 0.3), moments=((0.31,),)), POLICY)
    assert decision.reason == "The nearest, An, is at 0.31, below 0.40"
    assert decision.runner_up == Candidate(BINH, 0.3)
    assert decision.agreeing == 0
    assert_is_a_sentence(decision.reason)


@pytest.mark.parametrize(("behind", "named"), [(1.01, True), (0.99, False)])
def test_the_runner_up_must_be_clearly_behind(behind: float, named: bool) -> None:
    decision = decide(found((AN, 0.7), (BINH, 0.7 - behind * POLICY.margin)), POLICY)
    assert (decision.match is not None) == named


def test_too_close_together_says_so() -> None:
    decision = decide(found((AN, 0.71), (BINH, 0.70)), POLICY)
    assert decision.match is None
    assert decision.reason == "An at 0.71 and Bình at 0.70 are too close together"
    assert_is_a_sentence(decision.reason)


def test_an_empty_gallery_says_so() -> None:
    decision = decide(found(), POLICY)
    assert (decision.match, decision.nearest, decision.runner_up) == (None, None, None)
    assert decision.reason == "The gallery is empty"


def test_a_live_face_needs_two_looks() -> None:
    thin = decide(found((AN, 0.7), (BINH, 0.1), moments=((0.7,),)), LIVE)
    assert thin.match is None
    assert thin.nearest == Candidate(AN, pytest.approx(0.7))
    assert thin.reason == "Perhaps An, at 0.70; 1 of 1 good looks agree, 2 are needed"
    assert_is_a_sentence(thin.reason)
    decision = decide(found((AN, 0.7), (BINH, 0.1), moments=((0.7, 0.6),)), LIVE)
    assert decision.match is not None
    assert decision.match.similarity == pytest.approx(0.7)
    assert (decision.agreeing, decision.looks, decision.moments) == (2, 2, 1)


def test_two_looks_must_agree_each_by_itself() -> None:
    """One look that is very like cannot carry another that is not."""
    decision = decide(found((AN, 0.6), moments=((0.9,), (0.2,), (0.1,))), LIVE)
    assert decision.match is None
    assert (decision.agreeing, decision.looks, decision.moments) == (1, 3, 1)
    assert decision.reason == "Perhaps An, at 0.60; 1 of 3 good looks agree, 2 are needed"
    assert decide(found((AN, 0.6), moments=((0.9,), (0.35,), (0.1,))), LIVE).match is not None


def test_looks_of_one_moment_need_more_than_those_of_two() -> None:
    close, apart = ((0.45, 0.45),), ((0.45,), (0.45,))
    decision = decide(found((AN, 0.45), moments=close), LIVE)
    assert decision.match is None
    assert decision.threshold == pytest.approx(0.48)
    assert decision.reason == "Perhaps An, at 0.45; 0.48 or a look at another moment is needed"
    assert_is_a_sentence(decision.reason)
    assert decide(found((AN, 0.49), moments=close), LIVE).match is not None
    assert decide(found((AN, 0.45), moments=apart), LIVE).match is not None
    assert decide(found((AN, 0.43), moments=apart), LIVE).match is None


def test_poor_looks_need_more_than_good_ones() -> None:
    poor = found((AN, 0.45), moments=((0.45,), (0.45,)), independent=0.4)
    decision = decide(poor, LIVE)
    assert decision.match is None
    assert decision.reason == "Perhaps An, at 0.45; 0.50 or a clearer look is needed"
    assert_is_a_sentence(decision.reason)


def test_a_name_is_kept_down_to_the_threshold_and_by_nobody_else() -> None:
    looks = found((AN, 0.41), (BINH, 0.1), moments=((0.41,), (0.4,)))
    assert decide(looks, LIVE).match is None
    assert decide(looks, LIVE, named=BINH.id).match is None
    kept = decide(looks, LIVE, named=AN.id).match
    assert kept is not None
    assert kept.threshold == 0.4
    lost = found((AN, 0.39), (BINH, 0.1), moments=((0.41,), (0.4,)))
    assert decide(lost, LIVE, named=AN.id).match is None


def test_a_raised_bar_asks_for_more_of_the_nearest_up_to_its_limit() -> None:
    raised = replace(LIVE, bar=0.6, bar_at_most=0.3)
    below = decide(found((AN, 0.59), (BINH, 0.2), moments=((1.0,), (1.0,))), raised)
    assert below.match is None
    assert below.threshold == 0.6
    assert below.reason == (
        "Perhaps An, at 0.59; somebody else was taken for this person, so that 0.60 is needed"
    )
    assert_is_a_sentence(below.reason)
    above = decide(found((AN, 0.6), (BINH, 0.2), moments=((1.0,), (1.0,))), raised)
    assert above.match is not None
    limited = replace(raised, bar_at_most=0.1)
    assert limited.raised(0.44) == pytest.approx(0.54)
    assert replace(raised, bar=0.3).raised(0.44) == 0.44  # never less than others need


def test_who_has_the_name_loses_it_at_a_raised_bar() -> None:
    findings = found((AN, 0.5), (BINH, 0.2), moments=((1.0,), (1.0,)))
    assert decide(findings, LIVE, AN.id).match is not None
    assert decide(findings, replace(LIVE, bar=0.51, bar_at_most=0.3), AN.id).match is None
