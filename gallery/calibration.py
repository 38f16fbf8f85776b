"""How far a gallery's own people raise the threshold that the embedder's law gives.

The embedder's law is of other people, before another camera. What a gallery's own templates score
against its other people shows whether strangers will score more here. It raises the threshold, as
far as the evidence goes, and never lowers it: a poor picture is like nobody, and somebody careless
could enroll many; so the threshold is never below the embedder's law's. What strangers scored at
the station counts in the same way, and whichever asks for more decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gallery.likeness.stranger_scores import StrangerScore
from gallery.own_scores import EmbeddedPeople, OwnScores, own_scores
from gallery.tail import SHARE, fit_tail
from gallery.threshold import ImpostorScores, fmr_for_fpir, fpir_at, threshold_for_fpir

FEWEST_PEOPLE = 8
"""With fewer, one of whom resembles another decides everything, and nothing is moved."""

TIGHTENED_AT_MOST = 1.0
"""The most by which it raises the threshold, in standard deviations of the embedder's law. More
than that is no other law but people who are enrolled twice, or pictures of one thing; a person must
not be kept out by them."""

USUAL_SPREAD = 0.3
"""How much the laws of galleries are taken to differ, in the same unit: an assumption. SFace's laws
of the two halves of 12 people of Glint360K differ by 0.37 at one in a thousand, and so each from
their middle by 0.26 as a standard deviation. Evidence that is less certain counts less."""

FEWEST_STRANGERS = 100
"""With fewer visits of strangers there is no tail to see."""

_GROUPS = 20
_CERTAIN = 1.96


@dataclass(frozen=True)
class Shift:
    """How much higher the gallery's own scores lie than the embedder's law says, in cosine.

    at: the false match rate at which the two are compared: the one that is wanted, or else the
    lowest that so many pairs of people support. error: the standard error. low, high: the interval
    that holds the true value in 95 of 100 galleries.
    """

    found: float
    error: float
    at: float

    @property
    def low(self) -> float:
        return self.found - _CERTAIN * self.error

    @property
    def high(self) -> float:
        return self.found + _CERTAIN * self.error


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a gallery says of the threshold for a wish.

    law: the embedder's. fpir: the wish. size: of the gallery. floor: the embedder's figure.
    scores: what it follows from. shift: None where the people are too few to know it. strangers:
    what strangers scored at the station. stranger_shift: how much higher that lies than the law
    says; None where they are too few.
    """

    law: ImpostorScores
    fpir: float
    size: int
    floor: float
    scores: OwnScores
    shift: Shift | None
    strangers: tuple[StrangerScore, ...] = ()
    stranger_shift: Shift | None = None

    @property
    def pairs(self) -> int:
        """The number of pairs of people: as many comparisons as are independent."""
        people = len(self.scores.people)
        return people * (people - 1) // 2 - len(self.scores.excluded)

    @property
    def adjustment(self) -> float:
        """By how much the threshold is raised, in cosine."""
        shifts = (self.shift, self.stranger_shift)
        return max(adjustment_of(shift, self.law) for shift in shifts)

    @property
    def law_threshold(self) -> float:
        """The threshold by the embedder's law alone."""
        return threshold_for_fpir(self.law, self.fpir, self.size, self.floor)

    @property
    def threshold(self) -> float:
        return threshold_for_fpir(self.law, self.fpir, self.size, self.floor, self.adjustment)

    @property
    def quantile(self) -> float:
        """The threshold by the embedder's law alone, without its floor."""
        return threshold_for_fpir(self.law, self.fpir, self.size, -math.inf)

    def fpir_at(self, threshold: float) -> float:
        """Return the share of strangers who would get a name at a threshold, in cosine."""
        return fpir_at(self.law, threshold, self.size, self.adjustment)


def calibrate(
    gallery: EmbeddedPeople,
    law: ImpostorScores,
    fpir: float,
    floor: float,
    one_person: float,
    strangers: Sequence[StrangerScore] = (),
) -> Calibration:
    """Compare a gallery's own scores, and those of strangers, with the embedder's law.

    fpir: the share of strangers who may get a name. floor, one_person: the embedder's figures.
    """
    scores = own_scores(gallery, one_person)
    return Calibration(
        law,
        fpir,
        len(gallery),
        floor,
        scores,
        _shift(scores, law, fpir, len(gallery)),
        tuple(strangers),
        _stranger_shift(strangers, law, fpir),
    )


def adjustment_of(shift: Shift | None, law: ImpostorScores) -> float:
    """Return by how much a shift raises the threshold, in cosine; never below 0.

    It is shrunk the more the less certain it is (as James & Stein do).
    """
    if shift is None or shift.found <= 0:
        return 0.0
    usual = (USUAL_SPREAD * law.std) ** 2
    shrunk = shift.found * usual / (usual + shift.error**2)
    return min(shrunk, TIGHTENED_AT_MOST * law.std)


def supported_rate(pairs: int) -> float:
    """Return the lowest false match rate of which so many independent pairs can say anything.

    Where none of n comparisons matched, the rate is below 3/n in 95 of 100 cases (the rule of
    three, Hanley & Lippman-Hand, JAMA 1983).
    """
    return 3 / pairs if pairs else 1.0


def _shift(scores: OwnScores, law: ImpostorScores, fpir: float, size: int) -> Shift | None:
    people = len(scores.people)
    if people < FEWEST_PEOPLE:
        return None
    pairs = people * (people - 1) // 2
    rate = min(max(fmr_for_fpir(fpir, size), supported_rate(pairs)), SHARE / 2)
    wanted = threshold_for_fpir(law, rate, 1, -1)
    return _jackknifed(lambda left_out: scores.without(left_out) - wanted, people, rate)


def _stranger_shift(
    strangers: Sequence[StrangerScore], law: ImpostorScores, fpir: float
) -> Shift | None:
    """Return how much higher strangers' best scores lie than the law says for as many people.

    Each visit is compared with the threshold that the law gives for the gallery of that time.
    """
    if len(strangers) < FEWEST_STRANGERS:
        return None
    rate = min(max(fpir, supported_rate(len(strangers))), SHARE / 2)
    wanted = {
        people: threshold_for_fpir(law, rate, people, -1)
        for people in {one.people for one in strangers}
    }
    above = np.array([one.similarity - wanted[one.people] for one in strangers], np.float32)
    return _jackknifed(lambda left_out: np.delete(above, left_out), len(above), rate)


def _jackknifed(
    scores: Callable[[NDArray[np.intp]], NDArray[np.float32]], count: int, rate: float
) -> Shift | None:
    """Return the quantile of scores that a share `rate` passes, with its error, by a jackknife.

    It leaves out groups (Tukey): scores of one person hang together, and those of visits in a row.
    scores: returns them without the people, or visits, of these indices, of which there are
    `count`.
    """
    found = _quantile(scores(np.empty(0, np.intp)), rate)
    if found is None:
        return None
    groups = np.array_split(np.arange(count), min(count, _GROUPS))
    left = [_quantile(scores(group), rate) for group in groups]
    known = np.array([value for value in left if value is not None])
    if len(known) < len(groups):
        return None
    variance = (len(known) - 1) * float(np.mean((known - known.mean()) ** 2))
    return Shift(found, math.sqrt(variance), rate)


def _quantile(scores: NDArray[np.float32], rate: float) -> float | None:
    tail = fit_tail(scores)
    return tail.quantile(min(rate, tail.share)) if tail is not None else None
