"""The columns of the check-ins view's tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from PyQt5.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from common.collation import sort_key
from desktop.checkins.records import CheckIn, PersonTotal
from desktop.checkins.rows_model import Column
from desktop.i18n.numbers import decimal
from station.ledger.entry import Kind, Means
from station.ledger.stays import DayTotal, Stay

translate = QCoreApplication.translate


def shown_hours(time: timedelta) -> str:
    """Return a time as hours and minutes, such as 7:45."""
    minutes = round(time / timedelta(minutes=1))
    return f"{minutes // 60}:{minutes % 60:02}"


def shown_day(day: date) -> str:
    """Return a date with its day of the week, as the user's language writes it."""
    locale, shown = QLocale(), QDate(day.year, day.month, day.day)
    weekday = locale.dayName(day.isoweekday(), QLocale.ShortFormat)
    return f"{weekday} {locale.toString(shown, QLocale.ShortFormat)}"


def shown_time(moment: datetime) -> str:
    """Return a moment as local day and time."""
    at = moment.astimezone()
    time = QLocale().toString(QDateTime(at.replace(tzinfo=None)).time(), "HH:mm:ss")
    return f"{shown_day(at.date())}  {time}"


def _when(check_in: CheckIn) -> str:
    return shown_time(check_in.entry.happened_at)


def _direction(check_in: CheckIn) -> str:
    if check_in.entry.counts_as is Kind.CHECK_IN:
        return translate("Checkins", "In")
    return translate("Checkins", "Out")


def _means(check_in: CheckIn) -> str:
    return {
        Means.FACE: translate("Checkins", "Face"),
        Means.CODE: translate("Checkins", "Code"),
        Means.OPERATOR: translate("Checkins", "Operator"),
    }[check_in.entry.event.means]


def _similarity(check_in: CheckIn) -> str:
    similarity = check_in.entry.event.similarity
    return "" if similarity is None else decimal(similarity)


def _state(check_in: CheckIn) -> str:
    if check_in.is_undone:
        return translate("Checkins", "Undone")
    if check_in.amended_by is not None:
        return translate("Checkins", "Corrected")
    if check_in.entry.event.kind is Kind.CORRECTION:
        return translate("Checkins", "Correction")
    return ""


CHECK_IN_COLUMNS = (
    Column(
        lambda: translate("Checkins", "Time"),
        _when,
        lambda c: (c.entry.happened_at, c.entry.number),
    ),
    Column(
        lambda: translate("Checkins", "Name"),
        lambda c: c.entry.event.name,
        lambda c: sort_key(c.entry.event.name),
    ),
    Column(lambda: translate("Checkins", "In or out"), _direction, lambda c: c.entry.counts_as),
    Column(lambda: translate("Checkins", "By"), _means, lambda c: c.entry.event.means),
    Column(
        lambda: translate("Checkins", "Similarity"),
        _similarity,
        lambda c: c.entry.event.similarity or 0.0,
        is_number=True,
    ),
    Column(lambda: translate("Checkins", "State"), _state, _state),
)

_SUMS = (
    Column(
        lambda: translate("Checkins", "Check-ins"),
        lambda total: str(total.arrivals),
        lambda total: total.arrivals,
        is_number=True,
    ),
    Column(
        lambda: translate("Checkins", "Hours"),
        lambda total: shown_hours(total.present),
        lambda total: total.present,
        is_number=True,
    ),
    Column(
        lambda: translate("Checkins", "Incomplete"),
        lambda total: str(total.open or ""),
        lambda total: total.open,
        is_number=True,
    ),
)
"""Columns for DayTotal and for PersonTotal. A check-in without a check-out adds no time."""


def _people(total: DayTotal) -> int:
    return total.people


def _days(total: PersonTotal) -> int:
    return total.days


DAY_COLUMNS = (
    Column(lambda: translate("Checkins", "Day"), lambda t: shown_day(t.day), lambda t: t.day),
    Column(
        lambda: translate("Checkins", "People"), lambda t: str(_people(t)), _people, is_number=True
    ),
    *_SUMS,
)

PERSON_COLUMNS = (
    Column(lambda: translate("Checkins", "Name"), lambda t: t.name, lambda t: sort_key(t.name)),
    Column(lambda: translate("Checkins", "Days"), lambda t: str(_days(t)), _days, is_number=True),
    *_SUMS,
)


def _came(stay: Stay) -> datetime:
    assert stay.arrived is not None
    return stay.arrived


def _for(stay: Stay) -> timedelta:
    return datetime.now(UTC) - _came(stay)


def _remark(stay: Stay) -> str:
    is_old = _came(stay).astimezone().date() < date.today()
    return translate("Checkins", "Perhaps a check-out is missing") if is_old else ""


HERE_COLUMNS = (
    Column(lambda: translate("Checkins", "Name"), lambda s: s.name, lambda s: s.name.casefold()),
    Column(lambda: translate("Checkins", "Here since"), lambda s: shown_time(_came(s)), _came),
    Column(
        lambda: translate("Checkins", "Hours"),
        lambda s: shown_hours(_for(s)),
        _for,
        is_number=True,
    ),
    Column(lambda: translate("Checkins", "Remark"), _remark, _remark),
)
"""Columns for the Stay of who came and has not left."""
