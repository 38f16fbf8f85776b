"""Decides what a check-in of somebody would be now: in or out, one too many, or none at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from common.clock import Clock
from station.hours import OpeningHours
from station.ledger.entry import Entry, Kind
from station.screen import Direction, Refusal

if TYPE_CHECKING:
    from station.ledger.ledger import Ledger


SHIFT = timedelta(hours=12)
"""Whoever came in so short a time ago is leaving, though midnight has passed or their night shift
has ended. After a longer time they have forgotten to check out."""

Plan = Direction | Entry | Refusal
"""The direction to write down; or the entry written a moment ago, where that is enough; or the
reason why nothing may be written."""


def direction_of(entry: Entry) -> Direction:
    return Direction.OUT if entry.counts_as is Kind.CHECK_OUT else Direction.IN


class Rules:
    """Plans check-ins from the station's rules and the ledger.

    A day ends at midnight, local time: a person who forgot to check out yesterday comes in today,
    unless that was less than SHIFT ago. Opening hours that go over midnight make one day of their
    night, for night shifts. Outside the hours nobody can check in, but whoever is in can always
    check out.

    by_turns: whether people check in and out by turns, or in only.
    once: within this time after a check-in or check-out, the person is not checked again.
    hours: when people may check in.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        *,
        by_turns: bool,
        once: timedelta,
        hours: OpeningHours,
    ) -> None:
        self._by_turns = by_turns
        self._once = once
        self._hours = hours
        self._ledger = ledger
        self._clock = clock
        self._written: dict[str, tuple[int, float]] = {}

    @property
    def is_open(self) -> bool:
        return self._hours.is_open(self._clock.local(self._clock.now()))

    def plan(self, identity_id: str) -> Plan:
        newest = self._ledger.newest_of(identity_id)
        if newest is not None and self._age(newest) < self._once:
            return newest
        if self._by_turns and newest is not None and self._leaves(newest):
            return Direction.OUT
        return Direction.IN if self.is_open else Refusal.CLOSED

    @property
    def opens_at(self) -> datetime | None:
        """When the opening hours begin next, naive, as the clock on the wall will show it."""
        return self._hours.next_opening(self._clock.local(self._clock.now()))

    def written(self, entry: Entry) -> None:
        """Remembers when an entry was written, in case somebody sets the computer's clock."""
        self._written[entry.event.identity_id] = entry.number, self._clock.seconds()

    def _age(self, entry: Entry) -> timedelta:
        number, at = self._written.get(entry.event.identity_id, (0, 0.0))
        if number == entry.number:
            return timedelta(seconds=self._clock.seconds() - at)
        # An entry from the future was written before the time of day was set back.
        return abs(self._clock.now() - entry.happened_at)

    def _leaves(self, newest: Entry) -> bool:
        if direction_of(newest) is not Direction.IN:
            return False
        # An entry from the future was written before the time of day was set back.
        if self._clock.now() - newest.happened_at < SHIFT or not self.is_open:
            return True
        came, now = self._clock.local(newest.happened_at), self._clock.local(self._clock.now())
        return came.date() == now.date() or self._hours.same_period(came, now)
