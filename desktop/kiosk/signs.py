"""Says what a screen has besides words: its sign, its sound and the colour of its card."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from desktop.kiosk import palette
from desktop.kiosk.glyphs import Glyph
from desktop.kiosk.tones import Tone
from station.screen import (
    Challenge,
    CheckedIn,
    CodeWanted,
    Confirm,
    Direction,
    Farewell,
    Fault,
    Guide,
    Idle,
    Pause,
    Refused,
    Screen,
    Stranger,
    Undone,
    UnknownCode,
)


class CardHead(Enum):
    """The kinds of card heads; each has its own colour."""

    IN = palette.BAND_IN
    OUT = palette.BAND_OUT
    CALM = palette.BAND_CALM
    REFUSED = palette.BAND_REFUSED


@dataclass(frozen=True)
class Sign:
    glyph: Glyph
    tone: Tone
    band: CardHead


def sign_of(screen: Screen) -> Sign | None:
    """Return the screen's sign; None while nobody is there, or a person is still looked at."""
    match screen:
        case Idle() | Guide() | Farewell() | Pause():
            return None
        case Challenge():
            return Sign(Glyph.QUESTION, Tone.ASK, CardHead.CALM)
        case Confirm():
            return Sign(Glyph.QUESTION, Tone.ASK, CardHead.CALM)
        case CodeWanted():
            return Sign(Glyph.KEYPAD, Tone.ASK, CardHead.CALM)
        case CheckedIn(already=True):
            return Sign(Glyph.ALREADY, Tone.ASK, CardHead.CALM)
        case CheckedIn(direction=Direction.IN):
            return Sign(Glyph.IN, Tone.IN, CardHead.IN)
        case CheckedIn():
            return Sign(Glyph.OUT, Tone.OUT, CardHead.OUT)
        case Undone():
            return Sign(Glyph.UNDONE, Tone.ASK, CardHead.CALM)
        case Stranger():
            return Sign(Glyph.UNKNOWN, Tone.UNKNOWN, CardHead.CALM)
        case UnknownCode():
            return Sign(Glyph.KEYPAD, Tone.UNKNOWN, CardHead.CALM)
        case Refused():
            return Sign(Glyph.REFUSED, Tone.REFUSED, CardHead.REFUSED)
        case Fault():
            return Sign(Glyph.WAIT, Tone.REFUSED, CardHead.CALM)
