"""Losses of metric learning on unit vectors, with their gradients.

Distances are squared Euclidean ones, 0 to 4: for unit vectors 2 - 2 cos.
"""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

FloatRows = NDArray[np.float64]


class Loss(Enum):
    """TRIPLET: an anchor is nearer to its own than to others, by a margin (FaceNet, Schroff et al.
    2015). CONTRASTIVE: pairs of one person are near, others at least a margin apart (the Siamese
    view; Hadsell et al. 2006)."""

    TRIPLET = "triplet"
    CONTRASTIVE = "contrastive"


class Mining(Enum):
    """Which negative a triplet takes. SEMI_HARD: the nearest of those that are farther than the
    positive, but within the margin (Schroff et al. 2015). HARD: the nearest, with the farthest
    positive (batch hard, Hermans et al. 2017)."""

    SEMI_HARD = "semi-hard"
    HARD = "hard"


def triplets(
    distances: FloatRows, owners: NDArray[np.int32], margin: float, mining: Mining
) -> NDArray[np.intp]:
    """Return the triplets of a batch: (m, 3) places of anchor, positive and negative.

    distances: (n, n). owners: (n,), whose each row is.
    """
    same = owners[:, np.newaxis] == owners
    mates = same & ~np.eye(len(owners), dtype=bool)
    if mining is Mining.HARD:
        anchors = np.flatnonzero(mates.any(axis=1) & (~same).any(axis=1))
        positives = np.where(mates, distances, -np.inf)[anchors].argmax(axis=1)
        negatives = np.where(same, np.inf, distances)[anchors].argmin(axis=1)
        return np.stack([anchors, positives, negatives], axis=1)
    anchors, positives = np.nonzero(mates)
    to_positive = distances[anchors, positives][:, np.newaxis]
    others = distances[anchors]
    fitting = ~same[anchors] & (others > to_positive) & (others < to_positive + margin)
    negatives = np.where(fitting, others, np.inf).argmin(axis=1)
    found = fitting.any(axis=1)
    return np.stack([anchors[found], positives[found], negatives[found]], axis=1)


def triplet_loss(
    rows: FloatRows, owners: NDArray[np.int32], margin: float, mining: Mining
) -> tuple[float, FloatRows]:
    """Return the mean of max(0, d(a, p) - d(a, n) + margin) over mined triplets, and its gradient.

    rows: (n, d) unit rows, as which the gradient sees them: (n, d). Both are 0 without a triplet.
    """
    gradient = np.zeros_like(rows)
    chosen = triplets(_distances(rows), owners, margin, mining)
    if not len(chosen):
        return 0.0, gradient
    a, p, n = chosen.T
    to_p, to_n = rows[a] - rows[p], rows[a] - rows[n]
    losses = (to_p**2).sum(axis=1) - (to_n**2).sum(axis=1) + margin
    active = (losses > 0)[:, np.newaxis] * (2 / len(chosen))
    np.add.at(gradient, a, active * (to_p - to_n))
    np.add.at(gradient, p, -active * to_p)
    np.add.at(gradient, n, active * to_n)
    return float(np.maximum(losses, 0).mean()), gradient


def contrastive_loss(
    rows: FloatRows, owners: NDArray[np.int32], margin: float
) -> tuple[float, FloatRows]:
    """Return the mean over pairs of d^2 for one person, max(0, margin - d)^2 for two; its gradient.

    d is the distance, and not its square. Pairs of one person weigh as much together as those of
    two. rows: as in triplet_loss().
    """
    one, other = np.triu_indices(len(rows), k=1)
    apart = rows[one] - rows[other]
    distances = np.sqrt((apart**2).sum(axis=1) + 1e-12)
    same = owners[one] == owners[other]
    weights = np.where(same, 0.5 / max(same.sum(), 1), 0.5 / max((~same).sum(), 1))
    short = np.maximum(margin - distances, 0)
    losses = np.where(same, distances**2, short**2)
    slope = weights * np.where(same, 2.0, -2 * short / distances)
    gradient = np.zeros_like(rows)
    np.add.at(gradient, one, slope[:, np.newaxis] * apart)
    np.add.at(gradient, other, -slope[:, np.newaxis] * apart)
    return float((weights * losses).sum()), gradient


def _distances(rows: FloatRows) -> FloatRows:
    return np.maximum(2 - 2 * rows @ rows.T, 0)
