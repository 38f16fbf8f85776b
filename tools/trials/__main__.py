"""`python -m tools.trials`: the trials as commands. Each prints a table and ends with 1 where one
failed."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from pathlib import Path

import click

from common.errors import FacedeskError
from tools.trials.table import TrialTally, table

COUNT = click.option("--count", type=click.IntRange(min=1), help="How many attempts of each.")
SEED = click.option("--seed", type=int, help="Repeats what a run has done; by default a new one.")


@click.group(help=__doc__)
def trials() -> None: ...


def _told(tallies: list[TrialTally], seed: int) -> None:
    click.echo(f"Seed {seed}.\n\n{table(tallies)}")
    if any(tally.failures for tally in tallies):
        sys.exit(1)


def _seed(given: int | None) -> int:
    return secrets.randbelow(2**31) if given is None else given


def _alone_with_its_files() -> None:
    """Homes of trials have keys in files of the trials, and the process has one thread to fork."""
    os.environ["FACEDESK_KEY_HOLDER"] = "file"
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        os.execv(sys.executable, sys.orig_argv)


@trials.command()
@COUNT
@SEED
def crash(count: int | None, seed: int | None) -> None:
    """Kill programs at random moments; exactly what was acknowledged is there afterwards."""
    _alone_with_its_files()
    from tools.trials.crash.killing import kill, kill_one_of_two

    seed, count = _seed(seed), count or 500
    _told([kill(count, seed), kill_one_of_two(max(count // 4, 1), seed)], seed)


@trials.command()
@COUNT
@SEED
def faults(count: int | None, seed: int | None) -> None:
    """Let disks fail below SQLite, cut the power, fill the disk, take rights away."""
    _alone_with_its_files()
    from tools.trials.crash.bad_disk import DiskFault, compiled, is_preloaded
    from tools.trials.crash.failing import fail, fill, forbid

    if not is_preloaded():
        with tempfile.TemporaryDirectory(prefix="facedesk-trial-") as folder:
            try:
                library = compiled(Path(folder))
            except FacedeskError as error:
                raise click.ClickException(str(error)) from error
            # A child has it for good; this process stays, to delete it.
            command = [sys.executable, *sys.orig_argv[1:]]
            environment = {**os.environ, "LD_PRELOAD": str(library)}
            sys.exit(os.spawnve(os.P_WAIT, sys.executable, command, environment))
    seed, count = _seed(seed), count or 200
    tallies = [fail(fault, count, seed) for fault in DiskFault]
    tallies.append(forbid(count, seed))
    full = fill(count, seed)
    if full is None:
        click.echo("No disk could be mounted here: a really full one was not tried.")
    else:
        tallies.append(full)
    _told(tallies, seed)


@trials.command()
@click.option("--file", "files", multiple=True, help="One of the home's files; by default all.")
@click.option("--sample", type=click.IntRange(min=1), help="Only so many places of each file.")
@SEED
def flips(files: tuple[str, ...], sample: int | None, seed: int | None) -> None:
    """Flip a bit and a byte at every place of a small home's files, and cut them off."""
    from tools.trials.flips.flipping import flip

    seed = _seed(seed)
    _told(flip(seed, only=frozenset(files), sample=sample), seed)


@trials.command()
@COUNT
@SEED
@click.option("--networks", type=click.FloatRange(0, 1), default=0.02, show_default=True,
              help="The share of pictures that detector and embedder look at, too.")  # fmt: skip
@click.option("--keep", type=click.Path(path_type=Path), help="A folder for files that went wrong.")
def pictures(count: int | None, seed: int | None, networks: float, keep: Path | None) -> None:
    """Read mutated pictures as identify and enroll do, and mutated files of people."""
    _alone_with_its_files()
    from tools.trials.broken.reading import mutate_people, mutate_pictures

    seed, count = _seed(seed), count or 20_000
    tallies = [
        mutate_pictures(count, seed, networks, keep),
        mutate_people(max(count // 4, 1), seed, keep),
    ]
    _told(tallies, seed)


@trials.command()
@click.option("--count", type=click.IntRange(min=1), default=200_000, show_default=True,
              help="How many frames.")  # fmt: skip
@SEED
@click.option("--real", is_flag=True, help="With the program's own networks.")
@click.option("--slope", type=float, default=1.0, show_default=True,
              help="The most megabytes that memory may grow by for 10,000 frames.")  # fmt: skip
@click.option("--minutes", type=float, default=600.0, show_default=True,
              help="It ends after so long with what it has.")  # fmt: skip
def soak(count: int, seed: int | None, real: bool, slope: float, minutes: float) -> None:
    """Recognize a crowd for long while the gallery changes: nothing may grow."""
    os.environ["FACEDESK_KEY_HOLDER"] = "beside"
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from tools.trials.soak.soak import report, soak

    seed = _seed(seed)
    tally, moments = soak(count, seed, slope, minutes, real=real)
    click.echo(report(moments) + "\n")
    _told([tally], seed)


if __name__ == "__main__":
    trials()
