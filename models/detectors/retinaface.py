"""Reads RetinaFace (Deng et al. 2019) as biubug6's PyTorch code exports it: offsets from priors."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from common.sentence import Sentence
from models.detectors.letterbox import InputForm, Size
from models.detectors.one_shot import (
    ROUNDING,
    Candidates,
    DetectorFamily,
    cells,
    exponential,
    grid,
    not_its_outputs,
    sigmoid,
)
from models.engines.engine import FloatArray

PRIOR_SIDES = {8: (16, 32), 16: (64, 128), 32: (256, 512)}
"""The sides of the square priors in each cell of a stride, in pixels of the canvas."""

CENTRE_VARIANCE, SIDE_VARIANCE = 0.1, 0.2
SCORE_THRESHOLD = 0.6
"""The least score of a face that the authors' code shows."""

CANDIDATE_SCORE = 0.3
"""Below it a prior is not decoded at all."""

EXPECTED = Sentence(
    "offsets (1, n, 4), scores (1, n, 2) and landmarks (1, n, 10), n for each prior"
)


def decode(outputs: tuple[FloatArray, ...], size: Size) -> Candidates:
    """Read offsets, scores and landmarks, in any order: they are known by their shapes."""
    by_width = {output.shape[-1]: output[0] for output in outputs if output.ndim == 3}
    priors = _priors(size)
    if (
        len(outputs) != 3
        or by_width.keys() != {2, 4, 10}
        or any(len(rows) != len(priors) for rows in by_width.values())
    ):
        raise not_its_outputs("RetinaFace", EXPECTED, outputs)
    offsets, classes, marks = by_width[4], by_width[2], by_width[10]
    scores = _probabilities(classes)
    kept = np.flatnonzero(scores >= CANDIDATE_SCORE)
    centre, side = priors[kept, :2], priors[kept, 2:]
    middle = centre + offsets[kept, :2] * (CENTRE_VARIANCE * side)
    half = side * exponential(offsets[kept, 2:] * np.float32(SIDE_VARIANCE)) / 2
    shift = marks[kept].reshape(-1, 5, 2) * (CENTRE_VARIANCE * side[:, np.newaxis])
    return Candidates(
        np.hstack([middle - half, middle + half]), scores[kept], centre[:, np.newaxis] + shift
    )


def _probabilities(classes: FloatArray) -> FloatArray:
    """Return the probability of a face for each prior: (n,).

    classes: (n, 2), no face and face; exported as it is trained, the network gives them without
    the softmax.
    """
    is_softmax = np.mean(np.abs(classes.sum(axis=1) - 1) < ROUNDING) > 0.5
    return classes[:, 1] if is_softmax else sigmoid(classes[:, 1] - classes[:, 0])


@lru_cache(maxsize=32)
def _priors(size: Size) -> FloatArray:
    """Return the priors of a canvas: (n, 4) centre and sides in pixels."""
    priors = []
    for stride, sides in PRIOR_SIDES.items():
        centre = (grid(*cells(size, stride)) + np.float32(0.5)) * np.float32(stride)
        each = np.tile(
            np.repeat(np.array(sides, np.float32)[:, np.newaxis], 2, axis=1), (len(centre), 1)
        )
        priors.append(np.hstack([np.repeat(centre, len(sides), axis=0), each]))
    return np.concatenate(priors)


RETINAFACE = DetectorFamily(
    "retinaface",
    InputForm(None, colour="BGR", mean=(104.0, 117.0, 123.0), border=0),
    decode,
    SCORE_THRESHOLD,
    overlap=0.4,
)
