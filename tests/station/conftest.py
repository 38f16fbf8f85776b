"""What the station's tests share: a clock that is set by hand, files in an awkward place, disks
that take nothing."""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from station import secrecy


@dataclass
class WallClock:
    """Seconds since 1970, as they are set."""

    now: float = 1_750_000_000.0

    def __call__(self) -> float:
        return self.now


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
