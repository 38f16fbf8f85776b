"""How often strangers are named as a gallery grows, at the threshold that its calibration gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from gallery.calibration import Calibration, calibrate
from gallery.identity import Identity
from gallery.threshold import ImpostorScores
from models.embedders.figures import EmbedderFigures
from models.engines.engine import FloatArray

_AT_ONCE = 500
"""People that are compared with all probes at a time."""


@dataclass(frozen=True)
class PeopleLaw:
    """A law of embeddings: a direction that all have in common, and what is a person's own and a
    picture's own in no direction more than in another.

    Similarities of SFace between different people spread by 0.083 (FIGURES), and would by 0.088
    between random unit vectors of 128 numbers: that no direction is preferred is nearly true.

    common: (d,). between, within: the share of a vector's squared length that differs between
    people, and between pictures of one.
    """

    common: FloatArray
    between: float
    within: float

    @classmethod
    def of(cls, pictures: Sequence[FloatArray]) -> PeopleLaw:
        """Return the law whose similarities have the means of these people's.

        pictures: of each person the embeddings of two pictures or more, (n, d) unit rows.
        """
        means = np.array([rows.mean(axis=0) for rows in pictures])
        within = np.mean(
            [((r - m) ** 2).sum() / (len(r) - 1) for r, m in zip(pictures, means, strict=True)]
        )
        products = means @ means.T
        others = (products.sum() - np.trace(products)) / (len(means) * (len(means) - 1))
        common = means.mean(axis=0)
        common *= np.sqrt(max(others, 0)) / np.linalg.norm(common)
        return cls(common.astype(np.float32), float(1 - within - others), float(within))

    def draw(self, people: int, templates: int, rng: np.random.Generator) -> FloatArray:
        """Return the embeddings of new people, (people, templates, d) float32 unit vectors."""
        d = len(self.common)
        own = self.common + rng.normal(size=(people, 1, d)) * np.sqrt(self.between / d)
        rows = own + rng.normal(size=(people, templates, d)) * np.sqrt(self.within / d)
        rows /= np.linalg.norm(rows, axis=2, keepdims=True)
        return np.asarray(rows, np.float32)


@dataclass(frozen=True)
class Grown:
    """What a gallery of that size does to strangers.

    named, named_by_law: the share of the strangers' pictures that get a name, at the calibrated
    threshold and at the embedder's law's alone.
    """

    size: int
    threshold: float
    named: float
    named_by_law: float


class DrawnPeople:
    """People who are there as embeddings alone; calibrate() takes them for a gallery."""

    def __init__(self, embeddings: Sequence[FloatArray]) -> None:
        """embeddings: of each person, (n, d) float32 unit rows."""
        self._embeddings = embeddings
        now = datetime.now(UTC)
        self.identities = [Identity(f"{i:08d}", str(i), now) for i in range(len(embeddings))]

    def __len__(self) -> int:
        return len(self._embeddings)

    def embeddings(self, identity_id: str) -> FloatArray:
        return self._embeddings[int(identity_id)]


def grown(
    enrolled: Sequence[FloatArray],
    strangers: FloatArray,
    law: PeopleLaw,
    sizes: Sequence[int],
    figures: EmbedderFigures,
    fpir: float,
    rng: np.random.Generator,
) -> list[Grown]:
    """Fill a gallery up with people drawn from a law, and see which strangers are named.

    enrolled: the templates of who is in it, (n, d) unit rows each. strangers: (m, d) unit rows of
    people who are not in it. sizes: of the gallery. fpir: the wish.
    """
    templates = len(enrolled[0]) if enrolled else 1
    filling = law.draw(max(sizes), templates, rng)
    best = np.full(len(strangers), -1, np.float32)
    counted = 0
    found = []
    for size in sorted(sizes):
        people = [*enrolled, *filling][:size]
        for start in range(counted, size, _AT_ONCE):
            best = np.maximum(best, nearest(strangers, people[start : min(start + _AT_ONCE, size)]))
        counted = size
        mixed = [people[i] for i in rng.permutation(size)]
        calibration = _calibrated(mixed, figures, fpir)
        found.append(
            Grown(
                size,
                calibration.threshold,
                float((best >= calibration.threshold).mean()),
                float((best >= calibration.law_threshold).mean()),
            )
        )
    return found


def nearest(probes: FloatArray, people: Sequence[FloatArray]) -> FloatArray:
    """Return each probe's similarity to the most similar of the people, by IdentityRows' rule."""
    sizes = np.array([len(rows) for rows in people])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    cosines = probes @ np.concatenate(people).T
    lengths = [np.linalg.norm(rows.sum(axis=0)) for rows in people]
    means = np.add.reduceat(cosines, starts, axis=1) / lengths
    return np.asarray(np.maximum(cosines.max(axis=1), means.max(axis=1)), np.float32)


def _calibrated(people: Sequence[FloatArray], figures: EmbedderFigures, fpir: float) -> Calibration:
    law = ImpostorScores(*figures.nonmated)
    return calibrate(DrawnPeople(people), law, fpir, figures.threshold_floor, figures.one_person)
