"""facedesk key rotate: seals everything with another key."""

from __future__ import annotations

import click

from desktop.commands.key.showing import holder_of
from desktop.commands.session import Session, counted

HOLDERS = ("keyring", "tpm", "passphrase", "file")


@click.command("rotate")
@click.option(
    "--holder",
    type=click.Choice(HOLDERS),
    help="Who is to keep the new key; by default whoever keeps the present one.",
)
@click.pass_obj
def rotate_key(session: Session, holder: str | None) -> None:
    """Seal everything with a new key, and forget the present one.

    The words of an earlier recovery sheet restore nothing after that: print a new one.
    """
    from common.sealing.key_ring import holders, ring_of
    from station.people.rotation import rotate

    ring = ring_of(session.home.folder)
    ring.current()
    present = holder_of(session)
    assert present is not None
    keeper = holders(session.home.folder)[holder] if holder is not None else present
    count = rotate(ring, session.home, keeper)
    session.audit.note(f"key rotated, kept by {keeper.name}")
    click.echo(f"{counted(count, 'file')} sealed with a new key, kept by {keeper.what}.")
    click.echo("Earlier recovery sheets are void: facedesk key export prints a new one.")
