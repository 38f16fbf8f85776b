"""Reads times of day that an administrator types: some hours of the year do not exist, and some
exist twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from common.errors import LedgerError
from common.sentence import Sentence

_FORM = "%Y-%m-%d %H:%M"


def utc_of(at: datetime, zone: tzinfo | None = None, *, takes_the_first: bool = False) -> datetime:
    """Returns the time in UTC. at: naive, as the clock on the wall showed it, or aware. zone: whose
    clock; None is the computer's own. takes_the_first: of two times that the clock showed, instead
    of refusing both.

    Raises LedgerError for a time that no clock showed, since clocks were put forward over it; for
    one that they showed twice, when they were put back; and for one beyond the calendar.
    """
    try:
        if at.tzinfo is not None:
            return at.astimezone(UTC)
        first, second = (_aware(at.replace(fold=fold), zone) for fold in (0, 1))
    except (OverflowError, ValueError) as error:
        raise LedgerError(
            "a time that there is",
            Sentence("{} of that day is beyond the calendar", f"{at:%H:%M}"),
            "Type the time again",
        ) from error
    if _on_the_wall(first, zone) != at.replace(fold=0):
        raise LedgerError(
            "a time that a clock has shown",
            Sentence("no clock showed {}: they were put forward past it", f"{at:{_FORM}}"),
            Sentence(
                "Type {} or {}",
                *sorted(f"{_on_the_wall(one, zone):{_FORM}}" for one in (first, second)),
            ),
        )
    if first != second and not takes_the_first:
        raise LedgerError(
            "a time that the clocks showed once",
            Sentence("they were put back, and showed {} twice", f"{at:{_FORM}}"),
            Sentence(
                "Say which of both: {} is the first, {} the second",
                *(f"{at:{_FORM}}{_offset(one, zone)}" for one in (first, second)),
            ),
        )
    return first


def _aware(at: datetime, zone: tzinfo | None) -> datetime:
    return (at if zone is None else at.replace(tzinfo=zone)).astimezone(UTC)


def _on_the_wall(at: datetime, zone: tzinfo | None) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _offset(at: datetime, zone: tzinfo | None) -> str:
    """Returns how far the clocks were ahead of UTC, such as +02:00."""
    ahead = at.astimezone(zone).utcoffset() or timedelta()
    minutes = abs(ahead) // timedelta(minutes=1)
    return f"{'-' if ahead < timedelta() else '+'}{minutes // 60:02}:{minutes % 60:02}"
