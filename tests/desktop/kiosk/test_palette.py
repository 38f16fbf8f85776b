from __future__ import annotations

import pytest
from PyQt5.QtGui import QColor

from desktop.kiosk import palette
from desktop.kiosk.look import sheet
from desktop.kiosk.palette import SHAPES, TEXTS, Pair


def luminance(colour: QColor) -> float:
    """WCAG 2.2's relative luminance."""
    channels = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def over(ground: QColor, behind: int) -> QColor:
    """A ground with its opacity over gray."""
    alpha = ground.alphaF()
    channels = (ground.red(), ground.green(), ground.blue())
    return QColor(*(round(alpha * c + (1 - alpha) * behind) for c in channels))


def contrast(pair: Pair) -> float:
    """The lowest, whatever the live picture behind it shows."""
    ink = luminance(QColor(pair.ink))
    ratios = []
    for behind in (0, 128, 255):
        ground = luminance(over(pair.ground_colour, behind))
        ratios.append((max(ink, ground) + 0.05) / (min(ink, ground) + 0.05))
    return min(ratios)


def names(pairs: tuple[Pair, ...]) -> list[str]:
    known = {id(pair): name for name, pair in vars(palette).items() if isinstance(pair, Pair)}
    return [known[id(pair)] for pair in pairs]


def test_black_on_white_has_the_contrast_that_wcag_gives_it() -> None:
    assert contrast(Pair("#000000", "#FFFFFF")) == pytest.approx(21)
    assert contrast(Pair("#777777", "#FFFFFF")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("pair", TEXTS, ids=names(TEXTS))
def test_every_text_can_be_read(pair: Pair) -> None:
    assert contrast(pair) >= 4.5


@pytest.mark.parametrize("pair", SHAPES, ids=names(SHAPES))
def test_every_edge_can_be_seen(pair: Pair) -> None:
    assert contrast(pair) >= 3


def test_no_pair_is_left_out() -> None:
    every = [pair for pair in vars(palette).values() if isinstance(pair, Pair)]
    assert {id(pair) for pair in every} == {id(pair) for pair in (*TEXTS, *SHAPES)}


def test_the_style_sheet_has_no_colour_of_its_own() -> None:
    known = {colour.lower() for pair in (*TEXTS, *SHAPES) for colour in (pair.ink, pair.ground)}
    used = {word.strip(";") for word in sheet(8, False).lower().split() if word.startswith("#")}
    assert {colour for colour in used if colour != "#station"} <= known
