"""facedesk people split: makes two people of one whose pictures show two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from desktop.commands.people.changing import one_person
from desktop.commands.people.page import picture_json, picture_line
from desktop.commands.session import (
    Session,
    counted,
    json_option,
    note,
    print_json,
    tell_namesakes,
    the_one,
)

if TYPE_CHECKING:
    from gallery.identity import Identity
    from recognition.splitting import Split


@click.command()
@click.argument("who")
@click.argument("name")
@click.option(
    "--picture", "numbers", type=int, multiple=True, help="A picture that goes; may be repeated."
)
@click.option("--swap", is_flag=True, help="Let the other group go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--anyway", is_flag=True, help="Split also what looks like one person.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")
@json_option
@click.pass_obj
def split(
    session: Session,
    who: str,
    name: str,
    numbers: tuple[int, ...],
    swap: bool,
    yes: bool,
    anyway: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make a new person, NAME, of some pictures of the person WHO (name or id).

    For two people who were enrolled or merged as one. Without --picture the pictures are parted by
    how alike they are, and the smaller group goes. WHO keeps id, note, code and check-ins. It shows
    which pictures go, and asks; facedesk people merge undoes it.
    """
    from recognition import splitting

    if not (yes or dry_run) and as_json:
        raise click.UsageError("--json does not ask: add --yes or --dry-run.")
    with session.gallery() as gallery:
        identity = the_one(gallery, who)
        if numbers:
            parted = splitting.chosen_split(gallery, identity.id, numbers)
        else:
            parted = splitting.proposed_split(gallery, identity.id)
        if swap:
            parted = parted.swapped
        if not as_json:
            _show(identity, name, parted)
        least = one_person(session, gallery)
        if not dry_run:
            if not yes and (anyway or not splitting.looks_like_one(parted, least)):
                click.confirm("Split them?", abort=True, err=True)
            made = splitting.split(gallery, identity.id, parted, name, least, anyway=anyway)
            session.audit.note(f"split from {identity.name}", made)
            tell_namesakes(gallery, made)
    if as_json:
        told = {
            "identity": identity.id,
            "name": identity.name,
            "new_identity": None if dry_run else made.id,
            "stays": [picture_json(one) for one in parted.stays],
            "goes": [picture_json(one) for one in parted.goes],
            "likeness": None if parted.likeness is None else round(parted.likeness, 4),
            "looks_like_one": splitting.looks_like_one(parted, least),
        }
        print_json({**told, "dry_run": True} if dry_run else told)
    elif dry_run:
        if splitting.looks_like_one(parted, least):
            note("All look like one person: it would take --anyway.")
    else:
        click.echo(
            f"{made.name} ({made.id[:8]}) has {counted(len(parted.goes), 'picture')} now,"
            f" {identity.name} {counted(len(parted.stays), 'picture')}."
        )


def _show(identity: Identity, name: str, parted: Split) -> None:
    for who, pictures in ((identity.name, parted.stays), (f"{name} (new)", parted.goes)):
        click.echo(f"{who}: {counted(len(pictures), 'picture')}")
        for picture in pictures:
            click.echo(picture_line(picture))
    if parted.likeness is not None:
        click.echo(f"Similarity between the two, in the mean: {parted.likeness:.2f}")
