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
class FaceView:
    """A face with some room around it, from which every embedder can cut what it wants.

    picture: (h, w, 3) uint8 RGB. box: (4,) float32 x1, y1, x2, y2, and landmarks: (5, 2) float32,
    in its pixels; the box may reach past its border, as past that of the picture it was cut from.
    jpeg: the file that the picture was read from, which a copy keeps as it is; empty for a new one.
    """

    picture: RgbImage
    box: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    jpeg: bytes = b""

    @property
    def numbers(self) -> NDArray[np.float32]:
        """Box and landmarks, (14,) float32."""
        return np.concatenate([self.box, self.landmarks.ravel()]).astype(np.float32)

    @classmethod
    def from_numbers(
        cls, picture: RgbImage, numbers: NDArray[np.float32], jpeg: bytes = b""
    ) -> FaceView:
        """Return the view whose `numbers` these are. Raises ValueError where they are none."""
        if numbers.shape != (14,) or not np.isfinite(numbers).all():
            raise ValueError(f"no box and five landmarks: {numbers.shape}")
        return cls(picture, numbers[:4].astype(np.float32), numbers[4:].reshape(5, 2), jpeg)


@dataclass(frozen=True, eq=False)
class Template:
    """One embedding of a person, with the crop that it was made from.

    embedding: (d,) float32, unit length. In a copy of what is stored it is zeros where the model
    can make nothing of the picture, which is kept for another model.
    crop: (h, w, 3) uint8 RGB, what the embedder was fed: a gallery can be embedded again. It is
    gallery.crops.NO_CROP, (0, 0, 3), where the embedding came without one.
    quality: 0..1, higher is better; the crop of the best one is the portrait, unless one is chosen.
    model_id: the embedder that made the embedding.
    crop_model_id: the embedder that wants such crops, where it is only one part of that embedder.
    view: for embedders that want another crop; None where the picture is not at hand.
    added_at: aware datetime; None for now, and in a copy where nobody knows it.
    is_portrait: whether it was chosen to be shown for the person.
    """

    embedding: NDArray[np.float32]
    crop: RgbImage
    quality: float
    model_id: str
    crop_model_id: str = ""
    view: FaceView | None = None
    added_at: datetime | None = None
    is_portrait: bool = False


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
