"""What was watched as strips: each frame a stroke, coloured by what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bench.drawing.diagram import Diagram, Say
from bench.drawing.style import GREEN, ORANGE, PNG_DPI, new_figure
from bench.live.outcomes import FrameOutcome
from bench.live.watching import Joining, LiveWatch
from common.picture import RgbImage
from common.sentence import Sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STRIPS_PLOT = "live-strips.png"

COLOURS = {
    FrameOutcome.RIGHT: GREEN,
    FrameOutcome.WRONG: ORANGE,
    FrameOutcome.UNKNOWN: "#969696",
    FrameOutcome.NO_FACE: "#d7d7d7",
}
KNOWN, STRANGER = "#1e1e1e", "#aac8eb"
"""The line under a strip: whether the film's person is enrolled."""

STRIP_PX = 1200
"""A strip's width in pixels; it grows where there are more frames, so that none is left out."""

_LEFT, _RIGHT, _TOP = 2.6, 0.15, 0.5
_ROW, _STRIP = 0.5, 0.2
_CHARACTER = 0.085
"""Inches."""

_WORDS = {
    FrameOutcome.RIGHT: Sentence("right"),
    FrameOutcome.WRONG: Sentence("wrong"),
    FrameOutcome.UNKNOWN: Sentence("unknown"),
    FrameOutcome.NO_FACE: Sentence("no face"),
}
_JOINED = {
    Joining.ALONE: Sentence("one by one"),
    Joining.JOINED: Sentence("joined"),
    Joining.CUTS: Sentence("with cuts"),
}


def strips_diagram(watches: Sequence[LiveWatch]) -> Diagram:
    """Return a strip for each watching, one below the other.

    The frames of a row fill its width, however many they are. Under it stands a line, dark where
    the film's person is enrolled, with a gap from film to film, and the films' names where they
    fit.
    """

    def draw(say: Say) -> Figure:
        wide = max(STRIP_PX, *(sum(len(f.outcomes) for f in w.watched) for w in watches)) / PNG_DPI
        size = _LEFT + wide + _RIGHT, _TOP + _ROW * len(watches)
        figure = new_figure(*size)
        figure.set_layout_engine("none")
        for place, watch in enumerate(watches):
            bottom = size[1] - _TOP - _ROW * place - _STRIP
            room = (_LEFT / size[0], bottom / size[1], wide / size[0], _STRIP / size[1])
            _draw_strip(figure.add_axes(room), watch, wide, say)
        _draw_key(figure, say)
        return figure

    return Diagram(
        Sentence("What became of each frame"),
        Sentence("A stroke is a frame. The line below is dark where the person is enrolled."),
        (
            *(Sentence("films"), Sentence("watched"), Sentence("enrolled")),
            *_WORDS.values(),
        ),
        tuple(
            (
                watch.variant,
                _JOINED[watch.joining],
                _gallery(watch),
                *(str(sum(f.count(outcome) for f in watch.watched)) for outcome in _WORDS),
            )
            for watch in watches
        ),
        draw,
    )


def strip_of(watch: LiveWatch, width: int) -> RgbImage:
    """Return the strokes of all frames, (1, width, 3) uint8 RGB; `width` is not below their number.

    Raises ValueError where it is.
    """
    outcomes = [outcome for film in watch.watched for outcome in film.outcomes]
    if width < len(outcomes):
        raise ValueError(f"{len(outcomes)} frames do not fit into {width} pixels")
    shades = {o: tuple(bytes.fromhex(colour[1:])) for o, colour in COLOURS.items()}
    colours = np.array([shades[outcome] for outcome in outcomes], np.uint8)
    return np.asarray(colours[np.arange(width) * len(colours) // width][np.newaxis])


def _draw_strip(axes: Axes, watch: LiveWatch, wide: float, say: Say) -> None:
    width = round(wide * PNG_DPI)
    axes.imshow(
        strip_of(watch, width), aspect="auto", interpolation="nearest", extent=(0, width, 0, 1)
    )
    axes.set_axis_off()
    label = say(Sentence("{}, {}, {}", watch.variant, _JOINED[watch.joining], _gallery(watch)))
    axes.text(-0.01, 0.5, label, transform=axes.transAxes, ha="right", va="center", fontsize=7)
    frames = np.cumsum([0, *(len(film.outcomes) for film in watch.watched)])
    ends = frames * width / frames[-1]
    for film, begin, end in zip(watch.watched, ends, ends[1:], strict=False):
        colour = STRANGER if film.is_stranger else KNOWN
        axes.plot((begin, end - 2), (-0.15, -0.15), color=colour, lw=3, clip_on=False,
                  solid_capstyle="butt")  # fmt: skip
        if len(film.name) * _CHARACTER * PNG_DPI < end - begin:
            axes.text(begin, -0.35, film.name.replace("$", r"\$"), fontsize=7, va="top")


def _draw_key(figure: Figure, say: Say) -> None:
    from matplotlib.patches import Patch

    marks = [(COLOURS[outcome], word) for outcome, word in _WORDS.items()]
    marks += [(KNOWN, Sentence("line: enrolled")), (STRANGER, Sentence("line: a stranger"))]
    patches = [Patch(color=colour, label=say(word)) for colour, word in marks]
    figure.legend(handles=patches, loc="upper left", ncols=len(patches), fontsize=8)


def _gallery(watch: LiveWatch) -> Sentence:
    return Sentence("every second a stranger") if watch.strangers else Sentence("all enrolled")
