"""facedesk evaluate --harden: the figures of degraded copies of people's pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.evaluation.embedding import SeenPictures
from bench.evaluation.evaluation import GroupFigures, Protocol, by_group
from bench.evaluation.figures import identification, verification, warnings_for
from bench.evaluation.intervals import Estimate, shares, widened
from bench.evaluation.pictures import PictureSet
from bench.evaluation.scoring import score
from bench.evaluation.trials import EvaluationTrial, owners_of, trials
from bench.hardening.defects import AS_THEY_ARE
from bench.hardening.rates import Hardness, Seen, SeenFace, hardness
from common.sentence import Sentence
from models.embedders.figures import EmbedderFigures
from models.engines.engine import FloatArray


@dataclass(frozen=True)
class DegradedFigures:
    """What becomes of probes with one defect, whose people are enrolled as they are.

    accuracy: at the threshold in use. tpr: at FPR 1 %. Both are None where no probe has a face, or
    nobody can be compared. fnir: at FPIR 1 %; None without strangers, too. not_found: share of the
    probes on which no face is found. groups: the one that loses the most of its people's probes
    first. warnings: what so few people cannot support.
    """

    defect: str
    accuracy: Estimate | None
    tpr: Estimate | None
    fnir: Estimate | None
    not_found: Estimate
    groups: tuple[GroupFigures, ...]
    rates: Hardness
    warnings: tuple[Sentence, ...] = ()


def harden(
    pictures: PictureSet,
    seen: Mapping[str, SeenPictures],
    figures: EmbedderFigures,
    threshold_of: Callable[[int], float],
    fpir: float,
    protocol: Protocol,
    groups: Mapping[str, str],
) -> list[DegradedFigures]:
    """Measure each defect. seen: as embed_degraded() gives them, AS_THEY_ARE among them.

    threshold_of: the threshold in use in a gallery of so many people. fpir: as the settings have
    it. groups: by the people's names.
    """
    clear = seen[AS_THEY_ARE]
    of_people = _by_person(pictures, clear)
    return [
        _degraded(
            name,
            pictures,
            clear.embeddings,
            of_defect.embeddings,
            threshold_of,
            protocol,
            groups,
            hardness(
                name, _by_person(pictures, of_defect), of_people, figures, fpir, protocol.enroll
            ),
        )
        for name, of_defect in seen.items()
    ]


def worst(found: Sequence[DegradedFigures]) -> DegradedFigures:
    """Return the defect that loses the most of the enrolled people's probes at FPR 1 %."""
    return min(found, key=lambda one: one.tpr.value if one.tpr is not None else 0.0)


def _degraded(
    defect: str,
    pictures: PictureSet,
    clear: FloatArray,
    degraded: FloatArray,
    threshold_of: Callable[[int], float],
    protocol: Protocol,
    groups: Mapping[str, str],
    rates: Hardness,
) -> DegradedFigures:
    owners, names = owners_of(pictures), pictures.names
    chosen = trials(pictures, clear, protocol.enroll, protocol.repeat, protocol.strangers)
    several = list(chosen)
    scores = score(several, degraded, owners, len(names))
    not_found = _not_found(several, degraded, owners, len(names))
    if not len(scores.mated.scores) or not len(scores.nonmated.scores):
        return DegradedFigures(defect, None, None, None, not_found, (), rates)
    threshold = threshold_of(max((found.size for found in scores.everyone), default=1))
    one, many = verification(scores, threshold), identification(scores, threshold_of)
    return DegradedFigures(
        defect,
        one.accuracy,
        one.tpr[0],
        many.fnir[0] if many is not None and many.fnir is not None else None,
        not_found,
        by_group(scores, names, groups, threshold),
        rates,
        warnings_for(one, many),
    )


def _not_found(
    several: Sequence[EvaluationTrial],
    degraded: FloatArray,
    owners: np.ndarray[tuple[int, ...], np.dtype[np.int32]],
    people: int,
) -> Estimate:
    missing = np.isnan(degraded[:, 0])
    probed = [(owners[trial.probes], missing[trial.probes]) for trial in several]
    found = shares(people, sum(len(persons) for persons, _ in probed), probed)
    return widened(found, len(np.unique(np.concatenate([trial.probes for trial in several]))))


def _by_person(pictures: PictureSet, seen: SeenPictures) -> Seen:
    """Return the faces of whoever may be enrolled."""
    people: dict[str, list[SeenFace | None]] = {
        picture.person: [] for picture in pictures.pictures if not picture.is_stranger
    }
    for place, picture in enumerate(pictures.pictures):
        if picture.is_stranger:
            continue
        has_face = seen.has_face[place]
        face = SeenFace(seen.embeddings[place], seen.flaws[place]) if has_face else None
        people[picture.person].append(face)
    return people
