"""facedesk key show: which key there is, who keeps it, and against whom that protects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from desktop.commands.doctor.findings import Finding
from desktop.commands.session import Session, json_option, print_json

if TYPE_CHECKING:
    from common.sealing.holders import KeyHolder


@click.command("show")
@json_option
@click.pass_obj
def show_key(session: Session, as_json: bool) -> None:
    """Say who keeps the key of this home, and against whom that protects.

    The key itself is not shown.
    """
    from common.sealing.key_ring import ring_of

    ring = ring_of(session.home.folder)
    current = ring.current()
    file = ring.file()
    assert file is not None
    holder = holder_of(session)
    assert holder is not None
    if as_json:
        record = {
            "key": current.id.hex(),
            "home": file.home,
            "holder": holder.name,
            "rotation_unfinished": len(file.keys) > 1,
        }
        print_json(record)
        return
    click.echo(f"Key {current.id.hex()} of the home {session.home.folder}")
    click.echo(f"It is kept by {holder.what}.")
    click.echo(f"That keeps out: {holder.keeps_out}.")
    if len(file.keys) > 1:
        click.echo("A rotation was cut short: facedesk key rotate goes on with it.")
    click.echo("facedesk key export prints the words that restore it.")


def holder_of(session: Session) -> KeyHolder | None:
    """Return who keeps the key; None where the home has none yet. Raises SealingError."""
    from common.sealing.key_ring import holders, ring_of

    file = ring_of(session.home.folder).file()
    return None if file is None else holders(session.home.folder).get(file.keys[-1].holder)


def key_finding(session: Session) -> Finding:
    """Say which holder keeps the key, and whether it opens what is sealed."""
    from common.sealing.key_ring import keys_in_use, ring_of

    ring = ring_of(session.home.folder)
    file = ring.file()
    if file is None and not keys_in_use(session.home.folder):
        return Finding("Key", True, "none yet: the first enrollment makes it")
    ring.current()
    file = ring.file()
    assert file is not None
    for key_id in keys_in_use(session.home.folder).values():
        ring.key(key_id)
    holder = holder_of(session)
    assert holder is not None
    found = f"kept by {holder.what}, which keeps out {holder.keeps_out}"
    if len(file.keys) > 1:
        return Finding("Key", True, found, "facedesk key rotate finishes what it began")
    return Finding("Key", True, found)
