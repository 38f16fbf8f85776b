"""facedesk backup create and verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desktop.commands.backup.words import key_finder, words_option
from desktop.commands.output import force_option
from desktop.commands.session import Session, counted, json_option, note, print_json

if TYPE_CHECKING:
    from station.backups.backup import BackupContents


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@force_option
@json_option
@click.pass_obj
def create(session: Session, file: Path, force: bool, as_json: bool) -> None:
    """Write a sealed backup of the whole home to FILE, and read it through.

    It is of one moment, and programs may run meanwhile. It opens with the key of this home, or with
    the words of the recovery sheet: facedesk key export. Converted models and networks' weights are
    not in it, nor the files of added models.
    """
    from models.described.installed import written_descriptions
    from station.backups.backup import create_backup

    home = session.home
    made = create_backup(home.folder, file, written_descriptions(), overwrite=force)
    session.audit.note("backup made")
    if as_json:
        print_json(_json(made))
        return
    click.echo(f"{_told(made)} written to {file}, and read through.")
    note(f"It opens with the key {made.header.key.hex()}: facedesk key export prints its words.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@words_option
@json_option
@click.pass_obj
def verify(session: Session, file: Path, words: bool, as_json: bool) -> None:
    """Read the backup FILE through: whether it is whole, and as it was written."""
    from station.backups.backup import read_backup

    contents = read_backup(file, key_finder(session, file, words))
    if as_json:
        print_json(_json(contents))
        return
    click.echo(f"{file} is whole: {_told(contents)}.")


def _told(contents: BackupContents) -> str:
    size = sum(one.size for one in contents.files) / 1e6
    at = f"{contents.header.made_at.astimezone():%Y-%m-%d %H:%M}"
    return f"{counted(len(contents.files), 'file')} of {at}, {size:.1f} MB"


def _json(contents: BackupContents) -> dict[str, Any]:
    return {
        "file": str(contents.path),
        "made_at": contents.header.made_at.isoformat(),
        "home": contents.header.home,
        "key": contents.header.key.hex(),
        "files": [
            {"name": one.name, "bytes": one.size, "sha256": one.sha256} for one in contents.files
        ],
    }
