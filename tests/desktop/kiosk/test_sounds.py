from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtWidgets import QApplication

from common.picture import RgbImage
from desktop.kiosk.sounds import Announcer, Loudspeaker, Voice
from desktop.kiosk.tones import LOUDNESS, RATE_HZ, Tone, samples_of
from station.screen import (
    Action,
    Challenge,
    CheckedIn,
    Direction,
    Fault,
    Guide,
    Help,
    Idle,
    Stranger,
    UnknownCode,
)

from .scenes import AT, BOX


class Ear:
    """What an announcer let be heard."""

    def __init__(self) -> None:
        self.tones: list[Tone] = []
        self.said: list[tuple[str, bool]] = []
        self.announcer = Announcer(
            self.tones.append, lambda sentence, interrupts: self.said.append((sentence, interrupts))
        )


def test_each_card_is_heard_once_as_it_comes(face: RgbImage, qapp: object) -> None:
    ear = Ear()
    card = CheckedIn(7, "Anna", Direction.IN, AT, face, face)
    for screen in (Idle(), card, Idle(), Stranger(False), card):
        ear.announcer.announce(screen)
    assert ear.tones == [Tone.IN, Tone.UNKNOWN, Tone.IN]
    assert "Anna" in ear.said[0][0]
    assert all(interrupts for _, interrupts in ear.said)


def test_the_same_again_is_not_repeated(qapp: object) -> None:
    ear = Ear()
    for x in range(3):
        ear.announcer.announce(Guide(Help.COME_CLOSER, BOX + x))
    ear.announcer.announce(Guide(Help.HOLD_STILL, BOX))
    assert ear.said == [("Come closer.", False), ("Hold still for a moment.", False)]
    for step, seconds in ((1, 4.0), (1, 3.9), (2, 5.0)):
        ear.announcer.announce(Challenge(Action.NOD, step, 2, seconds, BOX))
    for wait_s in (30.0, 29.0, 60.0):
        ear.announcer.announce(UnknownCode(wait_s))
    ear.announcer.announce(Fault("Trying again in 1 s."))
    ear.announcer.announce(Fault("Trying again in 2 s."))
    assert ear.tones == [Tone.ASK] * 2 + [Tone.UNKNOWN] * 2 + [Tone.REFUSED]


@pytest.mark.parametrize("tone", Tone)
def test_a_tone_begins_and_ends_softly(tone: Tone) -> None:
    samples = samples_of(tone)
    assert samples.dtype == np.int16
    assert len(samples) < RATE_HZ
    assert np.abs(samples).max() == pytest.approx(LOUDNESS * 32767, abs=1)
    assert abs(samples[0]) < 100
    assert np.abs(samples[-20:]).max() < 100


@pytest.mark.parametrize("tone", Tone)
def test_a_tone_has_the_notes_that_it_names(tone: Tone) -> None:
    samples = samples_of(tone).astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), RATE_HZ))  # 1 Hz apart
    for hertz in tone.value:
        near = spectrum[round(hertz) - 3 : round(hertz) + 4].max()
        assert near > 10 * np.median(spectrum[200:1000])


def test_without_loudspeaker_and_voice_it_is_silent(qapp: QApplication) -> None:
    """As on a bare computer; nothing is raised and Qt warns of nothing."""
    Loudspeaker().play(Tone.IN)
    Voice().say("Checked in.", True)
