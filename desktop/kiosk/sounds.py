"""Plays sounds and speaks lines, where the computer has a loudspeaker and a voice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PyQt5.QtCore import QBuffer, QIODevice, QLocale, QObject, qInstallMessageHandler

from desktop.kiosk.signs import sign_of
from desktop.kiosk.tones import RATE_HZ, Tone, samples_of
from desktop.kiosk.words import words_of
from station.screen import Challenge, Fault, Guide, Help, Screen, UnknownCode

if TYPE_CHECKING:
    from PyQt5.QtMultimedia import QAudioOutput
    from PyQt5.QtTextToSpeech import QTextToSpeech

_log = logging.getLogger(__name__)

Play = Callable[[Tone], None]
Say = Callable[[str, bool], None]


class Announcer:
    """Makes each screen heard when it appears.

    play: plays a tone. say: speaks a sentence, and is told whether it may interrupt another one.
    """

    def __init__(self, play: Play, say: Say) -> None:
        self._play = play
        self._say = say
        self._last: Screen | None = None

    def announce(self, screen: Screen) -> None:
        last, self._last = self._last, screen
        if last is not None and _is_known(screen, last):
            return
        sign = sign_of(screen)
        if sign is not None:
            self._play(sign.tone)
        if sign is not None or _is_spoken(screen):
            self._say(words_of(screen).spoken, sign is not None)


def _is_spoken(screen: Screen) -> bool:
    """Return whether a screen without a sign is spoken. What its card has said is not repeated."""
    return isinstance(screen, Guide) and screen.help is not Help.NOT_KNOWN


def _is_known(screen: Screen, last: Screen) -> bool:
    """Return whether the screen says the same as the last one, as when only a box has moved."""
    match screen, last:
        case Guide(), Guide():
            return screen.help is last.help
        case Challenge(), Challenge():
            return (screen.step, screen.action) == (last.step, last.action)
        case UnknownCode(), UnknownCode():
            return screen.wait_s < last.wait_s
        case Fault(), Fault():
            return True
    return False


class Loudspeaker(QObject):
    """Plays tones; it is silent where the computer cannot play them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        with _quietly():
            self._output = _audio_output(self)
        self._buffer = QBuffer(self)

    def play(self, tone: Tone) -> None:
        if self._output is None:
            return
        self._output.stop()
        self._buffer.close()
        self._buffer.setData(samples_of(tone).tobytes())
        self._buffer.open(QIODevice.ReadOnly)
        # The whole tone at once, so that a busy moment of this thread does not interrupt it.
        self._output.setBufferSize(self._buffer.size())
        self._output.start(self._buffer)


class Voice(QObject):
    """Speaks sentences in the current language; it is silent where the system cannot speak it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        with _quietly():
            self._speech = _speech()

    def say(self, sentence: str, interrupts: bool) -> None:
        speech = self._speech
        if speech is None or (not interrupts and speech.state() == speech.State.Speaking):
            return
        language = QLocale().language()
        spoken = next((s for s in speech.availableLocales() if s.language() == language), None)
        if spoken is None:
            return
        if speech.locale() != spoken:
            speech.setLocale(spoken)
        speech.stop()
        speech.say(sentence)


def _audio_output(parent: QObject) -> QAudioOutput | None:
    try:
        # Needs system libraries that a small installation lacks.
        from PyQt5.QtMultimedia import QAudioDeviceInfo, QAudioFormat, QAudioOutput
    except ImportError as error:
        _log.info("No sounds: %s", error)
        return None
    device = QAudioDeviceInfo.defaultOutputDevice()
    sound = QAudioFormat()
    sound.setSampleRate(RATE_HZ)
    sound.setChannelCount(1)
    sound.setSampleSize(16)
    sound.setSampleType(QAudioFormat.SignedInt)
    sound.setByteOrder(QAudioFormat.LittleEndian)
    sound.setCodec("audio/pcm")
    if device.isNull() or not device.isFormatSupported(sound):
        _log.info("No sounds: there is no audio device")
        return None
    return QAudioOutput(device, sound, parent)


def _speech() -> QTextToSpeech | None:
    try:
        from PyQt5.QtTextToSpeech import QTextToSpeech
    except ImportError as error:
        _log.info("No spoken lines: %s", error)
        return None
    if not QTextToSpeech.availableEngines():
        return None
    speech = QTextToSpeech()
    if speech.state() == QTextToSpeech.State.BackendError:
        _log.info("No spoken lines: the system has no voice")
        return None
    return speech


@contextmanager
def _quietly() -> Iterator[None]:
    """Send Qt's warnings about missing audio and speech to the log instead of stderr."""
    before = qInstallMessageHandler(lambda kind, context, text: _log.info("%s", text))
    try:
        yield
    finally:
        qInstallMessageHandler(before)
