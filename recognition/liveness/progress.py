"""What a liveness check says after each frame."""

from __future__ import annotations

from dataclasses import dataclass

from common.sentence import Sentence
from recognition.liveness.challenge import Action
from recognition.liveness.evidence import Reason


@dataclass(frozen=True)
class Pending:
    """Not decided yet.

    action: the movement that is asked for; None where nothing is now: the face is watched, or is to
    look straight ahead, before an action and after it. step: which action, from 1 to `steps`; both
    are 0 where nothing is asked for. remaining_s: seconds until it is too late.
    again: whether another action was asked for before, and not seen. may_decline: whether the
    person may say that they cannot do it.
    """

    action: Action | None = None
    step: int = 0
    steps: int = 0
    remaining_s: float = 0.0
    again: bool = False
    may_decline: bool = False


NOTHING = Sentence("")


@dataclass(frozen=True)
class Passed:
    """It is a live person. found: what was found out, in sentences."""

    found: Sentence = NOTHING


@dataclass(frozen=True)
class Failed:
    """The attempt failed. detail: one sentence for whoever asks why, not for the person who stands
    there."""

    reason: Reason
    detail: Sentence


Progress = Pending | Passed | Failed
