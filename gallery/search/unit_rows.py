"""The two things done to embeddings everywhere in the gallery: checked, and averaged."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

_NORM_TOLERANCE = 1e-3


def unit_rows(embeddings: ArrayLike, dimension: int) -> NDArray[np.float32]:
    """Check `embeddings` and return them as a C-contiguous (n, dimension) float32 array.

    Raises ValueError unless there are n rows of that dimension, finite and of unit length.
    """
    rows = np.ascontiguousarray(embeddings, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] != dimension:
        raise ValueError(f"not (n, {dimension}) embeddings: {rows.shape}")
    # Written so that NaN, which compares false with everything, is refused too.
    if not np.all(np.abs(np.linalg.norm(rows, axis=1) - 1) < _NORM_TOLERANCE):
        raise ValueError("embeddings must be finite and of unit length")
    return rows


def unit_mean(embeddings: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return the mean of (n, d) unit rows, scaled to unit length: (d,) float32.

    Returns None where they cancel out, since the mean then points nowhere.
    """
    mean = embeddings.mean(axis=0, dtype=np.float64)
    length = np.linalg.norm(mean)
    return None if length < 1e-6 else (mean / length).astype(np.float32)
