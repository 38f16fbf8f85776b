from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from bench.live.outcomes import FrameOutcome, WatchedFilm, figures, outcome_of
from common.sentence import Sentence
from gallery.identity import Candidate, Identity, Match
from models.face import Face
from recognition.decision import Decision
from recognition.recognizer import RecognizedFace

RIGHT, WRONG, UNKNOWN, NO_FACE = FrameOutcome

LETTERS = {"+": RIGHT, "x": WRONG, "?": UNKNOWN, ".": NO_FACE}


def film(outcomes: str, *, is_stranger: bool = False) -> WatchedFilm:
    return WatchedFilm("film", is_stranger, tuple(LETTERS[letter] for letter in outcomes))


def face(name: str | None) -> RecognizedFace:
    """A face that is named so; None for an unknown one."""
    match = None
    if name is not None:
        match = Match(Identity(name, name.title(), datetime.now(UTC)), 0.7, 0.5, None)
    nearest = Candidate(match.identity, 0.7) if match else None
    decision = Decision(match, nearest, None, 0.5, 2, 2, 2, Sentence("So it is"))
    found = Face(np.float32([0, 0, 9, 9]), 0.9, np.zeros((5, 2), np.float32))
    return RecognizedFace(found, None, 1, decision)


@pytest.mark.parametrize(
    ("names", "outcome"),
    [
        (["an"], RIGHT),
        (["an", None], RIGHT),
        ([None, "an"], RIGHT),
        (["binh"], WRONG),
        (["an", "binh"], WRONG),
        (["an", "an"], WRONG),
        ([None], UNKNOWN),
        ([], NO_FACE),
    ],
)
def test_a_frame_of_an(names: list[str | None], outcome: FrameOutcome) -> None:
    assert outcome_of([face(name) for name in names], ["an"]) is outcome


@pytest.mark.parametrize(
    ("names", "outcome"), [(["an"], WRONG), ([None, "an"], WRONG), ([None], UNKNOWN), ([], NO_FACE)]
)
def test_a_frame_of_a_stranger(names: list[str | None], outcome: FrameOutcome) -> None:
    assert outcome_of([face(name) for name in names], []) is outcome


def test_every_frame_counts_once() -> None:
    watched = [film("?++.x"), film("??x", is_stranger=True), film(".???")]
    counted = figures(watched, are_joined=True)
    assert (counted.films, counted.frames) == (2, 9)
    assert (counted.right, counted.wrong, counted.missing, counted.no_face) == (2, 1, 6, 2)
    assert (counted.stranger_frames, counted.strangers_named) == (3, 1)
    assert counted.right + counted.wrong + counted.missing == counted.frames


def test_until_named_are_the_frames_before_the_name() -> None:
    counted = figures([film("+++"), film("x?+"), film("?x.?"), film(".?+x")], are_joined=True)
    assert counted.until_named == (0, 2, None, 2)
    assert (counted.median_until_named, counted.most_until_named) == (2, 2)
    assert counted.never_named == 1
    nobody = figures([film("???", is_stranger=True), film("?")], are_joined=True)
    assert (nobody.median_until_named, nobody.most_until_named) == (None, None)


def test_a_wrong_name_stands_from_film_to_film_where_they_are_joined() -> None:
    watched = [film("x?+xx"), film("xx?", is_stranger=True), film("?x")]
    joined = figures(watched, are_joined=True)
    assert joined.wrong_runs == (1, 4, 1)
    assert (joined.longest_wrong, joined.mean_wrong) == (4, 2)
    alone = figures(watched, are_joined=False)
    assert alone.wrong_runs == (1, 2, 2, 1)
    never = figures([film("?+")], are_joined=True)
    assert (never.longest_wrong, never.mean_wrong) == (0, 0)


def test_the_first_frame_of_a_film_may_still_have_the_last_ones_name() -> None:
    watched = [film("x+"), film("xx?x", is_stranger=True), film("+x")]
    assert figures(watched, are_joined=True).wrong_later == 3
