from __future__ import annotations

import numpy as np

from bench.liveness.filmed.presenting import (
    FPS,
    SECONDS,
    Answer,
    FilmedPresentation,
    Told,
    filmed_figures,
    present_film,
)
from bench.liveness.presentation import BONA_FIDE
from capture.frame import Frame


class Script:
    """A scene and a station at once: it answers as is written, and notes what it was shown."""

    def __init__(self, *told: Told) -> None:
        self.told = list(told)
        self.asked: list[str | None] = []

    def see(self, at: float | Frame, asked: str | None = None):
        if isinstance(at, Frame):
            return self.told[at.index] if at.index < len(self.told) else Told()
        self.asked.append(asked)
        return np.zeros((4, 4, 3), np.uint8)


def test_the_scene_is_told_what_is_asked_until_it_is_in() -> None:
    turn, blink = Told(asked="TURN_LEFT"), Told(asked="BLINK_TWICE")
    script = Script(Told(), turn, turn, Told(), blink, Told(Answer.LETS_IN))
    seconds, asked, _ = present_film(script, script)
    assert seconds == 5 / FPS
    assert asked == 2
    assert script.asked == [None, None, "TURN_LEFT", "TURN_LEFT", None, "BLINK_TWICE"]


def test_a_refusal_ends_it_and_so_does_the_end() -> None:
    refused = Script(Told(Answer.REFUSES, why="looks flat"))
    assert present_film(refused, refused) == (None, 0, "looks flat")
    waits = Script()
    assert present_film(waits, waits)[0] is None
    assert len(waits.asked) == int(FPS * SECONDS)


def test_figures_worst_first_and_people_last() -> None:
    def of(kind: str, *seconds: float | None, asked: int = 0) -> list[FilmedPresentation]:
        return [FilmedPresentation(kind, str(i), s, asked, "no") for i, s in enumerate(seconds)]

    people = of(BONA_FIDE, 1.0, 2.0, 1.0) + of(BONA_FIDE, 4.0, asked=1) + of(BONA_FIDE, None)
    good, bad, last = filmed_figures(
        [*people, *of("print held", None, None), *of("replay", 0.5, None)]
    )[::1]
    assert [good.rate.kind, bad.rate.kind, last.rate.kind] == ["replay", "print held", BONA_FIDE]
    assert (good.rate.errors, bad.rate.errors, last.rate.errors) == (1, 0, 1)
    assert (last.asked, last.unasked_in, last.one_in) == (1, 3, 4)
    assert last.median_s == 1.5
    assert last.reasons == (("no", 1),)
    assert bad.median_s is None
