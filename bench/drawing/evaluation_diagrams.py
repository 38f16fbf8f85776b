"""An evaluation's diagrams, each with the table of what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench.drawing.diagram import Diagram, Say
from bench.drawing.style import (
    BLUE,
    GREEN,
    GREY,
    HEIGHT,
    ORANGE,
    key_above,
    new_figure,
    plain_ticks,
)
from bench.evaluation.evaluation import Evaluation
from bench.evaluation.intervals import bounds
from bench.evaluation.rows import interval, percent
from bench.evaluation.sorted_scores import CURVE_FMRS
from bench.evaluation.trials import Indices
from common.sentence import Sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DIAGRAMS = ("roc", "det", "similarities", "quality")
"""Their names, which are their files' as well."""

_LEAST = 1e-3
"""The lowest FNMR that the DET shows: fewer than a thousand comparisons say no more."""

_BINS = 40
_MOST_DOTS = 1000
_QUALITIES = 5
_IN_USE = Sentence("threshold in use")
_OF_ONE, _OF_TWO = Sentence("one person"), Sentence("two people")
_SIMILARITY = Sentence("similarity (cosine)")


def diagrams(found: Evaluation) -> dict[str, Diagram]:
    """Return all, by their names in DIAGRAMS."""
    several = (_roc(found), _det(found), _similarities(found), _quality(found))
    return dict(zip(DIAGRAMS, several, strict=True))


def _roc(found: Evaluation) -> Diagram:
    curve = found.curve

    def draw(say: Say) -> Figure:
        figure = new_figure()
        axes = figure.subplots()
        axes.fill_between(CURVE_FMRS, curve.low, curve.high, color=BLUE, alpha=0.2, linewidth=0)
        label = say(Sentence("TPR, with its interval of 95 %"))
        axes.plot(CURVE_FMRS, curve.tpr, color=BLUE, label=label)
        _threshold(axes, found.verification.fmr.value, say)
        least = min(0.95, float(np.floor(20 * np.nanmin(curve.low)) / 20))
        axes.set(xscale="log", xlim=(1e-4, 1), ylim=(least, 1 + 0.01 * (1 - least)))
        axes.set_xlabel(say(Sentence("false positive rate (FPR)")))
        axes.set_ylabel(say(Sentence("true positive rate (TPR)")))
        plain_ticks(axes, x=True)
        key_above(axes)
        return figure

    return Diagram(
        Sentence("ROC"),
        Sentence("How many comparisons of one person pass, by how many of two people do."),
        (Sentence("FPR"), Sentence("TPR"), Sentence("95 % interval")),
        tuple(
            (f"{rate:.3g}", percent(tpr), interval(low, high))
            for rate, tpr, low, high in _every_fourth(found)
        ),
        draw,
    )


def _det(found: Evaluation) -> Diagram:
    curve = found.curve

    def draw(say: Say) -> Figure:
        fnmr, low, high = (
            np.maximum(1 - values, _LEAST) for values in (curve.tpr, curve.high, curve.low)
        )
        figure = new_figure()
        axes = figure.subplots()
        axes.fill_between(CURVE_FMRS, low, high, color=ORANGE, alpha=0.2, linewidth=0)
        label = say(Sentence("FNMR, with its interval of 95 %"))
        axes.plot(CURVE_FMRS, fnmr, color=ORANGE, label=label)
        _threshold(axes, found.verification.fmr.value, say)
        axes.set(xscale="log", yscale="log", xlim=(1e-4, 1), ylim=(_LEAST, 1))
        axes.set_xlabel(say(Sentence("false match rate (FMR)")))
        axes.set_ylabel(say(Sentence("false non-match rate (FNMR)")))
        plain_ticks(axes, x=True, y=True)
        key_above(axes)
        return figure

    return Diagram(
        Sentence("DET"),
        Sentence(
            "Both errors, which a threshold trades for each other. Probes without a face are"
            " misses."
        ),
        (Sentence("FMR"), Sentence("FNMR"), Sentence("95 % interval")),
        tuple(
            (f"{rate:.3g}", percent(1 - tpr), interval(1 - high, 1 - low))
            for rate, tpr, low, high in _every_fourth(found)
        ),
        draw,
    )


def _similarities(found: Evaluation) -> Diagram:
    mated, others = found.scores.mated, found.scores.nonmated
    seen = np.isfinite(mated.scores)
    least = min(mated.scores[seen].min(initial=1), others.scores.min(initial=1))
    edges = np.linspace(np.floor(10 * float(least)) / 10, 1, _BINS + 1)
    people = len(found.scores.probed)
    own = _Shares(mated.scores[seen], (mated.persons[seen],), edges, people)
    other = _Shares(others.scores, (others.persons, others.claimed), edges, people)

    def draw(say: Say) -> Figure:
        figure = new_figure(height=HEIGHT - 0.4)
        axes = figure.subplots()
        for shares, colour, label in ((other, ORANGE, _OF_TWO), (own, BLUE, _OF_ONE)):
            axes.stairs(shares.found, edges, fill=True, color=colour, alpha=0.4)
            axes.stairs(shares.found, edges, color=colour, label=say(label))
            middles = (edges[1:] + edges[:-1]) / 2
            some = shares.high > 0
            axes.vlines(middles[some], shares.low[some], shares.high[some], color=colour, lw=1)
        _threshold(axes, found.verification.threshold, say)
        axes.set_xlim(edges[0], 1)
        axes.set_ylim(bottom=0)
        axes.set_xlabel(say(_SIMILARITY))
        axes.set_ylabel(say(Sentence("share of the comparisons")))
        key_above(axes)
        return figure

    return Diagram(
        Sentence("Similarities"),
        Sentence(
            "Comparisons of one person (mated) and of two people (non-mated), each kind as a whole."
            " The strokes are intervals of 95 %."
        ),
        (
            *(Sentence("from"), Sentence("to")),
            *(_OF_ONE, Sentence("95 % interval"), _OF_TWO, Sentence("95 % interval")),
        ),
        tuple(
            (f"{edges[i]:.2f}", f"{edges[i + 1]:.2f}", *own.told(i), *other.told(i))
            for i in range(_BINS)
            if own.found[i] or other.found[i]
        ),
        draw,
    )


class _Shares:
    """A histogram as shares, with an interval for each bin by bootstrap over people.

    several: the people of each comparison, an array for each of the two: it counts for both.
    """

    def __init__(
        self,
        scores: NDArray[np.float32],
        several: tuple[Indices, ...],
        edges: NDArray[np.float64],
        people: int,
    ) -> None:
        self._several, self._bins = several, len(edges) - 1
        self._places = np.clip(np.searchsorted(edges, scores, "right") - 1, 0, self._bins - 1)
        self.found = self._of(np.ones(people))
        self.low, self.high = bounds(self._of, people, len(scores))

    def told(self, place: int) -> tuple[str, Sentence]:
        low, high = float(self.low[place]), float(self.high[place])
        return percent(float(self.found[place])), interval(low, high)

    def _of(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        each = np.ones(len(self._places))
        for persons in self._several:
            each *= weights[persons]
        counted = np.bincount(self._places, each, self._bins)
        return np.asarray(counted / max(float(counted.sum()), 1.0))


def _quality(found: Evaluation) -> Diagram:
    mated = found.scores.mated
    quality = found.seen.quality[mated.pictures]
    usable = np.isfinite(mated.scores) & np.isfinite(quality)
    scores, quality = mated.scores[usable], quality[usable]
    shown = np.linspace(0, max(len(scores) - 1, 0), min(len(scores), _MOST_DOTS)).astype(int)
    order = np.argsort(quality, kind="stable")
    parts = [part for part in np.array_split(order, _QUALITIES) if len(part)]

    def draw(say: Say) -> Figure:
        figure = new_figure()
        axes = figure.subplots()
        label = say(Sentence("a comparison of one person"))
        axes.scatter(
            quality[shown], scores[shown], 16, GREEN, alpha=0.45, linewidths=0, label=label
        )
        axes.plot(
            [float(quality[part].mean()) for part in parts],
            [float(scores[part].mean()) for part in parts],
            *("s-",),
            color=ORANGE,
            label=say(Sentence("mean of a fifth of them")),
        )
        axes.set(xlim=(0, 1), ylim=(min(0.0, float(scores.min(initial=0))), 1))
        axes.set_xlabel(say(Sentence("quality of the probe")))
        axes.set_ylabel(say(_SIMILARITY))
        key_above(axes)
        return figure

    return Diagram(
        Sentence("Quality and similarity"),
        Sentence(
            "A probe's quality (size, sharpness, frontality and light), and how similar it is to"
            " its own person."
        ),
        (
            *(Sentence("quality from"), Sentence("to"), Sentence("comparisons")),
            *(Sentence("mean similarity"), Sentence("lowest")),
        ),
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
        draw,
    )


def _threshold(axes: Axes, at: float, say: Say) -> None:
    axes.axvline(at, color=GREY, linewidth=1.2, linestyle="--", label=say(_IN_USE))


def _every_fourth(found: Evaluation) -> list[tuple[float, float, float, float]]:
    curve = found.curve
    return [
        (CURVE_FMRS[i], float(curve.tpr[i]), float(curve.low[i]), float(curve.high[i]))
        for i in range(0, len(CURVE_FMRS), 4)
    ]
