"""Runs P-Net, the first of MTCNN's three networks, which proposes where faces may be.

In live video it need not be exact everywhere. Newcomers are looked for in eight bits, on levels
resized quickly; what that proposes near a face that is known already is measured again as
facenet-pytorch does it, so that the boxes of the people in view do not move with each detection
(their mean overlap with exact ones would be 0.91, not 0.93). A newcomer beside others must have
a higher probability, which spares R-Net seven in ten of the proposals; with nobody known the
usual threshold holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from models.detectors.boxes import iou, nms, regressed, squared
from models.detectors.mtcnn.area import Integral, averages
from models.detectors.mtcnn.pyramid import PNET_SIDE, PNET_STRIDE, Canvas
from models.engines.engine import FloatArray, Network, padded

NEAR_IOU = 0.2
"""Overlap from which a cell of P-Net's counts as near a known face."""

UNSURE = 0.45
"""The face probability in eight bits from which a cell near a known face is measured again. Of
the cells whose exact probability passes 0.7, one in twenty stays below it (frames of a street
video): a lower figure gained nothing."""

NEWCOMER = 0.9
"""The face probability asked for away from known faces, where there are any. Seven in ten proposals
there are below it, and few faces: 2 of 882 on photographs, at 22 to 120 pixels; two in a hundred
darkened or covered ones; one in a hundred on a street video, where the next detection is soon."""


class QuickPNet(NamedTuple):
    """P-Net in two forms.

    sketch: in eight bits, for sketches (see write_sketch_pnet, and quantize). patch: exact, for
    single cells (see write_patch_pnet).
    """

    sketch: Network
    patch: Network


@dataclass(frozen=True, eq=False)
class _Cells:
    """n cells of P-Net's output.

    band: (n,) index in the canvas's bands. scale: (n,) float32, the scale of the band's level.
    rows, columns: (n,) the cell's place on the band's whole level.
    scores: (n,) float32, face probability. moves: (n, 4) float32, regression.
    """

    band: NDArray[np.intp]
    scale: FloatArray
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    scores: FloatArray
    moves: FloatArray

    def chosen(self, which: NDArray[np.intp]) -> _Cells:
        return _Cells(
            self.band[which],
            self.scale[which],
            self.rows[which],
            self.columns[which],
            self.scores[which],
            self.moves[which],
        )


class Proposals:
    """Proposes squares for R-Net: (n, 4) float32; they may reach past the picture."""

    def __init__(self, pnet: Network, quick: QuickPNet | None, threshold: float) -> None:
        """quick: used by beside_known(), which without it takes as long as everywhere()."""
        self._pnet, self._quick = pnet, quick
        self._threshold = threshold

    def everywhere(self, canvases: Sequence[Canvas], integral: Integral) -> FloatArray:
        """Propose what facenet-pytorch does, on a pyramid that lies on one canvas or more."""
        cells = _joined([self._exact(canvas, integral) for canvas in canvases])
        return _squares(cells, _boxes(cells))

    def beside_known(
        self, canvas: Canvas, integral: Integral, image: RgbImage, known: FloatArray
    ) -> FloatArray:
        """Propose about what facenet-pytorch does.

        known: boxes, (m, 4), of known faces. Where there are some, it proposes near them just
        what facenet-pytorch does, and elsewhere only what is more surely a face.
        """
        if self._quick is None:
            cells = self._exact(canvas, integral)
        else:
            moves, scores = self._quick.sketch(canvas.sketch(image))
            cells = _cells(canvas, moves, scores[:, 1], UNSURE)
        boxes = _boxes(cells)
        near = (iou(boxes, known) > NEAR_IOU).any(axis=1)
        if self._quick is not None and near.any():
            patches = _patches(canvas, integral, cells.chosen(np.flatnonzero(near)))
            moves, scores = self._quick.patch(padded(patches))
            cells.moves[near] = moves[: len(patches), :, 0, 0]
            cells.scores[near] = scores[: len(patches), 1, 0, 0]
        asked = NEWCOMER if len(known) else self._threshold
        passed = np.flatnonzero(cells.scores >= np.where(near, self._threshold, asked))
        return _squares(cells.chosen(passed), boxes[passed])

    def _exact(self, canvas: Canvas, integral: Integral) -> _Cells:
        moves, scores = self._pnet(canvas.draw(integral), canvas.mask)
        return _cells(canvas, moves, scores, self._threshold)


def _cells(canvas: Canvas, regression: FloatArray, probability: FloatArray, least: float) -> _Cells:
    """Return the cells of the bands whose probability is at least `least`, band by band."""
    found = []
    for i, (band, own) in enumerate(canvas.bands):
        scores = probability[0, *own]
        row, column = np.nonzero(scores >= least)
        found.append(
            _Cells(
                np.full(len(row), i),
                np.full(len(row), band.scale, np.float32),
                row + band.first,
                column,
                scores[row, column],
                regression[0, :, *own][:, row, column].T,
            )
        )
    return _joined(found)


def _joined(cells: Sequence[_Cells]) -> _Cells:
    """Join one or more groups of cells, in their order."""
    return _Cells(
        *(np.concatenate([getattr(some, field.name) for some in cells]) for field in fields(_Cells))
    )


def _boxes(cells: _Cells) -> FloatArray:
    """Return the boxes of the picture that the cells see: (n, 4)."""
    scale = cells.scale[:, np.newaxis]
    corner = np.stack([cells.columns, cells.rows], axis=1).astype(np.float32) * PNET_STRIDE
    return np.hstack([np.floor((corner + 1) / scale), np.floor((corner + PNET_SIDE) / scale)])


def _squares(cells: _Cells, boxes: FloatArray) -> FloatArray:
    """Suppress cells within each level, then among all; correct the best by their regression.

    A level may lie on several canvases, one after another.
    """
    ends = np.flatnonzero(np.diff(cells.scale)) + 1
    kept = np.concatenate(
        [
            start + nms(boxes[start:after], cells.scores[start:after], 0.5)
            for start, after in pairwise([0, *ends.tolist(), len(boxes)])
        ]
    )
    kept = kept[nms(boxes[kept], cells.scores[kept], 0.7)]
    return squared(regressed(boxes[kept], cells.moves[kept], inclusive=False))


def _patches(canvas: Canvas, integral: Integral, cells: _Cells) -> FloatArray:
    """Return what each of n cells sees, as drawn on the canvas: (n, 12, 12, 3) float32.

    At the odd edge of a level its last pixels are repeated.
    """
    first = np.empty((len(cells.band), 2, PNET_SIDE), np.int32)
    after = np.empty_like(first)
    steps = np.arange(PNET_SIDE)
    for i in np.unique(cells.band):
        of_band = np.flatnonzero(cells.band == i)
        windows = canvas.windows(canvas.bands[i][0])
        for axis, corner in enumerate((cells.columns, cells.rows)):
            seen = PNET_STRIDE * corner[of_band, np.newaxis] + steps
            for target, edge in zip((first, after), windows[axis], strict=True):
                target[of_band, axis] = edge[np.minimum(seen, len(edge) - 1)]
    return averages(integral, first, after)
