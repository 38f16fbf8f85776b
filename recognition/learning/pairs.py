"""What the similarity of two pictures says: a probability that they show the same person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from common.errors import LearningError
from common.output_file import make_folder, output_file
from common.sentence import Sentence
from models.embedders.sface import SfaceEmbedder
from recognition.learning.labelled import LabelledRows
from recognition.learning.logistic import Logistic, Reliability, fit_logistic, reliability

MOST_ROWS = 4000
"""The most pictures of which all pairs are taken: eight million, in 200 MB."""

SEED = 6


class PairCurve(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The probability that two pictures show the same person, for one embedder.

    It is for pairs of which as many show one person as two: whoever expects few of one person has
    to lower it by Bayes's rule.

    slope, intercept: of Logistic, over the cosine. people, same, different: on how many people and
    pairs it was measured.
    """

    slope: Annotated[float, Meta(gt=0, lt=1e4)]
    intercept: Annotated[float, Meta(gt=-1e4, lt=1e4)]
    people: int
    same: int
    different: int

    def probability(self, similarity: float) -> float:
        curve = Logistic(self.slope, self.intercept)
        return float(curve.probabilities(np.array([similarity]))[0])


class _PairsFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Literal[1]
    curves: dict[str, PairCurve]


SHIPPED: Mapping[str, PairCurve] = MappingProxyType(
    {
        SfaceEmbedder.model_id: PairCurve(
            slope=40.22, intercept=-11.54, people=12, same=3312, different=38016
        )
    }
)
"""By model_id. SFace's is measured on 12 people of Glint360K by `facedesk train pairs`."""


@dataclass(frozen=True)
class PairFit:
    """A curve, and how far its probabilities are kept on people whom it was not fitted on.

    The people are parted into two halves; each is judged by the curve of the other.
    """

    curve: PairCurve
    reliability: Reliability


@dataclass(frozen=True, eq=False)
class Pairs:
    """All pairs of some pictures. similarities: (n,) float32. same: (n,) bool."""

    similarities: NDArray[np.float32]
    same: NDArray[np.bool_]

    @classmethod
    def of(cls, known: LabelledRows) -> Pairs:
        one, other = np.triu_indices(len(known.rows), k=1)
        similarities = (known.rows @ known.rows.T)[one, other]
        return cls(similarities, known.owners[one] == known.owners[other])

    @property
    def weights(self) -> NDArray[np.float64]:
        """What each counts, so that those of one person weigh as much as those of two."""
        same, different = self.same.sum(), (~self.same).sum()
        return np.asarray(np.where(self.same, 0.5 / same, 0.5 / different), np.float64)

    def curve(self) -> Logistic:
        weights = self.weights * len(self.same)
        return fit_logistic(self.similarities, self.same, weights)


def fit_pairs(known: LabelledRows) -> PairFit:
    """Fit the curve on people's pictures.

    Raises LearningError for fewer than four people with two pictures or more, or where the
    similarity does not tell one person from two.
    """
    if len(known.rows) > MOST_ROWS:
        chosen = np.sort(np.random.default_rng(SEED).permutation(len(known.rows))[:MOST_ROWS])
        known = LabelledRows(known.people, known.rows[chosen], known.owners[chosen])
    several = known.of_people(np.flatnonzero(known.counts >= 2))
    if len(several.people) < 4:
        raise LearningError(
            "at least four people with two pictures or more",
            Sentence("there are {}", len(several.people)),
            "Enroll more pictures, or give a folder with a subfolder of pictures for each person",
        )
    everyone = np.arange(len(several.people))
    halves = [Pairs.of(several.of_people(everyone[start::2])) for start in (0, 1)]
    told = [
        curve.probabilities(judged.similarities)
        for curve, judged in ((halves[1].curve(), halves[0]), (halves[0].curve(), halves[1]))
    ]
    pairs = Pairs.of(several)
    curve = pairs.curve()
    if curve.slope <= 0:
        raise LearningError(
            "pictures of one person to be more alike than those of two",
            "they are not",
            "Check that each subfolder has the pictures of one person",
        )
    same = int(pairs.same.sum())
    return PairFit(
        PairCurve(
            slope=curve.slope,
            intercept=curve.intercept,
            people=len(several.people),
            same=same,
            different=len(pairs.same) - same,
        ),
        reliability(
            np.concatenate(told),
            np.concatenate([half.same for half in halves]),
            np.concatenate([half.weights for half in halves]),
        ),
    )


def pair_curve(model_id: str, path: Path) -> PairCurve | None:
    """Return the curve of an embedder that was measured here, or else the one that is shipped.

    Returns None where there is neither. path: what save_curve() writes. Raises LearningError where
    that is damaged.
    """
    return _curves(path).get(model_id) or SHIPPED.get(model_id)


def save_curve(model_id: str, curve: PairCurve, path: Path) -> None:
    """Keep a curve, beside those of other embedders. Raises LearningError."""
    curves = {**_curves(path), model_id: curve}
    make_folder(path.parent, LearningError, private=True)
    with output_file(path, LearningError, overwrite=True) as fresh:
        fresh.write_bytes(msgspec.json.encode(_PairsFile(version=1, curves=curves)))


def _curves(path: Path) -> dict[str, PairCurve]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_PairsFile).curves
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LearningError(
            "what facedesk train pairs has measured",
            Sentence("{} cannot be read ({})", path, error),
            "Delete it, and measure again with facedesk train pairs",
        ) from error
