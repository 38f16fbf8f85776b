"""facedesk gallery rollback: returns the people to an earlier version."""

from __future__ import annotations

import click

from desktop.commands.session import Session, json_option, print_json


@click.command()
@click.argument("version", type=click.IntRange(min=0))
@click.option("--dry-run", is_flag=True, help="Only say what it would do.")
@json_option
@click.pass_obj
def rollback(session: Session, version: int, dry_run: bool, as_json: bool) -> None:
    """Let everybody be again what they were at VERSION, a number of facedesk gallery history.

    0 is the gallery before its first change. It is a change of its own, and can be returned from:
    who was enrolled since then, and pictures that were added, are set aside for 30 days, then
    erased. What was erased since then does not come back. The embedder in use stays the same
    (facedesk gallery return). Other programs follow at once.
    """
    from gallery.history.words import told_of

    with session.gallery() as gallery:
        erased = sum(one.erased for one in gallery.since(version))
        if dry_run:
            changes = gallery.preview_return(version)
        else:
            last = gallery.newest_version
            gallery.return_to(version)
            changes = [one for made in gallery.versions(last) for one in made.people]
            session.audit.note(f"gallery returned to version {version}")
        made = gallery.newest_version
    said = list(map(str, told_of(changes)))
    if as_json:
        print_json(
            {
                "returned_to": version,
                "version": None if dry_run else made,
                "changes": said,
                "not_brought_back": erased,
            }
        )
        return
    for sentence in said:
        click.echo(f"{sentence}.")
    if not said:
        click.echo("Nothing is different.")
    if erased:
        click.echo(f"Changes of people who were erased since, which nothing brings back: {erased}.")
    if not dry_run:
        click.echo(f"The gallery is as at version {version}; this is version {made}.")
