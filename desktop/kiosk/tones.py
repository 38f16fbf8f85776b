"""The station's sounds, made of sine waves."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 44_100
NOTE_S = 0.16
RING_S = 0.45
"""How many seconds the last note goes on sounding."""

LOUDNESS = 0.35

C4, E4, G4, A4, C5, E5, G5 = 261.63, 329.63, 392.00, 440.00, 523.25, 659.26, 783.99


class Tone(Enum):
    """Notes in hertz, one after the other: rising for in, falling for out; low notes mean no."""

    IN = (C5, E5, G5)
    OUT = (G5, E5, C5)
    ASK = (A4, E5)
    UNKNOWN = (G4, G4)
    REFUSED = (E4, C4)


def samples_of(tone: Tone) -> NDArray[np.int16]:
    """Return (n,) int16 mono samples at RATE_HZ.

    Each note fades out like a struck bar, and begins without a click.
    """
    notes = tone.value
    sound = np.zeros(round(((len(notes) - 1) * NOTE_S + RING_S) * RATE_HZ))
    time = np.arange(round(RING_S * RATE_HZ)) / RATE_HZ
    swell = np.minimum(1, time / 0.008) * np.exp(-time * 7) * np.minimum(1, (RING_S - time) / 0.05)
    for place, hertz in enumerate(notes):
        phase = 2 * np.pi * hertz * time
        begin = round(place * NOTE_S * RATE_HZ)
        sound[begin : begin + len(time)] += swell * (np.sin(phase) + 0.25 * np.sin(2 * phase))
    return np.asarray(sound / np.abs(sound).max() * LOUDNESS * 32767, np.int16)
