"""facedesk inbox: shows the unknown people whose pictures the station keeps for a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import StationError
from desktop.commands.output import force_option
from desktop.commands.session import Session, counted, json_option, print_json

if TYPE_CHECKING:
    from station.people.inbox import Inbox


@click.group()
def inbox() -> None:
    """Look through the unknown people whom the station kept."""


@inbox.command("list")
@json_option
@click.pass_obj
def list_inbox(session: Session, as_json: bool) -> None:
    """List every picture, the newest first."""
    with _opened(session) as kept:
        pictures = kept.all()
    for unknown in pictures:
        if as_json:
            print_json({"number": unknown.id, "at": unknown.at.isoformat()})
        else:
            click.echo(f"{unknown.id:>7}  {unknown.at:%Y-%m-%d %H:%M:%S}")
    if not pictures and not as_json:
        click.echo("No picture is kept.")


@inbox.command()
@click.argument("folder", type=click.Path(path_type=Path))
@force_option
@click.pass_obj
def save(session: Session, folder: Path, force: bool) -> None:
    """Write the pictures to a FOLDER, to look at them or to enroll somebody.

    These copies are yours, and readable by you alone: Facedesk does not erase them after some
    hours.
    What was saved there before stays as it is.
    """
    from station.people.inbox_saving import save_pictures

    with _opened(session) as kept:
        saved = save_pictures(kept, folder, overwrite=force)
    click.echo(f"{counted(saved, 'picture')} saved to {folder}.")


@inbox.command()
@click.argument("numbers", metavar="NUMBER...", type=int, nargs=-1, required=True)
@click.pass_obj
def remove(session: Session, numbers: tuple[int, ...]) -> None:
    """Erase single pictures, by the numbers that `list` shows."""
    with _opened(session) as kept:
        by_number = {unknown.id: unknown for unknown in kept.all()}
        missing = [str(number) for number in numbers if number not in by_number]
        if missing:
            raise StationError(
                "numbers of pictures in the inbox",
                f"there is no {', '.join(missing)}",
                "facedesk inbox list shows them",
            )
        for number in numbers:
            kept.remove(by_number[number])
    session.audit.note("erased pictures of unknown people")
    click.echo(f"{counted(len(numbers), 'picture')} erased.")


@inbox.command()
@click.pass_obj
def clear(session: Session) -> None:
    """Erase all pictures now."""
    with _opened(session) as kept:
        count = kept.clear()
    session.audit.note("erased pictures of unknown people")
    click.echo(f"{counted(count, 'picture')} erased.")


@contextmanager
def _opened(session: Session) -> Iterator[Inbox]:
    from station.people.inbox import Inbox

    with closing(Inbox(session.home.inbox)) as kept:
        yield kept
