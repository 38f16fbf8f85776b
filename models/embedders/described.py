"""An embedder of which nothing is known but its description."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from common.errors import EngineError
from common.picture import RgbImage
from common.sentence import Sentence
from models.crop import aligned_crop, margin_crop
from models.described.description import ModelDescription
from models.embedders import sface
from models.embedders.embedder import raw_embeddings
from models.embedders.figures import EmbedderFigures, Normal
from models.embedders.similarity import law_for, unit_dimension, unit_rows
from models.engines.engine import Array, FloatArray, Network
from models.face import Face

CAREFUL: Normal = (0.13, 0.13)
"""A non-mated law for models of which none was measured: no narrower than those of two models that
were trained with large margins, (0.09, 0.08) and (0.13, 0.12) for probes against five templates of
12 people of Glint360K. With it 77 and 89 in a hundred single looks at the right person pass in a
gallery of 12 people, and 41 and 60 at the threshold of 1,000; with their own laws more do."""

_FACENET: Normal = (0.05, 0.14)
"""Its threshold is near 0.5, on the careful side of the 0.4 that facenet-pytorch's users take from
LFW. It is not measured here, where no weights could be had."""

_CAREFUL: dict[str, Normal] = {
    "facenet-vggface2": _FACENET,
    "facenet-casia-webface": _FACENET,
    "facenet-2017": _FACENET,
    "vgg-face": (0.35, 0.14),
    "openface": (0.2, 0.2),
}
"""The same for families of which more is known. deepface's threshold for VGG-Face was a cosine of
0.6 with 2622 numbers, and is 0.32 with 4096; OpenFace's authors call a squared distance below 0.99,
a cosine above 0.5, the same person, and are wrong about 7 in 100 pairs of LFW there (Amos et al.
2016)."""


def careful_figures(description: ModelDescription) -> EmbedderFigures:
    """Return figures for an embedder that was not measured: few strangers pass them.

    How many looks at the right person pass, nobody knows before `facedesk evaluate` has measured
    it. All figures follow from the assumed non-mated law and SFace's; `facedesk doctor` says so.
    """
    law = law_for(_CAREFUL.get(description.family, CAREFUL), description.metric)
    return sface.FIGURES.estimated_for(nonmated=law, nonmated_pairs=law)


class DescribedEmbedder:
    """Runs a network as its description says. One thread at a time may call it.

    dimension: of what embed() gives: one more than the network's for the metric euclidean.
    """

    def __init__(
        self, network: Network, description: ModelDescription, model_id: str | None = None
    ) -> None:
        """model_id: of a built-in one, whose description never changes."""
        self._network = network
        self._description = description
        self.model_id = model_id or description.model_id
        self.dimension = unit_dimension(description.dimension, description.metric)
        self.figures = careful_figures(description)

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        return described_crop(self._description, image, face)

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        """As Embedder says. Raises EngineError where the network gives no usable numbers."""
        rows = unit_rows(self.raw(crops), self._description.metric, self._description.reach)
        if not np.isfinite(rows).all():
            raise EngineError(
                Sentence("numbers from the model {}", self._description.name),
                "for a face it gives zeros, or what is no number",
                Sentence(
                    "Check its mean and scale: facedesk models describe {}", self._description.name
                ),
            )
        return rows

    def embed_thoroughly(self, crops: Sequence[RgbImage]) -> FloatArray:
        """The mean of the crop's embedding and of its mirror picture's, as is usual in the field.

        See docs/models.md for what it gains.
        """
        rows = self.embed(crops) + self.embed([crop[:, ::-1] for crop in crops])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def raw(self, crops: Sequence[RgbImage]) -> FloatArray:
        """Return what the network gives: (n, d) float32, of any length.

        Raises EngineError where the output has another number of values than the description says.
        """
        description = self._description
        return raw_embeddings(
            self._network,
            description.dimension,
            crops,
            partial(prepared, description),
            description.output,
        )


def described_crop(description: ModelDescription, image: RgbImage, face: Face) -> RgbImage:
    """Return the crop that an embedder reads: (h, w, 3) uint8 RGB. Raises what margin_crop()
    raises."""
    if description.crop == "margin":
        return margin_crop(image, face, description.input_size, description.margin)
    return aligned_crop(image, face, description.input_size)


def prepared(description: ModelDescription, crop: RgbImage) -> Array:
    """Return what a network reads of a crop: a batch whose pictures are all the same.

    crop: (h, w, 3) uint8 RGB.
    """
    ordered = crop if description.colour == "RGB" else crop[..., ::-1]
    values = ordered.astype(np.float32)
    if description.standardized:
        # As tf.image.per_image_standardization: of one colour alone it makes zeros.
        values = (values - values.mean()) / max(values.std(), values.size**-0.5)
    mean, scale = np.array(description.mean, "f4"), np.array(description.scale, "f4")
    values = (values - mean) / scale
    if description.layout == "NCHW":
        values = values.transpose(2, 0, 1)
    batch = np.repeat(values[np.newaxis], description.batch, axis=0)
    return np.ascontiguousarray(batch, description.numbers)
