"""facedesk people remove --proof: looks for what is left of a person, and says where it looked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.commands.session import Session, counted

if TYPE_CHECKING:
    from station.people.proof.needles import Needles


def prove(session: Session, needles: Needles, also: Sequence[Path] = ()) -> bool:
    """Print each file that was looked at, its size and the verdict; return whether nothing is left
    but what is kept on purpose. also: files and folders beside those of the program."""
    from station.people.proof.needles import FEWEST_NAME_BYTES
    from station.people.proof.searching import Verdict, search_copies, search_files

    click.echo("Looked for templates, pictures, sealed records, id and name:")
    looked, bad, size = 0, 0, 0
    places = (*_places(session), *also)
    for one in (*search_files(places, needles), *search_copies(session.home.folder, needles)):
        looked, size = looked + 1, size + one.size
        bad += one.verdict in (Verdict.FOUND, Verdict.UNREAD)
        what = f" {', '.join(one.found)}" if one.found else ""
        click.echo(f"  {one.verdict.value}{what}  {one.size:>12,} bytes  {one.path}  ({one.why})")
    total = f"{counted(looked, 'file')}, {size:,} bytes"
    if needles.has_namesake:
        click.echo("Somebody else has this name, so that it was not looked for.")
    elif len(needles.traces.name.encode()) < FEWEST_NAME_BYTES:
        click.echo("The name is so short that it was looked for in texts alone.")
    if not bad:
        click.echo(f"{total}: nothing is left but what is kept on purpose.")
        return True
    click.echo(
        f"{total}: in {counted(bad, 'file')} something is left, or could not be looked for. Delete"
        " what is a copy; facedesk evaluate --forget-cache erases its cache."
    )
    return False


def _places(session: Session) -> tuple[Path, ...]:
    """Return the files and folders in which something of a person may be: the home, and what
    evaluations keep. The rest of the cache is made of published models."""
    return session.home.folder, session.home.cache / "evaluation"
