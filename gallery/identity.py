"""The gallery's types for who is known. They are frozen, so that they may cross threads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage


@dataclass(frozen=True, slots=True)
class Identity:
    """A person. Two people may share a name; the id tells them apart.

    id: 32 hexadecimal digits, made once and never used again.
    name: as typed, in any script, NFC-normalized, without surrounding space.
    enrolled_at: aware datetime, UTC.
    """

    id: str
    name: str
    enrolled_at: datetime
    note: str = ""


@dataclass(frozen=True, eq=False)
class Template:
    """One embedding of a person, with the crop that it was made from.

    embedding: (d,) float32, unit length.
    crop: (h, w, 3) uint8 RGB, what the embedder was fed: a gallery can be embedded again. It is
    gallery.crops.NO_CROP, (0, 0, 3), where the embedding came without one.
    quality: 0..1, higher is better; the crop of the best one is the portrait.
    model_id: the embedder that made the embedding.
    """

    embedding: NDArray[np.float32]
    crop: RgbImage
    quality: float
    model_id: str


@dataclass(frozen=True)
class Candidate:
    """An identity and how similar the probe is to it (cosine, -1..1)."""

    identity: Identity
    similarity: float


@dataclass(frozen=True)
class Match:
    """An accepted identification.

    The similarity (cosine) passed the threshold, and the runner-up is less similar.
    """

    identity: Identity
    similarity: float
    threshold: float
    runner_up: Candidate | None
