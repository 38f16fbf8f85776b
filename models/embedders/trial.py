"""Runs an embedder that is to be added on pictures, and says what is wrong with what it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from common.errors import EngineError, WeightsError
from common.picture import RgbImage
from common.sentence import Sentence
from models.described.composing import FEWEST_NUMBERS
from models.described.description import ModelDescription
from models.embedders.described import prepared
from models.embedders.similarity import REACH_LENGTHS, unit_rows
from models.engines.engine import FloatArray, Network

MOST_NUMBERS = 100_000

NO_MORE_ALIKE = 0.6
"""From this cosine on a face, the same upside down and coloured blobs are too much alike. Two
models' rightly scaled pictures have 0.24 at most in 12 people, and 0.69 to 0.99 in the mean where
the scale is wrong by the factor 128."""


def tried(network: Network, description: ModelDescription, face: RgbImage) -> ModelDescription:
    """Return the description of an embedder with its dimension, and its reach where it has one.

    face: (h, w, 3) uint8 RGB, a crop as the embedder reads it. A dimension of 0 in the description
    stands for any. Raises WeightsError, in one sentence, where the network cannot be run on it, or
    gives no vector, one of another length, no numbers, or the same for all pictures.
    """
    rows = _rows(network, description, _pictures(face))
    found = rows.shape[1]
    if description.dimension and found != description.dimension:
        raise _wrong(
            Sentence("a model that gives {} numbers for a face", description.dimension),
            Sentence("it gives {}", found),
        )
    if not FEWEST_NUMBERS <= found <= MOST_NUMBERS:
        raise _wrong(
            Sentence(
                "a model that gives {} to {} numbers for a face", FEWEST_NUMBERS, MOST_NUMBERS
            ),
            Sentence("it gives {}", found),
        )
    if not np.isfinite(rows).all():
        raise _wrong(Sentence("numbers for a face"), Sentence("it gives what is no number"))
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
    if not lengths.all():
        raise _wrong(Sentence("numbers for a face"), Sentence("all that it gives are zero"))
    if np.abs(rows - rows[0]).max() <= 1e-6 * lengths.max():
        raise _wrong(
            Sentence("other numbers for another picture"),
            Sentence("it gives the same for a face and for blobs"),
        )
    reach = 0.0
    if description.metric == "euclidean":
        reach = round(REACH_LENGTHS * float(np.median(lengths[:2])), 4)
    return replace(description, dimension=found, reach=reach)


def wrong_scale(network: Network, description: ModelDescription, face: RgbImage) -> Sentence | None:
    """Return a warning where the network hardly sees a difference between a face and blobs."""
    face_row, *others = unit_rows(_rows(network, description, _pictures(face)))
    alike = float(np.mean([face_row @ other for other in others]))
    if alike < NO_MORE_ALIKE:
        return None
    return Sentence(
        "A face and coloured blobs are alike to it, at a similarity of {}: mean or scale are "
        "probably others than {} and {}.",
        f"{alike:.2f}",
        *map(_listed, (description.mean, description.scale)),
    )


def _pictures(face: RgbImage) -> list[RgbImage]:
    """Return the face, the same upside down, and coloured blobs of its size."""
    height, width = face.shape[:2]
    coarse = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    blobs = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return [face, np.ascontiguousarray(face[::-1]), np.asarray(blobs, np.uint8)]


def _rows(network: Network, description: ModelDescription, crops: Sequence[RgbImage]) -> FloatArray:
    """Return what the network gives, (n, d) float32, of whatever length. Raises WeightsError."""
    rows = []
    try:
        for crop in crops:
            outputs = network(prepared(description, crop))
            rows.append(outputs[description.output][0].astype(np.float32).ravel())
    except (EngineError, IndexError) as error:
        found = error.found if isinstance(error, EngineError) else Sentence("it gives no vector")
        raise _wrong(
            Sentence("a model that can be run on a crop of a face, as it is described"), found
        ) from error
    return np.stack(rows)


def _wrong(expected: Sentence, found: Sentence) -> WeightsError:
    return WeightsError(
        expected, found, "Give another file, or other options: facedesk models add --help"
    )


def _listed(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)
