"""The one type of a picture, on every floor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RgbImage = NDArray[np.uint8]
"""A picture, or a part of one, as (height, width, 3) uint8 with its colours in the order RGB."""
