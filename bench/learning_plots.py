"""Draws what was learned: how far apart pairs are, and how far probabilities are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.plots import BAR, LINE
from recognition.learning.logistic import Reliability
from recognition.learning.pairs import Pairs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DISTANCES_PLOT = "metric-distances.png"
RELIABILITY_PLOT = "pairs-reliability.png"


def draw_distances(before: Pairs, after: Pairs) -> Figure:
    """Draw the squared distances of all pairs of the held-back people, without and with a head."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.4), layout="constrained")
    edges = np.linspace(0, 3, 61)
    axes = figure.subplots(2, 1, sharex=True)
    for place, (pairs, title) in enumerate(((before, "plain"), (after, "with the head"))):
        distances = 2 - 2 * pairs.similarities
        for same, colour, label in (
            (True, BAR, "one person"),
            (False, LINE, "two people"),
        ):
            axes[place].hist(
                distances[pairs.same == same],
                edges,
                density=True,
                color=colour,
                alpha=0.6,
                label=label,
            )
        axes[place].set_title(title)
    axes[0].legend()
    axes[1].set_xlabel("squared distance of two pictures of people held back")
    return figure


def draw_reliability(found: Reliability) -> Figure:
    """Draw the share of pairs of one person over the probability that was told."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6, 4.4), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle="--", label="as told")
    told = [each.told for each in found.bins]
    axes.plot(told, [each.found for each in found.bins], "o-", color=BAR, label="found")
    axes.set_xlabel("probability that was told")
    axes.set_ylabel("share of pairs of one person")
    axes.set_title(f"expected calibration error {found.expected_calibration_error:.3f}")
    axes.legend(loc="upper left")
    return figure
