from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from PyQt5.QtCore import QLocale
from PyQt5.QtWidgets import QApplication

from common.picture import RgbImage
from desktop.i18n.languages import SOURCE, use
from desktop.kiosk.signs import sign_of
from desktop.kiosk.words import UNNAMED, clock_time, station_name, words_of
from station.screen import (
    Action,
    Challenge,
    CheckedIn,
    Direction,
    Guide,
    Help,
    Idle,
    Refusal,
    Refused,
    UnknownCode,
)
from station.settings import StationSettings

from .scenes import AT, BOX, scenes


def test_every_screen_has_words_of_its_own(face: RgbImage) -> None:
    said = [words_of(Guide(help, None)) for help in Help]
    said += [words_of(Challenge(action, 1, 1, 3.0, BOX)) for action in Action]
    said += [words_of(Refused(why)) for why in Refusal]
    assert len(set(said)) == len(Help) + len(Action) + len(Refusal)
    for name, screen in scenes(face):
        assert words_of(screen).spoken.count("..") == 0, name
        assert len(words_of(screen).spoken) > 5, name


def test_who_was_checked_in_or_out_and_when(face: RgbImage) -> None:
    came = CheckedIn(1, "Anna", Direction.IN, AT, face, face)
    assert words_of(came).headline == "Checked in at 7:58\u00a0AM"
    assert "Anna" in words_of(came).line
    went = CheckedIn(1, "Anna", Direction.OUT, AT, face, face)
    assert words_of(went).headline.startswith("Checked out")
    again = CheckedIn(1, "Anna", Direction.OUT, AT, face, face, already=True)
    assert words_of(again).headline.startswith("Already checked out")
    assert len({sign_of(screen) for screen in (came, went, again)}) == 3


def test_the_time_is_local() -> None:
    at = datetime(2026, 11, 20, 7, 58, tzinfo=UTC)
    local = at.astimezone().replace(tzinfo=None)
    assert clock_time(at) == clock_time(local)
    QLocale.setDefault(QLocale("vi_VN"))
    assert clock_time(AT) == "07:58"


def test_a_name_of_another_script_stays_apart(face: RgbImage) -> None:
    arabic = CheckedIn(1, "آنا", Direction.IN, AT, face, face)
    assert words_of(arabic).line == "\u2068آنا\u2069"


def test_how_long_to_wait_is_told_in_whole_seconds() -> None:
    assert "in 12 s" in words_of(UnknownCode(11.2)).line


def test_in_and_out_unknown_and_refused_sound_different(face: RgbImage) -> None:
    shown = dict(scenes(face))
    tones = [
        sign.tone
        for name in ("checked-in", "checked-out", "stranger", "refused-closed")
        if (sign := sign_of(shown[name])) is not None
    ]
    assert len(set(tones)) == 4


@pytest.mark.parametrize(
    ("hour", "greeting"),
    [
        (3, "Hello,"),
        (4, "Good morning,"),
        (11, "Good morning,"),
        (12, "Good afternoon,"),
        (18, "Good evening,"),
    ],
)
def test_the_greeting_goes_by_the_time_of_day(face: RgbImage, hour: int, greeting: str) -> None:
    came = CheckedIn(1, "Anna", Direction.IN, datetime(2026, 11, 20, hour, 58), face, face)
    words = words_of(came)
    assert (words.greeting, words.line) == (greeting, "\u2068Anna\u2069")
    assert words.spoken.endswith(f". {greeting} \u2068Anna\u2069.")
    went = CheckedIn(1, "Anna", Direction.OUT, datetime(2026, 11, 20, hour, 58), face, face)
    assert words_of(went).greeting == "Goodbye,"


def test_days_are_named_in_the_language() -> None:
    closed = Idle(False, datetime(2026, 11, 23, 7))
    assert words_of(closed).line == "Opens Monday at 7:00\u00a0AM"
    later = datetime.combine(datetime.now(), time(23, 59))
    assert words_of(Idle(False, later)).line == "Opens at 11:59\u00a0PM"
    QLocale.setDefault(QLocale("vi_VN"))
    assert words_of(closed).line == "Opens Thứ Hai at 07:00"


def test_a_name_that_nobody_chose_is_in_the_language(qapp: QApplication) -> None:
    assert StationSettings().name == UNNAMED
    try:
        use("vi")
        assert station_name("Entrance") == "Lối vào"
        assert station_name("Gate 2") == "Gate 2"
    finally:
        use(SOURCE)
