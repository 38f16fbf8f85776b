"""Draws what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
