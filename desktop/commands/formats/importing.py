"""facedesk import: enrolls people from pictures, or takes them over from other programs' files."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import EnrollmentError, GalleryError
from common.sentence import Sentence
from desktop.commands.enrolled import counts_of, summary, tell_look_alikes, tell_skipped
from desktop.commands.session import (
    Session,
    consent_language_option,
    consent_option,
    counted,
    json_option,
    note,
    print_json,
    tell_namesakes,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gallery.consents import Consent
    from gallery.identity import Identity
    from recognition.enrollment.live import Review
    from recognition.enrollment.photos import Skipped
    from recognition.formats.contents import (
        PeopleInEmbeddings,
        PeopleInPictures,
        PersonPictures,
    )
    from recognition.recognizer import Recognizer
    from station.ledger.audit import Audit

_BESIDE = frozenset({"hidden", "loose file"})
"""What lies beside people's folders: values of capture.folders.PassedOver."""

FORMATS = ("archive", "csv", "deepface", "faiss", "folder", "npz", "pth")


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    help="What is at PATH, where its name does not say it.",
)
@click.option("--model", help="For embeddings: the model that made them, by name or id.")
@click.option(
    "--names",
    type=click.Path(path_type=Path),
    help="For embeddings: a list of the names, in the vectors' order.",
)
@click.option("--name-column", default="", help="For a table: the column with the names.")
@click.option("--picture-column", default="", help="For a table: the column with the pictures.")
@click.option(
    "--consent-column", default="", help="For a table: the column that says who has agreed."
)
@consent_option
@consent_language_option
@click.option(
    "--settings", "with_settings", is_flag=True, help="For an archive: restore its settings, too."
)
@click.option("--dry-run", is_flag=True, help="Say what would come, and change nothing.")
@json_option
@click.pass_context
def import_people(
    context: click.Context,
    path: Path,
    format_name: str | None,
    model: str | None,
    names: Path | None,
    name_column: str,
    picture_column: str,
    consent_column: str,
    has_agreed: bool,
    consent_language: str,
    with_settings: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Enroll everyone in PATH: pictures, embeddings, an archive.

    A folder has a subfolder for each person, named like the person, with pictures in it or in
    folders of its own. A table is data.csv, with the pictures beside it. Embeddings are .npz,
    faceslist.pth with usernames.npy, an index of FAISS with a list of names, or deepface's .pkl;
    --model says what made them. Importing the same again adds only what is new.

    Where the settings ask for consent, only those are enrolled who have agreed: all with --consent,
    or those of whom a table's column consent says yes.

    Whatever gives no template is counted, with the reason. Exit code 1 where somebody in PATH is
    not enrolled then.
    """
    from recognition.formats.contents import PeopleInPictures, ReadingOptions
    from recognition.formats.known import readable_format

    session: Session = context.obj
    chosen = readable_format(path, format_name)
    said = session.told_consent(has_agreed, consent_language)
    consent = said if has_agreed else None
    if chosen is None:
        from desktop.commands.formats.restoring import restore_archive

        restore_archive(session, path, with_settings, dry_run, as_json, consent)
        return
    if with_settings:
        raise click.UsageError("--settings is for an archive.")
    content = chosen.read(path, ReadingOptions(names, name_column, picture_column, consent_column))
    with session.recognizer() as recognizer:
        if isinstance(content, PeopleInPictures):
            choice = _Consents(consent, said)
            done = _import_pictures(recognizer, content, session.audit, choice, dry_run)
        else:
            given = model or content.model or None
            done = _import_embeddings(session, recognizer, content, path, given, consent, dry_run)
        if not dry_run:
            tell_look_alikes(recognizer, done.identities)
    if done.nobody_was_there:
        beside = counted(len(done.skipped), "file or folder", "files or folders")
        raise EnrollmentError(
            Sentence("pictures of people in the subfolders of {}", path),
            Sentence("there are none, and {} beside", beside) if done.skipped else "there are none",
            "Make a subfolder for each person, named like the person, with pictures in it",
        )
    counts = counts_of(done.skipped)
    if as_json:
        told = summary(done.identities, done.templates, done.skipped)
        told |= {"counts": counts, "lost": done.lost}
        print_json({**told, "dry_run": True} if dry_run else told)
    else:
        reasons = ", ".join(f"{count} {why}" for why, count in counts.items())
        click.echo(
            f"{counted(len(done.identities), 'person', 'people')}, "
            f"{counted(done.templates, 'template')} {'would be ' if dry_run else ''}added, "
            f"{len(done.skipped)} skipped{f': {reasons}' if reasons else ''}."
        )
        if done.lost:
            click.echo(f"Not enrolled: {', '.join(done.lost)}.")
    context.exit(1 if done.lost else 0)


@dataclass(frozen=True)
class _Consents:
    """of_all: what everybody has agreed to; None where nobody says so. told: what those have of
    whom a table says so."""

    of_all: Consent | None
    told: Consent | None

    def of(self, person: PersonPictures) -> Consent | None:
        if person.has_agreed is None:
            return self.of_all
        return self.told if person.has_agreed else None


@dataclass
class _Imported:
    """lost: the names of people of whom nothing was enrolled, now or before."""

    nobody_was_there: bool = False
    lost: list[str] = field(default_factory=list)
    identities: list[Identity] = field(default_factory=list)
    templates: int = 0
    skipped: list[Skipped] = field(default_factory=list)


def _import_pictures(
    recognizer: Recognizer,
    content: PeopleInPictures,
    audit: Audit,
    consents: _Consents,
    dry_run: bool,
) -> _Imported:
    from rich.console import Console
    from rich.progress import track

    from recognition.enrollment.photos import Why

    done = _Imported(skipped=list(content.skipped))
    told_by_reader = {one.why for one in content.skipped} <= _BESIDE
    done.nobody_was_there = not content.people and told_by_reader
    console = Console(stderr=True)
    for person in track(
        content.people,
        description="Importing",
        console=console,
        disable=not sys.stderr.isatty(),
    ):
        consent = consents.of(person)
        identity, added, skipped = import_person(recognizer, person, audit, dry_run, consent)
        done.templates += added
        done.skipped += skipped
        if identity is not None:
            done.identities.append(identity)
            pictures = counted(len(person.pictures), "picture")
            note(f"{identity.name}: {pictures}, {counted(added, 'template')} added.")
        elif not any(one.why == Why.ENROLLED for one in skipped):
            done.lost.append(person.name)
    tell_skipped(done.skipped)
    return done


def import_person(
    recognizer: Recognizer,
    person: PersonPictures,
    audit: Audit,
    dry_run: bool = False,
    consent: Consent | None = None,
) -> tuple[Identity | None, int, list[Skipped]]:
    """Enroll one person from pictures.

    Returns the identity (None where no picture could be used), the number of new templates, and
    what was skipped. dry_run: whether the gallery and the ledger stay as they were. consent: what
    the person has agreed to.
    """
    from gallery.names import normalized_name
    from recognition.enrollment.photos import Skipped, enrolled_already, save_photos
    from recognition.formats.joining import as_anothers, preview, read_person

    if not person.pictures:
        return (
            None,
            0,
            [Skipped(person.source, Sentence("There is no picture of {}.", person.name))],
        )
    try:
        name = normalized_name(person.name)
        read, skipped = read_person(recognizer, person)
    except (EnrollmentError, GalleryError) as error:
        return None, 0, [Skipped(person.source, error.sentence)]

    def target(review: Review, enrolled_meanwhile: Sequence[Skipped]) -> str | None:
        for photo in (*skipped, *enrolled_meanwhile):
            if photo.enrolled_as is not None and photo.enrolled_as.name == name:
                return photo.enrolled_as.id
        return enrolled_already(review)

    try:
        with preview(recognizer.gallery, dry_run):
            saved = save_photos(recognizer, name, read, target, consent)
    except EnrollmentError as error:
        return None, 0, [*skipped, Skipped(person.source, error.sentence)]
    if saved.identity is not None and not dry_run:
        audit.note("enrolled" if saved.is_new else "photos added", saved.identity)
        tell_namesakes(recognizer.gallery, saved.identity)
    meanwhile = (as_anothers(one, name) for one in saved.skipped)
    return saved.identity, saved.added, [*skipped, *meanwhile]


def _import_embeddings(
    session: Session,
    recognizer: Recognizer,
    content: PeopleInEmbeddings,
    path: Path,
    model: str | None,
    consent: Consent | None,
    dry_run: bool,
) -> _Imported:
    from recognition.enrollment.photos import Skipped, Why, enrolled_already
    from recognition.formats.joining import check_model, join_embeddings, preview

    check_model(recognizer, session.settings.embedder, model, path)
    with preview(recognizer.gallery, dry_run):
        joined = join_embeddings(recognizer, content, path, enrolled_already, consent)
    done = _Imported()
    for sentence in content.told:
        note(sentence)
    for one in joined:
        if one.identity is not None:
            done.identities.append(one.identity)
            done.templates += one.added
            note(f"{one.name}: {counted(one.added, 'template')} added.")
            if not dry_run:
                session.audit.note("enrolled" if one.is_new else "templates added", one.identity)
        if one.known:
            note(f"{one.name}: {counted(one.known, 'template')} enrolled already.")
            known = Sentence("It is enrolled already, as {}.", one.name)
            done.skipped += [Skipped(path, known, Why.ENROLLED)] * one.known
        if one.reason is not None:
            note(f"Skipped {one.name}: {one.reason}")
            done.skipped.append(Skipped(path, one.reason, Why.ANOTHERS))
        if one.identity is None and not one.known:
            done.lost.append(one.name)
    if done.templates:
        note(
            "They came without pictures: another embedder would know these people only once they"
            " are enrolled from pictures."
        )
    return done
