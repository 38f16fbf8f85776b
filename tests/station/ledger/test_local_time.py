from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from common.errors import LedgerError
from station.ledger.local_time import utc_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The computer's own zone."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_an_hour_that_does_not_exist_is_refused_with_the_reason(in_berlin: None) -> None:
    for zone in (BERLIN, None):
        with pytest.raises(LedgerError) as caught:
            utc_of(datetime(2026, 3, 29, 2, 30), zone)
        told = str(caught.value)
        assert "no clock showed 2026-03-29 02:30: they were put forward past it" in told
        assert "Type 2026-03-29 01:30 or 2026-03-29 03:30" in told


def test_an_hour_that_exists_twice_is_asked_about(in_berlin: None) -> None:
    for zone in (BERLIN, None):
        with pytest.raises(LedgerError) as caught:
            utc_of(datetime(2026, 10, 25, 2, 30), zone)
        assert "showed 2026-10-25 02:30 twice" in str(caught.value)
        assert "2026-10-25 02:30+02:00 is the first" in str(caught.value)
        assert "2026-10-25 02:30+01:00 the second" in str(caught.value)
        first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        assert utc_of(datetime(2026, 10, 25, 2, 30), zone, takes_the_first=True) == first
    first = datetime.fromisoformat("2026-10-25 02:30+02:00")
    assert utc_of(first) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_all_other_hours_are_as_they_are(in_berlin: None) -> None:
    for zone in (BERLIN, None):
        for hour, month in ((1, 12), (3, 6)):
            at = datetime(2026, month, 29, hour, 30)
            assert utc_of(at, zone) == at.replace(tzinfo=BERLIN)
        assert utc_of(datetime(2026, 3, 29, 3), zone) == datetime(2026, 3, 29, 1, tzinfo=UTC)
        assert utc_of(datetime(2026, 10, 25, 3), zone) == datetime(2026, 10, 25, 2, tzinfo=UTC)


def test_what_is_beyond_the_calendar_is_told() -> None:
    with pytest.raises(LedgerError, match="beyond"):
        utc_of(datetime(1, 1, 1, 0, 30), ZoneInfo("Asia/Ho_Chi_Minh"))
