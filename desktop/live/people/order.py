"""The orders in which the people are listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum

from desktop.live.people.summaries import PersonSummary

NEVER = datetime.min.replace(tzinfo=UTC)


class PeopleOrder(Enum):
    """By name as the gallery sorts names; by date of enrollment or by the last visit, the newest
    first."""

    NAME = "name"
    ENROLLED = "enrolled"
    LAST_SEEN = "last seen"


def ordered(
    people: Sequence[PersonSummary], order: PeopleOrder, last_seen: Mapping[str, datetime]
) -> list[PersonSummary]:
    """Return the people in an order; equal ones, and those never seen, stay sorted by name.

    people: in the gallery's order. last_seen: when, aware datetimes, by id.
    """
    match order:
        case PeopleOrder.NAME:
            return list(people)
        case PeopleOrder.ENROLLED:
            return sorted(people, key=lambda p: p.identity.enrolled_at, reverse=True)
        case PeopleOrder.LAST_SEEN:
            return sorted(people, key=lambda p: last_seen.get(p.identity.id, NEVER), reverse=True)
