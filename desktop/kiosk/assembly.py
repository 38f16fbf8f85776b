"""Puts the station together: recognizer, ledger, codes and settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from desktop.home import Home
from desktop.kiosk.worker import Station
from desktop.settings import Settings
from facedesk_errors import FacedeskError
from recognition.recognizer import Recognizer


@contextmanager
def load_station(home: Home, settings: Settings) -> Iterator[tuple[Recognizer, Station]]:
    """Open all that the station needs; it is closed again in the opposite order."""
    raise FacedeskError(
        "a check-in station", "this version has only its screens yet", "Wait for the next one"
    )
    yield
