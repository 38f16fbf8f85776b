from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from gallery.identity import Candidate, Identity
from recognition.decision import Policy, Vote, choice, decide

POLICY = Policy(threshold=0.4, margin=0.04)
LIVE = Policy(threshold=0.4, margin=0.04, votes=2)


def person(name: str) -> Identity:
    return Identity(name.encode().hex().ljust(32, "0"), name, datetime(2024, 2, 29, tzinfo=UTC))


AN, BINH, CHI = person("An"), person("Bình"), person("Chi")


def vote(*ranking: tuple[Identity, float]) -> Vote:
    return Vote(np.eye(1, 4, dtype=np.float32)[0], tuple(Candidate(i, s) for i, s in ranking))


def assert_is_a_sentence(reason: str) -> None:
    """One that the window can close with a full stop."""
    assert reason[0].isupper()
    assert reason == reason.strip()
    assert not reason.endswith(".")
    assert "  " not in reason


def test_a_clear_winner_is_named() -> None:
    decision = decide([vote((AN, 0.7), (BINH, 0.2))], POLICY)
    assert decision.match is not None
    assert decision.match.identity == AN
    assert decision.match.similarity == pytest.approx(0.7)
    assert decision.match.threshold == 0.4
    assert decision.match.runner_up == Candidate(BINH, 0.2)
    assert decision.nearest == Candidate(AN, 0.7)
    assert (decision.agreeing, decision.votes) == (1, 1)
    assert decision.reason == (
        "Similarity 0.70 passes 0.40; the next, Bình, is at 0.20; 1 of 1 looks agree"
    )
    assert_is_a_sentence(decision.reason)


def test_the_only_person_needs_no_runner_up() -> None:
    decision = decide([vote((AN, 0.7))], POLICY)
    assert decision.match is not None
    assert decision.match.runner_up is None
    assert decision.reason == "Similarity 0.70 passes 0.40; 1 of 1 looks agree"


@pytest.mark.parametrize(("similarity", "named"), [(0.4, True), (0.3999, False), (-0.2, False)])
def test_the_threshold_must_be_reached(similarity: float, named: bool) -> None:
    decision = decide([vote((AN, similarity))], POLICY)
    assert (decision.match is not None) == named
    assert decision.nearest == Candidate(AN, pytest.approx(similarity))


def test_below_the_threshold_it_says_so() -> None:
    decision = decide([vote((AN, 0.31), (BINH, 0.3))], POLICY)
    assert decision.reason == "The nearest, An, is at 0.31, below 0.40"
    assert decision.runner_up == Candidate(BINH, 0.3)
    assert decision.agreeing == 0
    assert_is_a_sentence(decision.reason)


@pytest.mark.parametrize(("behind", "named"), [(1.01, True), (0.99, False)])
def test_the_runner_up_must_be_clearly_behind(behind: float, named: bool) -> None:
    decision = decide([vote((AN, 0.7), (BINH, 0.7 - behind * POLICY.margin))], POLICY)
    assert (decision.match is not None) == named


def test_too_close_together_says_so() -> None:
    decision = decide([vote((AN, 0.71), (BINH, 0.70))], POLICY)
    assert decision.match is None
    assert decision.reason == "An at 0.71 and Bình at 0.70 are too close together"
    assert_is_a_sentence(decision.reason)


def test_an_empty_gallery_says_so() -> None:
    decision = decide([vote()], POLICY)
    assert (decision.match, decision.nearest, decision.runner_up) == (None, None, None)
    assert decision.reason == "The gallery is empty"


def test_a_live_face_needs_two_looks() -> None:
    first = vote((AN, 0.7), (BINH, 0.1))
    thin = decide([first], LIVE)
    assert thin.match is None
    assert thin.nearest == Candidate(AN, pytest.approx(0.7))
    assert thin.reason == "Only 1 of 1 looks agree; 2 are needed"
    assert_is_a_sentence(thin.reason)
    decision = decide([first, vote((AN, 0.6), (CHI, 0.2))], LIVE)
    assert decision.match is not None
    assert decision.match.similarity == pytest.approx(0.65)
    assert decision.match.runner_up == Candidate(CHI, 0.2)


def test_looks_that_choose_nobody_count_against_a_name() -> None:
    an, nobody = vote((AN, 0.7)), vote((AN, 0.3))
    assert decide([an, an, an, nobody, nobody], LIVE).match is not None
    decision = decide([an, an, nobody, nobody], LIVE)
    assert decision.match is None
    assert (decision.agreeing, decision.votes) == (2, 4)
    assert decision.reason == "Only 2 of 4 looks agree; 3 are needed"


def test_a_tie_names_nobody() -> None:
    an, binh = vote((AN, 0.7), (BINH, 0.1)), vote((BINH, 0.9), (AN, 0.2))
    decision = decide([an, an, binh, binh], LIVE)
    assert decision.match is None
    assert decision.reason == "As many looks are for one person as for another"
    assert decision.nearest == Candidate(BINH, 0.9)
    assert_is_a_sentence(decision.reason)


def test_the_majority_wins_whoever_came_last() -> None:
    an, binh = vote((AN, 0.5), (BINH, 0.1)), vote((BINH, 0.9), (AN, 0.2))
    decision = decide([an, an, an, an, binh], LIVE)
    assert decision.match is not None
    assert decision.match.identity == AN
    assert decision.match.similarity == pytest.approx(0.5)


def test_namesakes_are_two_people() -> None:
    other_an = Identity("f" * 32, "An", AN.enrolled_at)
    looks = [vote((AN, 0.7)), vote((other_an, 0.7))]
    assert decide(looks, LIVE).match is None


def test_one_look_is_for_its_best_candidate_or_nobody() -> None:
    assert choice(vote((AN, 0.7), (BINH, 0.2)), POLICY) == Candidate(AN, 0.7)
    assert choice(vote((AN, 0.7), (BINH, 0.69)), POLICY) is None
    assert choice(vote((AN, 0.39)), POLICY) is None
    assert choice(vote(), POLICY) is None
