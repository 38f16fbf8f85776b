"""Chooses which pictures of an evaluation are enrolled, and who is a stranger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.evaluation.pictures import PictureSet
from models.engines.engine import FloatArray

Indices = NDArray[np.int32]

SEED = 20_261_126
"""Of all that is random: an evaluation of the same pictures tells the same."""


@dataclass(frozen=True, eq=False)
class EvaluationTrial:
    """One choice of which pictures are enrolled, and of who is a stranger.

    templates: of each person, (t, d) float32 unit rows; none where no face was found.
    enrollable: (people,) bool, whether any picture is to be enrolled. probes: indices of the other
    pictures. known: choices of the people who are enrolled where strangers come, too.
    """

    templates: Sequence[FloatArray]
    enrollable: NDArray[np.bool_]
    probes: Indices
    known: tuple[Indices, ...]


def owners_of(pictures: PictureSet) -> Indices:
    """Return the index in `pictures.names` of each picture's person."""
    numbers = {name: number for number, name in enumerate(pictures.names)}
    return np.array([numbers[picture.person] for picture in pictures.pictures], np.int32)


def trials(
    pictures: PictureSet,
    embeddings: FloatArray,
    enroll: int,
    repeat: int = 1,
    strangers: float = 0.5,
) -> Iterator[EvaluationTrial]:
    """Yield the trials of an evaluation.

    Of each person `enroll` pictures are enrolled, of a person with fewer all but one, of one with a
    single picture none. The first trial enrolls the first pictures, and every second person is a
    stranger, then are the others. With repeat > 1 all trials choose at random.
    strangers: their share of the people; where the set has some of its own, these are all.
    """
    owners = owners_of(pictures)
    people = len(pictures.names)
    outside = np.zeros(people, np.bool_)
    outside[owners[[picture.is_stranger for picture in pictures.pictures]]] = True
    random = np.random.default_rng(SEED)
    for _ in range(repeat):
        is_random = repeat > 1
        enrolled = np.zeros(len(owners), np.bool_)
        for person in np.flatnonzero(~outside):
            own = np.flatnonzero(owners == person)
            count = min(enroll, len(own) - 1)
            enrolled[(random.permutation(own) if is_random else own)[:count]] = True
        usable = enrolled & ~np.isnan(embeddings[:, 0])
        enrollable = np.bincount(owners[enrolled], minlength=people) > 0
        yield EvaluationTrial(
            [embeddings[usable & (owners == person)] for person in range(people)],
            enrollable,
            np.flatnonzero(~enrolled).astype(np.int32),
            _known(np.flatnonzero(enrollable), people, outside, strangers, is_random, random),
        )


def enrolled_trial(pictures: PictureSet, templates: Mapping[str, FloatArray]) -> EvaluationTrial:
    """Return the trial in which all pictures are probes among people enrolled already.

    templates: by the names in `pictures.enrolled`, (t, d) float32 unit rows each. Whoever else is
    on the pictures is a stranger.
    """
    names = pictures.names
    nobody = np.empty((0, next(iter(templates.values())).shape[1]), np.float32)
    enrollable = np.array([name in templates for name in names])
    return EvaluationTrial(
        [templates.get(name, nobody) for name in names],
        enrollable,
        np.arange(len(pictures.pictures), dtype=np.int32),
        (np.flatnonzero(enrollable).astype(np.int32),),
    )


def _known(
    enrollable: NDArray[np.intp],
    people: int,
    outside: NDArray[np.bool_],
    strangers: float,
    is_random: bool,
    random: np.random.Generator,
) -> tuple[Indices, ...]:
    if len(enrollable) < 2:
        return ()
    if outside.any():
        return (enrollable.astype(np.int32),)
    if not is_random and strangers == 0.5:
        everyone = np.arange(people)
        halves = [np.intersect1d(enrollable, everyone[start::2]) for start in (0, 1)]
    else:
        left_out = max(1, min(people - 1, round(strangers * people)))
        shuffled = random.permutation(people)
        halves = [np.intersect1d(enrollable, shuffled[left_out:])]
        if strangers == 0.5:
            halves.append(np.intersect1d(enrollable, shuffled[:left_out]))
    return tuple(half.astype(np.int32) for half in halves if len(half))
