"""Compares the pictures of an evaluation as the gallery does: 1:1, and 1:N with strangers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.evaluation.pictures import PictureSet
from bench.evaluation.trials import SEED, EvaluationTrial, Indices, owners_of
from gallery.search.unit_rows import unit_mean
from models.engines.engine import FloatArray

MOST_COMPARISONS = 1_000_000
"""Non-mated comparisons that are kept; of more, so many at random. 100 of them still lie above a
false match rate of 0.01 %, and 20 MB hold them."""

_BLOCK = 256
"""Probes that are compared at a time."""


@dataclass(frozen=True, eq=False)
class MatedScores:
    """Similarities of probes to their own person: -inf where a face was not found.

    All (m,): scores float32, persons and pictures (of the probes) indices; other_pictures: the
    second picture of a pair, -1 where the probe is compared with a person's templates.
    """

    scores: FloatArray
    persons: Indices
    pictures: Indices
    other_pictures: Indices


@dataclass(frozen=True, eq=False)
class NonmatedScores:
    """Similarities of probes to other people, both with a face; as MatedScores.

    claimed: the people compared with. total: how many comparisons there were; fewer are kept.
    """

    scores: FloatArray
    persons: Indices
    claimed: Indices
    pictures: Indices
    other_pictures: Indices
    total: int


@dataclass(frozen=True, eq=False)
class Identifications:
    """What the gallery says to probes, all (n,): with the people `known` enrolled.

    persons: whose probe it is. best: the highest similarity, -inf without a face. found: who has
    it, -1 for nobody. pictures: the probes' indices. is_known: whether its person is enrolled.
    size: how many people are.
    """

    persons: Indices
    best: FloatArray
    found: Indices
    pictures: Indices
    is_known: NDArray[np.bool_]
    size: int


@dataclass(frozen=True, eq=False)
class Scores:
    """All comparisons of an evaluation.

    everyone: with all enrolled, for each trial. open_set: with strangers, for each choice.
    probed, missed: (people,) number of probes, or pictures of pairs, and those without a face.
    """

    mated: MatedScores
    nonmated: NonmatedScores
    everyone: tuple[Identifications, ...]
    open_set: tuple[Identifications, ...]
    probed: NDArray[np.int64]
    missed: NDArray[np.int64]


def score(
    several: Iterable[EvaluationTrial], embeddings: FloatArray, owners: Indices, people: int
) -> Scores:
    """Compare each trial's probes with its templates, some at a time: memory stays flat."""
    random = np.random.default_rng(SEED)
    mated: list[MatedScores] = []
    nonmated: list[NonmatedScores] = []
    everyone: list[Identifications] = []
    open_set: list[Identifications] = []
    probed = np.zeros(people, np.int64)
    missed = np.zeros(people, np.int64)
    for trial in several:
        in_gallery = _InGallery(trial, embeddings, owners, random)
        mated.append(in_gallery.mated)
        nonmated.append(in_gallery.nonmated)
        everyone.append(in_gallery.identified(np.flatnonzero(trial.enrollable).astype(np.int32)))
        open_set += [in_gallery.identified(known) for known in trial.known]
        probed += np.bincount(owners[trial.probes], minlength=people)
        without = trial.probes[np.isnan(embeddings[trial.probes, 0])]
        missed += np.bincount(owners[without], minlength=people)
    return Scores(
        _joined_mated(mated),
        _thinned(nonmated, random),
        tuple(everyone),
        tuple(open_set),
        probed,
        missed,
    )


def score_pairs(pictures: PictureSet, embeddings: FloatArray) -> Scores:
    """Compare the pairs of a list. There is no 1:N in it."""
    owners = owners_of(pictures)
    people = len(pictures.names)
    ends = np.array([(pair.one, pair.other) for pair in pictures.pairs], np.int32)
    same = np.array([pair.same for pair in pictures.pairs], np.bool_)
    one, other = ends[:, 0], ends[:, 1]
    found = np.einsum("ij,ij->i", embeddings[one], embeddings[other]).astype(np.float32)
    has_faces = ~np.isnan(found)
    own = MatedScores(
        np.where(has_faces, found, -np.inf)[same].astype(np.float32),
        owners[one[same]],
        one[same],
        other[same],
    )
    differ = ~same & has_faces
    others = NonmatedScores(
        found[differ], owners[one[differ]], owners[other[differ]], one[differ], other[differ],
        int(differ.sum()),
    )  # fmt: skip
    return Scores(
        own,
        others,
        (),
        (),
        np.bincount(owners, minlength=people),
        np.bincount(owners[np.isnan(embeddings[:, 0])], minlength=people),
    )


class _InGallery:
    """One trial's probes, compared with everyone."""

    def __init__(
        self,
        trial: EvaluationTrial,
        embeddings: FloatArray,
        owners: Indices,
        random: np.random.Generator,
    ) -> None:
        self._persons = owners[trial.probes]
        self._pictures = trial.probes
        self._columns = np.array([len(rows) > 0 for rows in trial.templates], np.bool_)
        self._choices: dict[bytes, tuple[FloatArray, Indices]] = {}
        wanted = [np.flatnonzero(trial.enrollable).astype(np.int32), *trial.known]
        for known in wanted:
            self._choices[known.tobytes()] = (
                np.full(len(trial.probes), -np.inf, np.float32),
                np.full(len(trial.probes), -1, np.int32),
            )
        people = np.flatnonzero(self._columns).astype(np.int32)
        place = np.full(len(trial.templates), -1)
        place[people] = np.arange(len(people))
        own = np.full(len(trial.probes), -np.inf, np.float32)
        faces = ~np.isnan(embeddings[trial.probes, 0])
        self.nonmated = _none()
        if len(people) and faces.any():
            rows, starts = _gallery_rows([trial.templates[person] for person in people.tolist()])
            total = int(faces.sum()) * len(people)
            share = min(1.0, MOST_COMPARISONS / total)
            kept = []
            for begin in range(0, len(faces), _BLOCK):
                block = begin + np.flatnonzero(faces[begin : begin + _BLOCK])
                if not len(block):
                    continue
                products = embeddings[trial.probes[block]] @ rows.T
                found = np.maximum.reduceat(products, starts, axis=1)
                columns = place[self._persons[block]]
                inside = np.flatnonzero(columns >= 0)
                own[block[inside]] = found[inside, columns[inside]]
                kept.append(self._of_others(found, block, people, share, random))
                self._choose(found, block, place, wanted)
            self.nonmated = _joined_nonmated(kept)
        is_mated = trial.enrollable[self._persons]
        count = int(is_mated.sum())
        self.mated = MatedScores(
            own[is_mated], self._persons[is_mated], self._pictures[is_mated],
            np.full(count, -1, np.int32),
        )  # fmt: skip

    def identified(self, known: Indices) -> Identifications:
        best, found = self._choices[known.tobytes()]
        return Identifications(
            self._persons, best, found, self._pictures, np.isin(self._persons, known), len(known)
        )

    def _of_others(
        self,
        found: FloatArray,
        block: NDArray[np.intp],
        people: Indices,
        share: float,
        random: np.random.Generator,
    ) -> NonmatedScores:
        others = self._persons[block, np.newaxis] != people
        total = int(others.sum())
        if share < 1:
            others &= random.random(others.shape) < share
        row, column = np.nonzero(others)
        probes = block[row]
        return NonmatedScores(
            found[row, column],
            self._persons[probes],
            people[column],
            self._pictures[probes],
            np.full(len(row), -1, np.int32),
            total,
        )

    def _choose(
        self,
        found: FloatArray,
        block: NDArray[np.intp],
        place: NDArray[np.intp],
        wanted: Sequence[Indices],
    ) -> None:
        for known in wanted:
            there = known[place[known] >= 0]
            if not len(there):
                continue
            among = found[:, place[there]]
            nearest = among.argmax(axis=1)
            best, who = self._choices[known.tobytes()]
            best[block] = among[np.arange(len(block)), nearest]
            who[block] = there[nearest]


def _gallery_rows(templates: Sequence[FloatArray]) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return each person's templates and their mean, (n, d), and where each person's begin.

    As IdentityRows compares them: a person is as similar as the most similar of these rows.
    """
    rows: list[FloatArray] = []
    starts = []
    count = 0
    for own in templates:
        mean = unit_mean(own)
        starts.append(count)
        rows += [own] if mean is None else [own, mean[np.newaxis]]
        count += len(own) + (mean is not None)
    return np.concatenate(rows), np.array(starts, np.intp)


def _none() -> NonmatedScores:
    no = np.empty(0, np.int32)
    return NonmatedScores(np.empty(0, np.float32), no, no, no, no, 0)


def _joined_mated(several: Sequence[MatedScores]) -> MatedScores:
    names = ("scores", "persons", "pictures", "other_pictures")
    return MatedScores(*(np.concatenate([getattr(s, name) for s in several]) for name in names))


def _joined_nonmated(several: Sequence[NonmatedScores]) -> NonmatedScores:
    names = ("scores", "persons", "claimed", "pictures", "other_pictures")
    arrays = {name: np.concatenate([getattr(s, name) for s in several]) for name in names}
    return NonmatedScores(**arrays, total=sum(s.total for s in several))


def _thinned(several: Sequence[NonmatedScores], random: np.random.Generator) -> NonmatedScores:
    """Join the trials' comparisons, and keep MOST_COMPARISONS of them."""
    everything = sum(len(s.scores) for s in several)
    share = MOST_COMPARISONS / max(everything, 1)
    if share >= 1:
        return _joined_nonmated(several)
    thinned = []
    for s in several:
        kept = random.random(len(s.scores)) < share
        thinned.append(_chosen(s, kept))
    return _joined_nonmated(thinned)


def _chosen(scores: NonmatedScores, kept: NDArray[np.bool_]) -> NonmatedScores:
    return NonmatedScores(
        scores.scores[kept],
        scores.persons[kept],
        scores.claimed[kept],
        scores.pictures[kept],
        scores.other_pictures[kept],
        scores.total,
    )
