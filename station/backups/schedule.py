"""Makes a backup when one is due, and deletes the oldest ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from common.errors import BackupError
from common.sealing.key_ring import ring_of
from common.sentence import Sentence
from station.backups.backup import BackupContents, create_backup
from station.backups.record import BackupRecord
from station.backups.sealed_stream import read_header

PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}

ENDING = ".fdbackup"

_EARLY = timedelta(minutes=10)
"""A program that asks at the same time each day is not a minute too early."""

_ABANDONED_S = 3600.0


@dataclass(frozen=True)
class BackupPlan:
    """folder: where backups go. every: one of PERIODS. keep: how many stay there."""

    folder: Path
    every: str
    keep: int

    @property
    def longest(self) -> timedelta:
        """How long a backup stays at most, where one is made each time that it is due."""
        return PERIODS[self.every] * (self.keep + 1)


def scheduled_backups(plan: BackupPlan, home: Path) -> list[tuple[Path, datetime]]:
    """Return this home's backups in the plan's folder, and when each was made, the oldest first."""
    file = ring_of(home).file()
    found = []
    for path in plan.folder.glob(f"facedesk-*{ENDING}"):
        with suppress(BackupError, OSError):  # another one's, or damaged: it is left alone
            header = read_header(path)
            if file is not None and header.home == file.home:
                found.append((path, header.made_at))
    return sorted(found, key=lambda one: one[1])


def is_due(plan: BackupPlan, home: Path, now: datetime | None = None) -> bool:
    """Return whether the last backup is as old as the plan's period; also where there is none."""
    if ring_of(home).file() is None:  # nothing is there yet
        return False
    latest = (now or datetime.now(UTC)) + _EARLY
    made = [at for _, at in scheduled_backups(plan, home) if at <= latest]  # a clock may be wrong
    return not made or latest - made[-1] >= PERIODS[plan.every]


def run_if_due(
    plan: BackupPlan,
    home: Path,
    descriptions: Mapping[str, bytes] | None = None,
    pause: Callable[[], None] = lambda: None,
) -> BackupContents | None:
    """Make a backup of the home where one is due, then delete the oldest beyond the plan's number.

    Returns it; None where none is due, or another program has just made it. pause: see
    create_backup(). Raises BackupError and SealingError.
    """
    if not plan.folder.is_dir():
        raise BackupError(
            Sentence("the folder for backups, {}", plan.folder),
            "it is not there",
            "Connect its disk, or choose another one: facedesk backup schedule FOLDER",
        )
    if not is_due(plan, home):
        return None
    _sweep(plan.folder)
    name = f"facedesk-{datetime.now(UTC):%Y%m%d-%H%M}{ENDING}"
    if (plan.folder / name).exists():
        return None
    made = create_backup(home, plan.folder / name, descriptions, pause=pause)
    rotate_backups(plan, home)
    return made


def _sweep(folder: Path) -> None:
    """Delete what programs have left that were killed while they wrote a backup."""
    for left in folder.glob(f".facedesk-*{ENDING}"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED_S:
                left.unlink()


def rotate_backups(plan: BackupPlan, home: Path) -> int:
    """Delete the oldest backups beyond the plan's number; return how many. Raises BackupError."""
    gone = scheduled_backups(plan, home)[: -plan.keep]
    for path, _ in gone:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise BackupError(
                Sentence("to be able to delete the old backup {}", path),
                Sentence("that failed ({})", error.strerror or str(error)),
                "Mend the folder's permissions: people who were erased since are still in it",
            ) from error
        BackupRecord(home).drop(path)
    return len(gone)
