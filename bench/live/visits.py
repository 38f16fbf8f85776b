"""Films as visits: whom the live loop names while a face is in view, and how soon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from bench.evaluation.intervals import (
    Estimate,
    Weights,
    bounds,
    estimate,
    least_claimed,
    shares,
    widened,
    widened_up,
)
from bench.live.outcomes import FrameOutcome
from common.sentence import Sentence

GONE_S = 1.0
"""Whoever has not been seen for so long has left; the next face is another visit. It is twice as
long as the loop keeps a face that it does not see."""


class VisitOutcome(Enum):
    """What came of a visit.

    RIGHT: the person was named, and nobody else ever. WRONG: another name stood in the picture, be
    it for a frame. NOBODY: nobody was named. Of a stranger NOBODY is as it should be.
    """

    RIGHT = "right name"
    WRONG = "wrong name"
    NOBODY = "nobody"


@dataclass(frozen=True)
class FilmVisit:
    """A stretch of a film in which a face is in view. until_named: seconds from its first frame to
    the first one that is right; None where none is, or where it is a stranger's."""

    outcome: VisitOutcome
    until_named: float | None


@dataclass(frozen=True)
class FilmWatched:
    """What the loop made of a film, frame by frame.

    film: its file's name. person: whose it is. is_stranger: whether they are not enrolled.
    outcomes, seconds: of each frame what it shows, and when it was taken; empty for a film that
    cannot be opened.
    """

    film: str
    person: str
    is_stranger: bool
    outcomes: tuple[FrameOutcome, ...]
    seconds: tuple[float, ...]

    @property
    def visits(self) -> tuple[FilmVisit, ...]:
        """The stretches with a face. A film in which none is found, or that cannot be opened, is a
        visit in which nobody is named: somebody was there."""
        return tuple(_visit(self, frames) for frames in _stretches(self)) or (
            FilmVisit(VisitOutcome.NOBODY, None),
        )


@dataclass(frozen=True)
class FilmFigures:
    """Shares of frames and of visits, with intervals by bootstrap over people.

    people: enrolled ones who are in a film. right, wrong, unknown, not_found: of their frames; see
    FrameOutcome. right_visits, wrong_visits, unnamed_visits: of their visits; what is not right is
    the FNIR. until_named: the median of the seconds until the right name, over the visits in which
    it came; None where it never did. longest: the most seconds. strangers: people who are not
    enrolled, of whom named is the share of the frames in which anybody has a name, and named_visits
    (the FPIR) that of the visits; None without strangers.
    """

    people: int
    films: int
    right: Estimate
    wrong: Estimate
    unknown: Estimate
    not_found: Estimate
    right_visits: Estimate
    wrong_visits: Estimate
    unnamed_visits: Estimate
    until_named: Estimate | None
    longest: float | None
    strangers: int
    named: Estimate | None
    named_visits: Estimate | None


def figures_of(watched: Sequence[FilmWatched]) -> FilmFigures | None:
    """Count what was watched; None where nobody who is enrolled is in any film.

    A stranger's film that cannot be opened does not count: nobody could have been named in it.
    """
    names = {name: place for place, name in enumerate(dict.fromkeys(w.person for w in watched))}
    known = [film for film in watched if not film.is_stranger]
    strangers = [film for film in watched if film.is_stranger and film.outcomes]
    if not known:
        return None
    of_frames = _Counted(known, names)
    visits = _VisitsCounted(known, names)
    named = named_visits = None
    if strangers:
        named = _Counted(strangers, names).share(FrameOutcome.WRONG)
        named_visits = _VisitsCounted(strangers, names).share(VisitOutcome.WRONG)
    until, longest = visits.until_named()
    return FilmFigures(
        people=len({film.person for film in known}),
        films=len(known),
        right=of_frames.share(FrameOutcome.RIGHT),
        wrong=of_frames.share(FrameOutcome.WRONG),
        unknown=of_frames.share(FrameOutcome.UNKNOWN),
        not_found=of_frames.share(FrameOutcome.NO_FACE),
        right_visits=visits.share(VisitOutcome.RIGHT),
        wrong_visits=visits.share(VisitOutcome.WRONG),
        unnamed_visits=visits.share(VisitOutcome.NOBODY),
        until_named=until,
        longest=longest,
        strangers=len({film.person for film in strangers}),
        named=named,
        named_visits=named_visits,
    )


def film_warnings(found: FilmFigures | None) -> tuple[Sentence, ...]:
    """Say what so few people cannot support, by the rule of three: films of one hang together."""
    if found is None:
        return (Sentence("Nobody who is enrolled is in any film: nobody can be right or lost."),)
    enrolled = Sentence(
        "{} enrolled people in films: no share of visits below {} can be claimed from them.",
        *(found.people, least_claimed(found.people)),
    )
    if not found.strangers:
        return enrolled, Sentence(
            "No stranger is in any film: nothing is known of how many would be named."
        )
    return enrolled, Sentence(
        "{} strangers in films: no share of named strangers below {} can be claimed from them.",
        *(found.strangers, least_claimed(found.strangers)),
    )


def by_group(
    watched: Sequence[FilmWatched], groups: Mapping[str, str]
) -> tuple[tuple[str, FilmFigures], ...]:
    """Return the figures of each group's people, the group that loses most visits first."""
    found = []
    for group in sorted(set(groups.values())):
        figures = figures_of([film for film in watched if groups.get(film.person) == group])
        if figures is not None:
            found.append((group, figures))
    return tuple(sorted(found, key=lambda one: one[1].right_visits.value))


def _share(
    people: int, persons: NDArray[np.int32], hits: NDArray[np.bool_], different: int, errors: bool
) -> Estimate:
    """Return a share with its interval. errors: whether a hit is one, or a right answer."""
    if not len(hits):
        return Estimate(0.0, 0.0, 1.0)  # nothing is known
    found = shares(people, len(hits), [(persons, hits)])
    return widened(found, different) if errors else widened_up(found, different)


class _Counted:
    """Frames of films, and whose they are."""

    def __init__(self, films: Sequence[FilmWatched], names: Mapping[str, int]) -> None:
        self._people, self._films = len(names), len(films)
        rows = [(names[film.person], outcome) for film in films for outcome in film.outcomes]
        self._persons = np.array([person for person, _ in rows], np.int32)
        self._outcomes = [outcome for _, outcome in rows]

    def share(self, wanted: FrameOutcome) -> Estimate:
        hits = np.array([outcome is wanted for outcome in self._outcomes], np.bool_)
        # Frames of one film hang together: where there was no error, films are what counts.
        is_error = wanted is not FrameOutcome.RIGHT
        return _share(self._people, self._persons, hits, self._films, is_error)


class _VisitsCounted:
    """Visits, and whose they are."""

    def __init__(self, films: Sequence[FilmWatched], names: Mapping[str, int]) -> None:
        self._people = len(names)
        rows = [(names[film.person], visit) for film in films for visit in film.visits]
        self._persons = np.array([person for person, _ in rows], np.int32)
        self._visits = [visit for _, visit in rows]

    def share(self, wanted: VisitOutcome) -> Estimate:
        hits = np.array([visit.outcome is wanted for visit in self._visits], np.bool_)
        is_error = wanted is not VisitOutcome.RIGHT
        return _share(self._people, self._persons, hits, len(hits), is_error)

    def until_named(self) -> tuple[Estimate | None, float | None]:
        """Return the median of the seconds until the right name, and the most."""
        named = [
            (person, visit.until_named)
            for person, visit in zip(self._persons.tolist(), self._visits, strict=True)
            if visit.until_named is not None
        ]
        if not named:
            return None, None
        persons = np.array([person for person, _ in named], np.int32)
        seconds = np.array([value for _, value in named])

        def median(weights: Weights) -> Weights:
            return np.array([_weighted_median(seconds, weights[persons])])

        value = float(median(np.ones(self._people))[0])
        low, high = bounds(median, self._people, len(named))
        return estimate(value, float(low[0]), float(high[0]), len(named)), float(seconds.max())


def _weighted_median(values: NDArray[np.float64], weights: Weights) -> float:
    if not weights.any():
        return float("nan")
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(reached, reached[-1] / 2)]])


def _stretches(film: FilmWatched) -> Iterator[list[int]]:
    """Yield the indices of each stretch's frames with a face."""
    stretch: list[int] = []
    for place, outcome in enumerate(film.outcomes):
        if outcome is FrameOutcome.NO_FACE:
            continue
        if stretch and film.seconds[place] - film.seconds[stretch[-1]] > GONE_S:
            yield stretch
            stretch = []
        stretch.append(place)
    if stretch:
        yield stretch


def _visit(film: FilmWatched, frames: Sequence[int]) -> FilmVisit:
    seen = [film.outcomes[place] for place in frames]
    right = seen.index(FrameOutcome.RIGHT) if FrameOutcome.RIGHT in seen else None
    until = None if right is None else film.seconds[frames[right]] - film.seconds[frames[0]]
    if FrameOutcome.WRONG in seen:
        return FilmVisit(VisitOutcome.WRONG, until)
    return FilmVisit(VisitOutcome.NOBODY if right is None else VisitOutcome.RIGHT, until)
