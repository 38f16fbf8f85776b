"""Lets the disk fail under a program, cuts its power, fills it, and takes its rights away."""

from __future__ import annotations

import ctypes
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from tools.trials.crash.bad_disk import DiskFault, arm
from tools.trials.crash.changes import ALONE
from tools.trials.crash.power_cut import cut_power, lose_the_end
from tools.trials.crash.state import HomeState
from tools.trials.crash.trial import (
    HomeLook,
    ToldChanges,
    TrialRoot,
    fresh_root,
    judge,
    look_at,
    program,
    told_by,
)
from tools.trials.forked import ForkedChild
from tools.trials.table import TrialTally

MOST_PEOPLE = 25
MOST_CHANGES = 25
LATEST_OPERATION = 60
"""The disk fails at one of so many operations after it is armed; a change has some ten."""

NAMES = {
    DiskFault.WRITE_FAILS: "a write fails (EIO)",
    DiskFault.DISK_FULL: "no room (ENOSPC)",
    DiskFault.SHORT_WRITE: "a short write, then no room",
    DiskFault.SYNC_FAILS: "fsync fails (EIO)",
    DiskFault.READ_FAILS: "a read fails (EIO)",
    DiskFault.KILLED: "killed at a write or fsync",
    DiskFault.TORN_WRITE: "killed within a write",
    DiskFault.POWER_CUT: "power cut: writes since fsync lost in any order",
    DiskFault.LYING_SYNC: "power cut with an fsync that lies",
}


def fail(fault: DiskFault, count: int, seed: int) -> TrialTally:
    """Let the disk fail in this way under a program, `count` times.

    Call it in a process with the library of bad_disk.py.
    """
    tally, rng = TrialTally(NAMES[fault]), Random(seed)
    while tally.attempts < count:
        with fresh_root() as root:
            state = HomeState()
            while tally.attempts < count and len(state.people) <= MOST_PEOPLE:
                found = _attempt(tally, fault, root, state, rng)
                if found is None:
                    break
                state = found
    return tally


def _attempt(
    tally: TrialTally, fault: DiskFault, root: TrialRoot, state: HomeState, rng: Random
) -> HomeState | None:
    first, after = rng.randint(-1, 4), rng.randint(0, LATEST_OPERATION)
    for_good = fault is DiskFault.DISK_FULL or rng.random() < 0.5
    journal = root.folder.with_name("journal")
    handle = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    is_cut = fault in (DiskFault.POWER_CUT, DiskFault.LYING_SYNC)

    def before(n: int) -> None:
        if is_cut and n == -1:  # what the journal does not have cannot be lost
            arm(fault, rng_of_child.randint(0, 8 * LATEST_OPERATION), root.folder, handle,
                for_good=True)  # fmt: skip
        elif not is_cut and n == first:
            arm(fault, after, root.folder, for_good=for_good)

    rng_of_child = Random(rng.getrandbits(48))
    run = program(root, state, rng.getrandbits(48), ALONE, MOST_CHANGES, before)
    told = told_by(ForkedChild(run), state)
    os.close(handle)
    allowed = told.allowed
    if fault is DiskFault.POWER_CUT:
        tally.notes["writes lost"] += cut_power(root.folder, journal, rng)
    elif fault is DiskFault.LYING_SYNC:
        tally.notes["writes lost"] += lose_the_end(root.folder, journal, rng)
        allowed = [*(earlier.settled() for earlier in told.states), *allowed]
    return counted(tally, told, look_at(root), allowed, may_be_told=fault is DiskFault.LYING_SYNC)


def counted(
    tally: TrialTally,
    told: ToldChanges,
    look: HomeLook,
    allowed: list[HomeState],
    *,
    may_be_told: bool = False,
) -> HomeState | None:
    """Count an attempt; return what was found, and None where it was wrong or nothing was.

    may_be_told: whether a program that refuses to start does all that can be done.
    """
    tally.attempts += 1
    tally.notes["changes acknowledged"] += told.acknowledged
    if told.refusal:
        tally.notes["refusals told"] += 1
    if may_be_told and look.refusal:
        tally.notes["told at the next start"] += 1
        return None
    failure = told.bug or judge(look, allowed)
    if not failure:
        return look.state
    within = type(told.begun).__name__
    said = f" ({told.refusal})" if told.refusal else ""
    tally.failures.append(f"attempt {tally.attempts}, within {within}{said}: {failure}")
    return None


# -- a disk that is really full, and a folder that may not be written ------------------------------


@contextmanager
def small_disk(kilobytes: int) -> Iterator[Path | None]:
    """Mount a small disk in memory; None where this user may not."""
    with tempfile.TemporaryDirectory(prefix="facedesk-disk-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k,mode=700", "tmpfs", folder]
        try:
            is_mounted = not subprocess.run(mount, capture_output=True, check=False).returncode
        except OSError:
            is_mounted = False
        try:
            yield Path(folder) if is_mounted else None
        finally:
            if is_mounted:
                subprocess.run(["umount", folder], check=True, capture_output=True)


def fill(count: int, seed: int) -> TrialTally | None:
    """Let a program write until its disk is full, make room, and look; None where none is had."""
    tally, rng = TrialTally("a full disk (tmpfs)"), Random(seed)
    while tally.attempts < count:
        with small_disk(rng.randint(300, 1500)) as disk:
            if disk is None:
                return None
            with fresh_root(disk) as root:
                ballast = disk / "ballast"
                ballast.write_bytes(bytes(rng.randint(0, 100) * 1024))
                run = program(root, HomeState(), rng.getrandbits(48), ALONE, 1000)
                told = told_by(ForkedChild(run), HomeState())
                if not told.refusal:
                    told.bug = told.bug or "it was never full"
                ballast.unlink()
                resize = ["mount", "-o", "remount,size=20m", str(disk)]
                subprocess.run(resize, check=True, capture_output=True)
                counted(tally, told, look_at(root), told.allowed)
    return tally


def forbid(count: int, seed: int) -> TrialTally:
    """Take the right to write a folder with a home away, before a program starts and within."""
    tally, rng = TrialTally("a folder that may not be written"), Random(seed)
    while tally.attempts < count:
        with fresh_root() as root:
            run = program(root, HomeState(), rng.getrandbits(48), ALONE, rng.randint(1, 8))
            state = told_by(ForkedChild(run), HomeState()).states[-1].settled()
            when, folder = rng.choice((-1, 2)), root.home.folder

            def before(n: int, when: int = when, folder: Path = folder) -> None:
                if n == when:
                    _take_rights(folder)

            run = program(root, state, rng.getrandbits(48), ALONE, MOST_CHANGES, before)
            told = told_by(ForkedChild(run), state)
            _give_rights(folder)
            if not told.refusal:
                told.bug = told.bug or "nothing was refused"
            counted(tally, told, look_at(root), told.allowed)
    return tally


def _take_rights(folder: Path) -> None:
    for path in folder.rglob("*"):
        path.chmod(0o400)
    folder.chmod(0o500)
    if os.geteuid() == 0:
        _obey_rights()


def _give_rights(folder: Path) -> None:
    folder.chmod(0o700)
    for path in folder.rglob("*"):
        path.chmod(0o600)


def _obey_rights() -> None:
    """Let the rights of files hold for this process of the administrator: capabilities(7)."""
    library = ctypes.CDLL(None, use_errno=True)
    version_3 = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if library.capset(version_3, nothing):
        raise OSError(ctypes.get_errno(), "capset")
