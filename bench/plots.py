"""Draws what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bench.growth import Grown
from bench.realtime import RealtimeReport

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BAR, LINE = "#0072B2", "#D55E00"


REALTIME_PLOTS = ("realtime-fps.png", "realtime-latency.png")


def draw_realtime(report: RealtimeReport) -> dict[str, Figure]:
    """Draw a bar for each variant and a timeline of latency, by their names in REALTIME_PLOTS."""
    from matplotlib.figure import Figure

    width, height = report.size

    bars = Figure(figsize=(7, 2.6), layout="constrained")
    axes = bars.subplots()
    names = [run.name for run in report.runs]
    fps = [run.fps for run in report.runs]
    drawn = axes.barh(names, fps, color=BAR)
    labels = [f"{f:.1f} fps ({r:.1f}x)" for f, r in zip(fps, report.ratios, strict=True)]
    axes.bar_label(drawn, labels, padding=4)
    axes.set_xlim(0, max(fps) * 1.3)
    axes.invert_yaxis()
    axes.set_xlabel("frames a second, unpaced")
    axes.set_title(f"{width}x{height}, {report.frames} frames")

    timeline = Figure(figsize=(7, 2.6), layout="constrained")
    axes = timeline.subplots()
    axes.plot(report.live.captured_at, report.live.latency_ms, color=LINE, linewidth=0.8)
    axes.axhline(1000 / 30, color="grey", linewidth=0.8, linestyle="--", label="one frame, 30 fps")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("seconds")
    axes.set_ylabel("capture to result, ms")
    axes.legend(loc="upper right")

    return dict(zip(REALTIME_PLOTS, (bars, timeline), strict=True))


def draw_growth(series: Mapping[str, Sequence[Grown]], wish: float) -> Figure:
    """Draw which share of the strangers is named in galleries of each size.

    series: by the name that the key has. wish: the share that is wanted; half and twice of it are
    drawn as a band.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.axhspan(wish / 2, wish * 2, color="0.92", label="half to twice the wish")
    axes.axhline(wish, color="grey", linewidth=0.8, linestyle="--")
    styles = ((BAR, "o"), (LINE, "s"), ("#009E73", "^"))
    for (name, points), (colour, marker) in zip(series.items(), styles, strict=False):
        sizes = [point.size for point in points]
        axes.plot(sizes, [point.share for point in points], color=colour, marker=marker, label=name)
    axes.set_xscale("log")
    axes.set_ylim(0, wish * 4)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
    axes.set_xlabel("people in the gallery")
    axes.set_ylabel("strangers with a name")
    axes.legend(loc="upper right")
    return figure
