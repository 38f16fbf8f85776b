from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from station.operation.health import Health, free_disk_mb

WELL = Health(
    running_since=datetime(2026, 3, 1, 7, tzinfo=UTC),
    frames_seen=100_000,
    last_frame_age_s=0.03,
    camera="live",
    memory_mb=310.0,
    free_disk_mb=20_000.0,
    outbox_waiting=2,
    ledger_rows=42,
    last_fault="the camera was lost at 07:12",
    liveness="always: two movements are asked of everybody",
)

HOLDS_50_MB = """
from station.operation.health import memory_mb
before = memory_mb()
held = b"1" * 50_000_000
print(memory_mb() - before)
"""


def test_a_station_that_is_well() -> None:
    assert WELL.ok
    assert json.loads(json.dumps(WELL.as_dict())) == {
        "ok": True,
        "reasons": [],
        "running_since": "2026-03-01T07:00:00+00:00",
        "frames_seen": 100_000,
        "last_frame_age_s": 0.03,
        "camera": "live",
        "memory_mb": 310.0,
        "free_disk_mb": 20_000.0,
        "outbox_waiting": 2,
        "ledger_rows": 42,
        "last_fault": "the camera was lost at 07:12",
        "liveness": "always: two movements are asked of everybody",
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"last_frame_age_s": None}, "no picture came yet"),
        ({"last_frame_age_s": 61.2}, "the last picture is 61 s old"),
        ({"memory_mb": 700.0}, "it takes 700 MB"),
        ({"free_disk_mb": 12.0}, "the disk has 12 MB left"),
        ({"outbox_waiting": 101}, "101 check-ins wait for the webhook"),
    ],
)
def test_what_makes_it_ill(change, reason: str) -> None:
    ill = replace(WELL, **change)
    assert not ill.ok
    assert ill.reasons == (reason,)
    assert ill.as_dict()["reasons"] == [reason]


def test_what_the_system_does_not_tell_is_no_fault() -> None:
    assert replace(WELL, memory_mb=None, free_disk_mb=None).ok


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux alone tells it")
def test_memory_is_what_is_held_now() -> None:
    """In a process of its own: the tests' is large, and gives and takes as it likes."""
    told = subprocess.run([sys.executable, "-c", HOLDS_50_MB], capture_output=True, check=True)
    assert 40 < float(told.stdout) < 80


def test_free_disk(tmp_path: Path) -> None:
    free = free_disk_mb(tmp_path / "not there" / "yet")
    assert free is not None
    assert free > 0


def test_a_disk_that_cannot_be_asked(tmp_path: Path) -> None:
    assert free_disk_mb(tmp_path / ("x" * 300) / "home") is None
