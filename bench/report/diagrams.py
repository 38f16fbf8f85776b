"""An evaluation's diagrams, each with the table of what it shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.evaluation.evaluation import Evaluation
from bench.evaluation.rows import percent
from bench.evaluation.sorted_scores import CURVE_FMRS
from bench.report.plot import BLUE, GREEN, ORANGE, Plot

DIAGRAMS = ("roc", "det", "similarities", "quality")
"""Their names, which are their files' as well."""

_LEAST = 1e-3
"""The lowest FNMR that the DET shows: fewer than a thousand comparisons say no more."""

_BINS = 20
_MOST_DOTS = 1000
_QUALITIES = 5


@dataclass(frozen=True)
class Diagram:
    """svg: a whole SVG file. about: what it shows, as a sentence. rows: of the table, as headings
    say."""

    title: str
    about: str
    svg: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def diagrams(found: Evaluation) -> dict[str, Diagram]:
    """Draw all, by their names in DIAGRAMS."""
    drawn = (_roc(found), _det(found), _similarities(found), _quality(found))
    return dict(zip(DIAGRAMS, drawn, strict=True))


def _roc(found: Evaluation) -> Diagram:
    curve = found.curve
    least = min(0.9, float(np.floor(10 * np.nanmin(curve.low)) / 10))
    ends = least, 1.0
    plot = Plot("ROC", "false positive rate", "true positive rate", (1e-4, 1), ends, log_x=True)
    plot.band(CURVE_FMRS, curve.low.tolist(), curve.high.tolist(), BLUE)
    plot.line(CURVE_FMRS, curve.tpr.tolist(), BLUE, "TPR, with its interval of 95 %")
    plot.level(found.verification.fmr.value, "threshold in use")
    return Diagram(
        "ROC",
        "How many comparisons of one person pass, by how many of two people do.",
        plot.svg(),
        ("FPR", "TPR", "95 % interval"),
        tuple(
            (f"{rate:.3g}", percent(tpr), f"{percent(low)} to {percent(high)}")
            for rate, tpr, low, high in _every_fourth(found)
        ),
    )


def _det(found: Evaluation) -> Diagram:
    curve = found.curve
    fnmr, low, high = (
        np.maximum(1 - values, _LEAST).tolist() for values in (curve.tpr, curve.high, curve.low)
    )
    plot = Plot(
        "DET", "false match rate", "false non-match rate", (1e-4, 1), (_LEAST, 1),
        log_x=True, log_y=True,
    )  # fmt: skip
    plot.band(CURVE_FMRS, low, high, ORANGE)
    plot.line(CURVE_FMRS, fnmr, ORANGE, "FNMR, with its interval of 95 %")
    plot.level(found.verification.fmr.value, "threshold in use")
    return Diagram(
        "DET",
        "Both errors, which a threshold trades for each other. Probes without a face are misses.",
        plot.svg(),
        ("FMR", "FNMR", "95 % interval"),
        tuple(
            (f"{rate:.3g}", percent(1 - tpr), f"{percent(1 - high)} to {percent(1 - low)}")
            for rate, tpr, low, high in _every_fourth(found)
        ),
    )


def _similarities(found: Evaluation) -> Diagram:
    mated = found.scores.mated.scores
    mated = mated[np.isfinite(mated)]
    others = found.scores.nonmated.scores
    least = float(min(mated.min(initial=1), others.min(initial=1)))
    edges = np.linspace(np.floor(10 * least) / 10, 1, 2 * _BINS + 1)
    own, other = (
        np.histogram(values, edges)[0] / max(len(values), 1) for values in (mated, others)
    )
    top = max(float(own.max()), float(other.max())) * 1.05
    ends = float(edges[0]), 1.0
    plot = Plot("Similarities", "similarity (cosine)", "share of the comparisons", ends, (0, top))
    plot.bars(edges.tolist(), other.tolist(), ORANGE, "two people")
    plot.bars(edges.tolist(), own.tolist(), BLUE, "one person")
    plot.level(found.verification.threshold, "threshold in use")
    return Diagram(
        "Similarities",
        "Comparisons of one person (mated) and of two people (non-mated), each kind as a whole.",
        plot.svg(),
        ("from", "to", "one person", "two people"),
        tuple(
            (f"{edges[i]:.2f}", f"{edges[i + 1]:.2f}", percent(own[i]), percent(other[i]))
            for i in range(len(own))
            if own[i] or other[i]
        ),
    )


def _quality(found: Evaluation) -> Diagram:
    mated = found.scores.mated
    quality = found.seen.quality[mated.pictures]
    usable = np.isfinite(mated.scores) & np.isfinite(quality)
    scores, quality = mated.scores[usable], quality[usable]
    shown = np.linspace(0, max(len(scores) - 1, 0), min(len(scores), _MOST_DOTS)).astype(int)
    least = min(0.0, float(scores.min(initial=0)))
    plot = Plot("Quality", "quality of the probe", "similarity", (0, 1), (least, 1))
    plot.dots(quality[shown].tolist(), scores[shown].tolist(), GREEN, "a comparison of one person")
    order = np.argsort(quality, kind="stable")
    parts = [part for part in np.array_split(order, _QUALITIES) if len(part)]
    return Diagram(
        "Quality and similarity",
        "A probe's quality (size, sharpness, frontality and light), and how similar it is to its"
        " own person.",
        plot.svg(),
        ("quality from", "to", "comparisons", "mean similarity", "lowest"),
        tuple(
            (
                f"{quality[part[0]]:.2f}",
                f"{quality[part[-1]]:.2f}",
                str(len(part)),
                f"{scores[part].mean():.3f}",
                f"{scores[part].min():.3f}",
            )
            for part in parts
        ),
    )


def _every_fourth(found: Evaluation) -> list[tuple[float, float, float, float]]:
    curve = found.curve
    return [
        (CURVE_FMRS[i], float(curve.tpr[i]), float(curve.low[i]), float(curve.high[i]))
        for i in range(0, len(CURVE_FMRS), 4)
    ]
