"""A short run of the trials of broken files; CONTRIBUTING.md says how the long one is made."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from pathlib import Path
from random import Random

import pytest

from tools.trials.broken.mutation import mutated, with_true_sums

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_mutated_files_are_read_or_refused() -> None:
    done = run("-m", "tools.trials", "pictures", "--count", "300", "--seed", "4", "--networks", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| mutated pictures | 300 | 0 |" in done.stdout
    assert "| mutated files of people | 75 | 0 |" in done.stdout


BAD_READER = """
import os, sys, time
from pathlib import Path
from common.errors import PictureError
from tools.trials.broken import reading
from tools.trials.table import TrialTally, table

def write(number, folder):
    path = folder / str(number)
    path.write_bytes(b"")
    return path

def handle(path):
    match int(path.name):
        case 1: os.abort()
        case 2: raise KeyError("a bug")
        case 3: bytearray(2 * reading.MOST_BYTES)
        case 4:
            end = time.process_time() + 0.1
            while time.process_time() < end: pass
        case 5: raise PictureError("a", "b", "c")

reading.LONGEST_S = 0.05
keep = Path(sys.argv[1])
print(table([reading._tried(TrialTally("bad"), 7, write, lambda folder: handle, keep)]))
"""


def test_a_crash_a_traceback_too_much_memory_and_too_much_time_are_told(tmp_path: Path) -> None:
    """The trial above could not fail otherwise."""
    done = run("-c", BAD_READER, str(tmp_path))
    assert "| bad | 7 | 4 |" in done.stdout, done.stdout + done.stderr
    for part in ("signal 6", "a bug", "MemoryError", "4: it took", "1 refused", "3 read"):
        assert part in done.stdout, part
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["1", "2", "3"]


def test_mutations_repeat_and_change() -> None:
    content = bytes(range(256)) * 4
    made = [mutated(content, [content], Random(seed)) for seed in range(50)]
    assert made == [mutated(content, [content], Random(seed)) for seed in range(50)]
    assert len(set(made)) > 45


def test_a_png_gets_true_check_sums() -> None:
    chunk = b"IHDR" + bytes(13)
    png = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4) + chunk + b"none"
    assert with_true_sums(png)[-4:] == zlib.crc32(chunk).to_bytes(4)
