from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from common.errors import SettingsError
from station.hours import OpeningHours

MONDAY = 2  # of March 2026


def at(day: int, time: str) -> datetime:
    """MONDAY + 5, "12:30" is Saturday's half past twelve."""
    return datetime.fromisoformat(f"2026-03-{day:02} {time}")


@pytest.mark.parametrize(
    ("hours", "day", "time", "is_open"),
    [
        ("", MONDAY, "03:00", True),
        (" ; ", MONDAY, "03:00", True),
        ("Mon-Fri 07:00-19:00; Sat 08:00-12:00", MONDAY, "06:59", False),
        ("Mon-Fri 07:00-19:00; Sat 08:00-12:00", MONDAY, "07:00", True),
        ("Mon-Fri 07:00-19:00; Sat 08:00-12:00", MONDAY + 4, "18:59", True),
        ("Mon-Fri 07:00-19:00; Sat 08:00-12:00", MONDAY + 4, "19:00", False),
        ("Mon-Fri 07:00-19:00; Sat 08:00-12:00", MONDAY + 5, "11:00", True),
        ("Mon-Fri 07:00-19:00; Sat 08:00-12:00", MONDAY + 6, "11:00", False),
        ("Fri 22:00-06:00", MONDAY + 4, "21:59", False),
        ("Fri 22:00-06:00", MONDAY + 4, "23:00", True),
        ("Fri 22:00-06:00", MONDAY + 5, "05:59", True),
        ("Fri 22:00-06:00", MONDAY + 5, "06:00", False),
        ("Fri 22:00-06:00", MONDAY + 4, "05:00", False),
        ("Sun 20:00-04:00", MONDAY, "03:00", True),
        ("Sat-Tue 9:00-10:00", MONDAY, "09:30", True),
        ("Sat-Tue 9:00-10:00", MONDAY + 2, "09:30", False),
        ("mon, WED: 08:00-12:00, 13:00 - 17:00", MONDAY + 2, "12:30", False),
        ("mon, WED: 08:00-12:00, 13:00 - 17:00", MONDAY + 2, "16:00", True),
        ("08:00-24:00", MONDAY + 6, "23:59", True),
        ("00:00-24:00", MONDAY + 6, "00:00", True),
    ],
)
def test_open_or_not(hours: str, day: int, time: str, is_open: bool) -> None:
    assert OpeningHours.parse(hours).is_open(at(day, time)) is is_open


@pytest.mark.parametrize(
    "hours",
    [
        "always",
        "Mon",
        "Mon-Fri 7-19",
        "Montag 07:00-19:00",
        "T1-T6 07:00-19:00",
        "T2-T6 7-19",
        "Mon-Fri 07:00-25:00",
        "Mon 07:60-08:00",
        "Mon 24:00-08:00",
        "Mon 07:00-07:00",
        "Mon 07:00-19:00 Sat 08:00-12:00",
        "Mon- 07:00-19:00",
        "Mon, 07:00-19:00",
        "Mon 07:00-12:00,",
    ],
)
def test_what_cannot_be_read_is_told(hours: str) -> None:
    with pytest.raises(SettingsError) as caught:
        OpeningHours.parse(hours)
    assert hours in str(caught.value)


def test_a_night_is_one_period() -> None:
    hours = OpeningHours.parse("Mon-Sun 22:00-06:00")
    assert hours.same_period(at(4, "22:10"), at(5, "05:50"))
    assert not hours.same_period(at(4, "05:50"), at(4, "22:10"))
    assert not hours.same_period(at(3, "23:00"), at(4, "23:00"))
    assert not OpeningHours().same_period(at(4, "22:10"), at(4, "22:20"))


@pytest.mark.parametrize(
    "hours",
    [
        "T2-T6 07:00-19:00; T7 08:00-12:00; CN 09:00-10:00",
        "thứ hai-thứ sáu 07:00-19:00; Thứ Bảy 08:00-12:00; chủ nhật 09:00-10:00",
        "Monday-Friday 07:00-19:00; saturday 08:00-12:00; sun 09:00-10:00",
    ],
)
def test_days_may_be_written_in_each_language(hours: str) -> None:
    english = "Mon-Fri 07:00-19:00; Sat 08:00-12:00; Sun 09:00-10:00"
    assert OpeningHours.parse(hours) == OpeningHours.parse(english)


def test_when_it_opens_next() -> None:
    hours = OpeningHours.parse("Mon-Fri 07:00-12:00, 13:00-19:00; Fri 22:00-06:00")
    monday = datetime(2026, 3, 2)
    for at, opens in (
        (timedelta(hours=6), timedelta(hours=7)),
        (timedelta(hours=7), timedelta(hours=13)),
        (timedelta(hours=20), timedelta(days=1, hours=7)),
        (timedelta(days=4, hours=20), timedelta(days=4, hours=22)),
        (timedelta(days=5, hours=6), timedelta(days=7, hours=7)),
    ):
        assert hours.next_opening(monday + at) == monday + opens
    once = OpeningHours.parse("Mon 07:00-19:00")
    assert once.next_opening(monday + timedelta(hours=7)) == monday + timedelta(days=7, hours=7)
    assert OpeningHours().next_opening(monday) is None
