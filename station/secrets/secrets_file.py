"""What the file of the PIN and the file of the codes have in common: both are opened for each call,
and both may be tried only so often."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar

from common.sqlite_file import BUSY_S, Format, opened_briefly
from station.secrets.lockout import Attempts


class SecretsFile:
    """A file of secrets that only the owner of the file may read.

    It is opened for each call: any thread may use it, and a secret that another process sets counts
    at once. Every method raises StationError where the file or its disk is at fault; a try that
    cannot be counted, on a full disk, is not looked at.

    clock: returns seconds since 1970.
    """

    file_format: ClassVar[Format]
    attempts: ClassVar[Attempts]

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock

    @property
    def wait_s(self) -> float:
        """Returns the seconds until a try is looked at again."""
        if not self._path.exists():
            return 0.0
        with self._opened() as db:
            return self.attempts.wait_s(db, self._clock())

    def _opened(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened_briefly(self._path, BUSY_S, self.file_format)
