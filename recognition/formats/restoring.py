"""Restores an archive into a gallery, which need not be empty: nothing in it is written over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from common.errors import GalleryError, UnknownIdentityError
from common.sentence import Sentence
from gallery.consents import Consent
from gallery.gallery import Gallery
from gallery.identity import Identity, Template
from recognition.enrollment.consent import consent_lacking
from recognition.enrollment.photos import SAME_PHOTO
from recognition.formats.archive import OpenArchive
from recognition.formats.contents import EnrolledPerson


class Outcome(Enum):
    """What became of a person of an archive."""

    NEW = "new"
    THE_SAME = "the same"
    TEMPLATES_ADDED = "templates added"
    IN_CONFLICT = "in conflict"


@dataclass(frozen=True)
class Restored:
    """A person of an archive. identity: as the gallery has it, or the archive where it is not here.

    added: how many templates were added. reason: what is in conflict.
    """

    identity: Identity
    outcome: Outcome
    added: int = 0
    reason: Sentence | None = None


def restore(
    gallery: Gallery,
    archive: OpenArchive,
    consent: Consent | None = None,
    *,
    asks_consent: bool = False,
) -> list[Restored]:
    """Adds what the gallery lacks of an archive, in one change: nothing where it raises.

    A person is the one with the same id. Where name or note differ, the gallery's stay, and so does
    whoever has one of the templates under another id.

    consent: what those have agreed to whose consent is not in the archive. asks_consent: whether
    nobody is restored without one; such a person is in conflict.

    The gallery must be of the archive's model. Raises FormatError where the archive is damaged, and
    GalleryError where the gallery cannot be written.
    """
    with gallery.changing():
        return [
            _restore(gallery, _with_consent(person, consent), asks_consent)
            for person in archive.people()
        ]


def _with_consent(person: EnrolledPerson, consent: Consent | None) -> EnrolledPerson:
    if person.consents or consent is None:
        return person
    return replace(person, consents=(consent,))


def _restore(gallery: Gallery, person: EnrolledPerson, asks_consent: bool) -> Restored:
    who = person.identity
    try:
        here = gallery.identity(who.id)
    except UnknownIdentityError:
        return _add(gallery, person, asks_consent)
    lacking = [t for t in person.templates if t.embedding.any() and not _holders(gallery, t)]
    if lacking:
        gallery.add_templates(who.id, lacking)
    if (here.name, here.note) != (who.name, who.note):
        what = (
            Sentence("It is called {} here, and {} there.", here.name, who.name)
            if here.name != who.name
            else Sentence("Its note is another one here.")
        )
        return Restored(here, Outcome.IN_CONFLICT, len(lacking), what)
    outcome = Outcome.TEMPLATES_ADDED if lacking else Outcome.THE_SAME
    return Restored(here, outcome, len(lacking))


def _add(gallery: Gallery, person: EnrolledPerson, asks_consent: bool) -> Restored:
    if asks_consent and not person.consents:
        reason = consent_lacking(person.identity.name).sentence
        return Restored(person.identity, Outcome.IN_CONFLICT, reason=reason)
    others = [other for t in person.templates for other in _holders(gallery, t)]
    if others:
        reason = Sentence("The same face is here as {} ({}).", others[0].name, others[0].id[:8])
        return Restored(person.identity, Outcome.IN_CONFLICT, reason=reason)
    try:
        added = gallery.restore_copy(person.identity, person.templates, person.consents)
    except GalleryError as error:
        return Restored(person.identity, Outcome.IN_CONFLICT, reason=error.sentence)
    return Restored(added, Outcome.NEW, len(person.templates))


def _holders(gallery: Gallery, template: Template) -> Sequence[Identity]:
    if not template.embedding.any():  # the model could make nothing of its picture
        return []
    found = gallery.mates(template.embedding[None], SAME_PHOTO)
    return [candidate.identity for candidate in found]
