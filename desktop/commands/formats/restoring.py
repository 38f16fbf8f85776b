"""What facedesk import does with an archive: it restores what is lacking here."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import FormatError, SettingsError
from desktop.commands.session import Session, counted, note, print_json

if TYPE_CHECKING:
    from gallery.consents import Consent
    from recognition.formats.archive import OpenArchive


def restore_archive(
    session: Session,
    path: Path,
    with_settings: bool,
    dry_run: bool,
    as_json: bool,
    consent: Consent | None,
) -> None:
    """Restore an archive into the user's gallery, and print what was new, the same, in conflict.

    with_settings: whether its settings become the user's, who must not have any yet.
    consent: what those have agreed to whose consent is not in it.
    """
    from gallery.gallery import Gallery
    from gallery.store import Store
    from recognition.formats.archive import open_archive
    from recognition.formats.joining import preview
    from recognition.formats.restoring import Outcome, restore

    with open_archive(path) as archive:
        settings = _settings(session, path, archive) if with_settings else None
        manifest = archive.manifest
        with closing(Store(session.home.gallery)) as store:
            gallery = Gallery(store, manifest.model_id, manifest.dimension)
            with preview(gallery, dry_run):
                restored = restore(
                    gallery, archive, consent, asks_consent=session.settings.ask_consent
                )
        if settings is not None and not dry_run:
            _write_settings(session, settings)
        if archive.settings() is not None and not with_settings:
            note("The settings in it were left alone; with --settings they are restored, too.")
    counts = Counter(one.outcome for one in restored)
    for one in restored:
        templates = counted(one.added, "template")
        who = f"{one.identity.name} ({one.identity.id[:8]})"
        if one.outcome is Outcome.THE_SAME:
            note(f"{who}: the same.")
        elif one.reason is None:
            note(f"{who}: {one.outcome.value}, {templates}.")
        else:
            note(f"{who}: in conflict. {one.reason} {templates} added; nothing was written over.")
        if not dry_run and one.added:
            session.audit.note("restored from an archive", one.identity)
    if as_json:
        print_json(
            {
                "dry_run": dry_run,
                "people": [
                    {
                        "identity": one.identity.id,
                        "name": one.identity.name,
                        "outcome": one.outcome.value,
                        "templates": one.added,
                        "reason": one.reason,
                    }
                    for one in restored
                ],
            }
        )
        return
    words = ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome)
    would = " Nothing was changed." if dry_run else ""
    click.echo(f"{counted(len(restored), 'person', 'people')}: {words}.{would}")


def _settings(session: Session, path: Path, archive: OpenArchive) -> bytes:
    found = archive.settings()
    if found is None:
        raise FormatError(
            "an archive with settings", f"{path} has none", "Import it without --settings"
        )
    if session.home.settings.exists():
        raise SettingsError(
            "a home without settings, to restore the archive's",
            f"{session.home.settings} is there already",
            "Move that file away, or import without --settings",
        )
    return found


def _write_settings(session: Session, content: bytes) -> None:
    """Write the settings file. Raises SettingsError, and leaves none, where they are not valid."""
    from common.output_file import output_file

    with output_file(session.home.settings, SettingsError) as fresh:
        fresh.write_bytes(content)
    try:
        Session(session.home).settings  # noqa: B018
    except SettingsError:
        session.home.settings.unlink()
        raise
