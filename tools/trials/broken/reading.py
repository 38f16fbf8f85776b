"""Reads mutated files as the program does, in children with little memory and a limit of time."""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from common.errors import FacedeskError
from tools.trials.broken.mutation import mutated
from tools.trials.broken.samples import people_files, pictures
from tools.trials.forked import ForkedChild
from tools.trials.table import TrialTally

LONGEST_S = 5.0
"""How long one file may take. Of the processor: other programs may run on the machine, too."""

MOST_BYTES = 1_000_000_000
"""How much address space one file may take beyond what the process has before it: decoding may
take 220 MB, detection as much as it does in a picture of 12.5 megapixels."""

Handle = Callable[[Path], object]
"""Reads a file. Raises FacedeskError where it is broken."""


@dataclass(frozen=True)
class OneRead:
    """What came of a file. seconds: of the processor. megabytes: the most that the child had."""

    number: int
    outcome: str
    seconds: float
    megabytes: int


def mutate_pictures(count: int, seed: int, share: float, keep: Path | None) -> TrialTally:
    """Read `count` mutated pictures; a share of them is looked at by the networks, too.

    keep: the folder in which files that went wrong are kept.
    """
    samples = pictures()
    names = sorted(samples)

    def write(number: int, folder: Path) -> Path:
        rng = Random(f"{seed} {number}")
        name = names[number % len(names)]
        path = folder / f"{number}-{name}"
        path.write_bytes(mutated(samples[name], [samples[n] for n in names], rng))
        return path

    def prepare(folder: Path) -> Handle:
        from capture.stills import read_picture

        if not share:
            return read_picture
        return _looked_at(share, seed, folder)

    return _tried(TrialTally("mutated pictures"), count, write, prepare, keep)


def _looked_at(share: float, seed: int, folder: Path) -> Handle:
    """Return what identifies and enrolls whoever is on a picture, with the program's networks."""
    from capture.stills import read_picture
    from desktop.home import user_home
    from recognition.assembly import RecognizerSpec, load_recognizer
    from recognition.enrollment.photos import read_photos

    home, cache = Path(tempfile.mkdtemp(dir=folder)), user_home().cache
    spec = RecognizerSpec(device="openvino:CPU")
    recognizer = load_recognizer(spec, cache, home / "gallery.db")
    rng = Random(seed)

    def handle(path: Path) -> object:
        image = read_picture(path)
        if rng.random() >= share:
            return image
        recognizer.identify(image)
        return read_photos(recognizer, [path])

    return handle


def mutate_people(count: int, seed: int, keep: Path | None) -> TrialTally:
    """Read `count` mutated files of people and archives."""
    with tempfile.TemporaryDirectory(prefix="facedesk-trial-") as where:
        samples = people_files(Path(where))

        def write(number: int, folder: Path) -> Path:
            rng = Random(f"{seed} {number}")
            sample = samples[number % len(samples)]
            path = folder / f"{number}-{sample.name}"
            if sample.is_dir():
                shutil.copytree(sample, path)
                target = rng.choice(sorted(p for p in path.rglob("*") if p.is_file()))
            else:
                shutil.copyfile(sample, path)
                target = path
            other = rng.choice([s for s in samples if s.is_file()])
            target.write_bytes(mutated(target.read_bytes(), [other.read_bytes()], rng))
            return path

        def prepare(folder: Path) -> Handle:
            return _read_people

        return _tried(TrialTally("mutated files of people"), count, write, prepare, keep)


def _read_people(path: Path) -> object:
    from capture.stills import read_picture
    from recognition.formats.archive import open_archive
    from recognition.formats.contents import PeopleInPictures, ReadingOptions
    from recognition.formats.known import readable_format

    found = readable_format(path, None)
    if found is None:
        with open_archive(path) as archive:
            return list(archive.people()), archive.settings()
    content = found.read(path, ReadingOptions())
    if isinstance(content, PeopleInPictures):
        return [read_picture(p) for person in content.people for p in person.pictures]
    return content


def _tried(
    tally: TrialTally,
    count: int,
    write: Callable[[int, Path], Path],
    prepare: Callable[[Path], Handle],
    keep: Path | None,
) -> TrialTally:
    slowest, largest, done = 0.0, 0, 0
    with tempfile.TemporaryDirectory(prefix="facedesk-trial-") as where:
        folder = Path(where)
        while done < count:
            child = ForkedChild(_reader(done, count, folder, write, prepare))
            wrong = ""
            for what, content in child.messages():
                if what != "read":
                    wrong = f"{what}: {_in_short(content)}"
                    continue
                done = content.number + 1
                slowest = max(slowest, content.seconds)
                largest = max(largest, content.megabytes)
                tally.notes[content.outcome] += 1
                if content.seconds > LONGEST_S:
                    tally.failures.append(f"{content.number}: it took {content.seconds:.1f} s")
            if done < count or wrong:  # it did not come to the end
                tally.failures.append(f"{done}: signal {child.signal}; {wrong}")
                if keep is not None:
                    kept = keep / f"{tally.test} {len(tally.failures)}"
                    kept.mkdir(parents=True)
                    tally.failures[-1] += f"; kept in {kept}"
                    write(done, kept)
                done += 1
    tally.attempts = count
    tally.measured += [f"{slowest:.2f} s at most", f"{largest} MB at most"]
    return tally


def _in_short(traceback: str) -> str:
    """Return where the program was, and what went wrong."""
    lines = traceback.strip().splitlines()
    places = [line.strip() for line in lines if line.startswith("  File")]
    return "; ".join([*places[-3:], lines[-1]])


def _reader(
    first: int,
    count: int,
    folder: Path,
    write: Callable[[int, Path], Path],
    prepare: Callable[[Path], Handle],
) -> Callable[[Callable[[object], None]], None]:
    def run(tell: Callable[[object], None]) -> None:
        handle = prepare(folder)
        _be_quiet()
        _limit_memory()
        for number in range(first, count):
            path, before = write(number, folder), time.process_time()
            try:
                handle(path)
                outcome = "read"
            except FacedeskError:
                outcome = "refused"
            seconds = time.process_time() - before
            megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
            tell(("read", OneRead(number, outcome, seconds, megabytes)))

    return run


def _be_quiet() -> None:
    """Let the decoders say what they find in broken files to nobody."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _limit_memory() -> None:
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MOST_BYTES, now + MOST_BYTES))
