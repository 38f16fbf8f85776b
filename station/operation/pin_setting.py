"""Sets and removes the administrator's PIN, and says where it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from common.errors import FacedeskError
from station.ledger.audit import Audit
from station.operation.protection import ProtectionRecord
from station.secrets.pin import PinGuard


class PinFiles(Protocol):
    """The file of the PIN, and the one that remembers that there was one."""

    @property
    def pin(self) -> Path: ...

    @property
    def protection(self) -> Path: ...


def set_pin(files: PinFiles, pin: str, audit: Audit) -> None:
    """Sets the PIN, in place of the one before. Raises StationError for a weak one."""
    PinGuard(files.pin).set(pin)
    ProtectionRecord(files.protection).follow(pin=True)
    audit.note("PIN set")


def remove_pin(files: PinFiles, audit: Audit) -> None:
    """Removes the PIN: nothing is guarded by one any more. Raises StationError."""
    PinGuard(files.pin).remove()
    ProtectionRecord(files.protection).follow(pin=False)
    audit.note("PIN removed")


def asks_for_pin(files: PinFiles) -> bool:
    """Returns whether the PIN is needed for what only the administrator may do.

    A damaged PIN file lets nobody in: whoever asks for the PIN then hears what is wrong with it.
    Where the file of a PIN has vanished, no PIN is accepted until another one was set with
    `facedesk pin`.
    """
    try:
        if PinGuard(files.pin).is_set:
            return True
        before = ProtectionRecord(files.protection).kept()
    except FacedeskError:
        return True
    return before is not None and before.pin
