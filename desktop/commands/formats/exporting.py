"""facedesk export: writes everyone to an archive, or to a file that other programs read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import FormatError, UnknownIdentityError
from desktop.commands.output import force_option
from desktop.commands.session import Session, counted, json_option, note, print_json, the_one

if TYPE_CHECKING:
    from gallery.gallery import Gallery
    from gallery.identity import Identity
    from recognition.formats.contents import EnrolledPerson

FORMATS = ("archive", "csv", "faiss", "folder", "npz", "pth")


@click.command("export")
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    help="By default by OUT's ending: .facedesk, .npz; else a folder of pictures.",
)
@click.option("--only", multiple=True, metavar="WHO", help="Only this person, by name or id.")
@click.option("--portraits", is_flag=True, help="For pictures: only the best one of each person.")
@force_option
@json_option
@click.pass_obj
def export(
    session: Session,
    out: Path,
    format_name: str | None,
    only: tuple[str, ...],
    portraits: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Write everyone to OUT: an archive, pictures, embeddings.

    An archive is restored exactly by facedesk import. The other formats are for other programs;
    what one of them cannot hold is said. csv, faiss, folder and pth make a folder.
    """
    from recognition.formats.archive import write_archive
    from recognition.formats.known import writable_format

    chosen = writable_format(out, format_name)
    if portraits and (chosen is None or not chosen.holds_pictures):
        raise click.UsageError("--portraits is for pictures: --format folder or csv.")
    with session.gallery() as gallery:
        identities = [the_one(gallery, who) for who in only] or list(gallery.identities)
        if not identities:
            raise FormatError(
                "people to export", "nobody is enrolled yet", "Enroll them with facedesk import"
            )
        tally = _Tally()
        people = tally.counting(_people(gallery, identities, portraits))
        if chosen is not None and not chosen.holds_pictures:
            people = tally.with_embeddings(people)
        if chosen is None:
            settings = session.home.settings
            write_archive(
                people,
                gallery.model_id,
                gallery.dimension,
                settings.read_bytes() if settings.is_file() else None,
                out,
                overwrite=force,
                inputs=session.home.files,
            )
        else:
            chosen.write(people, gallery.model_id, out, overwrite=force)
    session.audit.note(f"{counted(tally.people, 'person', 'people')} exported")
    written = tally.templates - tally.without_embeddings
    if tally.without_embeddings:
        left = counted(tally.without_embeddings, "template")
        note(f"{left} that the model can make nothing of could not be written.")
    if chosen is not None and chosen.holds_pictures:
        written -= tally.without_crops
        if tally.without_crops:
            left = counted(tally.without_crops, "template")
            note(f"{left} came without a picture, and could not be written.")
    if chosen is not None:
        note(f"This format cannot hold {chosen.lacks}.")
        _tell_namesakes(identities)
    if as_json:
        print_json({"people": tally.people, "templates": written, "path": str(out)})
    else:
        number = counted(tally.people, "person", "people")
        click.echo(f"{number}, {counted(written, 'template')} written to {out}.")


@dataclass
class _Tally:
    people: int = 0
    templates: int = 0
    without_crops: int = 0
    without_embeddings: int = 0

    def with_embeddings(self, people: Iterable[EnrolledPerson]) -> Iterator[EnrolledPerson]:
        """Leave out, and count, templates of which the model could make nothing."""
        any_made = False
        for person in people:
            made = tuple(t for t in person.templates if t.embedding.any())
            self.without_embeddings += len(person.templates) - len(made)
            any_made |= bool(made)
            yield replace(person, templates=made)
        if not any_made:
            raise FormatError(
                "people with embeddings of the gallery's model",
                "it can make nothing of their pictures",
                "Export the pictures, or an archive",
            )

    def counting(self, people: Iterable[EnrolledPerson]) -> Iterator[EnrolledPerson]:
        """Count people while they are written."""
        for person in people:
            self.people += 1
            self.templates += len(person.templates)
            self.without_crops += sum(not template.crop.size for template in person.templates)
            yield person


def _people(
    gallery: Gallery, identities: Iterable[Identity], portraits: bool
) -> Iterator[EnrolledPerson]:
    from recognition.formats.contents import EnrolledPerson

    for identity in identities:
        try:
            templates = gallery.templates(identity.id)
            consents = gallery.consents(identity.id)
        except UnknownIdentityError:
            continue  # another program has just removed them
        if portraits:
            templates = [max(templates, key=lambda t: (bool(t.crop.size), t.quality))]
        yield EnrolledPerson(identity, tuple(templates), tuple(consents))


def _tell_namesakes(identities: Iterable[Identity]) -> None:
    for name, count in Counter(identity.name for identity in identities).items():
        if count > 1:
            note(f"{count} people are called {name}: what reads this file may take them for one.")
