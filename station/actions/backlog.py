"""Keeps what the webhook is still to be told: taken over from the ledger, stored in the outbox."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

from common.errors import LedgerError, StationError
from common.sentence import Sentence
from station.actions.outbox import Delivery, Outbox
from station.actions.webhook import delivery
from station.ledger.entry import Entry, Kind
from station.ledger.tail import Added, LedgerTail, Mark


class Backlog:
    """The deliveries still to be made, in the order of the ledger, from which all of them come.

    How far the ledger is taken over is written to the outbox together with the deliveries, in one
    transaction: what a killed program left in the ledger alone is found at the next start, and
    nothing is taken over twice. An outbox without a mark, or one beside another ledger than the one
    it knew, begins with what is written from then on. Where the disk fails, deliveries are kept in
    memory alone, and on_trouble is told; the mark on the disk then stays behind, too.

    A delivery may be sent twice, where a crash or the disk kept it from being crossed out; its id
    is the same both times. A delivery that another program took out of the outbox is not sent any
    more.

    One thread at a time uses it. on_trouble: is called with what went wrong. clock: returns the
    time now as an aware datetime.
    """

    def __init__(
        self,
        outbox: Path,
        ledger: Path,
        on_trouble: Callable[[Sentence], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._tail = LedgerTail(ledger)
        self._on_trouble = on_trouble
        self._clock = clock
        self._waiting: deque[Delivery] = deque()
        self._unsaved: list[Delivery] = []
        self._crossed_out: list[Delivery] = []  # in the outbox still, for want of room
        self._told: list[Entry] = []
        self._mark: Mark | None = None
        self._passed_over = 0
        self._saved_mark: Mark | None = None
        self._disk_failed = self._ledger_failed = False
        self._outbox = self._opened(outbox)
        if self._mark is None:
            self._begin()

    def __len__(self) -> int:
        return len(self._waiting)

    def close(self) -> None:
        self._save()
        if self._outbox is not None:
            self._outbox.close()

    def take_over(self, told: Sequence[Entry] = ()) -> bool:
        """Takes over what is in the ledger and was not yet in the outbox. Returns whether that was
        possible.

        told: entries that were written a moment ago: they are sent, whichever ledger this is.
        """
        self._told += told
        try:
            self._mark = self._known()
            while (added := self._tail.after(self._mark)).mark != self._mark:
                self._add(added)
        except LedgerError as error:
            if not self._ledger_failed:
                self._on_trouble(
                    Sentence("{} The webhook is told later of what is new in it.", error)
                )
            self._ledger_failed = True
            return False
        self._ledger_failed = False
        self._told.clear()
        self._save()
        return True

    def first(self) -> Delivery | None:
        """Returns the delivery to send next; None where there is none."""
        while self._waiting:
            one = self._waiting[0]
            if one in self._unsaved or self._is_in_outbox(one):
                return one
            self._waiting.popleft()
        return None

    def cross_out(self) -> None:
        """Crosses out the first delivery: it was delivered, or is not to be."""
        one = self._waiting.popleft()
        if one in self._unsaved:
            self._unsaved.remove(one)
        else:
            self._crossed_out.append(one)
        self._save()

    def give_up(self, age: timedelta) -> None:
        """Crosses out all deliveries that are older than `age`, and tells of it."""
        old = []
        while self._waiting and self._clock() - self._waiting[0].at > age:
            old.append(self._waiting[0])
            self.cross_out()
        if old:
            self._on_trouble(
                Sentence(
                    "The webhook was not told of what happened from {} to {} UTC, {} in number, "
                    "and will not be: {} days of trying are over. The ledger has it.",
                    f"{old[0].at:%Y-%m-%d %H:%M}",
                    f"{old[-1].at:%Y-%m-%d %H:%M}",
                    len(old),
                    age.days,
                )
            )

    # -- the ledger ------------------------------------------------------------------------

    def _begin(self) -> None:
        """Sets the mark to the end of the ledger: only what is written from now on is taken
        over."""
        try:
            self._mark = self._tail.newest(self._clock())
        except LedgerError as error:
            self._on_trouble(error.sentence)
        else:
            self._save()

    def _known(self) -> Mark:
        """Returns the mark if it is of this ledger, otherwise the place where the new entries of
        this one begin.

        An entry may be written a moment before this program is told of it, and would then be passed
        over
        as an old entry of another ledger: so the new entries begin with the first one that was
        told.
        """
        is_known = self._mark is not None and self._tail.has(self._mark)
        for entry in self._told:
            is_news = not is_known or entry.number <= self._passed_over
            if is_news and self._tail.has(Mark(entry.number, entry.hash, entry.at)):
                self._tell_of_another(is_known)
                self._passed_over = 0
                return Mark(entry.number - 1, entry.previous_hash, entry.at)
        if self._mark is not None and is_known:
            return self._mark
        self._tell_of_another(is_known)
        newest = self._tail.newest(self._clock())
        self._passed_over = newest.number
        return newest

    def _tell_of_another(self, is_known: bool) -> None:
        if self._mark is not None and not is_known:
            self._on_trouble(
                Sentence(
                    "The ledger is another one than the webhook was told of: it is told of what "
                    "is new in it."
                )
            )

    def _add(self, added: Added) -> None:
        deliveries = [
            delivery(entry)
            for entry in added.entries
            if entry.event.kind is not Kind.ADMINISTRATION
        ]
        self._waiting += deliveries
        self._unsaved += deliveries
        self._mark = added.mark
        self._save()
        if added.changed:
            self._on_trouble(
                Sentence(
                    "Entries of the ledger are not as they were written, from {} to {}, {} in "
                    "number: the webhook is not told of them. See facedesk checkins verify.",
                    added.changed[0],
                    added.changed[-1],
                    len(added.changed),
                )
            )

    # -- the outbox ------------------------------------------------------------------------

    def _opened(self, path: Path) -> Outbox | None:
        with ExitStack() as failed:
            try:
                outbox = Outbox(path)
                failed.callback(outbox.close)
                self._waiting.extend(outbox.all())
                self._mark = self._saved_mark = outbox.mark()
            except StationError as error:
                self._waiting.clear()
                self._on_trouble(
                    Sentence("{} Until the next start what waits is in memory alone.", error)
                )
                return None
            failed.pop_all()
        return outbox

    def _save(self) -> None:
        if self._outbox is None:
            return
        try:
            while self._crossed_out:
                self._outbox.remove(self._crossed_out[0])
                self._crossed_out.pop(0)
            if self._unsaved or self._mark != self._saved_mark:
                self._outbox.put(*self._unsaved, mark=self._mark)
        except StationError as error:
            if not self._disk_failed:
                self._on_trouble(error.sentence)
            self._disk_failed = True
        else:
            self._disk_failed = False
            self._unsaved.clear()
            self._saved_mark = self._mark

    def _is_in_outbox(self, one: Delivery) -> bool:
        try:
            return self._outbox is None or self._outbox.has(one)
        except StationError:
            return True
