"""The station's colours, as pairs of a foreground and the background that it is drawn on.

Every text is drawn in one of these pairs, and the tests check the contrast of each.
"""

from __future__ import annotations

from dataclasses import dataclass

from PyQt5.QtGui import QColor

from desktop.shared.look.colours import LIGHT

INK, QUIET_INK, PAPER, SURFACE, ACCENT = (
    *(LIGHT.ink, LIGHT.quiet_ink),
    *(LIGHT.paper, LIGHT.surface, LIGHT.accent),
)
"""The station is light by day and night: its cards are read from afar, in a hall that is lit."""

WHITE = "#FFFFFF"
NIGHT = "#141C23"


@dataclass(frozen=True)
class Pair:
    """A foreground and a background colour.

    opacity: of the background, where it lies over the live picture.
    """

    ink: str
    ground: str
    opacity: float = 1.0

    @property
    def ground_colour(self) -> QColor:
        colour = QColor(self.ground)
        colour.setAlphaF(self.opacity)
        return colour


CARD = Pair(INK, PAPER)
CARD_QUIET = Pair(QUIET_INK, PAPER)
BUTTON = Pair(INK, SURFACE)
BUTTON_PRESSED = Pair(INK, "#DCE6EE")
PRIMARY = Pair(WHITE, ACCENT)
PRIMARY_PRESSED = Pair(WHITE, "#0B4F8A")
BAR = Pair(WHITE, NIGHT)
BAR_QUIET = Pair("#C4D0D9", NIGHT)
BAR_WARNING = Pair("#FFD45E", NIGHT)
BAR_BUTTON = Pair(WHITE, "#2A3844")
BAR_BUTTON_PRESSED = Pair(WHITE, "#3B4D5C")

PANEL = Pair(WHITE, NIGHT, 0.86)
PANEL_QUIET = Pair("#D5DEE5", NIGHT, 0.86)
DIMMED = Pair(WHITE, "#0A1218", 0.66)
"""These three lie over the live picture, which may be white in that place."""

BAND_IN = Pair(WHITE, "#0A6B4E")
BAND_OUT = Pair(WHITE, "#1C4F9C")
BAND_CALM = Pair(WHITE, "#41525F")
BAND_REFUSED = Pair(WHITE, "#8F3A14")
"""The backgrounds of the cards' heads, with their text."""

TEXTS = (
    *(CARD, CARD_QUIET, BUTTON, BUTTON_PRESSED, PRIMARY, PRIMARY_PRESSED),
    *(BAR, BAR_QUIET, BAR_WARNING, BAR_BUTTON, BAR_BUTTON_PRESSED, PANEL, PANEL_QUIET, DIMMED),
    *(BAND_IN, BAND_OUT, BAND_CALM, BAND_REFUSED),
)
"""The pairs for text. WCAG 2.2, 1.4.3, asks for a contrast of at least 4.5:1."""

FOCUS_ON_CARD = Pair(INK, PAPER)
FOCUS_ON_BAR = Pair("#FFD45E", NIGHT)
BUTTON_EDGE = Pair("#7A8791", PAPER)

SHAPES = (FOCUS_ON_CARD, FOCUS_ON_BAR, BUTTON_EDGE)
"""The pairs for shapes that must be seen. WCAG 2.2, 1.4.11, asks for a contrast of at least 3:1."""
