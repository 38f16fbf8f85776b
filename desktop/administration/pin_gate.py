"""Lets somebody do what only the administrator may do: after the PIN, where there is one."""

from __future__ import annotations

import time
from collections.abc import Callable

from PyQt5.QtCore import QObject, Qt
from PyQt5.QtWidgets import QWidget

from desktop.home import Home
from desktop.shared.pin_dialog import PinDialog
from station.ledger.audit import Audit
from station.operation.pin_setting import asks_for_pin
from station.secrets.pin import PinGuard

OPEN_S = 120.0
"""So long after the last act the PIN is not asked for again, as at the station, where what the PIN
has opened closes when nobody uses it."""


class PinGate(QObject):
    """Asks for the PIN before an act, unless it was typed a moment ago.

    audit: where wrong PINs are written down. clock: returns seconds that only grow.
    """

    def __init__(
        self,
        home: Home,
        audit: Audit,
        parent: QObject,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._home = home
        self._audit = audit
        self._clock = clock
        self._open_until = float("-inf")

    def ask(self, over: QWidget, then: Callable[[], None]) -> None:
        """Call `then`: at once where there is no PIN, else once it was typed.

        over: the window over which the dialog is shown.
        """
        if not asks_for_pin(self._home) or self._clock() < self._open_until:
            self._pass(then)
            return
        dialog = PinDialog(PinGuard(self._home.pin), over)
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.refused.connect(lambda: self._audit.note("wrong PIN tried"))
        dialog.accepted.connect(lambda: self._pass(then))
        dialog.open()

    def close(self) -> None:
        """Ask for the PIN again the next time."""
        self._open_until = float("-inf")

    def _pass(self, then: Callable[[], None]) -> None:
        self._open_until = self._clock() + OPEN_S
        then()
