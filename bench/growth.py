"""How often strangers are named as a gallery grows, at the threshold that its calibration gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from bench.evaluation.intervals import Weights
from gallery.calibration import Calibration, calibrate
from gallery.identity import Identity
from gallery.own_scores import SAMPLED
from gallery.threshold import ImpostorScores
from models.embedders.figures import EmbedderFigures
from models.engines.engine import FloatArray

_OWN_SHIFT, _TEMPLATE_SHIFT = 0.55, 0.45
"""How far people, and one template of each, are moved towards a stranger, in what its similarity to
the common direction lacks of the threshold: of the values that were tried those with which rates
differ least from one drawing to the next (by 0.1 of themselves at one in a million, where so many
people drawn as they come, 29,000, would seldom hold one who passes)."""


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
        own = _normal((people, 1, d), self.between / d, rng) + self.common
        rows = _normal((people, templates, d), self.within / d, rng) + own
        rows /= np.linalg.norm(rows, axis=2, keepdims=True)
        return np.asarray(rows, np.float32)


@dataclass(frozen=True, eq=False)
class Grown:
    """What a gallery of that size does to strangers.

    named, named_by_law: (m,) float64, of each of the strangers' pictures how probable it is that it
    gets a name, at the calibrated threshold and at the embedder's law's alone.
    """

    size: int
    threshold: float
    named: Weights
    named_by_law: Weights

    @property
    def share(self) -> float:
        """The share of the strangers' pictures that gets a name."""
        return float(self.named.mean())

    @property
    def share_by_law(self) -> float:
        return float(self.named_by_law.mean())


class DrawnPeople:
    """People who are there as embeddings alone; calibrate() takes them for a gallery."""

    def __init__(self, embeddings: Sequence[FloatArray], size: int) -> None:
        """embeddings: of each person who is compared with the others, (n, d) float32 unit rows.

        size: how many people the gallery has, those who are not compared included.
        """
        self._embeddings, self._size = embeddings, size
        now = datetime.now(UTC)
        self.identities = [Identity(f"{i:08d}", str(i), now) for i in range(len(embeddings))]

    def __len__(self) -> int:
        return self._size

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
    drawn: int = 100,
) -> list[Grown]:
    """Fill a gallery up with people drawn from a law, and see which strangers are named.

    enrolled: the templates of each person who is in it, (n, d) unit rows, as many of everybody.
    strangers: (m, d) unit rows of people who are not in it. sizes: of the gallery. fpir: the wish.
    drawn: see passing().
    """
    count = len(enrolled[0])
    found = []
    rates: dict[float, Weights] = {}
    for size in sorted(sizes):
        calibration = _calibrated(_mixed(enrolled, law, size, rng), size, figures, fpir)
        inside = np.stack(enrolled[:size])
        best = similarities(strangers, inside).max(axis=1)
        named = []
        for threshold in (calibration.threshold, calibration.law_threshold):
            if threshold not in rates:
                rates[threshold] = passing(strangers, law, count, threshold, rng, drawn)
            by_others = -np.expm1((size - len(inside)) * np.log1p(-rates[threshold]))
            named.append(np.where(best >= threshold, 1.0, by_others))
        found.append(Grown(size, calibration.threshold, *named))
    return found


def passing(
    probes: FloatArray,
    law: PeopleLaw,
    templates: int,
    threshold: float,
    rng: np.random.Generator,
    drawn: int = 100,
) -> Weights:
    """Return how probable it is that each probe passes for a person drawn from the law, (m,).

    By importance sampling: people are drawn nearer to the probe than the law has them, and each
    counts as much less as that is less probable.

    probes: (m, d) unit rows. templates: of a person. drawn: people, for each probe.
    """
    d = len(law.common)
    between, within = law.between / d, law.within / d
    lacks = np.maximum(threshold - probes @ law.common, 0).astype(np.float32)
    own_shift, shift = _OWN_SHIFT * lacks, _TEMPLATE_SHIFT * lacks
    total = np.zeros(len(probes))
    for _ in range(drawn):
        own = _normal(probes.shape, between, rng) + own_shift[:, np.newaxis] * probes
        noise = _normal((len(probes), templates, d), within, rng)
        noise[:, 0] += shift[:, np.newaxis] * probes
        rows = noise + (own + law.common)[:, np.newaxis]
        rows /= np.linalg.norm(rows, axis=2, keepdims=True)
        passes = _best(rows, probes) >= threshold
        towards = np.einsum("md,md->m", own, probes)
        weight = np.exp((own_shift / 2 - towards) * own_shift / between)
        # Any of the templates might be the one that was moved: they are alike to the rule.
        along = np.einsum("mnd,md->mn", noise, probes) - shift[:, np.newaxis] / 2
        moved = np.exp(along * shift[:, np.newaxis] / within).mean(axis=1)
        total += np.where(passes, weight / moved, 0)
    return np.asarray(np.minimum(total / drawn, 1 - 1e-9))


def similarities(probes: FloatArray, people: FloatArray) -> FloatArray:
    """Return each probe's similarity to each of the people, (m, p), by IdentityRows' rule.

    people: (p, n, d) unit rows.
    """
    found = [_best(np.broadcast_to(rows, (len(probes), *rows.shape)), probes) for rows in people]
    return np.stack(found, axis=1)


def _best(rows: FloatArray, probes: FloatArray) -> FloatArray:
    """Return the similarity of each probe, (m, d), to a person of its own, (m, n, d)."""
    means = rows.sum(axis=1)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    nearest = np.einsum("mnd,md->mn", rows, probes).max(axis=1)
    return np.asarray(np.maximum(nearest, np.einsum("md,md->m", means, probes)), np.float32)


def _mixed(
    enrolled: Sequence[FloatArray], law: PeopleLaw, size: int, rng: np.random.Generator
) -> list[FloatArray]:
    """Return those of a gallery whom a calibration compares: any of them."""
    chosen = rng.permutation(size)[:SAMPLED]
    drawn = law.draw(len(chosen), len(enrolled[0]), rng)
    return [
        enrolled[who] if who < len(enrolled) else drawn[place] for place, who in enumerate(chosen)
    ]


def _normal(shape: tuple[int, ...], variance: float, rng: np.random.Generator) -> FloatArray:
    return rng.standard_normal(shape, np.float32) * np.float32(np.sqrt(variance))


def _calibrated(
    people: Sequence[FloatArray], size: int, figures: EmbedderFigures, fpir: float
) -> Calibration:
    law = ImpostorScores(*figures.nonmated)
    gallery = DrawnPeople(people, size)
    return calibrate(gallery, law, fpir, figures.threshold_floor, figures.one_person)
