"""Says in a line what the list tells of a person beside the name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PyQt5.QtCore import QCoreApplication, QDateTime, QLocale

from desktop.i18n.numbers import decimal
from desktop.live.people.order import PeopleOrder
from desktop.live.people.summaries import PersonSummary
from desktop.shared.names import isolated
from gallery.look_alikes import LookAlikes

translate = QCoreApplication.translate

SHORT_ID = 6
"""How many digits of an id are shown to tell people of the same name apart."""


def row_text(
    person: PersonSummary,
    order: PeopleOrder,
    last_seen: Mapping[str, datetime],
    pair: LookAlikes | None,
    is_namesake: bool,
) -> str:
    """Return how many pictures there are and since when, or what the list is sorted by.

    last_seen: aware datetimes by id. pair: whom the person is like, where that is asked for.
    is_namesake: whether another person has the same name.
    """
    identity = person.identity
    namesake = (identity.id[:SHORT_ID],) if is_namesake else ()
    if pair is not None:
        other = pair.other if pair.one.id == identity.id else pair.one
        alike = translate("PeopleView", "like {} ({})")
        similarity = decimal(pair.similarity)
        return " · ".join((*namesake, alike.format(isolated(other.name), similarity)))
    pictures = pictures_text(person.template_count)
    if order is not PeopleOrder.LAST_SEEN:
        return " · ".join((*namesake, pictures, _day(identity.enrolled_at)))
    seen = last_seen.get(identity.id)
    if seen is None:
        when = translate("PeopleView", "never seen")
    else:
        when = translate("PeopleView", "seen {}").format(_day(seen))
    return " · ".join((*namesake, when, pictures))


def pictures_text(count: int) -> str:
    """Return a number of pictures in words."""
    if count == 1:
        return translate("PeopleView", "1 picture")
    return translate("PeopleView", "{} pictures").format(count)


def people_text(count: int) -> str:
    """Return a number of people in words."""
    if count == 1:
        return translate("PeopleView", "1 person")
    return translate("PeopleView", "{} people").format(count)


def local_time(moment: datetime) -> QDateTime:
    """Return a moment in local time, as Qt writes it."""
    return QDateTime.fromSecsSinceEpoch(int(moment.timestamp()))


def _day(moment: datetime) -> str:
    return QLocale().toString(local_time(moment).date(), QLocale.ShortFormat)
