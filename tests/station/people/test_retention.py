from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from gallery.gallery import Gallery
from gallery.identity import Identity, Template
from gallery.store import Store
from station.ledger.audit import Audit
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger
from station.people.retention import (
    RetentionRule,
    erase_due,
    keep,
    overdue,
    remove_overdue,
    seen_for_rule,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RULE = RetentionRule(days=365)
ERASING = RetentionRule(days=365, erases=True, grace_days=30)


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    with closing(Gallery(Store(tmp_path / "gallery.db"), "toy", 4)) as opened:
        yield opened


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return Audit(tmp_path / "checkins.db", "", pytest.fail, begins_ledger=True)


def enrolled(
    gallery: Gallery, name: str, at: datetime, picture: datetime | None = None
) -> Identity:
    template = Template(
        np.eye(4, dtype=np.float32)[0],
        np.zeros((4, 4, 3), np.uint8),
        1.0,
        "toy",
        added_at=picture or at,
    )
    number = f"{len(gallery):032x}"
    return gallery.restore_copy(Identity(number, name, at), [template])


def names(found: list) -> list[str]:
    return [one.identity.name for one in found]


def test_nobody_is_over_an_age_that_is_not_set(gallery: Gallery) -> None:
    enrolled(gallery, "Ann", NOW - 9999 * DAY)
    assert overdue(gallery, RetentionRule(), {}, NOW) == []
    assert gallery.asked_since() == {}


def test_the_days_count_from_what_was_seen_last(gallery: Gallery) -> None:
    enrolled(gallery, "Old", NOW - 400 * DAY)
    enrolled(gallery, "Older", NOW - 500 * DAY)
    enrolled(gallery, "New picture", NOW - 400 * DAY, NOW - 10 * DAY)
    seen = enrolled(gallery, "Seen", NOW - 400 * DAY)
    enrolled(gallery, "New", NOW - 364 * DAY)
    at = {seen.id: NOW - 20 * DAY}
    assert names(overdue(gallery, RULE, at, NOW)) == ["Older", "Old"]
    from_enrollment = replace(RULE, since_seen=False)
    found = overdue(gallery, from_enrollment, {}, NOW)
    assert sorted(names(found)) == ["New picture", "Old", "Older", "Seen"]


def test_the_ledger_says_who_was_seen(gallery: Gallery, tmp_path: Path) -> None:
    ann = enrolled(gallery, "Ann", NOW - 400 * DAY)
    path = tmp_path / "checkins.db"
    with closing(Ledger(path, lambda: NOW - 3 * DAY)) as ledger:
        ledger.append(Event(Kind.CHECK_IN, "Door", ann.id, "Ann"))
    assert seen_for_rule(gallery, RULE, path, NOW) == {ann.id: NOW - 3 * DAY}
    assert seen_for_rule(gallery, RULE, path, NOW - 300 * DAY) == {}  # it need not be read
    assert seen_for_rule(gallery, replace(RULE, since_seen=False), path, NOW) == {}


def test_nobody_is_erased_who_was_not_asked_about_for_the_whole_grace(
    gallery: Gallery, audit: Audit
) -> None:
    enrolled(gallery, "Ann", NOW - 4000 * DAY)
    (first,) = overdue(gallery, ERASING, {}, NOW)
    assert (first.asked_since, first.erased_from) == (NOW, NOW + 30 * DAY)
    assert erase_due(gallery, [first], NOW, audit) == []
    (still,) = overdue(gallery, ERASING, {}, NOW + 29 * DAY)
    assert still.asked_since == NOW
    assert erase_due(gallery, [still], NOW + 29 * DAY, audit) == []
    later = overdue(gallery, ERASING, {}, NOW + 30 * DAY)
    assert names(erase_due(gallery, later, NOW + 30 * DAY, audit)) == ["Ann"]
    assert not len(gallery)
    assert len(gallery.due_erasures()) == 1


def test_without_the_permission_nobody_is_erased_ever(gallery: Gallery, audit: Audit) -> None:
    enrolled(gallery, "Ann", NOW - 400 * DAY)
    overdue(gallery, RULE, {}, NOW)
    later = NOW + 9999 * DAY
    found = overdue(gallery, RULE, {}, later)
    assert found[0].erased_from is None
    assert erase_due(gallery, found, later, audit) == []
    assert len(gallery) == 1


def test_a_clock_that_is_wrong_for_a_time_erases_nobody(gallery: Gallery, audit: Audit) -> None:
    enrolled(gallery, "Ann", NOW - 10 * DAY)
    wrong = NOW + 40000 * DAY
    assert erase_due(gallery, overdue(gallery, ERASING, {}, wrong), wrong, audit) == []
    assert overdue(gallery, ERASING, {}, NOW) == []
    assert gallery.asked_since() == {}
    due = NOW + 400 * DAY
    (asked,) = overdue(gallery, ERASING, {}, due)
    assert asked.asked_since == due


def test_a_question_of_the_future_counts_as_none(gallery: Gallery) -> None:
    ann = enrolled(gallery, "Ann", NOW - 400 * DAY)
    gallery.ask_since(ann.id, NOW + 500 * DAY)
    assert overdue(gallery, ERASING, {}, NOW)[0].asked_since == NOW


def test_who_was_seen_again_is_asked_about_anew(gallery: Gallery) -> None:
    ann = enrolled(gallery, "Ann", NOW - 400 * DAY)
    overdue(gallery, ERASING, {}, NOW)
    seen = {ann.id: NOW + DAY}
    assert overdue(gallery, ERASING, seen, NOW + 2 * DAY) == []
    later = NOW + 400 * DAY
    assert overdue(gallery, ERASING, seen, later)[0].asked_since == later


def test_who_is_kept_is_asked_about_after_another_period(gallery: Gallery, audit: Audit) -> None:
    ann = enrolled(gallery, "Ann", NOW - 400 * DAY)
    now = datetime.now(UTC)
    assert names(overdue(gallery, RULE, {}, now)) == ["Ann"]
    keep(gallery, ann.id, audit)
    assert overdue(gallery, RULE, {}, datetime.now(UTC)) == []
    assert names(overdue(gallery, RULE, {}, now + 366 * DAY)) == ["Ann"]


def test_what_was_done_stands_in_the_ledger(gallery: Gallery, audit: Audit) -> None:
    enrolled(gallery, "Ann", NOW - 400 * DAY)
    remove_overdue(gallery, overdue(gallery, RULE, {}, NOW), audit)
    with closing(Ledger(audit.path)) as ledger:
        (entry,) = ledger.entries()
    assert (entry.event.name, entry.event.note) == ("Ann", "removed, over the age of retention")
