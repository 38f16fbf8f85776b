from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from bench.liveness.filmed.acting import Act, Actor


def acted(asked: list[str | None]) -> list[Act]:
    actor = Actor(np.random.default_rng(0))
    return [actor.act(i / 20, what) for i, what in enumerate(asked)]


@pytest.mark.parametrize(
    ("asked", "part", "far"),
    [
        ("TURN_LEFT", "turn", 1.0),
        ("SLIGHTLY_RIGHT", "turn", -1.0),
        ("NOD", "nod", 1.0),
        ("COME_CLOSER", "closer", 1.0),
        ("BLINK_TWICE", "blink", 1.0),
    ],
)
def test_what_is_asked_is_done_after_a_moment_and_undone(asked: str, part: str, far: float) -> None:
    acts = acted([None] * 20 + [asked] * 60)
    assert all(act.is_still for act in acts[:30]), "nobody answers within half a second"
    done = [getattr(act, part) for act in acts]
    assert max(done, key=abs) == pytest.approx(far, abs=0.1)
    assert all(act == Act(**{part: getattr(act, part)}) for act in acts), "and nothing else"
    assert any(act.is_still for act in acts[45:])


def test_eyes_close_twice() -> None:
    closed = [act.blink > 0.5 for act in acted(["BLINK_TWICE"] * 55)]
    assert sum(now and not before for before, now in pairwise(closed)) >= 2


def test_what_was_begun_is_finished() -> None:
    acts = acted(["TURN_LEFT"] * 35 + [None] * 60)
    assert not acts[36].is_still
    assert acts[-1].is_still
