"""Diagrams of what was learned: how far apart pairs are, and how far probabilities are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.drawing.diagram import Diagram, Say
from bench.drawing.style import BLUE, GREY, ORANGE, key_above, new_figure
from common.sentence import Sentence
from recognition.learning.logistic import Reliability
from recognition.learning.pairs import Pairs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DISTANCES_PLOT = "metric-distances.png"
RELIABILITY_PLOT = "pairs-reliability.png"

_EDGES = np.linspace(0, 3, 61)
_QUANTILES = (5, 50, 95)


def distances_diagram(before: Pairs, after: Pairs) -> Diagram:
    """Return the squared distances of the held-back people's pairs, without and with a head."""
    ways = ((before, Sentence("plain")), (after, Sentence("with the head")))
    kinds = ((True, BLUE, Sentence("one person")), (False, ORANGE, Sentence("two people")))
    of = {(title, is_same): _distances(pairs, is_same) for pairs, title in ways
          for is_same, _, _ in kinds}  # fmt: skip

    def draw(say: Say) -> Figure:
        figure = new_figure(height=4.6)
        several = figure.subplots(2, 1, sharex=True)
        for axes, (_, title) in zip(several, ways, strict=True):
            for is_same, colour, label in kinds:
                found = of[title, is_same]
                axes.hist(found, _EDGES, density=True, color=colour, alpha=0.55, label=say(label))
            axes.set_title(say(title))
        several[0].legend()
        several[1].set_xlabel(say(Sentence("squared distance of two pictures of people held back")))
        return figure

    return Diagram(
        Sentence("Distances"),
        Sentence("Pairs of pictures of people held back, without and with the head."),
        (
            *(Sentence("way"), Sentence("pairs of"), Sentence("pairs"), Sentence("lowest 5 %")),
            *(Sentence("median"), Sentence("highest 5 %")),
        ),
        tuple(
            (title, label, str(len(of[title, is_same])), *_quantiles(of[title, is_same]))
            for _, title in ways
            for is_same, _, label in kinds
        ),
        draw,
    )


def reliability_diagram(found: Reliability) -> Diagram:
    """Return the share of pairs of one person over the probability that was told."""

    def draw(say: Say) -> Figure:
        figure = new_figure(4.8, 4.6)
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=GREY, lw=0.8, ls="--", label=say(Sentence("as told")))
        told = [each.told for each in found.bins]
        shares = [each.found for each in found.bins]
        axes.plot(told, shares, "o-", color=BLUE, label=say(Sentence("found")))
        axes.set_xlabel(say(Sentence("probability that was told")))
        axes.set_ylabel(say(Sentence("share of pairs of one person")))
        error = f"{found.expected_calibration_error:.3f}"
        axes.set_title(say(Sentence("expected calibration error {}", error)), pad=24)
        key_above(axes)
        return figure

    return Diagram(
        Sentence("Probabilities that were told, and what was found"),
        Sentence("Where the points lie on the line, the probabilities are kept."),
        (
            *(Sentence("from"), Sentence("to"), Sentence("mean probability")),
            *(Sentence("found"), Sentence("pairs")),
        ),
        tuple(
            (f"{b.low:.2f}", f"{b.high:.2f}", f"{b.told:.3f}", f"{b.found:.3f}", str(b.count))
            for b in found.bins
        ),
        draw,
    )


def _distances(pairs: Pairs, is_same: bool) -> np.ndarray:
    return np.asarray((2 - 2 * pairs.similarities)[pairs.same == is_same])


def _quantiles(found: np.ndarray) -> tuple[str, ...]:
    if not len(found):
        return ("",) * len(_QUANTILES)
    return tuple(f"{value:.3f}" for value in np.percentile(found, _QUANTILES))
