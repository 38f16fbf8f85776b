"""Reports how the station is, for whoever watches over it."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

LATE_FRAME_S = 10.0
"""After so many seconds without a picture the station counts as blind; a camera is opened again in
less."""

LITTLE_DISK_MB = 200
"""With less free disk, the day's check-ins may soon find no room."""

MUCH_MEMORY_MB = 500
"""The station normally uses less memory; more is a leak."""

MANY_WAITING = 100
"""More deliveries waiting for the webhook mean that they pile up."""


@dataclass(frozen=True)
class Health:
    """What the station says of itself. Ages in seconds, sizes in MB of a million bytes.

    running_since: aware datetime. last_frame_age_s: None before the first picture. camera: its
    state, in a word. memory_mb, free_disk_mb: None where the system does not tell.
    outbox_waiting, ledger_rows: None where the file cannot be read.
    last_fault: the last message about something that went wrong, empty without one; it alone does
    not make the station unwell. liveness: the mode, and what it has to do without.
    """

    running_since: datetime
    frames_seen: int
    last_frame_age_s: float | None
    camera: str
    memory_mb: float | None
    free_disk_mb: float | None
    outbox_waiting: int | None
    ledger_rows: int | None
    last_fault: str = ""
    liveness: str = ""

    @property
    def ok(self) -> bool:
        return not self.reasons

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the station is not well, each reason a clause; empty where it is well."""
        age, memory, disk = self.last_frame_age_s, self.memory_mb, self.free_disk_mb
        told = (
            (age is None, "no picture came yet"),
            (age is not None and age > LATE_FRAME_S, f"the last picture is {age or 0:.0f} s old"),
            (memory is not None and memory > MUCH_MEMORY_MB, f"it takes {memory or 0:.0f} MB"),
            (disk is not None and disk < LITTLE_DISK_MB, f"the disk has {disk or 0:.0f} MB left"),
            (
                self.outbox_waiting is not None and self.outbox_waiting > MANY_WAITING,
                f"{self.outbox_waiting} check-ins wait for the webhook",
            ),
            (self.outbox_waiting is None, "the outbox cannot be read"),
            (self.ledger_rows is None, "the ledger cannot be read"),
        )
        return tuple(reason for true, reason in told if true)

    def as_dict(self) -> dict[str, Any]:
        """Returns the values for JSON."""
        return {
            "ok": self.ok,
            "reasons": list(self.reasons),
            **asdict(self),
            "running_since": self.running_since.isoformat(),
        }


def memory_mb() -> float | None:
    """Returns the memory that this process holds now (RSS), in MB; None where the system is not
    Linux."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def free_disk_mb(folder: Path) -> float | None:
    """Returns the free space, in MB, of the disk where the folder is, or will be; None where it
    cannot be told."""
    for there in (folder, *folder.parents):
        try:
            return shutil.disk_usage(there).free / 1e6
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None
