"""Reads CenterFace (Xu et al. 2019): a map of faces' centres, and what a face there is like."""

from __future__ import annotations

import numpy as np

from common.sentence import Sentence
from models.detectors.letterbox import InputForm, Size
from models.detectors.one_shot import (
    Candidates,
    DetectorFamily,
    activated,
    exponential,
    not_its_outputs,
)
from models.engines.engine import FloatArray

STRIDE = 4
SCORE_THRESHOLD = 0.5
"""The least score of a face, as in the authors' code."""

CANDIDATE_SCORE = 0.3
"""Below it a cell is not decoded at all."""

EXPECTED = Sentence(
    "a heatmap (1, 1, h, w), a scale and an offset (1, 2, h, w), and landmarks (1, 10, h, w)"
)


def decode(outputs: tuple[FloatArray, ...], size: Size) -> Candidates:
    """Read heatmap, scale, offset and landmarks: maps with a cell for 4x4 pixels of the canvas.

    Scale is the logarithm of height and width in cells, offset that of the centre (y, x) in cells,
    landmarks (y, x) in shares of the box. Of the two maps with two channels scale is the first.
    """
    heat, scale, offset, marks = _maps(outputs, size)
    scores = activated(heat[0])
    row, column = np.nonzero(scores >= CANDIDATE_SCORE)
    at = (slice(None), row, column)
    side = exponential(scale[at].T[:, ::-1]) * STRIDE
    cell = np.stack([column, row], axis=1).astype(np.float32)
    corner = (cell + offset[at].T[:, ::-1] + np.float32(0.5)) * STRIDE - side / 2
    shares = marks[at].T.reshape(-1, 5, 2)[..., ::-1]
    return Candidates(
        np.hstack([corner, corner + side]),
        scores[row, column],
        corner[:, np.newaxis] + shares * side[:, np.newaxis],
    )


def _maps(outputs: tuple[FloatArray, ...], size: Size) -> tuple[FloatArray, ...]:
    """Return heatmap, scale, offset and landmarks, without their batch's axis."""
    cells = (size[1] // STRIDE, size[0] // STRIDE)
    maps = [map_[0] for map_ in outputs if map_.ndim == 4 and len(map_) == 1]
    fit = [map_ for map_ in maps if map_.shape[1:] == cells]
    by_channels = {n: [map_ for map_ in fit if len(map_) == n] for n in (1, 2, 10)}
    if [len(maps) for maps in by_channels.values()] != [1, 2, 1] or len(outputs) != 4:
        raise not_its_outputs("CenterFace", EXPECTED, outputs)
    return (*by_channels[1], *by_channels[2], *by_channels[10])


CENTERFACE = DetectorFamily("centerface", InputForm(None), decode, SCORE_THRESHOLD, overlap=0.3)
"""It reads RGB as it is, 0 to 255."""
