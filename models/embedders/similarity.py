"""One similarity for all metrics: what a network gives becomes unit rows, compared by their cosine.

- cosine: rows of unit length, whose product is the cosine.
- normalized-euclidean: the same rows. Of two unit vectors the distance d and the cosine c say the
  same, d² = 2 - 2c (law of cosines), so that c = 1 - d²/2, and a threshold of FaceNet's users
  (Schroff et al. 2015), d² < 1.1, is a similarity above 0.45.
- euclidean: the vectors' lengths count, too, and no rows of the same length can say so. One more
  number can: where v becomes (v, sqrt(reach² - |v|²)) / reach, all rows have unit length (a point
  of a plane is lifted straight up to a sphere over it, Snyder 1987 calls it the orthographic
  projection), and the cosine is 1 - d²/(2 reach²), less (|a|² - |b|²)²/(8 reach⁴) in the first
  order. With a reach of twice the vectors' usual length this last part is below a fiftieth of what
  strangers are apart, for lengths that differ by a quarter; with a longer one it is less, and all
  similarities come nearer to 1.
"""

from __future__ import annotations

import numpy as np

from models.described.description import Metric
from models.embedders.figures import Normal
from models.engines.engine import FloatArray

REACH_LENGTHS = 2.0
"""The reach in usual lengths of the vectors."""


def unit_rows(rows: FloatArray, metric: Metric = "cosine", reach: float = 0.0) -> FloatArray:
    """Return rows of unit length, whose cosines grow as the metric's distances fall.

    rows: (n, d) float32, as a network gives them. The result is float32 of (n, d), and for the
    metric euclidean (n, d + 1). A row longer than `reach` counts as one of that length, and a row
    of zeros gives NaN where its direction counts.
    """
    exact = rows.astype(np.float64)  # squares of large numbers are beyond float32
    lengths = np.linalg.norm(exact, axis=1, keepdims=True)
    if metric != "euclidean":
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(exact / lengths, np.float32)
    shares = np.minimum(lengths / reach, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        within = np.where(lengths > reach, exact / lengths, exact / reach)
    return np.hstack([within, np.sqrt(1 - shares**2)]).astype(np.float32)


def unit_dimension(dimension: int, metric: Metric) -> int:
    """Return the length of unit_rows() of vectors of that length."""
    return dimension + 1 if metric == "euclidean" else dimension


def law_for(law: Normal, metric: Metric) -> Normal:
    """Return the law of similarities under a metric, from that of the vectors' cosines.

    For vectors of the usual length, whose reach is REACH_LENGTHS of it.
    """
    if metric != "euclidean":
        return law
    mean, std = law
    return 1 - (1 - mean) / REACH_LENGTHS**2, std / REACH_LENGTHS**2
