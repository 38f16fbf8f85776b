"""What a home holds, as it is expected and as it is found."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from desktop.home import Home
from gallery.gallery import Gallery
from gallery.identity import Template
from gallery.store import Store
from recognition.formats.archive import open_archive
from station.ledger.ledger import Ledger
from station.people.erasure import finish_erasures
from station.people.inbox import Inbox
from station.secrets.codes import Codes

MODEL, DIMENSION = "trial", 32

NEW = "new"
"""Begins what stands for the id of somebody whose enrollment was not acknowledged."""


@dataclass(frozen=True)
class KeptPerson:
    """templates: a digest of each, with its crop."""

    name: str
    note: str
    templates: frozenset[str]


@dataclass(frozen=True)
class GonePerson:
    """Somebody removed, or merged into another, who may be brought back by the program that did it.

    into: the other's id; empty for a removal.
    """

    id: str
    person: KeptPerson
    into: str = ""


@dataclass
class HomeState:
    """What is in a home.

    entries: of the ledger: kind, id, name and the number that each refers to. pictures: how many
    the ledger has of each person. archives: by their names, who is in each.
    """

    people: dict[str, KeptPerson] = field(default_factory=dict)
    gone: list[GonePerson] = field(default_factory=list)
    entries: list[tuple[str, str, str, int]] = field(default_factory=list)
    pictures: Counter[str] = field(default_factory=Counter)
    codes: set[str] = field(default_factory=set)
    unknown: int = 0
    archives: dict[str, dict[str, KeptPerson]] = field(default_factory=dict)

    def copy(self) -> HomeState:
        return HomeState(
            dict(self.people),
            list(self.gone),
            list(self.entries),
            Counter(self.pictures),
            set(self.codes),
            self.unknown,
            dict(self.archives),
        )

    def settled(self) -> HomeState:
        """Return the state once everybody who is gone is erased."""
        state = self.copy()
        notes: dict[str, str] = {i: p.note for i, p in state.people.items()}
        notes |= {gone.id: gone.person.note for gone in state.gone}
        for gone in state.gone:
            if gone.into in notes:
                notes[gone.into] = "\n".join(filter(None, (notes[gone.into], notes[gone.id])))
            state.codes.discard(gone.id)
            state.pictures.pop(gone.id, None)
        state.people = {
            i: KeptPerson(p.name, notes[i], p.templates) for i, p in state.people.items()
        }
        state.gone = []
        return state


def digest(template: Template) -> str:
    content = template.embedding.astype("<f4").tobytes() + template.crop.tobytes()
    return hashlib.sha256(content).hexdigest()[:16]


def person_of(name: str, note: str, templates: Iterable[Template]) -> KeptPerson:
    return KeptPerson(name, note, frozenset(digest(template) for template in templates))


def made_templates(seed: int, count: int) -> list[Template]:
    """Make templates that are the same for the same seed."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, DIMENSION))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [
        Template(vector.astype(np.float32), rng.integers(0, 256, (24, 24, 3), np.uint8), 0.5, MODEL)
        for vector in vectors
    ]


def found(home: Home, archives: Path) -> HomeState:
    """Read a home as a program does that starts: what is due to be erased is erased first.

    Raises FacedeskError where something is not as it must be, AssertionError where a ledger does
    not verify.
    """
    state = HomeState()
    with closing(Gallery(Store(home.gallery), MODEL, DIMENSION)) as gallery:
        finish_erasures(gallery, home)
        codes = Codes(home.codes)
        for one in gallery.identities:
            state.people[one.id] = person_of(one.name, one.note, gallery.templates(one.id))
            if codes.has(one.id):
                state.codes.add(one.id)
        assert not gallery.pending_erasures(), "an erasure was not ended"
    with closing(Ledger(home.checkins)) as ledger:
        verification = ledger.verify()
        assert verification.damage is None, verification.damage
        for entry in ledger.entries():
            event = entry.event
            state.entries.append(
                (event.kind.value, event.identity_id, event.name, event.refers_to or 0)
            )
            if ledger.picture(entry.number) is not None:
                state.pictures[event.identity_id] += 1
    with closing(Inbox(home.inbox)) as inbox:
        waiting = inbox.all()
        assert all(inbox.picture(one).size for one in waiting)
        state.unknown = len(waiting)
    for path in sorted(archives.glob("[!.]*.facedesk")):
        with open_archive(path) as archive:
            state.archives[path.name] = {
                person.identity.id: person_of(
                    person.identity.name, person.identity.note, person.templates
                )
                for person in archive.people()
            }
    return state


def difference(actual: HomeState, expected: HomeState) -> str:
    """Return what differs, in short; nothing where it is the same."""
    expected = _with_ids(expected, actual)
    told = []
    for name in ("people", "pictures", "codes", "unknown", "archives"):
        is_there, wanted = getattr(actual, name), getattr(expected, name)
        if is_there != wanted:
            told.append(f"{name}: {_short(wanted, is_there)}")
    if Counter(actual.entries) != Counter(expected.entries):
        told.append(f"entries: {_short(expected.entries, actual.entries)}")
    return "; ".join(told)


def _with_ids(expected: HomeState, actual: HomeState) -> HomeState:
    """Give those who are NEW the ids of people who are there and are just like them."""
    state = expected.copy()
    for new in [i for i in state.people if i.startswith(NEW)]:
        for i, person in actual.people.items():
            if i not in state.people and person == state.people[new]:
                state.people[i] = state.people.pop(new)
                break
    return state


def _short(wanted: object, actual: object) -> str:
    if isinstance(wanted, dict) and isinstance(actual, dict):
        keys = {*wanted, *actual}
        parts = [
            f"{k}: {wanted.get(k)} is {actual.get(k)}"
            for k in sorted(keys)
            if wanted.get(k) != actual.get(k)
        ]
        return ", ".join(parts)[:600]
    return f"{wanted} is {actual}"[:600]
