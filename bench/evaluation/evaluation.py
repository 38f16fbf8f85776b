"""facedesk evaluate's measurement, from embedded pictures to everything that is told of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.evaluation.embedding import SeenPictures
from bench.evaluation.figures import (
    Curve,
    IdentificationFigures,
    VerificationFigures,
    identification,
    roc,
    verification,
    warnings_for,
    within,
)
from bench.evaluation.mistakes import (
    Confusion,
    Mistake,
    confusions,
    worst_matches,
    worst_misses,
)
from bench.evaluation.pictures import PictureSet
from bench.evaluation.scoring import NonmatedScores, Scores, score, score_pairs
from bench.evaluation.trials import enrolled_trial, owners_of, trials
from common.errors import PictureError
from common.sentence import Sentence
from gallery.threshold import ImpostorScores, fit
from models.engines.engine import FloatArray

FEWEST_COMPARISONS = 100
"""Fewer non-mated comparisons say nothing of the law that the highest of them follow."""


@dataclass(frozen=True)
class Protocol:
    """How the pictures are compared; see trials()."""

    enroll: int = 5
    repeat: int = 1
    strangers: float = 0.5


@dataclass(frozen=True)
class GroupFigures:
    """1:1 among one group's people: the hardest comparisons, since they resemble each other."""

    group: str
    people: int
    figures: VerificationFigures


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All that was found. people: those on the pictures. identification: None without 1:N.

    groups: the one that loses the most of its people's probes first. curve: the ROC. nonmated: the
    law of the non-mated similarities' tail, from which thresholds follow; None for too few of them.
    """

    pictures: PictureSet
    seen: SeenPictures
    scores: Scores
    people: int
    verification: VerificationFigures
    identification: IdentificationFigures | None
    curve: Curve
    nonmated: ImpostorScores | None
    groups: tuple[GroupFigures, ...]
    matches: tuple[Mistake, ...]
    misses: tuple[Mistake, ...]
    confusions: tuple[Confusion, ...]
    warnings: tuple[Sentence, ...]

    @property
    def without_face(self) -> tuple[int, ...]:
        """Indices of the pictures that were read, and on which no face was found."""
        missing = np.flatnonzero(~self.seen.has_face).tolist()
        return tuple(index for index in missing if index not in self.seen.unreadable)


def evaluate(
    pictures: PictureSet,
    seen: SeenPictures,
    threshold_of: Callable[[int], float],
    pair_threshold: float,
    protocol: Protocol,
    groups: Mapping[str, str],
    templates: Mapping[str, FloatArray] | None = None,
) -> Evaluation:
    """Measure embedded pictures.

    threshold_of: the threshold in use in a gallery of so many people. pair_threshold: between two
    single pictures. groups: by the people's names. templates: see enrolled_trial().
    Raises PictureError where there is too little to compare.
    """
    names, owners = pictures.names, owners_of(pictures)
    if pictures.pairs:
        scores = score_pairs(pictures, seen.embeddings)
        threshold = pair_threshold
    else:
        several = (
            [enrolled_trial(pictures, templates)]
            if templates is not None
            else trials(
                pictures, seen.embeddings, protocol.enroll, protocol.repeat, protocol.strangers
            )
        )
        scores = score(several, seen.embeddings, owners, len(names))
        threshold = threshold_of(max((found.size for found in scores.everyone), default=1))
    _require_enough(scores)
    one = verification(scores, threshold)
    many = identification(scores, threshold_of)
    groups_found = by_group(scores, names, groups, threshold)
    return Evaluation(
        pictures=pictures,
        seen=seen,
        scores=scores,
        people=len(np.unique(owners)),
        verification=one,
        identification=many,
        curve=roc(scores),
        nonmated=_law(scores.nonmated),
        groups=groups_found,
        matches=worst_matches(scores, pictures, seen),
        misses=worst_misses(scores, pictures, seen),
        confusions=confusions(scores, names),
        warnings=(*warnings_for(one, many), *_of_groups(groups_found)),
    )


def _require_enough(scores: Scores) -> None:
    if not len(scores.mated.scores):
        raise PictureError(
            "two pictures or more of somebody",
            "there is no comparison of one person's pictures",
            "Add pictures of the people",
        )
    if not scores.nonmated.total:
        raise PictureError(
            "pictures of two people or more",
            "there is no comparison of different people",
            "Add another person's pictures",
        )


def _law(others: NonmatedScores) -> ImpostorScores | None:
    return fit(others.scores) if others.total >= FEWEST_COMPARISONS else None


def _of_groups(groups: Sequence[GroupFigures]) -> list[Sentence]:
    """Say what the groups cannot support."""
    return [
        Sentence("Group {}: {}", one.group, warning)
        for one in groups
        for warning in warnings_for(one.figures, None)
    ]


def by_group(
    scores: Scores, names: tuple[str, ...], groups: Mapping[str, str], threshold: float
) -> tuple[GroupFigures, ...]:
    """Return the figures of each group, the one that loses most of its probes first.

    names: the people's. groups: by these names.
    """
    found = []
    for group in sorted(set(groups.values())):
        members = np.array([groups.get(name) == group for name in names])
        among = within(scores, members)
        if members.sum() >= 2 and len(among.mated.scores) and len(among.nonmated.scores):
            count = len(np.unique(among.mated.persons))
            found.append(GroupFigures(group, count, verification(among, threshold)))

    def lost(one: GroupFigures) -> tuple[float, float]:
        return one.figures.fnmr.value, one.figures.fmr.value

    return tuple(sorted(found, key=lost, reverse=True))
