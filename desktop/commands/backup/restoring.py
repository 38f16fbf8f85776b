"""facedesk backup restore."""

from __future__ import annotations

from pathlib import Path

import click

from desktop.commands.backup.words import key_finder, words_option
from desktop.commands.key.rotating import HOLDERS
from desktop.commands.session import Session, counted, note


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@words_option
@click.option("--replace", is_flag=True, help="Set the home that is there aside.")
@click.option("--holder", type=click.Choice(HOLDERS), help="Who is to keep the key.")
@click.pass_obj
def restore(session: Session, file: Path, words: bool, replace: bool, holder: str | None) -> None:
    """Restore the home from the backup FILE: whole, or not at all.

    The home must be empty; with --replace the one that is there is kept beside it. On another
    computer use --words. Close other programs of Facedesk before.
    """
    from station.backups.backup import read_backup
    from station.backups.restoring import restore_backup

    key_of = key_finder(session, file, words)
    models = read_backup(file, key_of).models
    restored = restore_backup(file, session.home.folder, key_of, holder, replace=replace)
    session.audit.note("home restored from a backup")
    at = f"{restored.header.made_at.astimezone():%Y-%m-%d %H:%M}"
    click.echo(
        f"{session.home.folder} is as it was at {at}: {counted(restored.files, 'file')} restored."
    )
    if restored.aside is not None:
        note(f"What was there before is in {restored.aside}: delete it once all is well.")
    if models:
        note(
            f"The files of these added models are not in a backup: {', '.join(models)}. Add them"
            f" again where they are missing; their descriptions are in"
            f" {session.home.folder / 'models'}."
        )
