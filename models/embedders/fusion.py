"""Two or three embedders as one: `embedder = "sface+MODEL"`.

The embedding is theirs one after the other, each of unit length times the root of its weight, so
that the cosine of two is the weighted mean of the parts' cosines (score fusion by the weighted sum:
Kittler et al. 1998; Ross & Jain 2003). Galleries keep it as of equal weights (`row_scale`): other
weights need no embedding anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from common.picture import RgbImage
from models.embedders import sface
from models.embedders.embedder import Embedder
from models.embedders.figures import EmbedderFigures, Normal
from models.engines.engine import FloatArray
from models.face import Face

SEPARATOR = "+"
"""Between the names in the settings, and between the ids in the joined id."""

MOST_PARTS = 3
"""Each takes its time in every look."""


class JoinedCrop(np.ndarray):
    """The first part's crop, (h, w, 3) uint8 RGB, which carries those of the other parts.

    Whoever shows it or keeps it has the first part's crop. each: the crop of each part.
    """

    each: tuple[RgbImage, ...] = ()

    def __array_finalize__(self, of: object) -> None:
        self.each = ()  # what is cut out of it, or computed from it, is an ordinary picture


def joined_crop(crops: Sequence[RgbImage]) -> RgbImage:
    """Join the crops of all parts, in their order, to what FusedEmbedder.embed() wants."""
    joined = crops[0].view(JoinedCrop)
    joined.each = tuple(crops)
    return cast(RgbImage, joined)


class FusedEmbedder:
    """One thread at a time may call it.

    parts: two or three different embedders. All weigh the same until others are measured. The
    figures are estimated from the parts', as if these erred together: that grants the fusion no
    gain, and is careful.
    """

    def __init__(self, parts: Sequence[Embedder]) -> None:
        ids = [part.model_id for part in parts]
        if not 2 <= len(set(ids)) == len(ids) <= MOST_PARTS:
            raise ValueError(f"not two to {MOST_PARTS} different embedders: {ids}")
        self.parts = tuple(parts)
        self.model_id = SEPARATOR.join(ids)
        self.dimension = sum(part.dimension for part in parts)
        self.weights = equal_weights(len(ids))
        self.figures = estimated_figures([part.figures for part in parts], self.weights)

    @property
    def scale(self) -> FloatArray:
        """By what a gallery multiplies what it keeps; see row_scale()."""
        return row_scale(self.dimensions, self.weights)

    @property
    def dimensions(self) -> tuple[int, ...]:
        return tuple(part.dimension for part in self.parts)

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        return joined_crop([part.crop(image, face) for part in self.parts])

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        """As Embedder.embed(). crops: of crop() or joined_crop(); a plain one is for all parts."""
        return self._joined([part.embed(own) for part, own in self._each(crops)])

    def embed_thoroughly(self, crops: Sequence[RgbImage]) -> FloatArray:
        return self._joined([part.embed_thoroughly(own) for part, own in self._each(crops)])

    def _each(self, crops: Sequence[RgbImage]) -> list[tuple[Embedder, list[RgbImage]]]:
        of_parts = [_crops_of(crop, len(self.parts)) for crop in crops]
        return [(part, [of[i] for of in of_parts]) for i, part in enumerate(self.parts)]

    def _joined(self, rows: Sequence[FloatArray]) -> FloatArray:
        weighted = [row * np.float32(w**0.5) for row, w in zip(rows, self.weights, strict=True)]
        return np.concatenate(weighted, axis=1).astype(np.float32)


def crop_model_id(embedder: Embedder) -> str:
    """Return the id of the embedder whose crop is shown and kept: of a fused one its first part."""
    return embedder.parts[0].model_id if isinstance(embedder, FusedEmbedder) else embedder.model_id


def equal_weights(parts: int) -> tuple[float, ...]:
    return (1 / parts,) * parts


def row_scale(dimensions: Sequence[int], weights: Sequence[float]) -> FloatArray:
    """Return by what each number of an embedding of equal weights is multiplied for others.

    dimensions: of the parts. The result is (sum of them,) float32; see gallery.Gallery.
    """
    factors = np.sqrt(np.multiply(weights, len(weights)))
    return np.repeat(factors, dimensions).astype(np.float32)


def estimated_figures(
    parts: Sequence[EmbedderFigures], weights: Sequence[float]
) -> EmbedderFigures:
    """The careful figures of a fusion: the parts' mean scores, with errors that add up."""

    def law(of: Sequence[Normal]) -> Normal:
        means, deviations = zip(*of, strict=True)
        return float(np.dot(weights, means)), float(np.dot(weights, deviations))

    return sface.FIGURES.estimated_for(
        nonmated=law([part.nonmated for part in parts]),
        nonmated_pairs=law([part.nonmated_pairs for part in parts]),
    )


def _crops_of(crop: RgbImage, parts: int) -> tuple[RgbImage, ...]:
    each = crop.each if isinstance(crop, JoinedCrop) else ()
    return each or (np.asarray(crop),) * parts
