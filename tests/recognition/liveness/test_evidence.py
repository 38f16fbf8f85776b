from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bench.liveness.heads import Points
from common.sentence import Sentence
from recognition.liveness.evidence import (
    CONVINCING,
    VETO,
    FindingKind,
    LivenessEvidence,
    LivenessFinding,
    Reason,
    Standing,
)
from recognition.liveness.observation import Observation

from .conftest import seen


def found(kind: FindingKind, strength: float) -> LivenessFinding:
    return LivenessFinding(kind, strength, Sentence(f"{kind.name}."))


def evidence_of(*findings: LivenessFinding) -> LivenessEvidence:
    evidence = LivenessEvidence(())
    for finding in findings:
        evidence.add(finding)
    return evidence


BLINK = found(FindingKind.BLINK, 4.0)
PARALLAX = found(FindingKind.PARALLAX, 4.0)
SCREEN = found(FindingKind.SCREEN, -0.1)


def test_nothing_was_found() -> None:
    assert evidence_of().standing is Standing.UNDECIDED
    assert evidence_of().in_words == ""


@pytest.mark.parametrize(
    ("findings", "standing"),
    [
        ([BLINK], Standing.CONVINCED),
        ([found(FindingKind.BLINK, CONVINCING - 0.1)], Standing.UNDECIDED),
        (
            [found(FindingKind.BLINK, CONVINCING - 0.1), found(FindingKind.EXPRESSION, 0.2)],
            Standing.CONVINCED,
        ),
        ([BLINK, SCREEN], Standing.SUSPICIOUS),
        ([BLINK, PARALLAX, SCREEN], Standing.SUSPICIOUS),
        ([SCREEN, found(FindingKind.ANSWER, 4.0)], Standing.CONVINCED),
        ([found(FindingKind.SCREEN, -3.0), found(FindingKind.ANSWER, 4.0)], Standing.SUSPICIOUS),
        ([BLINK, found(FindingKind.MOIRE, VETO)], Standing.REFUSED),
        ([found(FindingKind.ANSWER, 99.0), found(FindingKind.FLAT, VETO)], Standing.REFUSED),
    ],
)
def test_the_standing(findings: list[LivenessFinding], standing: Standing) -> None:
    assert evidence_of(*findings).standing is standing
    assert evidence_of(*reversed(findings)).standing is standing


def test_a_later_finding_takes_the_place_of_an_earlier_one_but_not_of_a_veto() -> None:
    evidence = evidence_of(BLINK, SCREEN)
    evidence.add(found(FindingKind.SCREEN, 0.0))
    assert evidence.standing is Standing.CONVINCED
    assert evidence.findings == (BLINK,)
    evidence.add(found(FindingKind.MOIRE, VETO))
    evidence.add(found(FindingKind.MOIRE, 0.0))
    assert evidence.standing is Standing.REFUSED
    assert evidence.veto == found(FindingKind.MOIRE, VETO)


def test_in_words_the_strongest_comes_first() -> None:
    evidence = evidence_of(SCREEN, BLINK, found(FindingKind.EXPRESSION, 0.0))
    assert evidence.in_words == "BLINK. SCREEN."


def test_why_an_attempt_fails() -> None:
    assert FindingKind.LOOPED.reason is Reason.FROZEN_CAMERA
    assert FindingKind.RECTANGLE.reason is Reason.LOOKS_FLAT


class Saying:
    def __init__(self, *said: LivenessFinding | None) -> None:
        self._said: Iterator[LivenessFinding | None] = iter(said)

    def see(self, observation: Observation) -> LivenessFinding | None:
        return next(self._said)


def test_what_a_cue_has_said_stays_until_it_says_otherwise(
    head: Points, observe: Callable[..., Observation]
) -> None:
    evidence = LivenessEvidence([Saying(None, SCREEN, None), Saying(BLINK, None, None)])
    standings = [evidence.see(observe(at, seen(head))) for at in (0.0, 0.1, 0.2)]
    assert standings == [Standing.CONVINCED, Standing.SUSPICIOUS, Standing.SUSPICIOUS]


def test_the_evidence_is_of_one_face(head: Points, observe: Callable[..., Observation]) -> None:
    evidence = LivenessEvidence(())
    evidence.see(observe(0.0, seen(head)))
    with pytest.raises(ValueError, match="evidence on 1 was shown 2"):
        evidence.see(observe(0.1, seen(head), track_id=2))
