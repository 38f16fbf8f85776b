"""A short soak; CONTRIBUTING.md says how the long one is made."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tools.trials.soak.soak import Moment, judged

ROOT = Path(__file__).parents[3]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_grows_in_a_short_soak() -> None:
    done = subprocess.run(
        # What is allocated for the first time weighs much in so few frames; a leak of one frame
        # of each would be 3,400 MB.
        [
            *(sys.executable, "-m", "tools.trials", "soak"),
            *("--count", "1000", "--seed", "6", "--slope", "60"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| 1,000 | 0 |" in done.stdout


FLAT = [Moment(500 * n, 100.0, 2, 10, 5.0) for n in range(1, 41)]


@pytest.mark.parametrize(
    ("grown", "told"),
    [
        (FLAT, ""),
        ([replace(one, megabytes=100 + one.frame / 5000) for one in FLAT], "2.00 MB"),
        ([replace(one, threads=2 + one.frame // 2000) for one in FLAT], "threads grow"),
        ([replace(one, files=9 + one.frame // 2000) for one in FLAT], "open files grow"),
        ([replace(one, p99_ms=5 + one.frame / 2000) for one in FLAT], "slowest hundredth"),
        (FLAT[:2], "too short"),
    ],
)
def test_what_grows_is_told(grown: list[Moment], told: str) -> None:
    """The soak could not fail otherwise."""
    failures = judged(grown, most_slope=1.0)
    assert len(failures) == bool(told)
    assert told in "".join(failures)
