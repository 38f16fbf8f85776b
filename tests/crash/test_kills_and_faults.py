"""A short run of the trials of homes; CONTRIBUTING.md says how the long one is made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.trials.crash.power_cut import cut_power, lose_the_end
from tools.trials.crash.state import NEW, HomeState, KeptPerson, difference

ROOT = Path(__file__).parents[2]

ANNA = KeptPerson("Anna", "", frozenset({"a", "b"}))
LINH = KeptPerson("Linh", "", frozenset({"c"}))

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks, and preloads a library")


def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """In a process of one thread, which can fork."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **more},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def needs_compiler() -> None:
    if not (shutil.which("gcc") or shutil.which("cc")):
        if os.environ.get("FACEDESK_NO_SKIPS"):
            pytest.fail("gcc is missing, and no test may be skipped here")
        pytest.skip("gcc is not installed")


def test_what_was_acknowledged_outlives_kills() -> None:
    done = run("-m", "tools.trials", "crash", "--count", "8", "--seed", "17")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| SIGKILL at a random moment | 8 | 0 |" in done.stdout


def test_a_disk_that_fails_loses_nothing_untold() -> None:
    needs_compiler()
    done = run("-m", "tools.trials", "faults", "--count", "1", "--seed", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("| 1 | 0 |") >= 10


CARELESS = """
import tools.trials.crash.changes as changes
from tools.trials.crash.bad_disk import DiskFault
from tools.trials.crash.failing import fail
from tools.trials.table import table
import tools.trials.crash.trial as trial

class Careless(changes.RunningHome):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        for db in (self.gallery._store._db, self.ledger._db):
            db.execute("PRAGMA synchronous = OFF")

trial.RunningHome = Careless
print(table([fail(DiskFault.POWER_CUT, 8, 1)]))
"""


def test_a_program_that_does_not_sync_is_found_out(tmp_path: Path) -> None:
    """The trials above could not fail otherwise."""
    needs_compiler()
    from tools.trials.crash.bad_disk import compiled

    library = str(compiled(tmp_path))
    done = run("-c", CARELESS, LD_PRELOAD=library, OPENBLAS_NUM_THREADS="1")
    assert "attempt" in done.stdout, done.stdout + done.stderr


def test_states_are_compared() -> None:
    there = HomeState({"1": ANNA, "2": LINH})
    assert difference(there, HomeState({"1": ANNA, NEW: LINH})) == ""
    assert "people" in difference(there, HomeState({"1": ANNA}))
    assert "people" in difference(there, HomeState({"1": ANNA, NEW: ANNA}))
    assert "people" in difference(HomeState({"1": LINH}), HomeState({"1": ANNA}))
    assert "entries" in difference(
        there, HomeState(there.people, entries=[("check-in", "1", "A", 0)])
    )


WRITES = """
import os, sys
from pathlib import Path
from tools.trials.crash.bad_disk import DiskFault, arm
folder, journal = Path(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT)
file = os.open(folder / "file", os.O_RDWR | os.O_CREAT)
os.write(file, b"the first ")
arm(DiskFault.POWER_CUT, 10**6, folder, journal, for_good=True)
os.write(file, b"synced ")
os.fsync(file)
os.pwrite(file, b"THE", 0)
os.ftruncate(file, 5)
os.rename(folder / "file", folder / "renamed")
"""


class Everything:
    """Loses, or keeps, all that may be lost."""

    def __init__(self, keeps: bool) -> None:
        self.keeps = keeps

    def choice(self, choices: tuple[float, ...]) -> float:
        return 1.0 if self.keeps else 0.0

    def random(self) -> float:
        return 0.5

    def randint(self, least: int, most: int) -> int:
        return most if self.keeps else least


@pytest.mark.parametrize(
    ("play", "keeps", "left"),
    [
        (cut_power, True, b"THE f"),
        (cut_power, False, b"the first synced "),
        (lose_the_end, True, b"THE f"),
        (lose_the_end, False, b"the first "),
    ],
)
def test_what_was_not_synced_may_be_lost(tmp_path: Path, play, keeps: bool, left: bytes) -> None:
    needs_compiler()
    from tools.trials.crash.bad_disk import compiled

    folder, journal = tmp_path / "root", tmp_path / "journal"
    folder.mkdir()
    done = run("-c", WRITES, str(folder), str(journal), LD_PRELOAD=str(compiled(tmp_path)))
    assert not done.stderr
    play(folder, journal, Everything(keeps))
    assert (folder / "renamed").read_bytes() == left
