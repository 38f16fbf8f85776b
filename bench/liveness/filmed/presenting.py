"""Shows rendered films to the station, and counts whom it lets in, how soon, and after what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

import numpy as np

from bench.liveness.filmed.scenes import Scene
from bench.liveness.presentation import ErrorRate, Presentation, report
from capture.frame import Frame

FPS = 15.0
SECONDS = 8.0
"""Of each film: so long somebody would go on trying."""


@dataclass(frozen=True)
class Shooting:
    """What is to be rendered.

    films, pictures, half: see people_to_present(). count: films of each kind.
    """

    films: Path
    pictures: Path | None
    half: str
    kinds: tuple[str, ...]
    count: int
    seed: int


class Answer(Enum):
    """What the station has done with whoever stands there."""

    WAITS = auto()
    LETS_IN = auto()
    REFUSES = auto()


@dataclass(frozen=True)
class Told:
    """What a station tells after a frame. asked: the name of the movement that it asks for. why:
    the reason of a refusal."""

    answer: Answer = Answer.WAITS
    asked: str | None = None
    why: str = ""


class StationDoor(Protocol):
    """A whole station, which takes frames."""

    def see(self, frame: Frame) -> Told: ...


@dataclass(frozen=True)
class FilmedPresentation:
    """One rendered film and what became of it.

    seconds: until the person was let in, from when the face could first be seen; None where they
    were not. asked: how many movements were asked for.
    """

    kind: str
    name: str
    seconds: float | None
    asked: int
    why: str = ""

    @property
    def is_in(self) -> bool:
        return self.seconds is not None


def present_film(scene: Scene, door: StationDoor) -> tuple[float | None, int, str]:
    """Show a scene to a station until it answers, or for SECONDS.

    Returns what FilmedPresentation tells: seconds, asked and why.
    """
    asked: str | None = None
    requests = 0
    for index in range(int(FPS * SECONDS)):
        at = index / FPS
        told = door.see(Frame(scene.see(at, asked), index, at))
        if told.asked is not None and told.asked != asked:
            requests += 1
        asked = told.asked
        if told.answer is Answer.LETS_IN:
            return at, requests, told.why
        if told.answer is Answer.REFUSES:
            return None, requests, told.why
    return None, requests, "not let in while it lasted"


@dataclass(frozen=True)
class FilmedFigures:
    """The figures of one kind. rate: APCER, or BPCER of real people.

    asked: how many were asked for a movement at all. unasked_in: how many were let in without.
    one_in: how many after one request at most. median_s, p95_s: until in, of those let in; None
    where nobody was. reasons: why the others were not, and how often.
    """

    rate: ErrorRate
    asked: int
    unasked_in: int
    one_in: int
    median_s: float | None
    p95_s: float | None
    reasons: tuple[tuple[str, int], ...]


def filmed_figures(presented: Sequence[FilmedPresentation]) -> list[FilmedFigures]:
    """Return the figures of each kind: attacks, the worst first, and real people last."""
    rates = report([Presentation(p.kind, p.name, p.is_in) for p in presented])
    every = [*rates.apcer, *([rates.bpcer] if rates.bpcer else [])]
    return [_figures(rate, [p for p in presented if p.kind == rate.kind]) for rate in every]


def _figures(rate: ErrorRate, presented: Sequence[FilmedPresentation]) -> FilmedFigures:
    seconds = [p.seconds for p in presented if p.seconds is not None]
    reasons = Counter(p.why for p in presented if not p.is_in)
    return FilmedFigures(
        rate,
        asked=sum(p.asked > 0 for p in presented),
        unasked_in=sum(p.is_in and p.asked == 0 for p in presented),
        one_in=sum(p.is_in and p.asked <= 1 for p in presented),
        median_s=float(np.median(seconds)) if seconds else None,
        p95_s=float(np.quantile(seconds, 0.95)) if seconds else None,
        reasons=tuple(reasons.most_common()),
    )
