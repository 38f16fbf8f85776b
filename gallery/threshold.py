"""Turns the rate of false alarms that the operator accepts into a similarity threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

_TAIL = 0.1
_FEWEST_SCORES = 100
_NEARLY_ALL, _NEARLY_NONE = 1 - 1e-12, 1e-15


@dataclass(frozen=True)
class ImpostorScores:
    """An embedder's non-mated similarities: the normal law that their upper tail follows.

    mean, std: similarity (cosine); see `fit`.
    """

    mean: float
    std: float


def fit(scores: ArrayLike) -> ImpostorScores:
    """Fit a normal law to the highest tenth of non-mated similarities.

    A line is laid through the tail of the quantile-quantile plot (Wilk & Gnanadesikan,
    Biometrika 1968, with Hazen's plotting positions), because thresholds lie in that tail and
    non-mated similarities are often skewed: the moments of all scores would set it too low.

    scores: at least 100 finite numbers, one for each pair of a probe and an identity that is
    not its own (the best of that identity's rows, as the gallery searches). Raises ValueError
    for anything else.
    """
    ordered = np.sort(np.asarray(scores, dtype=np.float64).ravel())
    if len(ordered) < _FEWEST_SCORES or not np.isfinite(ordered).all():
        raise ValueError(f"not at least {_FEWEST_SCORES} finite scores")
    tail = ordered[-int(len(ordered) * _TAIL) :]
    ranks = np.arange(len(ordered) - len(tail), len(ordered))
    normal = NormalDist()
    expected = [normal.inv_cdf((rank + 0.5) / len(ordered)) for rank in ranks]
    std, mean = np.polyfit(expected, tail, 1)
    return ImpostorScores(float(mean), float(std))


def fmr_for_fpir(fpir: float, gallery_size: int) -> float:
    """Return the false match rate of one comparison that gives `fpir` in such a gallery.

    A stranger is falsely identified when any of N identities passes, so that, with N
    independent comparisons, FPIR = 1 - (1 - FMR)^N. Terms: ISO/IEC 19795-1; the binomial
    model: Grother & Ngan, NIST Interagency Report 8009. An empty gallery counts as one.
    """
    if not 0 < fpir < 1:
        raise ValueError(f"a rate lies between 0 and 1: {fpir}")
    # 1 - (1 - FPIR)^(1/N), written so that small rates keep their digits.
    return -math.expm1(math.log1p(-fpir) / max(gallery_size, 1))


def threshold_for_fpir(
    impostors: ImpostorScores,
    fpir: float,
    gallery_size: int,
    floor: float,
    adjustment: float = 0.0,
) -> float:
    """Return the similarity that a stranger's best candidate passes with probability `fpir`.

    It is the (1 - FMR) quantile of the non-mated scores, FMR from `fmr_for_fpir`: it grows
    with the gallery. Never below `floor`. Above 1 nobody can pass: the embedder cannot keep
    such a rate in a gallery of this size.

    gallery_size: the number of identities. adjustment: added to the quantile, in cosine; see
    gallery/calibration.py.
    """
    fmr = fmr_for_fpir(fpir, gallery_size)
    # The lower quantile mirrored: 1 - fmr would lose the digits of a small rate.
    quantile = impostors.mean - impostors.std * NormalDist().inv_cdf(fmr)
    return max(quantile + adjustment, floor)


def fpir_at(
    impostors: ImpostorScores, threshold: float, gallery_size: int, adjustment: float = 0.0
) -> float:
    """Return the probability that a stranger's best candidate passes a threshold: the inverse of
    threshold_for_fpir() above its floor.

    threshold: cosine. It is above 0, and below 1.
    """
    fmr = NormalDist().cdf((impostors.mean + adjustment - threshold) / impostors.std)
    rate = -math.expm1(max(gallery_size, 1) * math.log1p(-min(fmr, _NEARLY_ALL)))
    return min(max(rate, _NEARLY_NONE), _NEARLY_ALL)
