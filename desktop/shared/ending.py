"""Ends the program when the system or Ctrl+C asks for it."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PyQt5.QtCore import QSocketNotifier
from PyQt5.sip import voidptr


class Ending:
    """Calls `leave` when the system or Ctrl+C ends the program.

    It does so also while nothing else runs: without it, Python would see the signal only with
    the next event.

    leave: closes what is on show now. It is called from the event loop, never between two loops.
    has_come: whether the end was asked for.
    """

    def __init__(self) -> None:
        self.leave: Callable[[], object] = lambda: None
        self.has_come = False
        self._heard, self._told = socket.socketpair()
        self._told.setblocking(False)
        signal.set_wakeup_fd(self._told.fileno())
        self._notifier = QSocketNotifier(voidptr(self._heard.fileno()), QSocketNotifier.Read)
        self._notifier.activated.connect(self._hear)
        for end in (signal.SIGINT, signal.SIGTERM):
            signal.signal(end, lambda *_: None)  # Python tells the socket

    def close(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(-1)
        for end in (signal.SIGINT, signal.SIGTERM):
            signal.signal(end, signal.SIG_DFL)
        self._heard.close()
        self._told.close()

    def _hear(self) -> None:
        self._heard.recv(1)
        self.has_come = True
        self.leave()
