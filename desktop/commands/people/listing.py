"""facedesk people list: who is enrolled."""

from __future__ import annotations

from dataclasses import asdict

import click

from desktop.commands.session import Session, counted, json_option, print_json


@click.command("list")
@json_option
@click.pass_obj
def list_people(session: Session, as_json: bool) -> None:
    """List everyone enrolled, by name."""
    from desktop.shared.answers import person_answer

    with session.gallery() as gallery:
        session.note_other_model(gallery.model_id)
        for identity in gallery.identities:
            templates = gallery.template_count(identity.id)
            if as_json:
                print_json(asdict(person_answer(identity, templates)))
            else:
                when = identity.enrolled_at.astimezone().strftime("%Y-%m-%d %H:%M")
                size = counted(templates, "template")
                click.echo(f"{identity.id[:8]}  {when}  {size:>13}  {identity.name}")
        if not len(gallery) and not as_json:
            click.echo("Nobody is enrolled yet.")
