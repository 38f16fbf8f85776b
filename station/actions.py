"""What a check-in sets off outside: a webhook is told, a command is run. The screen never waits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from station.command import Commands, words
from station.deliveries import Deliveries, Status
from station.entry import Entry, Kind
from station.settings import StationSettings
from station.webhook import check_address, key


def check(settings: StationSettings) -> None:
    """Raises SettingsError for a webhook or a command that cannot work."""
    if settings.webhook:
        check_address(settings.webhook)
        key(settings.webhook_secret)
    if settings.command:
        words(settings.command)


class Actions:
    """The webhook and the command of the settings, each in a thread of its own: a door does not
    wait for a receiver that does not answer.

    The webhook is told of all that happens to check-ins, undoing and correcting too, and is
    told late where the network was away: at its true time. The command is run for a check-in
    or check-out, at once or not at all, and never again: no door opens an hour later.

    path: of the outbox. on_trouble: what went wrong, for the operator; called on those threads.
    Raises SettingsError as `check` does. tell(), status and close() belong to any thread.
    """

    def __init__(
        self, path: Path, settings: StationSettings, on_trouble: Callable[[str], None]
    ) -> None:
        check(settings)
        self._deliveries = (
            Deliveries(path, settings.webhook, key(settings.webhook_secret), on_trouble)
            if settings.webhook
            else None
        )
        self._commands = Commands(words(settings.command), on_trouble) if settings.command else None

    def tell(self, entry: Entry) -> None:
        """Of an entry that stands in the ledger. Returns at once."""
        if self._deliveries is not None and entry.event.kind is not Kind.ADMINISTRATION:
            self._deliveries.tell(entry)
        if self._commands is not None and entry.event.kind in (Kind.CHECK_IN, Kind.CHECK_OUT):
            self._commands.tell(entry)

    @property
    def status(self) -> Status:
        """Of the webhook."""
        return self._deliveries.status if self._deliveries is not None else Status()

    def close(self) -> None:
        """Waits some seconds at most for a try, and for a command, that is under way."""
        if self._deliveries is not None:
            self._deliveries.close()
        if self._commands is not None:
            self._commands.close()
