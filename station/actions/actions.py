"""What a check-in starts outside: the webhook is told, a command is run. The screen never waits for
it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from common.errors import StationError
from common.sentence import Sentence
from station.actions import deliveries, door_command
from station.actions.deliveries import Deliveries, Status
from station.actions.door_command import Commands, words
from station.actions.outbox import Outbox
from station.actions.webhook import check_address, key
from station.ledger.entry import Entry, Kind

CLOSE_S = deliveries.CLOSE_S + door_command.CLOSE_S
"""The longest time in seconds that Actions.close() takes."""


def check(*, webhook: str, webhook_secret: str, command: str) -> None:
    """Checks what Actions would be given. Raises SettingsError for a webhook or a command that
    cannot work."""
    if webhook:
        check_address(webhook)
        key(webhook_secret)
    if command:
        words(command)


class Actions:
    """The webhook and the command, each in a thread of its own: the door does not wait for a
    receiver that does not answer.

    The webhook is told of all that happens to check-ins, undoing and correcting included, whichever
    program wrote it. Where the network was away it is told late, with the true time. It is never
    told what is written while no webhook is set. The command is run for a check-in or check-out of
    this
    station, at once or not at all, and never again: no door opens an hour later.

    outbox, ledger: the files. on_trouble: is called with what went wrong, for the operator, on
    those threads and on this one.
    webhook: the address that is told; empty: none. webhook_secret: signs what is sent.
    command: what is run, as a command line; empty: none.

    Raises SettingsError as `check` does. Any thread may use tell(), status and close().
    """

    def __init__(
        self,
        outbox: Path,
        ledger: Path,
        on_trouble: Callable[[Sentence], None],
        *,
        webhook: str,
        webhook_secret: str,
        command: str,
    ) -> None:
        check(webhook=webhook, webhook_secret=webhook_secret, command=command)
        self._deliveries: Deliveries | None = None
        if webhook:
            secret = key(webhook_secret)
            self._deliveries = Deliveries(outbox, ledger, webhook, secret, on_trouble)
        else:
            _forget_mark(outbox, on_trouble)
        self._commands = Commands(words(command), on_trouble) if command else None

    def tell(self, entry: Entry) -> None:
        """Tells the webhook and the command of an entry that stands in the ledger. Returns at
        once."""
        if self._deliveries is not None:
            self._deliveries.tell(entry)
        if self._commands is not None and entry.event.kind in (Kind.CHECK_IN, Kind.CHECK_OUT):
            self._commands.tell(entry)

    @property
    def status(self) -> Status:
        """The status of the webhook's deliveries."""
        return self._deliveries.status if self._deliveries is not None else Status()

    def close(self) -> None:
        """Ends both threads within CLOSE_S; waits for a try and for commands that are under way."""
        if self._deliveries is not None:
            self._deliveries.close()
        if self._commands is not None:
            self._commands.close()


def _forget_mark(outbox: Path, on_trouble: Callable[[Sentence], None]) -> None:
    if not outbox.exists():
        return
    try:
        with closing(Outbox(outbox)) as opened:
            opened.forget_mark()
    except StationError as error:
        on_trouble(error.sentence)
