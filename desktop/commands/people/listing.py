"""facedesk people list, look-alikes: who is enrolled."""

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


@click.command("look-alikes")
@json_option
@click.pass_obj
def list_look_alikes(session: Session, as_json: bool) -> None:
    """List pairs who are so alike that one may be named for the other, the most alike first.

    Of such a pair a picture of one passes the threshold for the other. More and better pictures of
    both help; so does a code for each, which they use in place of the face. Who is enrolled twice
    is listed, too: merge them.
    """
    from desktop.commands.calibrate import threshold_in_use
    from gallery.look_alikes import look_alikes

    with session.gallery() as gallery:
        pairs = []
        if len(gallery) > 1:
            pairs = look_alikes(gallery, threshold_in_use(session, gallery))
        for pair in pairs:
            one, other = pair.one, pair.other
            if as_json:
                print_json({"one": one.id, "other": other.id, "similarity": pair.similarity})
            else:
                click.echo(
                    f"{pair.similarity:.3f}  {one.id[:8]} {one.name}  {other.id[:8]} {other.name}"
                )
        if not pairs and not as_json:
            click.echo("Nobody is so like somebody else.")
