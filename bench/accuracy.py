"""The people of an evaluation as embedders' figures are measured on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.evaluation.embedding import SeenPictures
from bench.evaluation.pictures import PictureSet
from bench.evaluation.trials import owners_of
from gallery.search.identity_rows import IdentityRows
from models.engines.engine import FloatArray

ENROLLED = 5
"""Pictures of each person that are enrolled; the rest are probes."""


@dataclass(frozen=True, eq=False)
class EvaluatedPerson:
    """The embeddings of one person.

    enrolled: (t, d) float32 unit rows. probes: (p, d), a row of NaN where no face was found.
    """

    name: str
    enrolled: FloatArray
    probes: FloatArray


def evaluated_people(pictures: PictureSet, seen: SeenPictures) -> list[EvaluatedPerson]:
    """Return the people of an evaluation, in the order of their first pictures.

    Of each the first ENROLLED pictures are enrolled, of a person with fewer all but one. Whoever
    has a single picture, or none to enroll on which a face is found, is left out.
    """
    owners = owners_of(pictures)
    people = []
    for number, name in enumerate(pictures.names):
        rows = seen.embeddings[owners == number]
        count = min(ENROLLED, len(rows) - 1)
        enrolled = rows[:count][~np.isnan(rows[:count, 0])]
        if len(enrolled):
            people.append(EvaluatedPerson(name, enrolled, rows[count:]))
    return people


def similarities(people: list[EvaluatedPerson]) -> FloatArray:
    """Return each probe's similarity to each person as the gallery tells it.

    The result is (probes, people), and -inf for a probe without a face.
    """
    rows = IdentityRows(people[0].enrolled.shape[1])
    for column, person in enumerate(people):
        rows.put(str(column), person.enrolled)
    probes = np.concatenate([person.probes for person in people])
    scores = np.full((len(probes), len(people)), -np.inf, np.float32)
    for row, probe in zip(scores, probes, strict=True):
        if not np.isnan(probe[0]):
            for whose, similarity in rows.best(probe, len(people)):
                row[int(whose)] = similarity
    return scores


def nonmated_pairs(people: list[EvaluatedPerson]) -> FloatArray:
    """Return the similarities of all pairs of pictures of different people."""
    rows = [np.vstack([p.enrolled, p.probes[~np.isnan(p.probes[:, 0])]]) for p in people]
    return np.concatenate([(a @ b.T).ravel() for i, a in enumerate(rows) for b in rows[i + 1 :]])
