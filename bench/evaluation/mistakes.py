"""The worst false matches and misses of an evaluation, and who is taken for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from bench.evaluation.embedding import SeenPictures
from bench.evaluation.pictures import PictureSet
from bench.evaluation.scoring import Scores
from bench.evaluation.trials import Indices, owners_of
from common.sentence import Sentence
from models.flaws import Flaw

WORST = 10

SAME_PICTURE = 0.999
"""The similarity of one picture saved twice."""

_FLAWS = {
    Flaw.SMALL: Sentence("small"),
    Flaw.DARK: Sentence("dark"),
    Flaw.BLURRED: Sentence("blurred"),
    Flaw.NOISY: Sentence("noisy"),
    Flaw.COMPRESSED: Sentence("compressed"),
    Flaw.EYES_HIDDEN: Sentence("eyes hidden"),
    Flaw.MOUTH_HIDDEN: Sentence("mouth hidden"),
}


@dataclass(frozen=True)
class Mistake:
    """A probe and the picture of the person compared with that is the most like it.

    picture, other: indices; other is -1 where that person has no picture with a face here. person:
    whose the probe is said to be. claimed: with whom it was compared. similarity: of the
    comparison. reason: what is known of why, as a clause.
    """

    picture: int
    other: int
    person: str
    claimed: str
    similarity: float
    reason: Sentence


@dataclass(frozen=True)
class Confusion:
    """So many probes of `person` are nearest to `taken_for`, in all trials."""

    person: str
    taken_for: str
    count: int


def worst_matches(scores: Scores, pictures: PictureSet, seen: SeenPictures) -> tuple[Mistake, ...]:
    """Return the most similar comparisons of different people, each probe and person once."""
    others = scores.nonmated
    names, owners = pictures.names, owners_of(pictures)
    few = min(len(others.scores), 20 * WORST)
    highest = np.argpartition(-others.scores, few - 1)[:few] if few else np.empty(0, np.intp)
    found: dict[tuple[int, int], Mistake] = {}
    for place in highest[np.argsort(-others.scores[highest], kind="stable")]:
        picture, claimed = int(others.pictures[place]), int(others.claimed[place])
        if (picture, claimed) in found:
            continue
        other = int(others.other_pictures[place])
        other = _nearest(picture, claimed, owners, seen) if other < 0 else other
        found[picture, claimed] = Mistake(
            picture,
            other,
            names[int(others.persons[place])],
            names[claimed],
            float(others.scores[place]),
            _why_alike(picture, other, owners, names, seen),
        )
        if len(found) == WORST:
            break
    return tuple(found.values())


def worst_misses(scores: Scores, pictures: PictureSet, seen: SeenPictures) -> tuple[Mistake, ...]:
    """Return the least similar comparisons of one person, each probe once.

    Those without a face are left out: they are listed as such.
    """
    mated = scores.mated
    names, owners = pictures.names, owners_of(pictures)
    order = np.argsort(mated.scores, kind="stable")
    found: dict[int, Mistake] = {}
    for place in order[np.isfinite(mated.scores[order])]:
        picture, person = int(mated.pictures[place]), int(mated.persons[place])
        if picture in found:
            continue
        other = int(mated.other_pictures[place])
        other = _nearest(picture, person, owners, seen) if other < 0 else other
        found[picture] = Mistake(
            picture,
            other,
            names[person],
            names[person],
            float(mated.scores[place]),
            _why_unlike(picture, float(mated.scores[place]), owners, names, seen),
        )
        if len(found) == WORST:
            break
    return tuple(found.values())


def confusions(scores: Scores, names: Sequence[str]) -> tuple[Confusion, ...]:
    """Return who is taken for whom, the most frequent first, with everyone enrolled."""
    counted: Counter[tuple[int, int]] = Counter()
    for found in scores.everyone:
        wrong = found.is_known & (found.found != found.persons) & (found.found >= 0)
        counted.update(zip(found.persons[wrong].tolist(), found.found[wrong].tolist(), strict=True))
    return tuple(
        Confusion(names[person], names[other], count)
        for (person, other), count in counted.most_common()
    )


def _nearest(picture: int, person: int, owners: Indices, seen: SeenPictures) -> int:
    """Return the person's other picture that is the most like this one; -1 for none."""
    own = np.flatnonzero((owners == person) & seen.has_face)
    own = own[own != picture]
    if not len(own):
        return -1
    return int(own[(seen.embeddings[own] @ seen.embeddings[picture]).argmax()])


def _why_alike(
    picture: int, other: int, owners: Indices, names: Sequence[str], seen: SeenPictures
) -> Sentence:
    if other >= 0:
        similarity = float(seen.embeddings[picture] @ seen.embeddings[other])
        if similarity >= SAME_PICTURE:
            return Sentence("the same picture is in both people's")
        own = _nearest(picture, int(owners[picture]), owners, seen)
        if own >= 0 and float(seen.embeddings[picture] @ seen.embeddings[own]) < similarity:
            if (
                elsewhere := _more_like(picture, similarity, other, owners, names, seen)
            ) is not None:
                return elsewhere
            return Sentence("it is more like this person than like its own: the label may be wrong")
    return _flaws(picture, other, seen) or Sentence("they look alike")


def _why_unlike(
    picture: int, similarity: float, owners: Indices, names: Sequence[str], seen: SeenPictures
) -> Sentence:
    told = _more_like(picture, similarity, picture, owners, names, seen)
    return told or _flaws(picture, -1, seen) or Sentence("no flaw of the picture was found")


def _more_like(
    picture: int,
    similarity: float,
    than: int,
    owners: Indices,
    names: Sequence[str],
    seen: SeenPictures,
) -> Sentence | None:
    """Return who is more like a picture than so, of those who are neither its person nor the one
    of the picture `than`; None for nobody."""
    outside = (owners != owners[picture]) & (owners != owners[than]) & seen.has_face
    others = np.flatnonzero(outside)
    if not len(others):
        return None
    likeness = seen.embeddings[others] @ seen.embeddings[picture]
    nearest = int(likeness.argmax())
    if float(likeness[nearest]) <= similarity:
        return None
    name = names[int(owners[others[nearest]])]
    return Sentence(
        "it is more like {} ({}): the label may be wrong",
        *(name, f"{float(likeness[nearest]):.2f}"),
    )


def _flaws(picture: int, other: int, seen: SeenPictures) -> Sentence | None:
    found = set(seen.flaws[picture]) | (set(seen.flaws[other]) if other >= 0 else set())
    words = [_FLAWS[flaw] for flaw in sorted(found, key=lambda flaw: flaw.value)]
    return reduce(lambda told, word: Sentence("{}, {}", told, word), words) if words else None
