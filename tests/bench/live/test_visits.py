"""Visits: what came of them, and figures whose answer is known by construction."""

from __future__ import annotations

import pytest

from bench.live.outcomes import FrameOutcome
from bench.live.visits import (
    FilmVisit,
    FilmWatched,
    VisitOutcome,
    by_group,
    figures_of,
    film_warnings,
)

LETTERS = {
    "r": FrameOutcome.RIGHT,
    "w": FrameOutcome.WRONG,
    "u": FrameOutcome.UNKNOWN,
    ".": FrameOutcome.NO_FACE,
}


def film(shown: str, person: str = "An", stranger: bool = False, fps: float = 10) -> FilmWatched:
    outcomes = tuple(LETTERS[letter] for letter in shown)
    seconds = tuple(place / fps for place in range(len(shown)))
    return FilmWatched(f"{person}-x.mkv", person, stranger, outcomes, seconds)


@pytest.mark.parametrize(
    ("shown", "outcomes"),
    [
        ("uurrr", [VisitOutcome.RIGHT]),
        ("rrrwr", [VisitOutcome.WRONG]),
        ("uuu", [VisitOutcome.NOBODY]),
        ("...", [VisitOutcome.NOBODY]),
        ("", [VisitOutcome.NOBODY]),
        ("ur.........ur", [VisitOutcome.RIGHT]),
        ("ur..........uu", [VisitOutcome.RIGHT, VisitOutcome.NOBODY]),
        ("..........rr", [VisitOutcome.RIGHT]),
    ],
)
def test_a_second_without_a_face_ends_a_visit(shown: str, outcomes: list[VisitOutcome]) -> None:
    assert [visit.outcome for visit in film(shown).visits] == outcomes


def test_time_runs_from_the_first_face() -> None:
    assert film("...uuurr").visits == (FilmVisit(VisitOutcome.RIGHT, pytest.approx(0.3)),)
    assert film("uuwr").visits == (FilmVisit(VisitOutcome.WRONG, pytest.approx(0.3)),)
    assert film("uuu").visits == (FilmVisit(VisitOutcome.NOBODY, None),)


def test_shares_of_frames_and_visits() -> None:
    found = figures_of(
        [
            film("uurrrrrr", "An"),
            film("rrrrrrrw", "An"),
            film("....uuuu", "Bình"),
            film("", "Bình"),  # cannot be opened
            film("uuuw", "stranger", stranger=True),
            film("uuuu", "another", stranger=True),
            film("", "a third", stranger=True),  # nobody could be named in it
        ]
    )
    assert found is not None
    assert (found.people, found.films, found.strangers) == (2, 4, 2)
    assert (found.right.value, found.right.of) == (13 / 24, 24)
    assert (found.wrong.value, found.unknown.value, found.not_found.value) == (1 / 24, 0.25, 4 / 24)
    visits = (found.right_visits, found.wrong_visits, found.unnamed_visits)
    assert [(v.value, v.of) for v in visits] == [(0.25, 4), (0.25, 4), (0.5, 4)]
    assert found.named is not None
    assert found.named_visits is not None
    assert (found.named.value, found.named.of) == (1 / 8, 8)
    assert (found.named_visits.value, found.named_visits.of) == (0.5, 2)
    assert found.until_named is not None
    assert found.until_named.of == 2
    assert found.longest == pytest.approx(0.2)


def test_where_nothing_went_wrong_the_interval_is_the_rule_of_three() -> None:
    found = figures_of([film("rrrr", f"P{i}") for i in range(30)])
    assert found is not None
    assert (found.wrong_visits.value, found.wrong_visits.high) == (0, 0.1)
    assert (found.right_visits.value, found.right_visits.low) == (1, 0.9)
    assert found.strangers == 0
    assert found.named_visits is None
    people, strangers = film_warnings(found)
    assert people.startswith("30 enrolled people in films: no share of visits below 10 %")
    assert strangers.startswith("No stranger is in any film")


def test_the_interval_is_of_people_and_not_of_their_films() -> None:
    """Half of the people are always named and the others never: ten films each say no more."""
    films = [film("rr" if i % 2 else "uu", f"P{i}") for i in range(20)]
    once, often = figures_of(films), figures_of(films * 10)
    assert once is not None
    assert often is not None
    assert (often.right_visits.low, often.right_visits.high) == (
        once.right_visits.low,
        once.right_visits.high,
    )
    assert 0.2 < once.right_visits.low < 0.4 < 0.6 < once.right_visits.high < 0.8


def test_nobody_is_enrolled() -> None:
    assert figures_of([film("uu", stranger=True)]) is None
    assert film_warnings(None)[0].startswith("Nobody who is enrolled")


def test_the_group_that_loses_most_comes_first() -> None:
    watched = [film("rr", "An"), film("uu", "Bình"), film("rr", "Chi")]
    found = by_group(watched, {"An": "old", "Bình": "young", "Chi": "old", "Dũng": "other"})
    assert [(group, figures.right_visits.value) for group, figures in found] == [
        ("young", 0),
        ("old", 1),
    ]


def test_no_frame_says_nothing() -> None:
    found = figures_of([film("", "An")])
    assert found is not None
    assert (found.right.low, found.right.high, found.right.of) == (0, 1, 0)
    assert (found.unnamed_visits.value, found.until_named, found.longest) == (1, None, None)
