"""Says what became of each frame of a film whose person is known, and counts it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

import numpy as np

from recognition.recognizer import RecognizedFace


class FrameOutcome(Enum):
    """What is shown in one frame.

    RIGHT: the film's person is named, once, and nobody else is. WRONG: another name stands in the
    picture, or the person's twice. UNKNOWN: nobody is named, though there is a face. NO_FACE: no
    face is found. Of a stranger, UNKNOWN and NO_FACE are as it should be.
    """

    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    NO_FACE = "no face"


@dataclass(frozen=True)
class WatchedFilm:
    """What became of a film, or a part of it, frame by frame.

    name: the film's, without its ending. is_stranger: whether its person is not enrolled.
    """

    name: str
    is_stranger: bool
    outcomes: tuple[FrameOutcome, ...]

    @property
    def until_named(self) -> int | None:
        """How many frames pass before the first one that is right; None where none is."""
        if FrameOutcome.RIGHT not in self.outcomes:
            return None
        return self.outcomes.index(FrameOutcome.RIGHT)

    def count(self, *outcomes: FrameOutcome) -> int:
        return sum(outcome in outcomes for outcome in self.outcomes)


@dataclass(frozen=True)
class LiveFigures:
    """The figures of films that were watched.

    frames: of people who are enrolled; each is right, wrong or missing. missing: nobody is named.
    no_face: the missing ones in which no face was found. until_named: of each film of such a
    person, in the order watched, see WatchedFilm. stranger_frames: frames of people who are not
    enrolled; strangers_named: those in which somebody is named, each of them wrong.
    wrong_later: wrong frames, strangers named included, but for the first of each film: who is
    named in that one has just been replaced. wrong_runs: for how many frames on end a wrong name
    stands, strangers named included, each time.
    """

    frames: int
    right: int
    wrong: int
    missing: int
    no_face: int
    until_named: tuple[int | None, ...]
    stranger_frames: int
    strangers_named: int
    wrong_later: int
    wrong_runs: tuple[int, ...]

    @property
    def films(self) -> int:
        """How many films of enrolled people were watched."""
        return len(self.until_named)

    @property
    def never_named(self) -> int:
        """In how many of these films the person is never named."""
        return self.until_named.count(None)

    @property
    def median_until_named(self) -> float | None:
        """The median of the frames until named; None where nobody is."""
        named = [frames for frames in self.until_named if frames is not None]
        return float(np.median(named)) if named else None

    @property
    def most_until_named(self) -> int | None:
        return max((frames for frames in self.until_named if frames is not None), default=None)

    @property
    def longest_wrong(self) -> int:
        return max(self.wrong_runs, default=0)

    @property
    def mean_wrong(self) -> float:
        return float(np.mean(self.wrong_runs)) if self.wrong_runs else 0.0


def outcome_of(faces: Sequence[RecognizedFace], identity_ids: Collection[str]) -> FrameOutcome:
    """Return what a frame shows. identity_ids: its person's; none for one who is not enrolled."""
    named = [face.match.identity.id for face in faces if face.match is not None]
    if not named:
        return FrameOutcome.UNKNOWN if faces else FrameOutcome.NO_FACE
    is_right = len(named) == 1 and named[0] in identity_ids
    return FrameOutcome.RIGHT if is_right else FrameOutcome.WRONG


def figures(watched: Sequence[WatchedFilm], *, are_joined: bool) -> LiveFigures:
    """Count what was watched.

    are_joined: whether the films were watched without a break, so that a wrong name may stand
    from one to the next.
    """
    known = [film for film in watched if not film.is_stranger]
    strangers = [film for film in watched if film.is_stranger]

    def counted(*outcomes: FrameOutcome) -> int:
        return sum(film.count(*outcomes) for film in known)

    return LiveFigures(
        frames=counted(*FrameOutcome),
        right=counted(FrameOutcome.RIGHT),
        wrong=counted(FrameOutcome.WRONG),
        missing=counted(FrameOutcome.UNKNOWN, FrameOutcome.NO_FACE),
        no_face=counted(FrameOutcome.NO_FACE),
        until_named=tuple(film.until_named for film in known),
        stranger_frames=sum(film.count(*FrameOutcome) for film in strangers),
        strangers_named=sum(film.count(FrameOutcome.WRONG) for film in strangers),
        wrong_later=sum(film.outcomes[1:].count(FrameOutcome.WRONG) for film in watched),
        wrong_runs=tuple(_wrong_runs(watched, are_joined)),
    )


def _wrong_runs(watched: Sequence[WatchedFilm], are_joined: bool) -> Iterator[int]:
    one_after_another = [outcome for film in watched for outcome in film.outcomes]
    for outcomes in [one_after_another] if are_joined else [film.outcomes for film in watched]:
        for outcome, run in groupby(outcomes):
            if outcome is FrameOutcome.WRONG:
                yield len(list(run))
