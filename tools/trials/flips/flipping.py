"""Changes single bytes of a file, and cuts it off, and looks what a program makes of it."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from common.errors import FacedeskError
from common.sealing.key_ring import ring_of
from desktop.home import Home
from tools.trials.flips.small_home import ChangedHomeError, KeptFile, keys_beside, make_home
from tools.trials.table import TrialTally

CUTS = 200
"""At how many places, at most, a file is cut off, besides its whole first and last bytes."""


@dataclass(frozen=True)
class Change:
    """One damaged version of a file. what: how it was damaged, for people."""

    what: str
    content: bytes


def every_change(content: bytes, random: Random, places: Iterable[int]) -> Iterator[Change]:
    """Yield versions with one bit and with one whole byte flipped at each of the places."""
    for place in places:
        for what, flipped in (("bit", 1 << random.randrange(8)), ("byte", 0xFF)):
            changed = bytearray(content)
            changed[place] ^= flipped
            yield Change(f"{what} {flipped:#x} at {place}", bytes(changed))


def every_cut(content: bytes, random: Random, most: int) -> Iterator[Change]:
    """Yield versions that end early: at no byte, at the last one, and at places between."""
    size = len(content)
    lengths = {0, 1, size - 1, size // 2} | set(random.sample(range(size), min(most, size)))
    for length in sorted(lengths - {size}):
        yield Change(f"cut off at {length}", content[:length])


def flip(
    seed: int, *, only: frozenset[str] = frozenset(), sample: int | None = None
) -> list[TrialTally]:
    """Damage the files of a small home one by one; return what came of it, a tally for each file.

    only: the files by KeptFile.what; empty for all. sample: at how many places of each file bytes
    are flipped; None for all.
    """
    random = Random(seed)
    with tempfile.TemporaryDirectory(prefix="facedesk-flips-", dir=_in_memory()) as folder:
        home, keys = Home(Path(folder) / "home", Path(folder) / "cache"), Path(folder) / "keys"
        with keys_beside(keys):
            files = make_home(home, keys)
            whole = _Snapshot(home.folder, home.cache, keys, away=Path(folder) / "whole")
            return [
                _flipped(file, home, whole, random, sample)
                for file in files
                if not only or file.what in only
            ]


def _in_memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


class _Snapshot:
    """Folders as they were, which are put back after each trial."""

    def __init__(self, *folders: Path, away: Path) -> None:
        self._folders = folders
        self._contents = {
            path: path.read_bytes()
            for folder in folders
            for path in folder.rglob("*")
            if path.is_file()
        }
        self._away = away

    def put_back(self) -> None:
        for folder in self._folders:
            for path in list(folder.rglob("*")):
                if path.is_file() and path not in self._contents:
                    path.unlink()
        for path, content in self._contents.items():
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)


def _flipped(
    file: KeptFile, home: Home, whole: _Snapshot, random: Random, sample: int | None
) -> TrialTally:
    tally = TrialTally(
        f"every byte of: {file.what}" if sample is None else f"bytes of: {file.what}"
    )
    whole.put_back()
    content = file.path.read_bytes()
    expected = file.read()
    places: Sequence[int] = range(len(content))
    if sample is not None and sample < len(content):
        places = sorted(random.sample(places, sample))
    cuts = CUTS if sample is None else max(4, sample // 8)
    for changes in (every_change(content, random, places), every_cut(content, random, cuts)):
        for change in changes:
            whole.put_back()
            # As a new program: nothing of the key is in memory.
            ring_of(home.folder).__init__(home.folder)  # type: ignore[misc]
            file.path.write_bytes(change.content)
            _judge(file, change, expected, tally)
    whole.put_back()
    return tally


def _judge(file: KeptFile, change: Change, expected: object, tally: TrialTally) -> None:
    tally.attempts += 1
    try:
        found = file.read()
    except ChangedHomeError:
        tally.notes["told by verifying"] += 1
    except FacedeskError as error:
        tally.notes["told"] += 1
        said = str(error)
        if not error.remedy or not any(name in said for name in (file.path.name, *file.also_seen)):
            tally.failures.append(f"{change.what}: told without the file or a remedy: {said}")
    except Exception:
        tally.notes["a traceback"] += 1
        last = traceback.format_exc().strip().splitlines()
        tally.failures.append(f"{change.what}: {last[-1]} {last[-3].strip()}")
    else:
        if found == expected:
            tally.notes["no difference"] += 1
        else:
            tally.notes["another answer"] += 1
            tally.failures.append(f"{change.what}: {_difference(found, expected)}")


def _difference(found: object, expected: object) -> str:
    return f"{found!r:.300} in place of {expected!r:.300}"
