"""Diagrams of what facedesk bench measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bench.drawing.diagram import Diagram, Say
from bench.drawing.style import (
    BLUE,
    COLOURS,
    GREY,
    LINE,
    MARKERS,
    ORANGE,
    key_above,
    new_figure,
    plain_ticks,
)
from bench.gallery import GalleryMeasure
from bench.growth import Grown
from bench.realtime import RealtimeReport
from common.sentence import Sentence

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REALTIME_PLOTS = ("realtime-fps.png", "realtime-latency.png")
GALLERY_PLOT = "gallery.png"

_FRAME_MS = 1000 / 30
_PERCENTILES = (50, 90, 95, 99, 100)


def realtime_diagrams(report: RealtimeReport) -> dict[str, Diagram]:
    """Return the speed of each variant and a timeline of latency, by their names."""
    return dict(zip(REALTIME_PLOTS, (_speed(report), _latency(report)), strict=True))


def _speed(report: RealtimeReport) -> Diagram:
    width, height = report.size
    told = [
        (run.name, f"{run.fps:.1f}", f"{ratio:.1f}")
        for run, ratio in zip(report.runs, report.ratios, strict=True)
    ]

    def draw(say: Say) -> Figure:
        figure = new_figure(height=2.6)
        axes = figure.subplots()
        drawn = axes.barh([row[0] for row in told], [run.fps for run in report.runs], color=BLUE)
        labels = [say(Sentence("{} fps ({}x)", fps, ratio)) for _, fps, ratio in told]
        axes.bar_label(drawn, labels, padding=4)
        axes.set_xlim(0, max(run.fps for run in report.runs) * 1.3)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.set_xlabel(say(Sentence("frames a second, unpaced")))
        axes.set_title(say(Sentence("{}x{}, {} frames", width, height, report.frames)))
        return figure

    return Diagram(
        Sentence("Speed"),
        Sentence("How many frames a second each variant does, as fast as it can."),
        (Sentence("variant"), Sentence("frames a second"), Sentence("times as fast")),
        tuple(told),
        draw,
    )


def _latency(report: RealtimeReport) -> Diagram:
    live = report.live

    def draw(say: Say) -> Figure:
        figure = new_figure(height=2.6)
        axes = figure.subplots()
        axes.plot(live.captured_at, live.latency_ms, color=ORANGE, linewidth=0.8)
        label = say(Sentence("one frame, 30 fps"))
        axes.axhline(_FRAME_MS, color=GREY, linewidth=0.8, linestyle="--", label=label)
        axes.set_ylim(bottom=0)
        axes.set_xlabel(say(Sentence("seconds")))
        axes.set_ylabel(say(Sentence("capture to result, ms")))
        axes.legend(loc="upper right")
        return figure

    return Diagram(
        Sentence("Latency"),
        Sentence("From a frame's capture to its result, at a camera's pace."),
        (Sentence("percentile"), Sentence("capture to result, ms")),
        tuple((str(p), f"{np.percentile(live.latency_ms, p):.1f}") for p in _PERCENTILES),
        draw,
    )


def gallery_diagram(measures: Sequence[GalleryMeasure]) -> Diagram:
    """Return time to search and memory over the number of templates, exact and sketched."""
    ways = ((True, Sentence("exact"), BLUE), (False, Sentence("sketched"), ORANGE))

    def draw(say: Say) -> Figure:
        figure = new_figure(11, 4.5)
        times, memory = figure.subplots(1, 2)
        for exact, label, colour in ways:
            shown = [m for m in measures if m.exact == exact]
            sizes = [m.templates for m in shown]
            mark = {"color": colour, "marker": "o" if exact else "s"}
            times.plot(sizes, [m.search_p50_ms for m in shown], label=say(label), **mark)
            p99 = [m.search_p99_ms for m in shown]
            times.plot(sizes, p99, ":", color=colour, label=say(Sentence("{}, p99", label)))
            known = [(m.templates, m.memory_mib) for m in shown if m.memory_mib is not None]
            if known:
                memory.plot(*zip(*known, strict=True), label=say(label), **mark)
        times.axhline(1, color=GREY, linewidth=1)
        times.annotate("1 ms", (measures[0].templates, 1), (0, 3), textcoords="offset points")
        raw = sorted({(m.templates, m.raw_mib) for m in measures})
        alone = say(Sentence("the templates alone"))
        memory.plot(*zip(*raw, strict=True), "--", color=GREY, label=alone)
        times.set(title=say(Sentence("One search (median)")), ylabel=say(Sentence("milliseconds")))
        memory.set(title=say(Sentence("Memory of the gallery")), ylabel="MiB")
        for axes in (times, memory):
            axes.set(xscale="log", yscale="log", xlabel=say(Sentence("templates")))
            axes.legend()
        return figure

    return Diagram(
        Sentence("The gallery by its size"),
        Sentence("Time of one search, and memory, by the number of templates."),
        (
            *(Sentence("templates"), Sentence("way"), Sentence("median, ms"), Sentence("p99, ms")),
            Sentence("memory, MiB"),
        ),
        tuple(
            (
                str(m.templates),
                ways[0 if m.exact else 1][1],
                f"{m.search_p50_ms:.3f}",
                f"{m.search_p99_ms:.3f}",
                f"{m.memory_mib:.1f}" if m.memory_mib is not None else "",
            )
            for m in measures
        ),
        draw,
    )


def growth_diagram(series: Mapping[Sentence, Sequence[Grown]], wish: float) -> Diagram:
    """Return which share of the strangers is named in galleries of each size.

    series: by the name that the key has. wish: the share that is wanted; half and twice of it are
    drawn as a band.
    """

    def draw(say: Say) -> Figure:
        from matplotlib.ticker import PercentFormatter

        figure = new_figure(height=3.6)
        axes = figure.subplots()
        band = say(Sentence("half to twice the wish"))
        axes.axhspan(wish / 2, wish * 2, color=LINE, label=band)
        axes.axhline(wish, color=GREY, linewidth=0.8, linestyle="--")
        for (name, points), colour, mark in zip(series.items(), COLOURS, MARKERS, strict=False):
            sizes, named = [p.size for p in points], [p.share for p in points]
            axes.plot(sizes, named, color=colour, marker=mark, label=say(name))
        axes.set(xscale="log", ylim=(0, wish * 4))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
        axes.set_xlabel(say(Sentence("people in the gallery")))
        axes.set_ylabel(say(Sentence("strangers with a name")))
        plain_ticks(axes, x=True)
        key_above(axes, columns=1)
        return figure

    return Diagram(
        Sentence("Strangers with a name, by the gallery's size"),
        Sentence("At the threshold that the calibration gives for each size."),
        (
            *(Sentence("strangers"), Sentence("people in the gallery"), Sentence("threshold")),
            *(Sentence("named"), Sentence("named by the law alone")),
        ),
        tuple(
            (name, str(p.size), f"{p.threshold:.3f}", f"{p.share:.2%}", f"{p.share_by_law:.2%}")
            for name, points in series.items()
            for p in points
        ),
        draw,
    )
