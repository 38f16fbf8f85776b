"""What the commands share: where things are, what is loaded, how results are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from common.errors import FacedeskError, SettingsError
from desktop.home import Home

if TYPE_CHECKING:
    from desktop.settings.file import Settings
    from gallery.gallery import Gallery
    from gallery.identity import Candidate, Identity
    from models.conversion.preparation import Preparation
    from recognition.recognizer import RecognizedFace, Recognizer
    from station.ledger.audit import Audit
    from station.ledger.ledger import Ledger

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print machine-readable lines instead of text."
)


@dataclass(frozen=True)
class Session:
    """One run of a command in a home."""

    home: Home

    @cached_property
    def settings(self) -> Settings:
        from desktop.settings.file import load_settings

        return load_settings(self.home.settings)

    @cached_property
    def preparation(self) -> Preparation:
        """Of the models, at a first start; how far it is stands on stderr."""
        from models.conversion.preparation import Preparation

        return Preparation(_tell_preparation)

    @contextmanager
    def recognizer(self, smallest_face_px: float | None = None) -> Iterator[Recognizer]:
        """The user's recognizer, its gallery closed at the end.

        smallest_face_px: instead of the one in the settings.
        """
        from desktop.settings.file import recognizer_spec
        from recognition.assembly import load_recognizer

        choice = recognizer_spec(self.settings, smallest_face_px)
        recognizer = load_recognizer(choice, self.home.cache, self.home.gallery, self.preparation)
        try:
            self._finish_erasures(recognizer.gallery)
            yield recognizer
        finally:
            recognizer.gallery.close()

    @contextmanager
    def gallery(self) -> Iterator[Gallery]:
        """The user's gallery without any model, closed at the end."""
        from gallery.gallery import Gallery
        from gallery.store import Store

        store = Store(self.home.gallery)
        try:
            model_id, dimension = store.model() or ("", 1)
            gallery = Gallery(store, model_id, dimension)
            self._finish_erasures(gallery)
            yield gallery
        finally:
            store.close()

    def _finish_erasures(self, gallery: Gallery) -> None:
        """What a removal has left, here or in another program, that has ended since."""
        from station.people.erasure import finish_erasures

        try:
            finish_erasures(gallery, self.home)
        except FacedeskError as error:
            note(str(error))

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The user's check-in ledger, closed at the end."""
        from station.ledger.ledger import Ledger

        ledger = Ledger(self.home.checkins)
        try:
            yield ledger
        finally:
            ledger.close()

    @cached_property
    def audit(self) -> Audit:
        """Where administrative acts are written down, also while the settings are damaged."""
        from station.ledger.audit import Audit

        try:
            station = self.settings.station.name
        except SettingsError:
            station = ""
        return Audit(self.home.checkins, station, note)


def _tell_preparation(number: int, total: int) -> None:
    """One line; on a terminal it counts."""
    if sys.stderr.isatty():
        note(f"\rPreparing the models, once: {number} of {total}", newline=number == total)
    elif number == 1:
        note(f"Preparing {counted(total, 'model')}, once; this takes about half a minute.")


def print_json(value: dict[str, Any]) -> None:
    """One line on stdout, at once: a reader may be waiting for it."""
    click.echo(json.dumps(value, ensure_ascii=False))
    sys.stdout.flush()


def counted(number: int, one: str, several: str = "") -> str:
    """ "1 template", "2 templates"; `several` where the plural is another one."""
    return f"{number} {one if number == 1 else several or one + 's'}"


def note(message: str, newline: bool = True) -> None:
    """A line for the person, on stderr, where it never mixes with results."""
    click.echo(message, err=True, nl=newline)


def last_word(message: str) -> None:
    """What matters more than all that was printed before: it comes after it, and stands out."""
    click.echo(err=True)
    click.secho(message, err=True, bold=True)


def face_json(face: RecognizedFace, threshold: float) -> dict[str, Any]:
    """A face as `identify --json` and `watch --json` print it."""
    match, nearest = face.match, face.nearest
    return {
        "box": [round(float(v), 2) for v in face.face.box_xyxy],
        "score": round(face.face.score, 4),
        "landmarks": [[round(float(v), 2) for v in point] for point in face.face.landmarks],
        "name": match.identity.name if match else None,
        "identity": match.identity.id if match else None,
        "similarity": round(nearest.similarity, 4) if nearest else None,
        "threshold": round(threshold, 4),
        "nearest": candidate_json(nearest),
        "runner_up": candidate_json(face.decision.runner_up if face.decision else None),
        "reason": face.reason,
    }


def candidate_json(candidate: Candidate | None) -> dict[str, Any] | None:
    if candidate is None:
        return None
    return {
        "identity": candidate.identity.id,
        "name": candidate.identity.name,
        "similarity": round(candidate.similarity, 4),
    }


def identity_json(identity: Identity, templates: int) -> dict[str, Any]:
    return {
        "identity": identity.id,
        "name": identity.name,
        "enrolled_at": identity.enrolled_at.isoformat(),
        "templates": templates,
        "note": identity.note,
    }


def tell_namesakes(gallery: Gallery, identity: Identity) -> None:
    """Two people may share a name; nobody should be surprised by it."""
    name = identity.name.casefold()
    for other in gallery.identities:
        if other.name.casefold() == name and other.id != identity.id:
            note(
                f"Somebody else is called {other.name}, too: {other.id[:8]}, beside "
                f"{identity.id[:8]}."
            )


def the_one(gallery: Gallery, who: str) -> Identity:
    """The identity of that name or id. Raises FacedeskError where it is none or several."""
    found = gallery.find(who)
    if len(found) == 1:
        return found[0]
    if not found:
        raise FacedeskError(
            "a person in the gallery, by name or id",
            f"nobody there is {who!r}",
            "facedesk people list shows everyone",
        )
    raise FacedeskError(
        "one person",
        f"{len(found)} are called {who!r}: " + ", ".join(i.id[:8] for i in found),
        "Give one of these ids instead of the name",
    )
