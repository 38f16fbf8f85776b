from __future__ import annotations

from datetime import UTC, datetime, timedelta

from desktop.live.people.order import PeopleOrder, ordered
from desktop.live.people.summaries import PersonSummary
from gallery.identity import Identity

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def person(name: str, days_ago: int) -> PersonSummary:
    return PersonSummary(Identity(name * 8, name, NOW - timedelta(days=days_ago)), 8)


PEOPLE = (person("Anna", 3), person("Bert", 1), person("Cleo", 2))


def names(order: PeopleOrder, **last_seen: datetime) -> list[str]:
    seen = {name * 8: at for name, at in last_seen.items()}
    return [one.identity.name for one in ordered(PEOPLE, order, seen)]


def test_by_name_they_stay_as_the_gallery_has_them() -> None:
    assert names(PeopleOrder.NAME) == ["Anna", "Bert", "Cleo"]


def test_by_date_the_newest_is_the_first() -> None:
    assert names(PeopleOrder.ENROLLED) == ["Bert", "Cleo", "Anna"]


def test_who_was_never_seen_is_the_last() -> None:
    assert names(PeopleOrder.LAST_SEEN) == ["Anna", "Bert", "Cleo"]
    assert names(PeopleOrder.LAST_SEEN, Cleo=NOW, Bert=NOW - timedelta(hours=1)) == [
        "Cleo",
        "Bert",
        "Anna",
    ]
