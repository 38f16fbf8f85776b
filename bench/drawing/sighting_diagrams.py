"""Diagrams of what a live run has seen, each with its table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bench.drawing.diagram import Diagram, Say
from bench.drawing.style import (
    BLUE,
    COLOURS,
    GREEN,
    GREY,
    MARKERS,
    ORANGE,
    WIDTH,
    key_above,
    new_figure,
)
from bench.drawing.time_axis import TimeAxis
from bench.sightings.log import QUALITY_BINS, SeenPerson, SightingLog
from bench.sightings.stays import Presence
from bench.sightings.unknowns import UnknownFace
from common.sentence import Sentence

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_ROWS = 30
"""Faces that the timeline shows: those who were seen the longest. The table has more."""

_MOST_TOLD = 200
_MOST_LINES = len(COLOURS)
_LONGEST_NAME = 24
_PERCENTILES = (50, 90, 99)


def unknown_name(place: int) -> Sentence:
    """Return how the unknown face of that place, from 0, is called in a report."""
    return Sentence("Unknown {}", place + 1)


def timeline(
    people: Sequence[SeenPerson], unknown: Sequence[UnknownFace], when: TimeAxis
) -> Diagram:
    """Return when each person, and each unknown face, was in view."""
    known: list[tuple[str, Presence, bool]] = [(one.name, one.presence, True) for one in people]
    strange = [(unknown_name(i), one.presence, False) for i, one in enumerate(unknown)]
    shown = (known + strange)[:_MOST_ROWS] if len(known) < _MOST_ROWS else known[:_MOST_ROWS]

    def draw(say: Say) -> Figure:
        figure = new_figure(height=1.3 + 0.3 * max(len(shown), 1))
        axes = figure.subplots()
        least = max(when.seconds, 1.0) / 300  # else a single frame would not be seen
        for place, (_, presence, is_known) in enumerate(shown):
            spans = [(begin, max(end - begin, least)) for begin, end in presence.stretches]
            colour, hatch = (BLUE, "") if is_known else (ORANGE, "////")
            axes.broken_barh(
                spans, (place - 0.35, 0.7), facecolors=colour if is_known else "white",
                edgecolors=colour, hatch=hatch, linewidth=0.5,
            )  # fmt: skip
        axes.set_yticks(range(len(shown)), [_short(say(name)) for name, _, _ in shown])
        axes.set_ylim(max(len(shown), 1) - 0.4, -0.6)
        axes.grid(visible=False, axis="y")
        when.put_on(axes, say)
        return figure

    return Diagram(
        Sentence("Who was seen when"),
        Sentence("A bar is a picture; neighbouring ones run together.")
        if when.kind == "pictures"
        else Sentence("A bar is a time in view; gaps of less than two seconds are not shown."),
        (
            *(Sentence("who"), Sentence("first seen"), Sentence("last seen"), Sentence("times")),
            *(Sentence("in view"), Sentence("frames")),
        ),
        tuple(
            (
                name,
                when.told(presence.first),
                when.told(presence.last),
                str(presence.visits),
                "" if when.kind == "pictures" else when.lasting(presence.seconds),
                str(presence.frames),
            )
            for name, presence, _ in (known + strange)[:_MOST_TOLD]
        ),
        draw,
    )


def similarities(people: Sequence[SeenPerson], threshold: float, when: TimeAxis) -> Diagram:
    """Return how similar each person was to their templates over time."""
    lines = [one for one in people if one.similarity is not None][:_MOST_LINES]

    def draw(say: Say) -> Figure:
        figure = new_figure()
        axes = figure.subplots()
        for one, colour, mark in zip(lines, COLOURS, MARKERS, strict=False):
            assert one.similarity is not None
            steps = one.similarity.steps
            at = np.array(steps.at)
            # Where somebody was away the line is broken.
            breaks = np.flatnonzero(np.diff(at) > 4 * one.similarity.step_s) + 1
            broken = [np.insert(v, breaks, np.nan) for v in (at, steps.mean, steps.low, steps.high)]
            at, mean, low, high = broken
            axes.fill_between(at, low, high, color=colour, alpha=0.15, linewidth=0)
            axes.plot(at, mean, color=colour, marker=mark, markersize=3, label=_short(one.name))
        axes.axhline(threshold, color=GREY, linewidth=1, linestyle="--", label=say(_NEEDED))
        axes.set_ylim(min(0.2, threshold - 0.1), 1)
        axes.set_ylabel(say(Sentence("similarity (cosine)")))
        when.put_on(axes, say)
        key_above(axes, columns=4)
        return figure

    return Diagram(
        Sentence("Similarities over time"),
        Sentence(
            "The line is the mean, the band reaches from the lowest to the highest. A name needs"
            " the threshold in one picture; several good looks together need less luck."
        ),
        (Sentence("who"), Sentence("mean"), Sentence("lowest"), Sentence("highest")),
        tuple(
            (one.name, f"{one.mean:.3f}", f"{one.low:.3f}", f"{one.high:.3f}")
            for one in people[:_MOST_TOLD]
        ),
        draw,
    )


def quality(log: SightingLog) -> Diagram:
    """Return how well faces were seen."""
    edges = np.linspace(0, 1, QUALITY_BINS + 1)
    kinds = ((True, BLUE, Sentence("with a name")), (False, ORANGE, Sentence("without")))
    total = max(sum(int(counts.sum()) for counts in log.qualities.values()), 1)

    def draw(say: Say) -> Figure:
        figure = new_figure(height=3.2)
        axes = figure.subplots()
        for named, colour, label in kinds:
            shares = log.qualities[named] / total
            axes.stairs(shares, edges, fill=True, color=colour, alpha=0.4)
            axes.stairs(shares, edges, color=colour, label=say(label))
        axes.set(xlim=(0, 1))
        axes.set_ylim(bottom=0)
        axes.set_xlabel(say(Sentence("quality of the face")))
        axes.set_ylabel(say(Sentence("share of the faces")))
        key_above(axes)
        return figure

    return Diagram(
        Sentence("Quality"),
        Sentence("Size, sharpness, frontality and light, 0 to 1, of every face in every frame."),
        (Sentence("from"), Sentence("to"), *(label for _, _, label in kinds)),
        tuple(
            (
                f"{edges[i]:.2f}",
                f"{edges[i + 1]:.2f}",
                *(str(log.qualities[n][i]) for n in log.qualities),
            )
            for i in range(QUALITY_BINS)
            if any(log.qualities[named][i] for named in log.qualities)
        ),
        draw,
    )


def speed(log: SightingLog, dropped: int, when: TimeAxis) -> Diagram:
    """Return how many frames a second were recognized, and how long one took."""

    def draw(say: Say) -> Figure:
        figure = new_figure(WIDTH, 4.4)
        rate, work = figure.subplots(2, 1, sharex=True)
        frames = log.frame_s.steps
        rate.plot(frames.at, 1 / np.maximum(frames.mean, 1e-6), color=GREEN)
        rate.set_ylabel(say(Sentence("frames a second")))
        rate.set_ylim(bottom=0)
        steps = log.work_ms.steps
        work.fill_between(steps.at, steps.low, steps.high, color=BLUE, alpha=0.2, linewidth=0)
        work.plot(steps.at, steps.mean, color=BLUE, label=say(Sentence("mean")))
        for percent, style in ((50, ":"), (99, "--")):
            label = say(Sentence("p{} of the run", percent))
            work.axhline(log.works.percentile(percent), color=GREY, lw=1, ls=style, label=label)
        work.set_ylabel(say(Sentence("ms for a frame")))
        work.set_ylim(bottom=0)
        key_above(work)
        when.put_on(work, say)
        return figure

    frames = max(log.frames, 1)
    rows: list[tuple[str, str]] = [
        (Sentence("frames recognized"), str(log.frames)),
        (Sentence("frames dropped"), str(dropped)),
        (Sentence("frames a second"), f"{log.fps:.1f}"),
        (Sentence("finding faces, mean"), f"{log.stages['detect_ms'] / frames:.1f} ms"),
        (Sentence("embedding, mean"), f"{log.stages['embed_ms'] / frames:.1f} ms"),
        (Sentence("search and decision, mean"), f"{log.stages['search_ms'] / frames:.1f} ms"),
    ]
    kinds = [(Sentence("time for a frame"), log.works)]
    if log.latencies.count:
        kinds.append((Sentence("latency, from capture to result"), log.latencies))
    for name, spread in kinds:
        rows += [
            (Sentence("{}, p{}", name, percent), f"{spread.percentile(percent):.1f} ms")
            for percent in _PERCENTILES
        ]
        rows.append((Sentence("{}, longest", name), f"{spread.most:.1f} ms"))
    return Diagram(
        Sentence("Speed"),
        Sentence("Frames a second, and how long one took: mean, and from shortest to longest."),
        (Sentence("figure"), Sentence("value")),
        tuple(rows),
        draw,
    )


_NEEDED = Sentence("threshold")


def _short(name: str) -> str:
    # A leading underscore would keep a line out of the key; a dollar would begin a formula.
    name = name.replace("$", r"\$")
    name = "\u200b" + name if name.startswith("_") else name
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
