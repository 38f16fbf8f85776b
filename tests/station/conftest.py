"""What the station's tests share: a clock that is set by hand, files in an awkward place, disks
that take nothing."""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from capture.waiting import TimedCondition
from station import secrecy
from station.entry import Entry, Event, Kind, Liveness

WAIT_S = 30  # for what comes at once; only a failing test waits so long


@dataclass
class WallClock:
    """Seconds since 1970, as they are set."""

    now: float = 1_750_000_000.0

    def __call__(self) -> float:
        return self.now


class HandClock(TimedCondition):
    """Time stands still until advance(). deadline: what is waited for now, or was last."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self.deadline: float | None = None

    def now(self) -> float:
        return self.seconds

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(WAIT_S)

    def wait_until(self, happened: Callable[[], bool], deadline: float | None) -> bool:
        self.deadline = deadline
        self.notify_all()
        return super().wait_until(happened, deadline)

    def advance(self, seconds: float) -> None:
        with self:
            self.seconds += seconds
            self.notify_all()


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


@pytest.fixture
def entry() -> Callable[..., Entry]:
    """entry(number, kind): an entry of the ledger; Ann's, unless told otherwise."""

    def entry(
        number: int = 1, kind: Kind = Kind.CHECK_IN, at: datetime | None = None, **event: object
    ) -> Entry:
        fields: dict[str, Any] = {
            "station": "Cửa chính",
            "identity_id": "a" * 32,
            "name": "Nguyễn Ánh",
            "similarity": 0.75,
            "threshold": 0.5,
            "liveness": Liveness.PASSED,
        }
        at = at or datetime(2026, 3, 1, 7, 59, number % 60, tzinfo=UTC)
        return Entry(number, at, Event(kind, **fields | event), "", "0" * 64, f"{number:064x}")

    return entry


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "nhà của tôi – 家"


@pytest.fixture
def cheap_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same function at a hundredth of its cost."""
    monkeypatch.setattr(secrecy, "COST", 2**7)


@pytest.fixture
def no_room() -> Callable[[], AbstractContextManager[None]]:
    """Meanwhile no byte can be written to any file, by any thread of this process."""

    @contextmanager
    def no_room() -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return no_room


@pytest.fixture
def read_only_folder() -> Iterator[Path]:
    """A folder that this process may not write, even where the tests run as root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        as_root = os.geteuid() == 0
        if as_root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if as_root:
                os.seteuid(0)
            folder.chmod(0o755)
