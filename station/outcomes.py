"""Shows what came of serving somebody, and keeps when they may be served again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING

from common.errors import FacedeskError
from gallery.identity import Identity, Match
from station.display import Card, Display
from station.ledger.entry import Entry
from station.register import Booking
from station.screen import (
    Farewell,
    Fault,
    Pause,
    Refusal,
    Refused,
    Screen,
    Undone,
    UnknownCode,
)
from station.visits.visit import Visit

if TYPE_CHECKING:
    from station.actions.actions import Actions
    from station.people.refusals import Refusals


STAY_S = 3.0
"""Seconds. A person who was served and is seen again within this time counts as one who never
left."""

RETRY_S = 10.0
"""Seconds until somebody who was refused, or could not be written down, is tried again."""

LONGEST_RETRY_S = 160.0
"""Each refusal of the same person doubles the seconds, up to these: whoever tries often enough with
a film is answered by chance some day. A code works meanwhile."""

FORGIVEN_S = 900.0
"""A person who was not refused for so many seconds begins anew."""


log = logging.getLogger(__name__)


class Outcomes:
    """Turns the result of serving a person into a card. `now` is in monotonic seconds in all
    methods; people are named by their ids.

    keep_impostor: see Station. card_seconds: how long a card stays. refusals: those before the
    last start, which count on.
    """

    def __init__(
        self,
        display: Display,
        actions: Actions,
        keep_impostor: Callable[[Match], object],
        refusals: Refusals,
        card_seconds: float,
        now: float,
    ) -> None:
        self._display = display
        self._actions = actions
        self._take_impostor = keep_impostor
        self._card_seconds = card_seconds
        self._stay_until: dict[str, float] = {}
        self._farewells: dict[str, Farewell] = {}
        self._pause_until: dict[str, float] = {}
        self._refused: dict[str, tuple[int, float]] = {}
        self._refusals = refusals
        self._remember(now)

    def show(self, screen: Screen, now: float, visit: Visit | None = None) -> None:
        self._display.show(Card(screen, now + self._card_seconds, visit))

    def booked(
        self, booking: Booking | Refusal, identity: Identity, visit: Visit | None, now: float
    ) -> None:
        """Shows the result of a check-in: written down, already written a moment ago, or refused.
        If an entry was written, the webhook and the command are told."""
        self._farewells.pop(identity.id, None)
        self.stays(identity.id, now)
        if self._refused.pop(identity.id, None) is not None:
            self._write_down(identity.id, 0)
        if isinstance(booking, Refusal):
            self.show(Refused(booking), now)
            return
        self._farewells[identity.id] = Farewell(booking.card.direction)
        until = now + self._card_seconds
        card = Card(booking.card, until, visit, identity, booking.entry)
        self._display.show(card)
        self._tell(booking.entry, card)

    def undone(
        self, entry: Entry | None, identity: Identity, visit: Visit | None, now: float
    ) -> None:
        """Shows that a check-in was undone: the person is not who they were taken for.

        entry: None where nothing had been written; visit: None where a code was typed.
        """
        self._stay_until.pop(identity.id, None)
        if visit is not None:
            self._keep_impostor(visit, identity)
            visit.reject(identity.id)
        card = Card(Undone(identity.name), now + self._card_seconds)
        self._display.show(card)
        self._tell(entry, card)

    def refused(self, why: Refusal, visit: Visit, identity: Identity, now: float) -> None:
        """Shows that liveness has refused a face, which is not tried again for a while."""
        self.left_unanswered(identity, now)
        visit.start_again()
        self.show(Refused(why), now)

    def left_unanswered(self, identity: Identity, now: float) -> None:
        """Notes a refusal that nobody is there to see: the face left before it did what was
        asked."""
        times, _ = self._refused.get(identity.id, (0, now))
        self._refused[identity.id] = times + 1, now
        self.pause(identity.id, now, _retry_s(times + 1))
        self._write_down(identity.id, times + 1)

    def failed(self, error: FacedeskError, visit: Visit, identity: Identity, now: float) -> None:
        """Shows the error that kept a check-in from being written down."""
        self.pause(identity.id, now)
        visit.start_again()
        self.show(Fault(error.sentence, identity.name), now)

    def code_unknown(self, wait_s: float, now: float) -> None:
        """Shows that a code is nobody's, or not one of those that are waited for; then what was
        asked comes back, for another try."""
        asked = self._display.waiting
        until = now + self._card_seconds
        if asked is not None:
            asked.until = max(asked.until, until + self._card_seconds)
        self._display.show(Card(UnknownCode(wait_s), until, then=asked))

    def not_undone(self, error: FacedeskError, card: Card, now: float) -> None:
        """Shows the error that kept an entry from being undone; then the card comes back, for
        another try."""
        until = now + self._card_seconds
        card.until = until + self._card_seconds
        self._display.show(Card(Fault(error.sentence), until, then=card))

    def _tell(self, entry: Entry | None, card: Card) -> None:
        if entry is None:
            return
        try:
            self._actions.tell(entry)
        except FacedeskError as error:  # what was written stands
            card.then = Card(Fault(error.sentence), card.until + self._card_seconds)

    def _keep_impostor(self, visit: Visit, identity: Identity) -> None:
        if visit.evidence is None:
            return
        match = visit.evidence
        if match.identity.id != identity.id:  # of somebody who stood there since
            return
        try:
            self._take_impostor(match)
        except FacedeskError:  # the check-in is undone, and that is what counts
            log.exception("An impostor example could not be kept")

    # -- when they may be served again -----------------------------------------------------

    def unanswered(self, who: str, now: float) -> None:
        """Notes that a person has not touched the question: nothing is asked again while they
        stay."""
        self._farewells[who] = Farewell(None)
        self.stays(who, now)

    def stays(self, who: str, now: float) -> Farewell | None:
        """Notes that a person who was served is still there. Returns what to tell them."""
        self._stay_until[who] = now + STAY_S
        return self._farewells.get(who)

    def begin_anew(self, who: str) -> None:
        """Lets a person who is still there be served again."""
        self._stay_until.pop(who, None)

    def pause(self, who: str, now: float, seconds: float = RETRY_S) -> None:
        self._pause_until[who] = max(now + seconds, self._pause_until.get(who, 0.0))

    def is_staying(self, who: str) -> bool:
        return who in self._stay_until

    def pause_of(self, who: str, now: float) -> Pause | None:
        """Returns how long a person has to wait; None where they need not."""
        until = self._pause_until.get(who)
        return Pause(ceil(until - now)) if until is not None else None

    def pass_time(self, now: float) -> None:
        self._stay_until = {who: end for who, end in self._stay_until.items() if now <= end}
        self._pause_until = {who: end for who, end in self._pause_until.items() if now < end}
        self._refused = {
            who: (times, at) for who, (times, at) in self._refused.items() if now - at < FORGIVEN_S
        }

    def _remember(self, now: float) -> None:
        """Lets the refusals from before the start count on, with what is left of their pauses."""
        try:
            before = self._refusals.since(FORGIVEN_S)
        except FacedeskError:  # no reason to leave the door shut
            log.exception("Earlier refusals could not be read")
            return
        for who, refused in before.items():
            self._refused[who] = refused.times, now - refused.age_s
            self.pause(who, now, _retry_s(refused.times) - refused.age_s)

    def _write_down(self, who: str, times: int) -> None:
        try:
            self._refusals.note(who, times)
        except FacedeskError:  # it counts until the station ends
            log.exception("A refusal could not be written down")


def _retry_s(times: int) -> float:
    """Returns the seconds that a person waits after so many refusals in a row."""
    return min(RETRY_S * 2.0 ** min(times - 1, 60), LONGEST_RETRY_S)
