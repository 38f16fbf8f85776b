"""Opening hours, as an administrator writes them: "Mon-Fri 07:00-19:00; Sat 08:00-12:00"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from common.errors import SettingsError
from common.sentence import Sentence

DAYS = (
    ("mon", "monday", "t2", "thứ hai"),
    ("tue", "tuesday", "t3", "thứ ba"),
    ("wed", "wednesday", "t4", "thứ tư"),
    ("thu", "thursday", "t5", "thứ năm"),
    ("fri", "friday", "t6", "thứ sáu"),
    ("sat", "saturday", "t7", "thứ bảy"),
    ("sun", "sunday", "cn", "chủ nhật"),
)
"""The days' names in the languages of the program, in the order of datetime.weekday()."""

_TIMES = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")

_FIRST_TIME = re.compile(r"(?<!\bt)\d", re.IGNORECASE)
"""The digit with which the times begin: the 2 of T2, which is Monday, is none."""

_DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Period:
    """An opening period that comes once a week. day: as datetime.weekday() counts. opens, lasts:
    minutes; it may end on the next day."""

    day: int
    opens: int
    lasts: int

    def start(self, at: datetime) -> datetime | None:
        """Returns when the period to which `at` belongs began; None where it belongs to none."""
        days = (at.weekday() - self.day) % 7
        midnight = datetime(at.year, at.month, at.day)
        start = midnight + timedelta(days=-days, minutes=self.opens)
        return start if start <= at < start + timedelta(minutes=self.lasts) else None


@dataclass(frozen=True)
class OpeningHours:
    """When the station is open. Without any period it is always open. All times are naive, as the
    clock on the wall shows them."""

    periods: tuple[Period, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads opening hours from clauses separated by semicolons.

        Each clause names days (Mon, Mon-Fri or Mon, Wed; in Vietnamese T2-T6, CN; none means every
        day) and times (07:00-12:00, 13:00-19:00); 22:00-06:00 ends on the next day. Raises
        SettingsError.
        """
        clauses = [clause.strip() for clause in text.split(";")]
        return cls(tuple(p for clause in clauses if clause for p in _periods(clause)))

    def is_open(self, at: datetime) -> bool:
        return not self.periods or any(period.start(at) for period in self.periods)

    def next_opening(self, at: datetime) -> datetime | None:
        """Returns when the next period begins after `at`; None where there are no periods."""
        midnight = datetime(at.year, at.month, at.day)
        starts = (
            midnight + timedelta(days=(period.day - at.weekday()) % 7 + weeks, minutes=period.opens)
            for period in self.periods
            for weeks in (0, 7)
        )
        return min((start for start in starts if start > at), default=None)

    def same_period(self, one: datetime, other: datetime) -> bool:
        """Returns whether both times belong to one period: a night is one period, though it has two
        dates."""
        starts = ((period.start(one), period.start(other)) for period in self.periods)
        return any(a is not None and a == b for a, b in starts)


def _periods(clause: str) -> Iterator[Period]:
    match = _FIRST_TIME.search(clause)
    days_text = clause[: match.start()] if match else clause
    times_text = clause[match.start() :] if match else ""
    days = _days(days_text.strip().rstrip(":"), clause)
    for times in times_text.split(","):
        opens, lasts = _times(times.strip(), clause)
        for day in days:
            yield Period(day, opens, lasts)


def _days(text: str, clause: str) -> list[int]:
    if not text:
        return list(range(7))
    days: list[int] = []
    for part in text.split(","):
        first, hyphen, last = part.partition("-")
        begin = _day(first, clause)
        end = _day(last, clause) if hyphen else begin
        days += [(begin + i) % 7 for i in range((end - begin) % 7 + 1)]
    return days


def _day(text: str, clause: str) -> int:
    name = unicodedata.normalize("NFC", text.strip().lower())
    for index, names in enumerate(DAYS):
        if name in names:
            return index
    raise _invalid(
        clause, Sentence("{} is not a day of the week", text.strip() or Sentence("nothing"))
    )


def _times(text: str, clause: str) -> tuple[int, int]:
    match = _TIMES.fullmatch(text)
    if match is None:
        raise _invalid(
            clause, Sentence("{} stands where the times should", text or Sentence("nothing"))
        )
    hours = [int(digits) for digits in match.groups()]
    opens, closes = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if hours[1] > 59 or hours[3] > 59 or opens >= _DAY_MINUTES or closes > _DAY_MINUTES:
        raise _invalid(clause, Sentence("{} are not times of the day", text))
    if opens == closes:
        raise _invalid(clause, Sentence("{} ends when it begins", text))
    return opens, (closes - opens) % _DAY_MINUTES or _DAY_MINUTES


def _invalid(clause: str, found: Sentence) -> SettingsError:
    return SettingsError(
        "opening hours such as Mon-Fri 07:00-19:00; Sat 08:00-12:00",
        Sentence("in “{}” {}", clause, found),
        "Correct the station's opening hours, or empty them: the station is then always open",
    )
