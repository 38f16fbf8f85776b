"""Draws what was watched as strips: each frame a stroke, coloured by what became of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bench.live.outcomes import FrameOutcome
from bench.live.watching import LiveWatch
from common.picture import RgbImage

COLOURS = {
    FrameOutcome.RIGHT: (0, 158, 115),
    FrameOutcome.WRONG: (213, 94, 0),
    FrameOutcome.UNKNOWN: (150, 150, 150),
    FrameOutcome.NO_FACE: (215, 215, 215),
}
"""Bluish green and vermilion: colour-blind people tell them apart (Okabe & Ito 2008)."""

KNOWN, STRANGER = (30, 30, 30), (170, 200, 235)
"""The line under a strip: whether the film's person is enrolled."""

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_WIDTH = 1200
"""A strip's width in pixels; it grows where there are more frames, so that none is left out."""

_MARGIN, _STRIP, _LINE, _GAP = 12, 22, 5, 10


def draw_strips(watches: Sequence[LiveWatch], font: Font) -> RgbImage:
    """Draw a strip for each watching, one below the other, (H, W, 3) uint8 RGB.

    The frames of a row fill its width, however many they are. Under it stands a line, dark where
    the film's person is enrolled, with a gap from film to film, and the films' names where they
    fit.
    """
    width = max(_WIDTH, *(sum(len(f.outcomes) for f in watch.watched) for watch in watches))
    text = int(font.getbbox("Ag")[3]) + 4
    row = _STRIP + _LINE + text + _GAP
    left = 2 * _MARGIN + int(max(font.getlength(_label(watch)) for watch in watches))
    size = left + width + _MARGIN, text + 3 * _MARGIN + row * len(watches)
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    _legend(draw, font, text)
    for place, watch in enumerate(watches):
        top = text + 2 * _MARGIN + place * row
        draw.text((_MARGIN, top + 2), _label(watch), fill="black", font=font)
        picture.paste(Image.fromarray(_strip(watch, width)), (left, top))
        _films(draw, watch, width, (left, top + _STRIP), font)
    return np.asarray(picture)


def _label(watch: LiveWatch) -> str:
    who = "every second a stranger" if watch.strangers else "all enrolled"
    return f"{watch.variant}, {watch.joining.value}, {who}"


def _strip(watch: LiveWatch, width: int) -> RgbImage:
    colours = np.array([COLOURS[o] for film in watch.watched for o in film.outcomes], np.uint8)
    columns = colours[np.arange(width) * len(colours) // width]
    return np.repeat(columns[np.newaxis], _STRIP, axis=0)


def _films(
    draw: ImageDraw.ImageDraw, watch: LiveWatch, width: int, corner: tuple[int, int], font: Font
) -> None:
    left, top = corner
    frames = np.cumsum([len(film.outcomes) for film in watch.watched])
    ends = left - (-frames * width // frames[-1])  # the first column that is another film's
    begin = left
    for film, end in zip(watch.watched, ends.tolist(), strict=True):
        colour = STRANGER if film.is_stranger else KNOWN
        draw.rectangle((begin, top + 1, end - 3, top + _LINE), fill=colour)
        if font.getlength(film.name) < end - begin - 4:
            draw.text((begin, top + _LINE + 2), film.name, fill="black", font=font)
        begin = end


def _legend(draw: ImageDraw.ImageDraw, font: Font, text: int) -> None:
    left = _MARGIN
    parts = [(outcome.value, colour) for outcome, colour in COLOURS.items()]
    for words, colour in (*parts, ("line: enrolled", KNOWN), ("line: a stranger", STRANGER)):
        draw.rectangle((left, _MARGIN, left + text, _MARGIN + text - 4), fill=colour)
        draw.text((left + text + 6, _MARGIN - 2), words, fill="black", font=font)
        left += text + 6 + int(font.getlength(words)) + 24
