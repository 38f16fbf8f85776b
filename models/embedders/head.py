"""A linear head on an embedder: a model of its own, whose embeddings compare with no other's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from common.errors import WeightsError
from common.output_file import make_folder, output_file
from common.picture import RgbImage
from common.sentence import Sentence
from models.embedders.embedder import Embedder
from models.embedders.figures import EmbedderFigures, Normal
from models.engines.engine import FloatArray
from models.face import Face

MARK = "~"
"""Between an embedder's name, or id, and its head's."""


def headed(base: str, head: str) -> str:
    """Return the name, or id, of an embedder with a head."""
    return f"{base}{MARK}{head}"


@dataclass(frozen=True, eq=False)
class MetricHead:
    """weights: (d, d) float32. An embedding is multiplied by them and scaled to unit length."""

    weights: NDArray[np.float32]

    def applied(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """rows: (n, d) float32 unit rows, as the result is."""
        long = rows @ self.weights.T
        return np.asarray(long / np.linalg.norm(long, axis=1, keepdims=True), np.float32)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.weights.astype("<f4").tobytes()).hexdigest()


class HeadedEmbedder:
    """An embedder and a head that facedesk train metric has learned for it.

    Its figures are estimated from the non-mated laws of people whom nothing was learned from.
    """

    def __init__(
        self, base: Embedder, head: MetricHead, nonmated: Normal, nonmated_pairs: Normal
    ) -> None:
        self._base, self._head = base, head
        self.model_id = headed(base.model_id, f"head-{head.sha256[:8]}")
        self.dimension = base.dimension
        self.figures: EmbedderFigures = base.figures.estimated_for(nonmated, nonmated_pairs)

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        return self._base.crop(image, face)

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        return self._head.applied(self._base.embed(crops))

    def embed_thoroughly(self, crops: Sequence[RgbImage]) -> FloatArray:
        return self._head.applied(self._base.embed_thoroughly(crops))


class _HeadFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """weights: the matrix row by row, little-endian float32."""

    version: Literal[1]
    base: str
    dimension: Annotated[int, Meta(gt=0, le=8192)]
    weights: bytes
    nonmated: Normal
    nonmated_pairs: Normal


@dataclass(frozen=True)
class KeptHead:
    """A head as it is kept. base: the model_id of the embedder that it is for."""

    base: str
    head: MetricHead
    nonmated: Normal
    nonmated_pairs: Normal

    @property
    def name(self) -> str:
        """What tells it from other heads, with the beginning of its hash."""
        return f"head-{self.head.sha256[:8]}"

    @property
    def model_id(self) -> str:
        """The id of the embedder with this head."""
        return headed(self.base, self.name)

    def on(self, base: Embedder) -> HeadedEmbedder:
        """Raises WeightsError for another embedder than the one that it was learned for."""
        if base.model_id != self.base:
            raise WeightsError(
                Sentence("the head of {}", base.model_id),
                Sentence("{} was learned for {}", self.name, self.base),
                "Learn one for it: facedesk train metric",
            )
        return HeadedEmbedder(base, self.head, self.nonmated, self.nonmated_pairs)


def save_head(kept: KeptHead, folder: Path) -> Path:
    """Write a head under its id; the same one may be there already. Raises WeightsError.

    folder: where weights are kept.
    """
    path = _head_path(kept.model_id, folder)
    content = _HeadFile(
        version=1,
        base=kept.base,
        dimension=len(kept.head.weights),
        weights=kept.head.weights.astype("<f4").tobytes(),
        nonmated=kept.nonmated,
        nonmated_pairs=kept.nonmated_pairs,
    )
    make_folder(path.parent, WeightsError, private=True)
    with output_file(path, WeightsError, overwrite=True) as fresh:
        fresh.write_bytes(msgspec.json.encode(content))
    return path


def kept_heads(folder: Path) -> list[tuple[str, str]]:
    """Return the heads that are kept: each embedder's id with the head's name, in order."""
    stems = sorted(path.stem for path in (folder / "heads").glob(f"*{MARK}head-*.json"))
    split = (stem.rpartition(MARK) for stem in stems)
    return [(base, name) for base, _, name in split]


def load_head(name: str, folder: Path) -> KeptHead:
    """Read the head of that name. Raises WeightsError where it is missing or damaged."""
    bases = [base for base, known in kept_heads(folder) if known == name]
    if not bases:
        raise WeightsError(
            Sentence("the head {} of an embedder", name),
            Sentence("there is none in {}", folder / "heads"),
            "facedesk train metric learns one",
        )
    path = _head_path(headed(bases[0], name), folder)
    try:
        content = msgspec.json.decode(path.read_bytes(), type=_HeadFile)
        weights = np.frombuffer(content.weights, "<f4").reshape(content.dimension, -1).copy()
        kept = KeptHead(content.base, MetricHead(weights), content.nonmated, content.nonmated_pairs)
        if weights.shape[0] != weights.shape[1] or not np.isfinite(weights).all():
            raise ValueError("its numbers are no matrix")
        if kept.model_id != path.stem:
            raise ValueError("its numbers have changed")
    except (OSError, msgspec.DecodeError, ValueError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise WeightsError(
            Sentence("the head {} of an embedder", name),
            Sentence("{} cannot be read ({})", path, detail),
            "Put a backup copy in its place, or learn it again with facedesk train metric",
        ) from error
    return kept


def _head_path(model_id: str, folder: Path) -> Path:
    return folder / "heads" / f"{model_id}.json"
