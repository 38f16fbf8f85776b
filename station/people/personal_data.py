"""Writes all that is kept about one person to a zip archive, for them to read."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from common.errors import FormatError
from common.output_file import output_file
from common.sentence import ENGLISH, Language, Sentence
from gallery.crops import to_jpeg, to_png
from gallery.gallery import Gallery
from gallery.kept_pictures import KeptPicture
from gallery.likeness.impostors import Impostors
from gallery.likeness.look_alike_list import LookAlikeList
from recognition.learning.classifier_file import load_recipe, saved_classifiers
from station.actions.outbox import Outbox
from station.ledger.entry import Entry
from station.ledger.ledger import Ledger
from station.people.erasure import Files
from station.people.refusals import Refusals
from station.secrets.codes import Codes

_KINDS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}

_REFUSALS_S = 366 * 86400.0

_README = Sentence(
    "This is all that Facedesk keeps about one person. person.json has it with explanations: each"
    " part says what it is and what it is for. pictures has the pictures from which the person is"
    " recognized, templates.json what is compared of them, check-ins the pictures that were kept"
    " with check-ins. Nothing else about the person is on this computer, unless an administrator"
    " has copied it."
)


@dataclass(frozen=True)
class ExportedPerson:
    """What was written. pictures, entries: how many."""

    path: Path
    pictures: int
    entries: int


def export_person(
    gallery: Gallery,
    files: Files,
    identity_id: str,
    out: Path,
    *,
    overwrite: bool = False,
    inputs: Iterable[Path] = (),
    language: Language = ENGLISH,
) -> ExportedPerson:
    """Writes what is kept about a person. Raises FacedeskError where something cannot be read, so
    that nothing is left out unsaid, and FormatError where `out` cannot be written.

    language: of the explanations. overwrite, inputs: see output_file().
    """
    pictures = gallery.pictures(identity_id)
    entries, ledger_pictures = _entries(files.checkins, identity_id)
    told = _told(gallery, files, identity_id, pictures, entries, language.say)
    with (
        output_file(out, FormatError, overwrite=overwrite, inputs=inputs) as fresh,
        zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        archive.writestr("README.txt", language.say(_README) + "\n")
        archive.writestr("person.json", _json(told))
        archive.writestr("templates.json", _json(_templates(gallery, pictures, language.say)))
        for one in pictures:
            if one.crop.size:
                archive.writestr(f"pictures/{one.template_id}.png", to_png(one.crop))
            if one.view is not None:
                jpeg = one.view.jpeg or to_jpeg(one.view.picture)
                archive.writestr(f"pictures/{one.template_id}-view.jpg", jpeg)
        for number, picture in ledger_pictures.items():
            kind = next((k for head, k in _KINDS.items() if picture.startswith(head)), "bin")
            archive.writestr(f"check-ins/{number}.{kind}", picture)
    return ExportedPerson(out, len(pictures), len(entries))


def _told(
    gallery: Gallery,
    files: Files,
    identity_id: str,
    pictures: list[KeptPicture],
    entries: list[Entry],
    say: Callable[[str], str],
) -> dict[str, Any]:
    identity = gallery.identity(identity_id)

    def part(what: Sentence, kept: object) -> dict[str, object]:
        return {"what": say(what), "kept": kept}

    return {
        "written_at": datetime.now(UTC).isoformat(),
        "person": part(
            Sentence(
                "Who it is: a random id, the name, the note, and when the person was enrolled."
            ),
            {
                "id": identity.id,
                "name": identity.name,
                "note": identity.note,
                "enrolled_at": identity.enrolled_at.isoformat(),
            },
        ),
        "consents": part(
            Sentence("What the person has agreed to, in these words, and when."),
            [
                {
                    "at": one.at.isoformat(),
                    "language": one.language,
                    "way": one.way.value,
                    "sha256": one.sha256,
                    "text": one.text,
                }
                for one in gallery.consents(identity_id)
            ],
        ),
        "pictures": part(
            Sentence(
                "The pictures by which the person is recognized, with a number, when each came, how"
                " good it is from 0 to 1, and whether it is the one that is shown."
            ),
            [
                {
                    "number": one.template_id,
                    "added_at": one.added_at.isoformat(),
                    "quality": round(one.quality, 4),
                    "is_portrait": one.is_portrait,
                }
                for one in pictures
            ],
        ),
        "code": part(
            Sentence("Whether the person has a PIN or a badge; the code itself nobody can read."),
            files.codes.exists() and Codes(files.codes).has(identity_id),
        ),
        "retention": part(
            Sentence("Since when it is asked whether the person is to be erased, if it is."),
            _at(gallery.asked_since().get(identity_id)),
        ),
        "check_ins": part(
            Sentence("The rows of the check-in ledger about the person, acts on them too."),
            [_entry(one) for one in entries],
        ),
        "raised_bars": part(
            Sentence(
                "When somebody else was taken for the person, or the person for somebody else, and"
                " said so: similarities, and no face. The name needs more since then."
            ),
            _comparisons(gallery, files.impostors, identity_id),
        ),
        "look_alikes": part(
            Sentence("How alike others are who may be taken for the person; not who they are."),
            _look_alikes(gallery, files.impostors, identity_id),
        ),
        "refusals": part(
            Sentence("How often in a row the station has refused the person's face, and when."),
            _refusals(files.refusals, identity_id),
        ),
        "messages": part(
            Sentence("Messages about check-ins that the webhook was not told yet."),
            _messages(files.outbox, identity_id),
        ),
        "classifiers": part(
            Sentence("Trained classifiers that count the person's pictures, by their names."),
            [
                path.stem
                for path in saved_classifiers(files.classifiers)
                if identity_id in load_recipe(path).people
            ],
        ),
        "unknown_people": part(
            Sentence(
                "Pictures of unknown people are kept for some hours where the settings say so;"
                " they belong to nobody, and none is here."
            ),
            [],
        ),
    }


def _templates(
    gallery: Gallery, pictures: list[KeptPicture], say: Callable[[str], str]
) -> dict[str, Any]:
    return {
        "what": say(
            Sentence(
                "The biometric templates: for each picture the numbers that a face is compared by."
            )
        ),
        "model": gallery.model_id,
        "kept": {str(one.template_id): [float(x) for x in one.embedding] for one in pictures},
    }


def _entries(path: Path, identity_id: str) -> tuple[list[Entry], Mapping[int, bytes]]:
    if not path.exists():
        return [], {}
    with closing(Ledger(path)) as ledger:
        entries = ledger.entries_of(identity_id)
        pictures = {one.number: ledger.picture(one.number) for one in entries}
    return entries, {number: one for number, one in pictures.items() if one}


def _entry(entry: Entry) -> dict[str, Any]:
    event = entry.event
    told: dict[str, Any] = {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "happened_at": _at(event.happened_at),
        "kind": event.kind.value,
        "counts_as": event.counts_as.value if event.counts_as is not None else None,
        "station": event.station,
        "name": event.name,
        "means": event.means.value,
        "similarity": event.similarity,
        "threshold": event.threshold,
        "liveness": event.liveness.value,
        "refers_to": event.refers_to,
        "note": event.note,
    }
    return {key: value for key, value in told.items() if value not in (None, "")}


def _comparisons(gallery: Gallery, path: Path, identity_id: str) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    with closing(Impostors(path, gallery.model_id)) as impostors:
        examples = impostors.examples()
    return [
        {
            "at": one.at.isoformat(),
            "taken_for": "this person" if one.identity_id == identity_id else "somebody else",
            "similarity": one.similarity,
            "threshold": one.threshold,
        }
        for one in examples
        if identity_id in (one.identity_id, one.other_id)
    ]


def _look_alikes(gallery: Gallery, path: Path, identity_id: str) -> list[dict[str, float]]:
    if not path.exists():
        return []
    pairs = LookAlikeList(path, gallery).pairs(-1.0)
    return [
        {"similarity": round(pair.similarity, 4)}
        for pair in pairs
        if identity_id in (pair.one.id, pair.other.id)
    ]


def _refusals(path: Path, identity_id: str) -> dict[str, Any] | None:
    found = Refusals(path).since(_REFUSALS_S).get(identity_id)
    return asdict(found) if found is not None else None


def _messages(path: Path, identity_id: str) -> list[Any]:
    if not path.exists():
        return []
    with closing(Outbox(path)) as outbox:
        return [json.loads(one.body) for one in outbox.about(identity_id)]


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
