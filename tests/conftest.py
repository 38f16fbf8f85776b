"""What every test shares: no display, no stray thread, and the pictures where they are."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """A thread that outlives its test fails it."""
    before = set(threading.enumerate())
    yield
    leaked = [t.name for t in set(threading.enumerate()) - before if t.is_alive()]
    assert not leaked, f"threads left running: {leaked}"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with `faces/` and `video/`: real pictures, kept outside the repository."""
    default = Path(__file__).parents[2] / "shared"
    folder = Path(os.environ.get("FACEDESK_DATA", default))
    if not (folder / "faces").is_dir():
        pytest.skip("no real pictures here: FACEDESK_DATA names their folder")
    return folder
